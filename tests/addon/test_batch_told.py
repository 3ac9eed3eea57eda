"""What is told of several recordings: what a character's own mapping shows nothing of, and a report with pictures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import bpy
import pytest
from cast import build_mesh
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.memory import memory_for, write_mapping
from mouthpiece.addon.desk import DESK
from mouthpiece.core.rig.targets import Drive, Mapping, Target

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def batch(scene: bpy.types.Scene) -> bpy.types.PropertyGroup:
    return scene.mouthpiece_batch


@pytest.fixture
def folder(recording: Path, tmp_path: Path) -> Path:
    """A line for a goblin, a recording of a second, and a broken one."""
    shutil.copy(recording, tmp_path / "bob_1.wav")
    shutil.copy(SAMPLES / "line.wav", tmp_path / "goblin.wav")
    (tmp_path / "ada_2.wav").write_bytes(b"RIFF")
    return tmp_path


def goblin() -> bpy.types.Object:
    """A character with two shape keys and a mapping that names others."""
    built = build_mesh("Goblin", ("Jaw", "Grin"))
    lines = (("Jaw", "jawOpen"), ("Grin", "mouthSmileLeft"), ("Wink", "eyeBlinkLeft"))
    drives = tuple(Drive(Target("shape_key", "", key), source) for key, source in lines)
    write_mapping(memory_for(built, bpy.context.scene), Mapping("Mine", "arkit52", drives), family_of(built))
    return built


def rule(batch: bpy.types.PropertyGroup, character: bpy.types.Object, pattern: str = "") -> None:
    added = batch.rules.add()
    added.pattern, added.character = pattern, character


def test_what_a_mapping_shows_nothing_of_is_told(batch: bpy.types.PropertyGroup) -> None:
    rule(batch, goblin())
    scene = bpy.context.scene
    strips = (scene.sequence_editor or scene.sequence_editor_create()).strips
    strips.new_sound("line", str(SAMPLES / "line.wav"), 1, 1).select = True
    bpy.ops.mouthpiece.animate_strips()
    _, gone, hole = (said for said in batch.report.split("\n") if "no bone" not in said)
    assert gone.startswith('line: The mapping "Mine" names 1 of 3 targets that Goblin does not have: Wink')
    assert hole.startswith('line: The mapping "Mine" has nothing for what moves here: ')
    assert "eyeBlinkLeft" in hole  # a line reads it, but what it moves is gone
    assert "jawOpen" not in hole


def test_a_report_with_pictures_is_saved(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    rule(batch, goblin(), "goblin")
    rule(batch, bpy.data.objects["Rig"])
    batch.folder = str(folder)
    DESK.told = None
    with pytest.raises(RuntimeError, match="Nothing was animated yet"):
        bpy.ops.mouthpiece.save_report(filepath=str(folder / "out.html"))
    bpy.ops.mouthpiece.animate_folder()
    bpy.ops.mouthpiece.save_report(filepath=str(folder / "out.html"))
    told = json.loads((folder / "out.json").read_text("utf-8"))
    assert told["schema"] == "mouthpiece-batch-report-1"
    assert (told["totals"]["done"], told["totals"]["refused"]) == (2, 1)
    found = {row["name"]: row for row in told["recordings"]}
    assert found["ada_2.wav"]["status"] == "refused"
    assert "ada_2.wav" in found["ada_2.wav"]["sentence"]
    spoken = found["goblin.wav"]
    assert (spoken["character"], spoken["closures"]["wanted"]) == ("Goblin", spoken["closures"]["met"])
    assert spoken["closures"]["wanted"] >= 8
    assert max(spoken["picture"]["opening"]) > 10
    codes = {finding["code"]: finding["text"] for finding in spoken["findings"]}
    assert "targets that are not there: Wink" in codes["lost_targets"]
    assert 'The mapping "Mine" has nothing for what moves here' in codes["mapping_holes"]
    assert "eye_blink" in codes["mapping_holes"]
    assert found["bob_1.wav"]["character"] == "Rig"
    page = (folder / "out.html").read_text("utf-8")
    assert "goblin" in page
    assert "<svg" in page
    (folder / "other.json").write_text("mine")
    with pytest.raises(RuntimeError, match=r"other\.json.* is there already"):
        bpy.ops.mouthpiece.save_report(filepath=str(folder / "other.html"))
    assert (folder / "other.json").read_text() == "mine"

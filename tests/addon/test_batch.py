"""Several recordings in a row: strips and folders, to whom they go, what is left when some fail or all is stopped."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest
from cast import build_character, shape_value
from mouthpiece.addon.bridge.channels import strips_of
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.takes import TakeInfo, takes_of
from mouthpiece.addon.desk import DESK
from mouthpiece.addon.job import Job
from mouthpiece.addon.panels_batch import MOUTHPIECE_PT_batch

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def batch(scene: bpy.types.Scene) -> bpy.types.PropertyGroup:
    """Two characters, Rig and Rig.001; the panel shows the first."""
    build_character()
    scene.mouthpiece_batch.name = "batch"
    return scene.mouthpiece_batch


@pytest.fixture
def folder(recording: Path, tmp_path: Path) -> Path:
    """Two recordings of a second each, a broken one between them."""
    for name in ("ada_1.wav", "bob_1.wav"):
        shutil.copy(recording, tmp_path / name)
    (tmp_path / "ada_2.wav").write_bytes(b"RIFF")
    (tmp_path / "notes.md").write_text("not a recording")
    return tmp_path


def rule(batch: bpy.types.PropertyGroup, character: str, pattern: str = "", channel: int = 0) -> None:
    added = batch.rules.add()
    added.pattern, added.channel, added.character = pattern, channel, bpy.data.objects[character]


def strip(recording: Path, channel: int, frame: int) -> bpy.types.SoundStrip:
    scene = bpy.context.scene
    editor = scene.sequence_editor or scene.sequence_editor_create()
    added = editor.strips.new_sound(recording.stem, str(recording), channel, frame)
    added.select = True
    return added


def sounds() -> list[str]:
    editor = bpy.context.scene.sequence_editor
    return sorted(each.name for each in editor.strips) if editor else []


def takes(character: str) -> list[tuple[str, int]]:
    return [(take.name, take.start) for take in infos(character)]


def infos(character: str) -> list[TakeInfo]:
    return takes_of(find_character(bpy.data.objects[character]))


def watch(monkeypatch: pytest.MonkeyPatch, deed: Callable[[Job], None]) -> None:
    """Do something each time a worker is listened to."""
    drain = Job.drain

    def drain_and_do(self: Job, wait_s: float | None = None) -> bool:
        heard = drain(self, wait_s)
        deed(self)
        return heard

    monkeypatch.setattr(Job, "drain", drain_and_do)


def test_strips_go_to_characters_by_name(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    rule(batch, "Rig", "ADA_*")
    rule(batch, "Rig.001", "bob_*")
    strip(folder / "bob_1.wav", 1, 60)
    strip(folder / "ada_1.wav", 1, 20)
    before = sounds()
    assert bpy.ops.mouthpiece.animate_strips() == {"FINISHED"}
    assert takes("Rig") == [("ada_1", 20)]
    assert takes("Rig.001") == [("bob_1", 60)]
    assert sounds() == before
    assert batch.report == "2 of 2 recordings animated."
    assert bpy.context.scene.frame_end == 83
    assert not DESK.busy


def test_strips_go_to_characters_by_channel(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    rule(batch, "Rig.001", channel=2)
    rule(batch, "Rig")
    for frame, channel in ((20, 2), (60, 3), (100, 2)):
        strip(folder / "ada_1.wav", channel, frame)
    strip(folder / "bob_1.wav", 3, 100).select = False
    bpy.ops.mouthpiece.animate_strips()
    assert takes("Rig.001") == [("ada_1", 20), ("ada_1", 100)]
    assert takes("Rig") == [("ada_1", 60)]


def test_without_a_cast_all_is_the_panels_character(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    strip(folder / "ada_1.wav", 1, 30)
    bpy.ops.mouthpiece.animate_strips()
    assert takes("Rig") == [("ada_1", 30)]
    assert takes("Rig.001") == []


def test_a_trimmed_strip_moves_the_face_only_where_it_is_heard(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    cut = strip(folder / "ada_1.wav", 1, 20)
    bpy.ops.mouthpiece.animate_strips()
    body = bpy.data.objects["Body"]
    whole = [shape_value(body, "jawOpen", frame) for frame in range(15, 50)]
    bpy.ops.mouthpiece.remove_take()
    first, behind = ("left_handle", "right_handle") if hasattr(cut, "left_handle") else (
        "frame_final_start", "frame_final_end",
    )  # fmt: skip
    setattr(cut, first, 28)
    setattr(cut, behind, 38)
    bpy.ops.mouthpiece.animate_strips()
    seen = [shape_value(body, "jawOpen", frame) for frame in range(15, 50)]
    assert max(whole[13:23]) > 0
    assert seen[13:23] == pytest.approx(whole[13:23], abs=1e-6)
    assert max(whole[5:13]) > 0
    rest = [value for place, value in enumerate(seen) if not 13 <= place < 23]
    assert rest == [0] * len(rest)
    for _, part in strips_of(body.data.shape_keys):
        assert (part.frame_start, part.frame_end, part.scale) == (28, 37, 1)
        assert (part.action_frame_start, part.action_frame_end) == (28, 37)
    (take,) = infos("Rig")
    assert (take.start, take.end) == (20, 43)


def test_a_strips_media_offset_counts(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    cut = strip(folder / "ada_1.wav", 1, 20)
    begins = "content_start" if hasattr(cut, "content_start") else "frame_start"
    setattr(cut, "content_trim_start" if hasattr(cut, "content_trim_start") else "animation_offset_start", 6)
    zero = int(getattr(cut, begins)) - 6
    bpy.ops.mouthpiece.animate_strips()
    assert takes("Rig") == [("ada_1", zero)]


def test_removing_a_take_leaves_the_users_strip(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    strip(folder / "ada_1.wav", 1, 20)
    bpy.ops.mouthpiece.animate_strips()
    bpy.ops.mouthpiece.remove_take()
    assert takes("Rig") == []
    assert sounds() == ["ada_1"]


def test_a_folder_one_behind_another(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    (folder / "ada_2.wav").unlink()
    batch.folder, batch.gap_s = str(folder), 0.5
    assert bpy.ops.mouthpiece.animate_folder() == {"FINISHED"}
    assert takes("Rig") == [("ada_1", 5), ("bob_1", 5 + 36)]
    assert sounds() == ["ada_1.wav", "bob_1.wav"]
    assert bpy.context.scene.frame_end == 5 + 36 + 23


def test_what_fails_is_told_and_the_others_go_on(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    rule(batch, "Rig", "ada_*")
    batch.folder = str(folder)
    shutil.copy(folder / "ada_1.wav", folder / "ada_3.wav")
    assert bpy.ops.mouthpiece.animate_folder() == {"FINISHED"}
    assert takes("Rig") == [("ada_1", 5), ("ada_3", 41)]
    summary, *failures = batch.report.split("\n")
    assert summary == "2 of 4 recordings animated."
    assert [failure.partition(":")[0] for failure in failures] == ["ada_2.wav", "bob_1.wav"]
    assert "ada_2.wav" in failures[0].partition(":")[2]
    assert failures[1] == (
        "bob_1.wav: No rule of the cast fits it; add one, or one for any name and channel at the end."
    )


def test_all_fail(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    (folder / "ada_1.wav").unlink()
    (folder / "bob_1.wav").unlink()
    batch.folder = str(folder)
    with pytest.raises(RuntimeError, match=r"0 of 1 recording animated. ada_2\.wav: "):
        bpy.ops.mouthpiece.animate_folder()
    assert not DESK.busy
    assert not bpy.data.actions


def test_words_beside_a_recording(
    batch: bpy.types.PropertyGroup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("line.wav", "line.txt"):
        shutil.copy(SAMPLES / name, tmp_path / name)
    shutil.copy(SAMPLES / "line.wav", tmp_path / "other.wav")
    bpy.context.scene.mouthpiece.script.text = "Words of the panel are of another recording."
    told = []
    start = Job.__init__

    def listen_in(self: Job, command: object, order: dict) -> None:
        told.append(order)
        start(self, command, order)

    monkeypatch.setattr(Job, "__init__", listen_in)
    batch.folder = str(tmp_path)
    bpy.ops.mouthpiece.animate_folder()
    assert batch.report == "2 of 2 recordings animated."
    assert told[0]["text"].startswith("When the moon came up")
    assert "text" not in told[1]


def test_cancel_keeps_what_is_done(
    batch: bpy.types.PropertyGroup, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ada_2.wav").unlink()
    shutil.copy(folder / "ada_1.wav", folder / "cleo_1.wav")
    batch.folder = str(folder)
    watch(monkeypatch, lambda job: bpy.ops.mouthpiece.cancel() if DESK.share[0] == 1 else None)
    assert bpy.ops.mouthpiece.animate_folder() == {"FINISHED"}
    assert takes("Rig") == [("ada_1", 5)]
    assert batch.report == "Cancelled; 1 of 3 recordings animated."
    assert len(bpy.data.actions) == 1
    assert not DESK.busy


def test_progress_is_over_all(batch: bpy.types.PropertyGroup, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch.folder, seen = str(folder), []
    watch(monkeypatch, lambda job: seen.append((DESK.value, DESK.text)))
    bpy.ops.mouthpiece.animate_folder()
    values = [value for value, _ in seen]
    assert values == sorted(values)
    assert values[-1] > 2 / 3
    assert {text[:7] for _, text in seen} == {"1 of 3:", "2 of 3:", "3 of 3:"}
    assert DESK.share == (0, 1)


def test_another_characters_head_stays_its_own(batch: bpy.types.PropertyGroup, folder: Path) -> None:
    settings = bpy.context.scene.mouthpiece
    settings.head_mode = "NONE"
    rule(batch, "Rig.001", "bob_*")
    rule(batch, "Rig")
    batch.folder = str(folder)
    bpy.ops.mouthpiece.animate_folder()
    heads = {name: bpy.data.objects[name].animation_data is not None for name in ("Rig", "Rig.001")}
    assert heads == {"Rig": False, "Rig.001": True}


def test_nothing_to_do(batch: bpy.types.PropertyGroup, tmp_path: Path) -> None:
    assert not bpy.ops.mouthpiece.animate_strips.poll()
    assert not bpy.ops.mouthpiece.animate_folder.poll()
    batch.folder = str(tmp_path)
    with pytest.raises(RuntimeError, match="holds no recording"):
        bpy.ops.mouthpiece.animate_folder()
    batch.folder = str(tmp_path / "nowhere")
    with pytest.raises(RuntimeError, match='no folder "nowhere"'):
        bpy.ops.mouthpiece.animate_folder()


def test_the_cast_is_edited_and_shown(batch: bpy.types.PropertyGroup) -> None:
    bpy.ops.mouthpiece.add_cast_rule()
    assert batch.rules[0].character == bpy.data.objects["Rig"]
    DESK.told = None
    shown = []
    layout = SimpleNamespace(prop=lambda owner, name, **_: shown.append(owner.bl_rna.properties[name].identifier))
    layout.row = layout.column = lambda **_: layout
    layout.operator = lambda name, **_: shown.append(name) or SimpleNamespace()
    MOUTHPIECE_PT_batch.draw(SimpleNamespace(layout=layout), bpy.context)
    assert shown == [
        *("channel", "pattern", "character", "mouthpiece.remove_cast_rule", "mouthpiece.add_cast_rule"),
        *("mouthpiece.animate_strips", "folder", "gap_s", "mouthpiece.animate_folder"),
    ]
    bpy.ops.mouthpiece.remove_cast_rule(index=0)
    assert not batch.rules

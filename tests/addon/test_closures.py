"""Lips that are closed stay closed with few keys: on mappings of any rig, baked down, and where a part is run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import build_armature, build_character, build_mesh
from mouthpiece.addon.bridge.bake import bake
from mouthpiece.addon.bridge.channels import curves_of, strips_of
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.keys import Take, write_take
from mouthpiece.addon.bridge.layers import Keying
from mouthpiece.addon.bridge.mark import REST, closures_of, part_of
from mouthpiece.addon.bridge.memory import memory_for, write_mapping
from mouthpiece.addon.bridge.takes import takes_of
from mouthpiece.core.audio.read import read_speech
from mouthpiece.core.layers.closures import closure_frames
from mouthpiece.core.rig.convert import to_rig
from mouthpiece.core.rig.targets import Drive, Mapping, Target
from mouthpiece.core.speech.brief import Brief
from mouthpiece.core.speech.perform import perform
from mouthpiece.core.types import Performance

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
FPS, START, ROUGH = 24.0, 5, 0.1
VISEMES = ("PP", "aa", "FF", "oh", "ou")
RAW = ("CTRL_expressions_jawOpen", "CTRL_expressions_mouthLipsTogetherUL", "CTRL_expressions_mouthLipsTogetherDL")


@pytest.fixture(scope="module")
def board() -> Performance:
    return perform(read_speech(LINE), Brief(FPS))


def visemes() -> bpy.types.Object:
    """A character of another rig, told by shape keys."""
    return remember(build_mesh("Goblin", VISEMES), *((Target("shape_key", "", name), name, 1.0) for name in VISEMES))


def raw_curves() -> bpy.types.Object:
    """One of a third rig, told by custom properties."""
    rig = build_armature()
    for name in RAW:
        rig[name] = 0.0
    return remember(rig, *((Target("property", "", name), name, 1.0) for name in RAW))


def jaw_bone() -> bpy.types.Object:
    """One whose jaw is a bone in quaternions and whose lips are a key that ARKit's curve drives under another name."""
    rig = build_armature()
    build_mesh("Face", ("Seal",)).parent = rig
    rig.pose.bones["neck"].rotation_mode = "QUATERNION"
    return remember(
        rig,
        (Target("bone", "", "neck", "rotation.x"), "jawOpen", 0.4),
        (Target("shape_key", "", "Seal"), "mouthClose", 1.0),
    )


def remember(chosen: bpy.types.Object, *lines: tuple[Target, str, float]) -> bpy.types.Object:
    drives = tuple(Drive(target, source, gain) for target, source, gain in lines)
    write_mapping(memory_for(chosen, bpy.context.scene), Mapping("Mine", "arkit52", drives), family_of(chosen))
    return chosen


def keyed(chosen: bpy.types.Object) -> Iterator[bpy.types.FCurve]:
    """The curves of its takes, but those that hold it at rest."""
    for owner in find_character(chosen).owners:
        for _, strip in strips_of(owner):
            if part_of(strip) != REST:
                yield from curves_of(strip.action, strip.action_slot)


def values(chosen: bpy.types.Object, count: int) -> dict[tuple[str, int], np.ndarray]:
    return {
        (curve.data_path, curve.array_index): np.array([curve.evaluate(START + row) for row in range(count)])
        for curve in keyed(chosen)
    }


def write(chosen: bpy.types.Object, performance: Performance, error: float) -> np.ndarray:
    """Returns the frames at which its lips close."""
    character = find_character(chosen)
    played = performance if character.rig == "metahuman" else to_rig(performance, "arkit52")
    write_take(character, Take("line", str(LINE), START, played, Keying(True, error)))
    return closure_frames(played.curves)


def strays(chosen: bpy.types.Object, exact: dict[tuple[str, int], np.ndarray], frames: np.ndarray) -> list[float]:
    """How far each curve that moves is off at some frames."""
    count = len(next(iter(exact.values())))
    found = values(chosen, count)
    keys = [key for key in exact if np.ptp(exact[key]) > 0.05 and 'bones["head"]' not in key[0]]
    return [np.abs(found[key][frames] - exact[key][frames]).max() for key in keys]


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("build", [visemes, raw_curves, jaw_bone])
def test_closures_on_a_mapping_are_kept_exactly(build: object, board: Performance) -> None:
    chosen = build()
    write(chosen, board, 0.0)
    exact = values(chosen, len(board.head))
    for owner in find_character(chosen).owners:
        owner.animation_data_clear()
    frames = write(chosen, board, ROUGH)
    assert len(frames) >= 20
    assert max(strays(chosen, exact, frames)) < 1e-6
    between = np.setdiff1d(np.arange(len(board.head)), frames)
    assert max(strays(chosen, exact, between)) > 0.02  # fewer keys are off elsewhere, so the frames above are kept
    keys = sum(len(curve.keyframe_points) for curve in keyed(chosen))
    assert keys < 0.8 * sum(len(curve) for curve in exact.values())


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("build", [build_character, jaw_bone])
def test_closures_are_kept_when_layers_are_baked(build: object, board: Performance) -> None:
    chosen = build()
    frames = write(chosen, board, ROUGH)
    exact = {key: row for key, row in values(chosen, len(board.head)).items() if _of_lips(*key)}
    character = find_character(chosen)
    bake(character, takes_of(character)[-1], bpy.context.scene)
    assert len(exact) >= 2
    assert max(strays(chosen, exact, frames)) < 1e-5


def test_closures_are_kept_where_a_part_is_run_again(scene: bpy.types.Scene) -> None:
    rig, settings = scene.mouthpiece.character, scene.mouthpiece
    settings.recording, settings.key_error = str(LINE), ROUGH
    bpy.ops.mouthpiece.animate()
    settings.direction.style_jaw = 1.8
    bpy.ops.mouthpiece.run_again(first=61, last=120)
    (take,) = takes_of(find_character(rig))
    wanted = [frame for frame in (take.start + closures_of(take.action)).tolist() if 61 <= frame <= 120]
    assert len(wanted) >= 8
    lips = [curve for curve in keyed(rig) if "jawOpen" in curve.data_path or "mouthClose" in curve.data_path]
    assert len(lips) == 3  # jawOpen of body and teeth, mouthClose of the body
    for curve in lips:
        frames = [point.co.x for point in curve.keyframe_points]
        assert set(wanted) <= {round(frame) for frame in frames}


def _of_lips(path: str, index: int) -> bool:
    turned = "rotation_quaternion" in path and index < 2
    return turned or any(name in path for name in ("Seal", "jawOpen", "mouthClose"))

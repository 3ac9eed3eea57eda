"""What tests of splats over time share: a head that moves, numbered files, and looking at frames in any order."""

from __future__ import annotations

import random
from pathlib import Path

import bpy
import numpy as np
import pytest
from mouthpiece.core.splat.files import read_splats, write_splats
from mouthpiece.core.splat.types import Splats
from mouthpiece.core.splat.z_up import z_up
from splat_cast import add_small_head, look, some_splats

FIELDS = Splats.__slots__


def same(one: Splats, two: Splats) -> bool:
    return len(one) == len(two) and all(np.array_equal(getattr(one, name), getattr(two, name)) for name in FIELDS)


def near(one: Splats, two: Splats, atol: float = 2e-5) -> bool:
    return all(np.allclose(getattr(one, name), getattr(two, name), atol=atol) for name in FIELDS)


def keyed_head() -> bpy.types.Object:
    """A head whose jaw, own shape, turn and clip all move over frames 1 to 9."""
    made = add_small_head()
    for frame, jaw, own, yaw, clip in ((1, 0.0, 0.7, 0.0, -1.0), (5, 0.9, 0.1, 0.4, 0.1), (9, 0.3, 0.0, -0.2, 0.15)):
        for name, value in (("jawOpen", jaw), ("ownShape", own), ("headYaw", yaw), ("clip nod", clip)):
            made[name] = value
            made.keyframe_insert(f'["{name}"]', frame=frame)
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 1, 9
    return made


def seen_at(frame: int, subframe: float = 0.0) -> Splats:
    bpy.context.scene.frame_set(frame, subframe=subframe)
    (found,) = look()
    return found.splats


def orders(frames: range) -> list[int]:
    shuffled = [*frames, *frames]
    random.Random(3).shuffle(shuffled)
    return shuffled


def select(*objects: bpy.types.Object) -> None:
    for other in bpy.context.scene.objects:
        other.select_set(other in objects)
    bpy.context.view_layer.objects.active = objects[0]


def files_of(folder: Path, counts: tuple[int, ...] = (50, 50, 30, 70), ending: str = ".ply") -> dict[int, Splats]:
    frames = {}
    for number, count in zip((4, 5, 7, 8), counts, strict=True):
        path = folder / f"cloud_{number}{ending}"
        write_splats(path, some_splats(number, 4, count))
        frames[number] = z_up(read_splats(path)[0])
    return frames


@pytest.fixture
def saved(tmp_path: Path, registered: None) -> Path:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    return tmp_path

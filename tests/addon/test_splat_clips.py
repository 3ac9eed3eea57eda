"""A clip that holds all a learned field does, read from a file and played on the timeline, is what pose() makes it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest
from mouthpiece.addon.bridge.splat_clip import play_clip
from mouthpiece.core.splat.clips import fitted_clip
from mouthpiece.core.splat.deltas import COLUMNS
from mouthpiece.core.splat.head import SplatHead
from mouthpiece.core.splat.head_files import read_head, write_head
from mouthpiece.core.splat.pose import pose
from mouthpiece.core.splat.types import Splats
from mouthpiece.core.splat.z_up import z_up
from splat_cast import look, small_head

FRAMES, FPS = 12, 24.0
LEARNED = os.environ.get("MOUTHPIECE_CLIP_HEADS", "")
"""A folder with heads baked by python -m core head drive --exact --head, to try those instead."""


def clipped_head() -> SplatHead:
    """A head with harmonics whose clip changes places, turns, sizes, opacities and colours."""
    head, random = small_head(), np.random.default_rng(2)
    courses = np.sin(np.arange(FRAMES)[:, None, None] * random.uniform(0.2, 1, (1, len(head), 13)))
    sizes = np.repeat([0.01, 0.3, 0.2, 0.5, 0.3], list(COLUMNS.values()))
    clip = fitted_clip((courses * sizes).astype(np.float32), tuple(COLUMNS), FPS, FRAMES)
    sh = np.concatenate([head.sh, random.normal(0, 0.2, (len(head), 3, 3)).astype(np.float32)], 1)
    return replace(head, clips={"line": clip}, sh=sh)


@pytest.fixture(params=sorted(Path(LEARNED).glob("*.splathead")) if LEARNED else ["made"], ids=str)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if LEARNED:
        return request.param
    write_head(clipped_head(), tmp_path / "said.splathead")
    return tmp_path / "said.splathead"


def test_what_plays_is_what_the_field_does(registered: None, path: Path) -> None:
    head = read_head(path)
    assert bpy.ops.mouthpiece.import_splats(filepath=str(path)) == {"FINISHED"}
    made, scene = bpy.context.object, bpy.context.scene
    name = next(clip for clip in head.clips if clip != "video")
    clip = head.clips[name]
    scene.render.fps, scene.render.fps_base = round(clip.fps), 1.0
    assert play_clip(made, name, 5, scene) == 5 + len(clip.coefficients) - 1
    made["headYaw"], made["jawOpen"] = 0.2, 0.4
    stood = pose(head, {"jawOpen": 0.4}, np.array([0.2, 0, 0]))
    moved = []
    for frame in (2, 5, 9, 4 + len(clip.coefficients), 9 + len(clip.coefficients)):
        scene.frame_set(frame)
        second = (frame - 5) / clip.fps
        moments = {name: second} if 0 <= second <= (len(clip.coefficients) - 1) / clip.fps else {}
        want = z_up(pose(head, {"jawOpen": 0.4}, np.array([0.2, 0, 0]), moments))
        got = look()[0].splats
        for part in Splats.__slots__:
            np.testing.assert_allclose(getattr(got, part), getattr(want, part), atol=2e-4, err_msg=f"{frame} {part}")
        moved.append(float(np.abs(got.means - z_up(stood).means).max()))
    assert moved[0] == moved[-1] == pytest.approx(0, abs=1e-5)
    assert LEARNED or max(moved[1:4]) > 1e-3  # a head that learned little plays little

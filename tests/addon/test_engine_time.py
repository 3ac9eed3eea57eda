"""Frames in time: sliders that are keyed, any order of frames, and motion blur that is the mean of its instants."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from filmed import decibels, display_of, film, judge, one_splat, show, stage
from mouthpiece.addon.bridge.splat_heads import posed_as
from mouthpiece.addon.bridge.splat_sliders import Dialled
from mouthpiece.core.splat.film import Shot, developed, instants
from splat_cast import add_small_head, small_head

pytestmark = pytest.mark.usefixtures("registered")
SIZE = (24, 24)
RED = (1.0, 0.2, 0.1)


def straight_stage() -> bpy.types.Scene:
    scene = stage(SIZE)
    scene.camera.location, scene.camera.rotation_euler = (0, -4, 0), (np.pi / 2, 0, 0)
    scene.camera.data.shift_x, scene.camera.data.type, scene.camera.data.ortho_scale = 0, "ORTHO", 2.4
    return scene


def key_linear(owner: bpy.types.ID, path: str, keys: dict[int, float], index: int = -1) -> None:
    for frame, value in keys.items():
        if index < 0 and path.startswith("["):
            owner[path[2:-2]] = value
        else:
            getattr(owner, path)[index] = value
        owner.keyframe_insert(path, index=index, frame=frame)
    for curve in owner.animation_data.action.layers[0].strips[0].channelbags[0].fcurves:
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"


def mean_x(alpha: np.ndarray) -> float:
    """Where the light is, metres right of the middle."""
    return float((alpha.sum(0) * (np.arange(SIZE[0]) + 0.5)).sum() / alpha.sum() / 10 - 1.2)


def spread_x(alpha: np.ndarray) -> float:
    """Variance of where the light is across, square metres."""
    x, light = (np.arange(SIZE[0]) + 0.5) / 10 - 1.2, alpha.sum(0) / alpha.sum()
    return float(light @ (x - light @ x) ** 2)


def test_every_frame_shows_its_own_time(tmp_path: Path) -> None:
    scene = straight_stage()
    shown = show(one_splat((0, 0, 0), 0.15, RED))
    key_linear(shown, "location", {1: -0.4, 9: 0.4}, 0)
    for frame in (9, 1, 5, 3, 9):
        scene.frame_set(frame)
        assert mean_x(film(tmp_path)["Splat Alpha"]) == pytest.approx(-0.5 + 0.1 * frame, abs=0.01)


def test_an_animation_is_written_frame_by_frame(tmp_path: Path) -> None:
    scene = straight_stage()
    shown = show(one_splat((0, 0, 0), 0.15, RED))
    key_linear(shown, "location", {1: -0.4, 9: 0.4}, 0)
    scene.frame_start, scene.frame_end, scene.frame_step = 1, 9, 4
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "IMAGE"
    scene.render.image_settings.file_format, scene.render.image_settings.color_mode = "PNG", "RGBA"
    scene.render.filepath = str(tmp_path / "frame_")
    bpy.ops.render.render(animation=True)
    for frame in (1, 5, 9):
        image = bpy.data.images.load(str(tmp_path / f"frame_{frame:04}.png"))
        alpha = np.array(image.pixels[:]).reshape(*SIZE, 4)[..., 3]
        assert mean_x(alpha) == pytest.approx(-0.5 + 0.1 * frame, abs=0.02)


@pytest.mark.parametrize("position", ["START", "CENTER", "END"])
def test_motion_blur_is_the_mean_of_its_instants(position: str, tmp_path: Path) -> None:
    """In linear light, each instant in the middle of its share of the shutter."""
    scene = straight_stage()
    splats = one_splat((0, 0, 0), 0.15, RED)
    shown = show(splats)
    key_linear(shown, "location", {1: -0.8, 9: 0.8}, 0)
    scene.frame_set(5)
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 2.0
    scene.render.motion_blur_position = position
    scene.mouthpiece_film.motion_steps = 4
    passes = film(tmp_path)
    wanted = []
    for instant in instants(2.0, position, 4):
        moved = one_splat((0.2 * instant.offset, 0, 0), 0.15, RED)
        seen = judge(moved, scene, SIZE)
        planes = [seen.alpha.astype(np.float32)] * 4
        wanted.append(developed(Shot(seen.color.astype(np.float32), *planes), None))
    assert decibels(passes["Combined"], np.mean(wanted, axis=0)) > 60
    assert np.allclose(passes["Splat Alpha"], passes["Combined"][..., 3], atol=1e-6)
    assert scene.frame_current_final == 5
    assert shown.matrix_world.translation.x == pytest.approx(0)


def test_a_moving_camera_blurs_too(tmp_path: Path) -> None:
    scene = straight_stage()
    show(one_splat((0, 0, 0), 0.1, RED))
    key_linear(scene.camera, "location", {1: -0.8, 9: 0.8}, 0)
    scene.frame_set(5)
    sharp = film(tmp_path)["Splat Alpha"]
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 3.0
    blurred = film(tmp_path)["Splat Alpha"]
    assert mean_x(blurred) == pytest.approx(mean_x(sharp), abs=0.01)
    # A shutter open over 0.6 m widens the light by a box of that width.
    assert spread_x(blurred) == pytest.approx(spread_x(sharp) + 0.6**2 / 12, rel=0.02)


def test_depth_is_that_of_the_frame_itself(tmp_path: Path) -> None:
    scene = straight_stage()
    shown = show(one_splat((0, 0, 0), 0.5, RED))
    key_linear(shown, "location", {1: -4.0, 9: 4.0}, 1)
    scene.frame_set(5)
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 1.0
    scene.mouthpiece_film.motion_steps = 5
    assert film(tmp_path)["Depth"][12, 12] == pytest.approx(4, abs=1e-3)


def test_a_shutter_that_closes_slowly_weighs_less(tmp_path: Path) -> None:
    scene = straight_stage()
    shown = show(one_splat((0, 0, 0), 0.1, RED))
    key_linear(shown, "location", {1: -0.8, 9: 0.8}, 0)
    scene.frame_set(5)
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 2.0
    points = scene.render.motion_blur_shutter_curve.curves[0].points
    points[0].location, points[-1].location = (0, 1), (1, 0)
    scene.render.motion_blur_shutter_curve.update()
    assert mean_x(film(tmp_path)["Splat Alpha"]) < -0.02


def head_stage(size: tuple[int, int] = (32, 32)) -> tuple[bpy.types.Scene, bpy.types.Object]:
    """A small head whose jaw opens and which turns, keyed over frames 1 to 9, filling the picture."""
    scene, head = stage(size), add_small_head()
    means = posed_as(small_head(), Dialled((), (0, 0, 0), ())).means
    middle, reach = means.mean(0), np.ptp(means, axis=0).max()
    scene.camera.location = middle + np.array([0.1 * reach, -3 * reach, 0.1 * reach])
    scene.camera.rotation_euler = (np.pi / 2, 0, 0)
    data = scene.camera.data
    data.shift_x, data.type, data.ortho_scale = 0, "ORTHO", 1.3 * reach
    data.clip_start = 0.01 * reach
    key_linear(head, '["jawOpen"]', {1: 0.0, 9: 1.0})
    key_linear(head, '["headYaw"]', {1: -0.4, 9: 0.4})
    return scene, head


def said_at(frame: float) -> Dialled:
    share = (frame - 1) / 8
    return Dialled((("jawOpen", share),), (-0.4 + 0.8 * share, 0.0, 0.0), ())


def test_keyed_sliders_are_rendered_at_their_frame(tmp_path: Path) -> None:
    scene, _ = head_stage()
    pictures = {}
    for frame in (9, 1, 5, 9):
        scene.frame_set(frame)
        color = display_of(film(tmp_path)["Combined"])
        assert decibels(color, judge(posed_as(small_head(), said_at(frame)), scene, (32, 32)).color) > 60
        pictures.setdefault(frame, color)
        assert np.array_equal(pictures[frame], color)
    assert decibels(pictures[1], pictures[9]) < 35


def test_keyed_sliders_blur(tmp_path: Path) -> None:
    """Sliders between frames are posed as they are there, in one render of one frame."""
    scene, _ = head_stage()
    scene.frame_set(4)
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 4.0
    scene.mouthpiece_film.motion_steps = 8
    wanted = []
    for instant in instants(4.0, "CENTER", 8):
        seen = judge(posed_as(small_head(), said_at(4 + instant.offset)), scene, (32, 32))
        wanted.append(developed(Shot(seen.color.astype(np.float32), *[seen.alpha.astype(np.float32)] * 4), None))
    assert decibels(film(tmp_path)["Combined"], np.mean(wanted, axis=0)) > 60

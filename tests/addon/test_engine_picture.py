"""F12: the picture is the judge's, through every camera, with every size, crop and pass."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from filmed import SIZE, decibels, display_of, film, judge, one_splat, show, some_splats, stage
from mathutils import Vector
from mouthpiece.addon import rendering
from mouthpiece.addon.bridge.passes import index_name
from mouthpiece.addon.bridge.world import to_scene_light
from mouthpiece.addon.drawing import context
from mouthpiece.addon.drawing.parts import tiles_of
from mouthpiece.addon.engine import ENGINE
from mouthpiece.core.splat.film import FAR

from blend_templates.studio import BACKGROUND, make_studio

pytestmark = pytest.mark.usefixtures("registered")


def turn_orthographic(camera: bpy.types.Object) -> None:
    camera.data.type, camera.data.ortho_scale = "ORTHO", 2.5


def turn_upright(camera: bpy.types.Object) -> None:
    camera.data.sensor_fit, camera.data.lens = "VERTICAL", 40
    camera.data.shift_y = -0.1


def turn_wide(camera: bpy.types.Object) -> None:
    camera.data.lens, camera.location, camera.scale = 12, (0.1, -0.9, 0.1), (2, 2, 2)


@pytest.mark.parametrize("change", [None, turn_orthographic, turn_upright, turn_wide])
def test_every_camera_sees_what_the_judge_sees(change: object, tmp_path: Path) -> None:
    splats, scene = some_splats(), stage()
    if change:
        change(scene.camera)
    show(splats)
    passes = film(tmp_path)
    wanted = judge(splats, scene)
    assert wanted.alpha.mean() > 0.15
    assert decibels(display_of(passes["Combined"]), wanted.color) > 60
    assert decibels(passes["Combined"][..., 3], wanted.alpha) > 60


def test_passes_hold_what_they_say(tmp_path: Path) -> None:
    splats, scene = some_splats(), stage()
    show(splats).pass_index = 7
    passes, wanted = film(tmp_path), judge(splats, scene)
    assert set(passes) == {"Combined", "Depth", "Splat Alpha", "Splat Mean Depth", index_name()}
    assert np.allclose(passes["Splat Alpha"], wanted.alpha, atol=1e-5)
    seen, half = wanted.alpha > 0.01, np.isfinite(wanted.median)
    assert np.allclose(passes["Splat Mean Depth"][seen], wanted.depth[seen], atol=1e-4)
    assert np.mean(np.abs(passes["Depth"][half] - wanted.median[half]) > 1e-4) < 0.01
    assert set(np.unique(passes["Depth"][~half])) == {np.float32(FAR)}
    assert np.array_equal(passes[index_name()] == 7, passes["Depth"] < FAR)


def test_percentage_and_border(tmp_path: Path) -> None:
    splats, scene = some_splats(), stage((2 * SIZE[0], 2 * SIZE[1]))
    show(splats)
    scene.render.resolution_percentage = 50
    whole = film(tmp_path)["Combined"]
    assert whole.shape == (SIZE[1], SIZE[0], 4)
    assert decibels(display_of(whole), judge(splats, scene).color) > 60
    scene.render.use_border = True
    scene.render.border_min_x, scene.render.border_max_x = 0.3, 0.71
    scene.render.border_min_y, scene.render.border_max_y = 0.2, 0.83
    rows, columns = slice(SIZE[1] - 29, SIZE[1] - 7), slice(14, 34)
    framed = film(tmp_path)["Combined"]
    assert np.allclose(framed[rows, columns], whole[rows, columns], atol=1e-5)
    assert not framed[:6].any() and not framed[:, :13].any()
    scene.render.use_crop_to_border = True
    assert np.allclose(film(tmp_path)["Combined"], whole[rows, columns], atol=1e-5)


def test_background_is_the_worlds(tmp_path: Path) -> None:
    splats, scene = some_splats(), stage()
    show(splats)
    scene.render.film_transparent = False
    assert film(tmp_path)["Combined"][..., 3].min() == 1
    scene.world = bpy.data.worlds.new("World")
    scene.world.color = 0.2, 0.4, 0.8
    if bpy.app.version < (5, 0):
        scene.world.use_nodes = False
    else:
        scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = 0.2, 0.4, 0.8, 1
    wanted = judge(splats, scene).over(tuple(float(1.055 * c ** (1 / 2.4) - 0.055) for c in (0.2, 0.4, 0.8)))
    assert decibels(display_of(film(tmp_path)["Combined"]), wanted) > 60


def test_the_background_that_cameras_see(tmp_path: Path) -> None:
    """As in the demo: light from all around by one Background, a ramp behind the head by another."""
    scene = stage()
    show(one_splat((0, 0, 0), 0.1, (1, 0, 0)))
    scene.render.film_transparent = False
    make_studio(Vector((0, 0, 0)), scene)
    scene.render.engine = ENGINE
    scene.view_settings.view_transform, scene.view_settings.look = "Standard", "None"
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    middle = np.mean(BACKGROUND, axis=0)
    assert np.allclose(film(tmp_path)["Combined"][0, 0, :3], middle, atol=0.01)


def test_the_saved_picture_is_the_judges(tmp_path: Path) -> None:
    """Through Blender's own display transform into eight bits."""
    splats, scene = some_splats(), stage()
    show(splats)
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "IMAGE"
    scene.render.image_settings.file_format, scene.render.image_settings.color_mode = "PNG", "RGBA"
    scene.render.dither_intensity = 0
    scene.render.filepath = str(tmp_path / "still.png")
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    image.alpha_mode = "CHANNEL_PACKED"
    pixels = np.array(image.pixels[:], np.float32).reshape(SIZE[1], SIZE[0], 4)[::-1]
    wanted = judge(splats, scene)
    assert np.abs(pixels[..., 3] - wanted.alpha).max() < 1 / 255
    own = wanted.color / np.maximum(wanted.alpha, 1e-6)[..., None]
    error = np.abs(pixels[..., :3] - np.clip(own, 0, 1))[wanted.alpha > 0.5]
    assert error.max() < 1.5 / 255


def test_clip_ends_hide_what_lies_beyond(tmp_path: Path) -> None:
    scene = stage()
    show(one_splat((0, 0, 0), 0.2, (1, 0, 0)))
    for start, end, seen in ((0.1, 100, True), (4.5, 100, False), (0.1, 3.5, False)):
        scene.camera.data.clip_start, scene.camera.data.clip_end = start, end
        assert (film(tmp_path)["Splat Alpha"].max() > 0.5) == seen


def test_view_layers_show_their_own(tmp_path: Path) -> None:
    scene = stage()
    other = bpy.data.collections.new("Other")
    scene.collection.children.link(other)
    shown = show(one_splat((0, 0, 0), 0.2, (1, 0, 0)))
    scene.collection.objects.unlink(shown)
    other.objects.link(shown)
    scene.view_layers.new("Without").layer_collection.children["Other"].exclude = True
    passes = film(tmp_path)
    assert passes["Splat Alpha"].max() > 0.9
    assert passes["Without.Splat Alpha"].max() == 0


def test_a_large_picture_is_drawn_in_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    splats, scene = some_splats(), stage()
    show(splats)
    monkeypatch.setattr(rendering, "tiles_of", lambda region: tiles_of(region, 17))
    passes, wanted = film(tmp_path), judge(splats, scene)
    assert decibels(display_of(passes["Combined"]), wanted.color) > 60
    half = np.isfinite(wanted.median)
    assert np.mean(np.abs(passes["Depth"][half] - wanted.median[half]) > 1e-4) < 0.01


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda scene: setattr(scene.camera.data, "type", "PANO"), "panoramic"),
        (lambda scene: setattr(scene.render, "use_multiview", True), "two eyes"),
        (lambda scene: setattr(scene.render, "resolution_x", 65_000), None),
    ],
)
def test_bad_situations_are_one_sentence(break_it: object, sentence: str | None, tmp_path: Path) -> None:
    scene = stage()
    show(one_splat((0, 0, 0), 0.2, (1, 0, 0)))
    if sentence is None:
        scene.render.resolution_y, sentence = 65_000, "too large"
    break_it(scene)
    with pytest.raises(RuntimeError, match=sentence):
        film(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="files have a working space since 5.0")
@pytest.mark.parametrize("space", ["Linear Rec.2020", "ACEScg"])
def test_other_working_spaces_show_the_same_picture(space: str, tmp_path: Path) -> None:
    splats, scene = some_splats(), stage()
    bpy.ops.wm.set_working_color_space(working_space=space)
    show(splats)  # in 5.0 the operator would turn what clouds hold as colours
    assert bpy.data.colorspace.working_space == space
    wanted = judge(splats, scene)
    back = np.linalg.inv(to_scene_light())
    combined = film(tmp_path)["Combined"]
    assert not np.allclose(back, np.eye(3), atol=0.01)
    combined[..., :3] = combined[..., :3] @ back.T
    assert decibels(display_of(combined), wanted.color) > 60


def test_a_stamp_is_burnt_in(tmp_path: Path) -> None:
    scene = stage((160, 120))
    show(one_splat((0, 0, 0), 0.1, (1, 0, 0)))
    scene.render.film_transparent = False
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, scene.render.use_stamp = "PNG", True
    scene.render.filepath = str(tmp_path / "stamped.png")
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    pixels = np.array(image.pixels[:]).reshape(120, 160, 4)[::-1]
    assert (pixels[:40, :60, :3].min(2) > 0.5).sum() > 20  # white letters over black


def test_without_anything_to_draw_with_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise SystemError("GPU functions for drawing are not available in background mode")

    stage()
    show(one_splat((0, 0, 0), 0.1, (1, 0, 0)))
    monkeypatch.setattr(context.gpu.platform, "renderer_get", refuse)
    monkeypatch.delattr(context.gpu, "init", raising=False)
    with pytest.raises(RuntimeError, match="nothing to draw with"):
        film(tmp_path)


def test_a_fault_of_ours_saves_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    stage()
    monkeypatch.delenv("MOUTHPIECE_RAISE_BUGS")
    monkeypatch.setattr(rendering, "lens_of", break_down)
    with pytest.raises(RuntimeError, match="fault of its own"):
        film(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_render_without_splats_is_empty(tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    stage()
    passes = film(tmp_path)
    assert passes["Splat Alpha"].max() == 0
    assert set(np.unique(passes["Depth"])) == {np.float32(FAR)}
    assert "shows no splats" in capfd.readouterr().out


def test_blenders_panels_serve_our_engine() -> None:
    assert {ENGINE} <= bpy.types.RENDER_PT_format.COMPAT_ENGINES
    assert {ENGINE} <= bpy.types.RENDER_PT_color_management.COMPAT_ENGINES
    assert {ENGINE} <= bpy.types.DATA_PT_lens.COMPAT_ENGINES
    assert ENGINE not in bpy.types.RENDER_PT_freestyle.COMPAT_ENGINES

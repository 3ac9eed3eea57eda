"""What an animator does with any character, done with a head of splats."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from mouthpiece.addon.headless import Errand, run_errand
from mouthpiece.core.formats import read_performance
from mouthpiece.core.rig.arkit import ARKIT_52
from splat_cast import add_small_head, look


def test_a_head_is_animated_like_any_character(scene: bpy.types.Scene) -> None:
    made = add_small_head()
    scene.mouthpiece.character = made
    assert bpy.ops.mouthpiece.animate() == {"FINISHED"}
    assert not scene.mouthpiece.messages
    turned = []
    for frame in range(5, 25):
        scene.frame_set(frame)
        turned.append([look()[-1].splats.means.copy(), made["jawOpen"], made["headYaw"]])
    assert np.ptp([row[1] for row in turned]) > 0.02 and np.ptp([row[2] for row in turned]) > 1e-4
    assert max(np.abs(row[0] - turned[0][0]).max() for row in turned) > 1e-3
    scene.frame_set(12)
    again = [each for each in look() if each.key[0] == "head"][-1].splats.means
    np.testing.assert_array_equal(again, turned[7][0])


def test_matching_finds_every_slider(scene: bpy.types.Scene) -> None:
    made = add_small_head()
    scene.mouthpiece.character = made
    assert bpy.ops.mouthpiece.match_rig() == {"FINISHED"}
    drives = {(row.source, row.target) for row in made.mouthpiece_rig.drives}
    assert drives == {(name, name) for name in (*ARKIT_52, "headYaw", "headPitch", "headRoll")}
    assert bpy.ops.mouthpiece.animate() == {"FINISHED"}
    assert not scene.mouthpiece.messages


def test_curves_are_read_back_from_sliders(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.mouthpiece.character = add_small_head()
    bpy.ops.mouthpiece.animate()
    bpy.ops.mouthpiece.export_curves(filepath=str(tmp_path / "a.csv"))
    performance = read_performance(tmp_path / "a.csv")
    assert performance.curves.names == ARKIT_52 and np.ptp(performance.curves.column("jawOpen")) > 0.02
    assert np.ptp(performance.head[:, 0]) > 1e-4


@pytest.mark.parametrize("kind", ["fbx", "gltf", "usd"])
def test_exports_of_meshes_say_what_to_use(scene: bpy.types.Scene, tmp_path: Path, kind: str) -> None:
    scene.mouthpiece.character = add_small_head()
    bpy.ops.mouthpiece.animate()
    with pytest.raises(RuntimeError, match="splats have Export Splats"):
        getattr(bpy.ops.mouthpiece, f"export_{kind}")(filepath=str(tmp_path / "a"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("named", [None, "Small"])
def test_the_command_line_finds_a_head(empty_file: None, recording: Path, tmp_path: Path, named: str | None) -> None:
    add_small_head()
    shot, out = tmp_path / "shot.blend", tmp_path / "out.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    assert " frames on Small from frame 1" in run_errand(Errand(recording, out, shot, named))
    bpy.ops.wm.open_mainfile(filepath=str(out))
    values = []
    for frame in range(1, 24):
        bpy.context.scene.frame_set(frame)
        values.append(bpy.data.objects["Small"]["jawOpen"])
    assert np.ptp(values) > 0.02


def test_attributes_follow_in_a_render(registered: None, tmp_path: Path) -> None:
    """Cycles sees what a modifier makes of attributes; they are written as the render goes from frame to frame."""
    scene, made = bpy.context.scene, add_small_head()
    made.select_set(True)
    bpy.context.view_layer.objects.active = made
    bpy.ops.mouthpiece.splat_surfaces()
    for frame, value in ((1, 0.0), (10, 1.0)):
        made["headYaw"] = value
        made.keyframe_insert('["headYaw"]', frame=frame)
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.camera.location, scene.camera.rotation_euler = (0.05, -0.5, 1.05), (np.pi / 2, 0, 0)
    scene.render.engine, scene.cycles.samples = "CYCLES", 4
    scene.render.resolution_x = scene.render.resolution_y = 32
    scene.frame_start, scene.frame_end, scene.frame_step = 1, 10, 9
    scene.render.filepath = str(tmp_path / "frame_")
    bpy.ops.render.render(animation=True)
    first, last = (picture(tmp_path / f"frame_{frame:04}.png") for frame in (1, 10))
    scene.frame_set(10)
    scene.render.filepath = str(tmp_path / "still.png")
    bpy.ops.render.render(write_still=True)
    assert np.abs(last - picture(tmp_path / "still.png")).max() < 0.01
    assert np.abs(last - first).mean() > 0.005


def picture(path: Path) -> np.ndarray:
    image = bpy.data.images.load(str(path))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return pixels

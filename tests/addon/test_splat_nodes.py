"""Splats as surfaces: the node group says what the core says, and Cycles sees light, shadow and colour."""

from __future__ import annotations

import math

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector
from mouthpiece.addon.bridge import splat_cloud
from mouthpiece.addon.bridge.splat_nodes import (
    BASIS,
    INPUTS,
    MOST_SPLATS,
    add_surfaces,
    remove_surfaces,
    splat_tree,
    surfaces_of,
)
from mouthpiece.addon.compat import get_modifier_input, set_modifier_input
from mouthpiece.core.errors import SettingError
from mouthpiece.core.head.surface import unit
from mouthpiece.core.quats import matrices
from mouthpiece.core.splat.files import write_splats
from mouthpiece.core.splat.rotate_sh import seen_colors, sh_basis
from mouthpiece.core.splat.types import Splats
from splat_cast import add_small_head, look


def some_splats(count=60, degree=3, seed=2):
    random = np.random.default_rng(seed)
    return Splats(
        random.normal(0, 0.5, (count, 3)).astype(np.float32),
        unit(random.normal(size=(count, 4))).astype(np.float32),
        random.uniform(-4, -1, (count, 3)).astype(np.float32),
        random.uniform(-3, 5, count).astype(np.float32),
        random.normal(0, 0.3, (count, (degree + 1) ** 2, 3)).astype(np.float32),
    )


def placed(splats, name="Splats"):
    cloud = splat_cloud.new_points(name, len(splats))
    splat_cloud.write_cloud(cloud, splats)
    made = bpy.data.objects.new(name, cloud)
    bpy.context.scene.collection.objects.link(made)
    return made


def camera_at(place, target=(0, 0, 0)):
    eye = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(eye)
    eye.location = place
    eye.rotation_euler = (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.camera = eye
    return eye


def surfaces(made):
    """The evaluated mesh's attributes by name."""
    graph = bpy.context.evaluated_depsgraph_get()
    geometry = made.evaluated_get(graph).evaluated_geometry()
    out = {}
    for name, width, field in (
        ("position", 3, "vector"),
        ("splat_place", 3, "vector"),
        ("splat_color", 4, "color"),
        ("splat_alpha", 1, "value"),
    ):
        attribute = geometry.mesh.attributes[name]
        rows = np.empty(len(attribute.data) * width, np.float32)
        attribute.data.foreach_get(field, rows)
        out[name] = rows.reshape(-1, width)
    return out


def linear(display):
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4)


def test_the_sums_of_products_are_the_basis_of_the_core():
    ways = unit(np.random.default_rng(0).normal(size=(50, 3)))
    x, y, z = ways.T
    letters = {"x": x, "y": y, "z": z}
    for number, sums in enumerate(BASIS):
        value = sum(
            weight * np.prod([letters[letter] for letter in product], axis=0) for product, weight in sums.items()
        )
        assert np.allclose(value, sh_basis(ways, 3)[:, number + 1], atol=1e-12)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_colours_are_what_the_camera_sees_in_linear_light(degree):
    splats = some_splats(degree=degree)
    made = placed(splats)
    made.matrix_world = Matrix.LocRotScale((0.3, -1, 2), Euler((0.4, 0.2, -1)), (1.5, 1.5, 1.5))
    camera_at((1, -4, 2))
    set_modifier_input(add_surfaces(made), "Least Opacity", 0.0)
    bpy.context.view_layer.update()
    eye = np.array(made.matrix_world.inverted() @ bpy.context.scene.camera.matrix_world.translation)
    wanted = linear(seen_colors(splats, unit(splats.means - eye)))
    found = surfaces(made)
    assert len(found["splat_color"]) == 6 * len(splats)
    assert np.abs(found["splat_color"][::6, :3] - wanted).max() < 2e-5
    assert np.abs(found["splat_alpha"][::6, 0] - 1 / (1 + np.exp(-splats.logits))).max() < 1e-5


def test_discs_lie_across_the_shortest_axis_and_reach_as_far_as_is_said():
    splats = some_splats(degree=0)
    made = placed(splats)
    modifier = add_surfaces(made)
    for name, value in (("Least Opacity", 0.0), ("Reach", 2.0), ("Size", 1.0)):
        set_modifier_input(modifier, name, value)
    found = surfaces(made)
    away = found["position"].reshape(-1, 6, 3) - splats.means[:, None]
    own = np.einsum("nji,ncj->nci", matrices(splats.quats), away) / np.exp(splats.log_scales)[:, None]
    shortest = splats.log_scales.argmin(1)
    assert set(shortest) == {0, 1, 2}
    assert np.abs(np.take_along_axis(own, shortest[:, None, None], 2)).max() < 1e-3
    radius = np.linalg.norm(own, axis=2)
    assert np.allclose(radius, 2.0 / math.cos(math.pi / 6), atol=1e-3)
    assert np.allclose(np.linalg.norm(found["splat_place"], axis=1), radius.ravel(), atol=1e-3)


def test_ellipsoids_are_solid_and_what_is_faint_is_left_out():
    splats = some_splats(degree=0)
    made = placed(splats)
    modifier = add_surfaces(made, ellipsoids=True)
    set_modifier_input(modifier, "Least Opacity", 0.5)
    found = surfaces(made)
    kept = splats.logits > 0
    assert len(found["position"]) == 42 * kept.sum() < 42 * len(splats)
    assert not found["splat_place"].any()
    away = found["position"].reshape(-1, 42, 3) - splats.means[kept][:, None]
    own = np.einsum("nji,ncj->nci", matrices(splats.quats[kept]), away) / np.exp(splats.log_scales[kept])[:, None]
    assert np.allclose(np.linalg.norm(own, axis=2), 1.4 * 1.15, atol=1e-3)


def test_one_modifier_is_added_set_up_again_and_removed():
    made = placed(some_splats(5, 0))
    first = add_surfaces(made)
    assert get_modifier_input(first, "Material").name == "Splats Shining"
    again = add_surfaces(made, True, True)
    assert len(made.modifiers) == 1 and get_modifier_input(again, "Ellipsoids")
    assert get_modifier_input(again, "Material").name == "Splats Relit"
    first.name = "Renamed"
    assert surfaces_of(made) and remove_surfaces(made) and not remove_surfaces(made)
    assert splat_tree(1) is splat_tree(1)
    assert [i.name for i in splat_tree(4).interface.items_tree if i.in_out == "INPUT"][1:] == list(INPUTS)


def test_what_cannot_be_shown_is_said():
    with pytest.raises(SettingError, match="no cloud of splats"):
        add_surfaces(bpy.data.objects.new("Mesh", bpy.data.meshes.new("Mesh")))
    cloud = splat_cloud.new_points("Many", MOST_SPLATS + 1)
    for name, kind in (("scale", "FLOAT_VECTOR"), ("rotation", "QUATERNION"), ("radiance:base", "FLOAT_COLOR")):
        cloud.attributes.new(name, kind, "POINT")
    with pytest.raises(SettingError, match="100,001 splats"):
        add_surfaces(bpy.data.objects.new("Many", cloud))


def test_the_operator_adds_and_removes(registered):
    made = placed(some_splats(5, 0))
    bpy.context.view_layer.objects.active = made
    made.select_set(True)
    bpy.ops.mouthpiece.splat_surfaces(form="ELLIPSOIDS", light="RELIT")
    assert get_modifier_input(surfaces_of(made), "Ellipsoids")
    bpy.ops.mouthpiece.splat_surfaces()
    assert not surfaces_of(made)


def one_splat(color, opacity_logit=6.0, size=0.3):
    dc = (np.array(color) - 0.5) / 0.28209479177387814
    return Splats(
        np.zeros((1, 3), np.float32),
        np.array([[1, 0, 0, 0]], np.float32),
        np.log(np.array([[size, size, 0.01]], np.float32)),
        np.array([opacity_logit], np.float32),
        dc.astype(np.float32).reshape(1, 1, 3),
    )


def cycles(size=16, samples=32):
    """The picture's linear pixels [size, size, 4], first row lowest."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.use_denoising = "CPU", samples, False
    scene.cycles.transparent_max_bounces = 32
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.view_settings.view_transform = "Raw"
    path = bpy.path.abspath(bpy.app.tempdir + "seen.exr")
    scene.render.filepath = path
    scene.render.image_settings.file_format = "OPEN_EXR"
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(path)
    pixels = np.array(image.pixels[:], np.float32).reshape(size, size, 4)
    bpy.data.images.remove(image)
    return pixels


def floor_below(height=-1.0):
    mesh = bpy.data.meshes.new("Floor")
    mesh.from_pydata([(-4, -4, height), (4, -4, height), (4, 4, height), (-4, 4, height)], [], [(0, 1, 2, 3)])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Floor", mesh))


def sun(x=0.0):
    lamp = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    lamp.data.energy, lamp.data.angle = 3.0, 0.01
    lamp.rotation_euler = (0, x, 0)
    bpy.context.scene.collection.objects.link(lamp)


def test_cycles_sees_the_colour_and_how_it_fades():
    camera_at((0, 0, 4)).data.type = "ORTHO"
    bpy.context.scene.camera.data.ortho_scale = 1.6
    set_modifier_input(add_surfaces(placed(one_splat((0.8, 0.4, 0.1)))), "Size", 1.0)
    pixels = cycles()
    place = (np.arange(16) + 0.5) / 16 * 1.6 - 0.8
    distance = np.hypot(*np.meshgrid(place, place)) / 0.3
    alpha = np.exp(-(distance**2) / 2) * (1 / (1 + math.exp(-6)))
    inside = distance < 2.2
    wanted = linear(np.array([0.8, 0.4, 0.1])) * alpha[..., None]
    assert np.abs(pixels[..., :3] - wanted)[inside].max() < 0.12
    assert abs(pixels[7:9, 7:9, 0].mean() - wanted[7:9, 7:9, 0].mean()) < 0.05


@pytest.mark.parametrize("relit", [False, True])
def test_cycles_sees_shadows_and_light(relit):
    camera_at((0, -0.001, 6), (0, 0, -1))
    floor_below()
    sun(0.6)  # from the left: the shadow falls to the right of the splat
    pixels = cycles()
    add_surfaces(placed(one_splat((0.2, 0.2, 0.9))), relit=relit)
    shaded = cycles()
    darker = shaded[..., 0] < 0.6 * pixels[..., 0]
    assert darker.any() and not darker.all()
    blue = shaded[8, 8, 2] / shaded[8, 8, 0]
    assert blue > 2
    bpy.data.objects["Sun"].data.energy = 0.0
    bpy.context.scene.world = None
    dark = cycles()[8, 8, 2]
    assert dark < 0.01 if relit else dark > 0.5


def test_surfaces_follow_the_sliders_of_a_head(registered):
    made = add_small_head()
    made["headYaw"] = 0.0
    made.keyframe_insert('["headYaw"]', frame=1)
    made["headYaw"] = 1.0
    made.keyframe_insert('["headYaw"]', frame=5)
    wanted = {}
    for frame in (1, 5):
        bpy.context.scene.frame_set(frame)
        (one,) = look()
        wanted[frame] = one.splats.means
    set_modifier_input(add_surfaces(made), "Least Opacity", 0.0)
    for frame in (5, 1, 5):
        bpy.context.scene.frame_set(frame)
        middles = surfaces(made)["position"].reshape(-1, 6, 3).mean(1)
        assert np.abs(middles - wanted[frame]).max() < 1e-5
    assert np.abs(wanted[1] - wanted[5]).max() > 0.02


def test_a_rendered_animation_shows_the_file_of_each_frame(registered, tmp_path):
    colors = [(0.9, 0.1, 0.1), (0.1, 0.9, 0.1), (0.1, 0.1, 0.9)]
    for number, color in enumerate(colors, 1):
        write_splats(tmp_path / f"c_{number}.ply", one_splat(color, size=2.0))
    bpy.context.scene.frame_set(1)
    bpy.ops.mouthpiece.import_splat_sequence(filepath=str(tmp_path / "c_1.ply"))
    made = bpy.context.object
    made.rotation_euler.x = math.pi / 2  # the disc of a file with +y up faces the camera again
    add_surfaces(made)
    camera_at((0, 0, 4))
    scene = bpy.context.scene
    cycles(size=8, samples=4)
    scene.frame_start, scene.frame_end = 1, 3
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.filepath = str(tmp_path / "seen_")
    bpy.ops.render.render(animation=True)
    for number in (1, 2, 3):
        image = bpy.data.images.load(str(tmp_path / f"seen_{number:04d}.exr"))
        middle = np.array(image.pixels[:], np.float32).reshape(8, 8, 4)[3:5, 3:5, :3].mean((0, 1))
        assert middle.argmax() == number - 1 and middle.max() > 0.5

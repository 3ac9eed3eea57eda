"""Splats among meshes: in front, behind and through, in one picture; nothing of the user's compositor is lost."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from filmed import film, one_splat, show, some_splats, stage
from mouthpiece.addon.bridge.compositor import GROUPED, LAYERS, compositor_of
from mouthpiece.addon.bridge.merge_setup import MARK, followers

pytestmark = pytest.mark.usefixtures("registered")
SIZE = (40, 40)
GREEN, RED = (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)


def straight_stage() -> bpy.types.Scene:
    """A camera four metres before the origin that looks along +y, orthographic: two metres are seen."""
    scene = stage(SIZE)
    data = scene.camera.data
    scene.camera.location, scene.camera.rotation_euler = (0, -4, 0), (np.pi / 2, 0, 0)
    data.shift_x, data.type, data.ortho_scale = 0, "ORTHO", 2
    return scene


def wall(y: float, x: tuple[float, float] = (-2, 2), z: tuple[float, float] = (-2, 0)) -> bpy.types.Object:
    """An upright rectangle; by default it fills the lower half of the picture."""
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(x[0], y, z[0]), (x[1], y, z[0]), (x[1], y, z[1]), (x[0], y, z[1])], [], [(0, 1, 2, 3)])
    built = bpy.data.objects.new("Wall", mesh)
    bpy.context.scene.collection.objects.link(built)
    glow = bpy.data.materials.new("Glow")
    if bpy.app.version < (5, 0):
        glow.use_nodes = True
    nodes = glow.node_tree.nodes
    nodes.clear()
    emission, out = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    emission.inputs["Color"].default_value = (*GREEN, 1)
    glow.node_tree.links.new(emission.outputs[0], out.inputs[0])
    mesh.materials.append(glow)
    return built


def meshes_by_cycles(scene: bpy.types.Scene, samples: int = 1) -> None:
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.pixel_filter_type = samples, False, "BOX"
    scene.render.film_transparent = False


@pytest.mark.parametrize(("y", "hidden"), [(-1.0, True), (1.0, False)])
def test_meshes_hide_splats_behind_them(y: float, hidden: bool, tmp_path: Path) -> None:
    straight_stage()
    show(one_splat((0, 0, 0), 0.5, RED))
    wall(y)
    alpha = film(tmp_path)["Splat Alpha"]
    assert alpha[14:19, 18:22].min() > 0.7
    assert (alpha[21:26, 18:22].max() < 1e-3) == hidden


def test_the_nearest_of_several_meshes_counts(tmp_path: Path) -> None:
    """In whatever order they are drawn."""
    straight_stage()
    show(one_splat((0, 0, 0), 0.5, RED))
    for y in (2, -1, 1):
        wall(y)
    alpha = film(tmp_path)["Splat Alpha"]
    assert alpha[17, 20] > 0.7
    assert alpha[23, 20] == 0


def test_a_mesh_through_a_head_hides_its_far_half(tmp_path: Path) -> None:
    straight_stage()
    near, far = one_splat((-0.4, -0.3, 0), 0.1, RED), one_splat((0.4, 0.3, 0), 0.1, RED)
    show(near, "Near")
    show(far, "Far")
    wall(0, z=(-2, 2))
    alpha = film(tmp_path)["Splat Alpha"]
    assert alpha[20, 12] > 0.9
    assert alpha[20, 28] == 0


def test_edges_are_softened_and_meshes_can_be_ignored(tmp_path: Path) -> None:
    scene = straight_stage()
    show(one_splat((0, 0, 0), 0.4, RED))
    wall(-1, z=(-2, 0.024))
    whole = scene.mouthpiece_film
    whole.edge_steps = 16
    row = film(tmp_path)["Splat Alpha"][19, 20]
    assert 0.3 < row < 0.75  # the edge lies 0.48 of a pixel high in row 19
    whole.edge_steps = 1
    assert film(tmp_path)["Splat Alpha"][19, 20] in (0, pytest.approx(0.99, abs=0.02))
    whole.meshes = "IGNORE"
    assert film(tmp_path)["Splat Alpha"][25, 20] > 0.5


def test_instances_and_hidden_meshes(tmp_path: Path) -> None:
    scene = straight_stage()
    show(one_splat((0, 0, 0), 0.5, RED))
    built = wall(-1)
    built.hide_render = True
    assert film(tmp_path)["Splat Alpha"][23, 20] > 0.7
    group = bpy.data.collections.new("Walls")
    built.hide_render = False
    scene.collection.objects.unlink(built)
    group.objects.link(built)
    place = bpy.data.objects.new("Place", None)
    place.instance_type, place.instance_collection = "COLLECTION", group
    scene.collection.objects.link(place)
    assert film(tmp_path)["Splat Alpha"][23, 20] == 0


@pytest.mark.parametrize("way", ["HIDE", "DEPTH"])
@pytest.mark.parametrize("y", [-1.0, 1.0])
def test_one_click_merges_with_what_another_engine_renders(way: str, y: float, tmp_path: Path) -> None:
    scene = straight_stage()
    show(one_splat((0, 0, 0), 0.5, RED))
    wall(y)
    meshes_by_cycles(scene)
    bpy.ops.mouthpiece.merge_splats(way=way)
    picture = composed(film(tmp_path))
    assert np.allclose(picture[38, 3], GREEN, atol=0.1)
    assert np.allclose(picture[17, 20], RED, atol=0.1)
    below = picture[23, 20]
    assert np.allclose(below, GREEN if y < 0 else RED, atol=0.1)


def test_the_followed_camera_and_frame_count(tmp_path: Path) -> None:
    """Another camera chosen later, border and motion in time are the main scene's."""
    scene = straight_stage()
    shown = show(one_splat((0, 0, 0), 0.2, RED))
    for frame, x in ((1, -0.5), (11, 0.5)):
        shown.location.x = x
        shown.keyframe_insert("location", frame=frame)
    wall(1, z=(-3, 3))
    meshes_by_cycles(scene)
    bpy.ops.mouthpiece.merge_splats()
    scene.frame_set(11)
    picture = composed(film(tmp_path))
    assert np.allclose(picture[20, 30], RED, atol=0.1)
    assert np.allclose(picture[20, 10], GREEN, atol=0.02)
    other = bpy.data.objects.new("Other", scene.camera.data)
    scene.collection.objects.link(other)
    other.location, other.rotation_euler = (0.5, -4, 0), (np.pi / 2, 0, 0)
    scene.camera = other
    picture = composed(film(tmp_path))
    assert np.allclose(picture[20, 20], RED, atol=0.1)
    scene.render.use_border = scene.render.use_crop_to_border = True
    scene.render.border_min_x, scene.render.border_max_x = 0.25, 0.75
    scene.render.border_min_y, scene.render.border_max_y = 0.25, 0.75
    assert np.allclose(composed(film(tmp_path))[10, 10], RED, atol=0.1)


def test_splats_blur_with_the_shutter_of_the_meshes_scene(tmp_path: Path) -> None:
    scene = straight_stage()
    shown = show(one_splat((0, 0, 0), 0.1, RED))
    for frame, x in ((1, -0.6), (3, 0.6)):
        shown.location.x = x
        shown.keyframe_insert("location", frame=frame)
    wall(1, z=(-3, 3))
    meshes_by_cycles(scene)
    bpy.ops.mouthpiece.merge_splats()
    scene.frame_set(2)
    sharp = (composed(film(tmp_path))[20, :, 0] > 0.05).sum()
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 1.0
    assert (composed(film(tmp_path))[20, :, 0] > 0.05).sum() > sharp + 6


def composed(passes: dict[str, np.ndarray]) -> np.ndarray:
    name = next(name for name in passes if name.startswith("Composite"))
    return passes[name][..., :3]


def test_the_users_nodes_stay(tmp_path: Path) -> None:
    scene = straight_stage()
    show(some_splats(20))
    wall(1)
    meshes_by_cycles(scene)
    tree, layers, grade, end = users_compositor(scene)
    before = links_of(tree)
    bpy.ops.mouthpiece.merge_splats()
    tree = compositor_of(scene)
    assert grade.inputs["Image"].links[0].from_node.bl_idname == "CompositorNodeAlphaOver"
    assert end.inputs[0].links[0].from_node == grade
    assert {layers.name, grade.name, end.name} <= set(tree.nodes.keys())
    bpy.ops.mouthpiece.merge_splats(way="DEPTH")
    assert sum(MARK in node for node in tree.nodes) == 4
    assert len(followers(scene)) == 1
    bpy.ops.mouthpiece.unmerge_splats()
    assert links_of(tree) == before
    assert len(bpy.data.scenes) == 1


def users_compositor(scene: bpy.types.Scene) -> tuple:
    """Render Layers into a blur into the picture."""
    if GROUPED:
        tree = bpy.data.node_groups.new("Grade", "CompositorNodeTree")
        scene.compositing_node_group = tree
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
    layers, grade = tree.nodes.new(LAYERS), tree.nodes.new("CompositorNodeBlur")
    end = tree.nodes.new("NodeGroupOutput" if GROUPED else "CompositorNodeComposite")
    tree.links.new(layers.outputs["Image"], grade.inputs["Image"])
    tree.links.new(grade.outputs[0], end.inputs[0])
    return tree, layers, grade, end


def links_of(tree: bpy.types.NodeTree) -> set[tuple[str, str, str, str]]:
    return {
        (link.from_node.name, link.from_socket.identifier, link.to_node.name, link.to_socket.identifier)
        for link in tree.links
    }


def test_undo_takes_all_of_it_back() -> None:
    scene = straight_stage()
    wall(1)
    meshes_by_cycles(scene)
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.mouthpiece.merge_splats("EXEC_DEFAULT", True)
    assert len(bpy.data.scenes) == 2
    bpy.ops.ed.undo()
    assert len(bpy.data.scenes) == 1
    tree = compositor_of(bpy.context.scene)
    assert tree is None or not any(MARK in node for node in tree.nodes)


def test_what_cannot_be_merged_is_said() -> None:
    scene = straight_stage()
    with pytest.raises(RuntimeError, match="choose EEVEE or Cycles"):
        bpy.ops.mouthpiece.merge_splats()
    meshes_by_cycles(scene)
    scene.camera = None
    with pytest.raises(RuntimeError, match="no camera"):
        bpy.ops.mouthpiece.merge_splats()
    assert not bpy.ops.mouthpiece.unmerge_splats.poll()
    assert len(bpy.data.scenes) == 1

"""Heads of splats made from meshes: colours of materials, shapes through modifiers, and following the mesh."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from cast import build_armature
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.splat_store import head_of
from mouthpiece.core.splat.light import linear_light
from mouthpiece.core.splat.pose import pose
from mouthpiece.core.splat.types import SH_DC
from mouthpiece.core.splat.z_up import z_up
from splat_cast import add_small_head, dial, look

TALL = 1.5


def grid(name: str = "Face", steps: int = 4) -> bpy.types.Object:
    """A square of 0.2 m at head height with a map and two shapes: one lifts its left half, the other all."""
    mesh = bpy.data.meshes.new(name)
    rows = [(x / steps, y / steps) for y in range(steps + 1) for x in range(steps + 1)]
    faces = [
        tuple(y * (steps + 1) + x + k for k in (0, 1, steps + 2, steps + 1)) for y in range(steps) for x in range(steps)
    ]
    mesh.from_pydata([(0.2 * u, 0, TALL + 0.2 * v) for u, v in rows], [], faces)
    layer = mesh.uv_layers.new(name="Map")
    for loop in mesh.loops:
        layer.uv[loop.index].vector = rows[loop.vertex_index]
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    made.shape_key_add(name="Basis")
    for key in ("JawOpen", "puff_all"):
        block = made.shape_key_add(name=key, from_mix=False)
        for row, (u, _) in enumerate(rows):
            if key == "puff_all" or u > 0.5:
                block.data[row].co.y -= 0.05
    bpy.context.view_layer.objects.active = made
    made.select_set(True)
    return made


def material(made: bpy.types.Object) -> tuple[bpy.types.Material, bpy.types.Node]:
    """A new material on an object, and its shader."""
    found = bpy.data.materials.new("Paint")
    found.use_nodes = True
    made.data.materials.append(found)
    return found, next(node for node in found.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def make(**how: object) -> bpy.types.Object:
    assert bpy.ops.mouthpiece.make_splat_head(**{"count": 400, "light": "FLAT", **how}) == {"FINISHED"}
    return bpy.context.active_object


def colors_of(made: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Linear colours of a head's splats, and where they are across the square, 0..1."""
    head = head_of(made.data)
    means = z_up(pose(head, {})).means
    return linear_light(0.5 + SH_DC * head.sh[:, 0]), (means[:, 0] - means[:, 0].min()) / np.ptp(means[:, 0])


def test_a_plain_colour(registered: None) -> None:
    face = grid()
    _, shader = material(face)
    shader.inputs["Base Color"].default_value = (0.5, 0.2, 0.1, 1)
    color, _ = colors_of(make())
    np.testing.assert_allclose(color, np.tile([0.5, 0.2, 0.1], (400, 1)), atol=2e-3)


def test_a_texture_times_an_attribute(registered: None) -> None:
    face = grid()
    paint, shader = material(face)
    image = bpy.data.images.new("Halves", 8, 8)
    pixels = np.zeros((8, 8, 4), np.float32)
    pixels[:, :4] = (1, 0, 0, 1)
    pixels[:, 4:] = (0, 1, 0, 1)
    image.pixels.foreach_set(pixels.ravel())
    tint = face.data.color_attributes.new("Tint", "FLOAT_COLOR", "POINT")
    tint.data.foreach_set("color", np.tile(np.array([0.25, 0.5, 1, 1], np.float32), len(face.data.vertices)))
    nodes, links = paint.node_tree.nodes, paint.node_tree.links
    texture, own, mix = (nodes.new(kind) for kind in ("ShaderNodeTexImage", "ShaderNodeVertexColor", "ShaderNodeMix"))
    texture.image, own.layer_name, mix.data_type, mix.blend_type = image, "Tint", "RGBA", "MULTIPLY"
    mix.inputs["Factor"].default_value = 1
    entries = [socket for socket in mix.inputs if socket.type == "RGBA"]
    links.new(texture.outputs["Color"], entries[0])
    links.new(own.outputs["Color"], entries[1])
    links.new(next(socket for socket in mix.outputs if socket.type == "RGBA"), shader.inputs["Base Color"])
    color, across = colors_of(make())
    # Textures repeat, so that the outermost pixels blend with those of the other side.
    assert np.abs(color[(across > 0.1) & (across < 0.4)] - [0.25, 0, 0]).max() < 0.01
    assert np.abs(color[(across > 0.6) & (across < 0.9)] - [0, 0.5, 0]).max() < 0.01


def test_what_is_clear_gets_no_splats(registered: None) -> None:
    face = grid()
    for opacity in (1.0, 0.05):
        material(face)[1].inputs["Alpha"].default_value = opacity
    for polygon in face.data.polygons:
        polygon.material_index = int(polygon.center.x > 0.1)
    assert (
        colors_of(make())[1].max() <= 1 and pose(head_of(bpy.context.active_object.data), {}).means[:, 0].max() < 0.11
    )


def test_shapes_keep_their_meaning_and_pass_modifiers(registered: None) -> None:
    face = grid()
    face.modifiers.new("Finer", "SUBSURF").levels = 1
    head = head_of(make().data)
    assert len(head.template.points) == 81
    assert set(head.template.shapes) == {"jawOpen", "puff_all"}
    rest, puffed = pose(head, {}).means, pose(head, {"puff_all": 1.0}).means
    np.testing.assert_allclose((puffed - rest), np.tile([0, 0, 0.05], (400, 1)), atol=1e-4)
    assert (np.abs(pose(head, {"jawOpen": 1.0}).means - rest).max(1) > 0.04).mean() == pytest.approx(0.4, abs=0.2)


def test_the_character_stays_as_it_is(registered: None) -> None:
    face = grid()
    blocks = face.data.shape_keys.key_blocks
    blocks["JawOpen"].value = 0.7
    blocks["JawOpen"].keyframe_insert("value", frame=1)
    before = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "meshes", "scenes", "shape_keys", "actions")}
    head = head_of(make().data)
    after = {kind: len(getattr(bpy.data, kind)) for kind in before}
    assert after == {**before, "objects": before["objects"] + 1}
    assert blocks["JawOpen"].value == pytest.approx(0.7)
    assert np.abs(pose(head, {}).means[:, 2]).max() < 1e-4  # sampled at rest, not as it is posed


def test_it_stands_where_the_character_stands(registered: None) -> None:
    face = grid()
    face.location, face.rotation_euler, face.scale = (1, 2, 3), (0.1, 0.2, 0.3), (2, 2, 2)
    bpy.context.view_layer.update()
    corners = np.array([face.matrix_world @ vertex.co for vertex in face.data.vertices])
    made = make(beside=False, count=4000)
    bpy.context.view_layer.update()
    matrix = np.array(made.matrix_world)
    means = look()[0].splats.means @ matrix[:3, :3].T + matrix[:3, 3]
    np.testing.assert_allclose(means.min(0), corners.min(0), atol=0.02)
    np.testing.assert_allclose(means.max(0), corners.max(0), atol=0.02)


def test_the_head_bone_carries_what_it_weighs(registered: None) -> None:
    rig, face = build_armature(), grid()
    face.parent = rig
    face.modifiers.new("Armature", "ARMATURE").object = rig
    for name, left in (("head", True), ("neck", False)):
        rows = [vertex.index for vertex in face.data.vertices if (vertex.co.x > 0.11) == left]
        face.vertex_groups.new(name=name).add(rows, 1.0, "REPLACE")
    bpy.context.view_layer.objects.active = face
    head = head_of(make().data)
    assert head.bones.names == ("chest", "head")
    np.testing.assert_allclose(head.bones.pivots[1], [0, 1.5, 0], atol=1e-5)
    right = head.bones.weights[pose(head, {}).means[:, 0] > 0.16]
    np.testing.assert_allclose(right, np.tile([0, 1], (len(right), 1)), atol=1e-5)


def test_following_and_letting_go(registered: None) -> None:
    face = grid()
    made = make(follows=True)
    face.data.shape_keys.key_blocks["JawOpen"].value = 0.5
    bpy.context.view_layer.update()
    assert made.evaluated_get(bpy.context.evaluated_depsgraph_get())["jawOpen"] == pytest.approx(0.5)
    assert all(row.driver.type == "SUM" for row in made.animation_data.drivers)
    assert [note for note in find_character(made).notes if "drivers" in note and "jawOpen" in note]
    bpy.ops.mouthpiece.follow_shapes()
    assert not made.animation_data.drivers
    other = add_small_head()
    for each, chosen in ((made, False), (other, True), (face, True)):
        each.select_set(chosen)
    bpy.context.view_layer.objects.active = other
    bpy.ops.mouthpiece.follow_shapes()
    assert len(other.animation_data.drivers) == 1


def test_nothing_to_sample(registered: None) -> None:
    empty = bpy.data.objects.new("empty", bpy.data.meshes.new("empty"))
    bpy.context.scene.collection.objects.link(empty)
    bpy.context.view_layer.objects.active = empty
    empty.select_set(True)
    with pytest.raises(RuntimeError, match="no visible mesh with faces"):
        bpy.ops.mouthpiece.make_splat_head()
    assert len(bpy.data.scenes) == 1


def test_a_studio_lights_what_faces_it(registered: None) -> None:
    face = grid()
    flat = colors_of(make())[0]
    bpy.context.view_layer.objects.active = face
    front = colors_of(make(light="STUDIO"))[0]
    assert front.mean() > 0.2 and np.abs(front - flat).max() > 0.05


def test_two_heads_of_one_file_move_apart(registered: None) -> None:
    first, second = add_small_head(), add_small_head()
    dial(first, jawOpen=1.0)
    assert not np.allclose(*(each.splats.means for each in look()))
    dial(second, jawOpen=1.0)
    one, other = look()
    assert one.splats is other.splats and one.key != other.key

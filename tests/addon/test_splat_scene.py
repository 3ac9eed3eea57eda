"""What a view or a render sees of splats: visibility, instances, matrices, and when they count as changed."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mouthpiece.addon.bridge.splat_cloud import new_points, write_cloud
from splat_cast import add_cloud, add_small_head, look, some_splats


def test_what_is_hidden_is_not_seen(registered: None) -> None:
    shown, by_eye, everywhere = add_cloud("shown"), add_cloud("by eye"), add_cloud("everywhere")
    by_eye.hide_set(True)
    everywhere.hide_viewport = True
    assert [each.key for each in look()] == [("cloud", shown.data.session_uid, 0, 0)]


def test_other_points_are_not_seen(registered: None) -> None:
    made = bpy.data.objects.new("points", new_points("points", 5))
    bpy.context.scene.collection.objects.link(made)
    assert look() == ()


def test_instances_share_their_splats(registered: None) -> None:
    group = bpy.data.collections.new("Group")
    inner = bpy.data.objects.new("inner", add_cloud("outer").data)
    group.objects.link(inner)
    for place in (2, 5):
        empty = bpy.data.objects.new("empty", None)
        empty.instance_type, empty.instance_collection, empty.location.x = "COLLECTION", group, place
        empty.scale = (1, 2, -3)
        bpy.context.scene.collection.objects.link(empty)
    empty.select_set(True)
    found = look()
    assert sorted(each.matrix[0, 3] for each in found) == [0, 2, 5]
    assert len({(each.key, each.version) for each in found}) == 1
    assert [each.selected for each in found if each.matrix[0, 3] == 5] == [True]
    assert sum(each.selected for each in found) == 1
    np.testing.assert_allclose(np.diag(found[-1].matrix), [1, 2, -3, 1])


def test_selection_and_pass_index(registered: None) -> None:
    first, second = add_cloud("first"), add_cloud("second")
    first.select_set(True)
    bpy.context.view_layer.objects.active = first
    second.pass_index = 7
    states = {each.key[1]: (each.selected, each.active, each.pass_index) for each in look()}
    assert states == {first.data.session_uid: (True, True, 0), second.data.session_uid: (False, False, 7)}


def test_a_version_says_when_splats_change(registered: None) -> None:
    made = add_cloud("changing")
    before = look()[0]
    made.location.z = 1
    assert look()[0].version == before.version
    write_cloud(made.data, some_splats(1))
    after = look()[0]
    assert after.version != before.version
    np.testing.assert_allclose(after.splats.means, some_splats(1).means)


def test_modifiers_count(registered: None) -> None:
    made = add_cloud("moved")
    tree = bpy.data.node_groups.new("Move", "GeometryNodeTree")
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    kinds = ("NodeGroupInput", "GeometryNodeSetPosition", "NodeGroupOutput")
    start, move, end = (tree.nodes.new(kind) for kind in kinds)
    tree.links.new(start.outputs[0], move.inputs[0])
    tree.links.new(move.outputs[0], end.inputs[0])
    move.inputs["Offset"].default_value = (0, 0, 9)
    made.modifiers.new("Move", "NODES").node_group = tree
    assert look()[0].splats.means[:, 2].mean() == pytest.approx(some_splats().means[:, 2].mean() + 9, abs=1e-4)
    before = look()[0].version
    move.inputs["Offset"].default_value = (0, 0, 0)
    assert look()[0].version != before
    np.testing.assert_allclose(look()[0].splats.means, some_splats().means, atol=1e-6)


@pytest.mark.parametrize("as_instance", [True, False])
def test_nodes_may_instance_several_clouds(registered: None, as_instance: bool) -> None:
    mesh = bpy.data.meshes.new("Points")
    mesh.from_pydata([(3, 0, 0), (5, 0, 0)], [], [])
    scatter = bpy.data.objects.new("Points", mesh)
    bpy.context.scene.collection.objects.link(scatter)
    tree = bpy.data.node_groups.new("Scatter", "GeometryNodeTree")
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    start, join, end = (
        tree.nodes.new(kind) for kind in ("NodeGroupInput", "GeometryNodeJoinGeometry", "NodeGroupOutput")
    )
    for made in (add_cloud("one"), add_cloud("two", 1), add_small_head()):
        made.hide_set(True)
        source, scattered = tree.nodes.new("GeometryNodeObjectInfo"), tree.nodes.new("GeometryNodeInstanceOnPoints")
        source.inputs["Object"].default_value, source.inputs["As Instance"].default_value = made, as_instance
        tree.links.new(start.outputs[0], scattered.inputs["Points"])
        tree.links.new(source.outputs["Geometry"], scattered.inputs["Instance"])
        tree.links.new(scattered.outputs[0], join.inputs[0])
    tree.links.new(join.outputs[0], end.inputs[0])
    scatter.modifiers.new("Scatter", "NODES").node_group = tree
    found = look()
    assert sorted((len(each.splats), each.matrix[0, 3]) for each in found) == [
        (50, 3), (50, 3), (50, 5), (50, 5), (60, 3), (60, 5)
    ]  # fmt: skip
    firsts = {each.key: each.splats.means[0].tolist() for each in found}
    assert len(firsts) == 3 and len({tuple(first) for first in firsts.values()}) == 3

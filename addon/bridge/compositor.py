"""A scene's compositor in Blender 4.5, whose scenes own a tree, and since 5.0, where it is a group of nodes."""

from __future__ import annotations

import bpy

from ...core.errors import SettingError

GROUPED = bpy.app.version >= (5, 0)
LAYERS, OVER, SMOOTH = "CompositorNodeRLayers", "CompositorNodeAlphaOver", "CompositorNodeAntiAliasing"
MATH = "ShaderNodeMath" if GROUPED else "CompositorNodeMath"


def compositor_of(scene: bpy.types.Scene) -> bpy.types.NodeTree | None:
    """A scene's compositor as it is, or None."""
    return scene.compositing_node_group if GROUPED else scene.node_tree


def own_compositor(scene: bpy.types.Scene) -> bpy.types.NodeTree:
    """A compositor that is this scene's alone and in use, made if there is none; what is in it stays.

    Raises: SettingError for one that cannot be changed, or that was switched off with nodes in it.
    """
    tree = compositor_of(scene)
    if GROUPED:
        tree = _own_group(scene, tree)
    elif not scene.use_nodes:
        if tree is not None and any(node.bl_idname != "NodeReroute" for node in tree.nodes):
            raise SettingError(
                f"The compositor of {scene.name} is switched off but holds nodes; switch Use Nodes on there, or "
                "remove the nodes, so that nothing comes to life unasked."
            )
        scene.use_nodes = True
        scene.node_tree.nodes.clear()
    scene.render.use_compositing = True
    return compositor_of(scene)


def _own_group(scene: bpy.types.Scene, tree: bpy.types.NodeTree | None) -> bpy.types.NodeTree:
    if tree is None:
        tree = bpy.data.node_groups.new(f"{scene.name} Compositor", "CompositorNodeTree")
    elif tree.library or tree.override_library:
        raise SettingError(f"The compositor {tree.name} is linked from another file; make it local first.")
    elif tree.users > 1 + tree.use_fake_user:
        tree = tree.copy()  # what else uses it does not want splats of this scene
    scene.compositing_node_group = tree
    return tree


def picture_input(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """Where the finished picture goes; made if there is no such place."""
    kind = "NodeGroupOutput" if GROUPED else "CompositorNodeComposite"
    nodes = [node for node in tree.nodes if node.bl_idname == kind]
    if GROUPED and not any(item.in_out == "OUTPUT" for item in _sockets(tree)):
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    node = next((node for node in nodes if not GROUPED or node.is_active_output), None) or (
        nodes[0] if nodes else tree.nodes.new(kind)
    )
    return node.inputs[0]


def _sockets(tree: bpy.types.NodeTree) -> list[bpy.types.NodeTreeInterfaceSocket]:
    return [item for item in tree.interface.items_tree if item.item_type == "SOCKET"]


def over_sockets(node: bpy.types.Node) -> tuple[bpy.types.NodeSocket, bpy.types.NodeSocket, bpy.types.NodeSocket]:
    """What lies behind, what before, and how much of that, of an Alpha Over."""
    behind, before, share = (0, 1, 2) if GROUPED else (1, 2, 0)
    return node.inputs[behind], node.inputs[before], node.inputs[share]

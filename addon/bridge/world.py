"""The light behind all splats and the primaries of the scene's own light."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Color

BACKGROUND = "ShaderNodeBackground"


def to_scene_light() -> np.ndarray:
    """From linear Rec.709, in which splats are decoded, to the primaries of this file's scene-linear light: [3, 3]."""
    columns = [Color(row).from_rec709_linear_to_scene_linear() for row in np.eye(3)]
    matrix = np.array(columns, np.float64).T
    # Rec.709 itself comes back with the rounding of a table or two.
    return np.eye(3) if np.abs(matrix - np.eye(3)).max() < 1e-5 else matrix


def background_of(scene: bpy.types.Scene) -> np.ndarray | None:
    """The one colour of a scene's world, linear Rec.709 [3]; None for a transparent film.

    Of a world made of nodes it is the Background that cameras see, and the middle of a ramp that colours it; what else
    is linked there is not looked at.
    """
    if scene.render.film_transparent:
        return None
    if scene.world is None:
        return np.zeros(3)
    return np.linalg.inv(to_scene_light()) @ _color(scene.world)


def _color(world: bpy.types.World) -> np.ndarray:
    node = seen_background(world)
    if node is None:
        return np.array(world.color)
    color, strength = node.inputs["Color"], node.inputs["Strength"].default_value
    source = color.links[0].from_node if color.links else None
    if source is not None and source.bl_idname == "ShaderNodeValToRGB":
        return strength * np.array(source.color_ramp.evaluate(0.5)[:3])
    return strength * np.array(color.default_value[:3])


def seen_background(world: bpy.types.World) -> bpy.types.Node | None:
    """The Background that cameras see: behind a mix by Is Camera Ray its second, else the first there is; or None."""
    if not (world.node_tree and uses_nodes(world)):
        return None
    nodes = world.node_tree.nodes
    for mix in (node for node in nodes if node.bl_idname == "ShaderNodeMixShader"):
        asked, _, shown = mix.inputs
        if asked.links and asked.links[0].from_socket.name == "Is Camera Ray" and shown.links:
            node = shown.links[0].from_node
            return node if node.bl_idname == BACKGROUND else None
    return next((node for node in nodes if node.bl_idname == BACKGROUND), None)


def uses_nodes(world: bpy.types.World) -> bool:
    """Whether a world is made of nodes; since 5.0 every one is."""
    return bpy.app.version >= (5, 0) or world.use_nodes

"""The light behind all splats and the primaries of the scene's own light."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Color


def to_scene_light() -> np.ndarray:
    """From linear Rec.709, in which splats are decoded, to the primaries of this file's scene-linear light: [3, 3]."""
    columns = [Color(row).from_rec709_linear_to_scene_linear() for row in np.eye(3)]
    matrix = np.array(columns, np.float64).T
    # Rec.709 itself comes back with the rounding of a table or two.
    return np.eye(3) if np.abs(matrix - np.eye(3)).max() < 1e-5 else matrix


def background_of(scene: bpy.types.Scene) -> np.ndarray | None:
    """The one colour of a scene's world, linear Rec.709 [3]; None for a transparent film.

    Of a world made of nodes the colour and strength of its Background; what is linked to them is not looked at.
    """
    if scene.render.film_transparent:
        return None
    if scene.world is None:
        return np.zeros(3)
    return np.linalg.inv(to_scene_light()) @ _color(scene.world)


def _color(world: bpy.types.World) -> np.ndarray:
    if world.use_nodes and world.node_tree:
        for node in world.node_tree.nodes:
            if node.bl_idname == "ShaderNodeBackground":
                strength = node.inputs["Strength"].default_value
                return np.array(node.inputs["Color"].default_value[:3]) * strength
    return np.array(world.color)

"""The colours of materials where splats are to lie: what their base colour says, without light.

Textures, colour attributes, plain colours and mixtures of them are followed through the nodes; what else there is, such
as noise, counts as the material's colour in the viewport.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from ...core.splat.film import encoded
from .splat_places import Places

CLEAR = 0.25
"""Materials with less opacity than this, such as the cornea of an eye, get no splats."""
DEEPEST = 24
"""Nodes that are followed one behind the other."""
GRAY = (0.8, 0.8, 0.8, 1.0)
_SHADERS = ("BSDF_PRINCIPLED", "BSDF_DIFFUSE", "SUBSURFACE_SCATTERING", "EMISSION")
_PASSED = {"GAMMA", "HUE_SAT", "BRIGHTCONTRAST", "CURVE_RGB", "REROUTE", "INVERT", "RGBTOBW"}
"""Nodes that change a colour a little; their input stands for it."""
_BLENDS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "MIX": lambda a, b: b,
    "MULTIPLY": lambda a, b: a * b,
    "ADD": lambda a, b: a + b,
    "SUBTRACT": lambda a, b: a - b,
    "SCREEN": lambda a, b: 1 - (1 - a) * (1 - b),
    "DARKEN": np.minimum,
    "LIGHTEN": np.maximum,
}


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """What follows the nodes of one material at some places. flat: linear colour of what cannot be followed."""

    places: Places
    flat: np.ndarray

    def at(self, socket: bpy.types.NodeSocket, depth: int = 0) -> np.ndarray:
        """The linear colours and opacities [n, 4] that a socket gets."""
        if not socket.is_linked or depth > DEEPEST:
            return self._plain(socket)
        link = socket.links[0]
        found = self._node(link.from_node, link.from_socket, depth + 1)
        return np.tile(self.flat, (len(self.places), 1)) if found is None else found

    def _plain(self, socket: bpy.types.NodeSocket) -> np.ndarray:
        value = getattr(socket, "default_value", 0.0)
        row = (value, value, value, 1.0) if isinstance(value, float | int) else (*tuple(value)[:3], 1.0)
        return np.tile(np.array(row, np.float64), (len(self.places), 1))

    def _node(self, node: bpy.types.Node, out: bpy.types.NodeSocket, depth: int) -> np.ndarray | None:
        found = None
        if node.type == "TEX_IMAGE" and node.image:
            found = self.places.texture(node.image, _layer(node))
        elif node.type in ("VERTEX_COLOR", "ATTRIBUTE"):
            found = self.places.attribute(node.layer_name if node.type == "VERTEX_COLOR" else node.attribute_name)
        elif node.type == "RGB":
            found = self._plain(node.outputs[0])
        elif node.type in ("MIX", "MIX_RGB"):
            found = self._mixed(node, depth)
        elif node.type in _PASSED:
            entry = next((each for each in node.inputs if each.type == "RGBA"), None)
            found = self.at(entry, depth) if entry else None
        if found is not None and out.name == "Alpha":
            found = np.repeat(found[:, 3:], 4, axis=1)
        return found

    def _mixed(self, node: bpy.types.Node, depth: int) -> np.ndarray | None:
        colors = [each for each in node.inputs if each.type == "RGBA" and each.enabled]
        share = next((each for each in node.inputs if each.name in ("Factor", "Fac") and each.enabled), None)
        if len(colors) < 2 or share is None:
            return None
        first, second, factor = self.at(colors[0], depth), self.at(colors[1], depth), self.at(share, depth)[:, :1]
        blended = _BLENDS.get(node.blend_type, _BLENDS["MIX"])(first, second)
        out = first + factor.clip(0, 1) * (blended - first)
        out[:, 3] = first[:, 3]
        return out.clip(0, None)


def painted(material: bpy.types.Material | None, places: Places) -> tuple[np.ndarray, np.ndarray]:
    """Display colours [n, 3] and opacities [n] of a material at places of a mesh."""
    shader, flat = _shader(material), np.array(material.diffuse_color if material else GRAY, np.float64)
    if shader is None:
        return encoded(np.tile(flat[:3], (len(places), 1))), np.full(len(places), flat[3])
    paint = Paint(places, flat)
    base = shader.inputs.get("Base Color") or shader.inputs[0]
    alpha = shader.inputs.get("Alpha")
    opacity = paint.at(alpha)[:, 0] if alpha else np.ones(len(places))
    return encoded(paint.at(base)[:, :3]), opacity


def is_clear(material: bpy.types.Material | None) -> bool:
    """Whether one looks through a material, as through the cornea of an eye."""
    shader = _shader(material)
    if shader is None:
        return material is not None and material.diffuse_color[3] < CLEAR
    alpha, through = shader.inputs.get("Alpha"), shader.inputs.get("Transmission Weight")
    faded = alpha is not None and not alpha.is_linked and alpha.default_value < CLEAR
    return faded or (through is not None and not through.is_linked and through.default_value > 0.5)


def _shader(material: bpy.types.Material | None) -> bpy.types.Node | None:
    """The node whose colour is seen, or None for a material without nodes."""
    tree = material.node_tree if material and getattr(material, "use_nodes", True) else None
    nodes = list(tree.nodes) if tree else []
    return next((node for kind in _SHADERS for node in nodes if node.type == kind), None)


def _layer(image: bpy.types.Node) -> str:
    """The map that an image is told to use, empty for the active one."""
    socket = image.inputs["Vector"]
    node = socket.links[0].from_node if socket.is_linked else None
    while node is not None and node.type in ("MAPPING", "REROUTE"):
        node = node.inputs[0].links[0].from_node if node.inputs[0].is_linked else None
    return node.uv_map if node is not None and node.type == "UVMAP" else ""

"""The materials of splats as surfaces: one that shines as they were trained, one that the scene's lights shade."""

from __future__ import annotations

import bpy

from .node_writer import Writer

COLOR, ALPHA, PLACE = "splat_color", "splat_alpha", "splat_place"
"""What the modifier writes at each corner: linear colour, opacity, and the place in standard deviations."""
NAMES = {False: "Splats Shining", True: "Splats Relit"}
ROUGHNESS = 0.6
OWN_SHADOW_M = 0.01
"""Discs overlap: a lit one must not lie in the shadow of its neighbours, which are nearer to it than this."""


def material(relit: bool) -> bpy.types.Material:
    """The material, the one this file has or a new one; a user may change it."""
    name = NAMES[relit]
    made = bpy.data.materials.get(name)
    if made and not made.library:
        return made
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    made.node_tree.nodes.clear()
    made.surface_render_method = "DITHERED"
    made.use_transparent_shadow = True
    _write(Writer(made.node_tree), relit)
    return made


def _write(to: Writer, relit: bool) -> None:
    color = to.node("ShaderNodeAttribute", attribute_name=COLOR).outputs["Color"]
    if relit:
        body = to.node("ShaderNodeBsdfPrincipled", color)
        body.inputs["Roughness"].default_value = ROUGHNESS
    else:
        body = to.node("ShaderNodeEmission", color)
    clear = to.out("ShaderNodeBsdfTransparent")
    alpha = _casting(to, _alpha(to)) if relit else _alpha(to)
    mixed = to.out("ShaderNodeMixShader", alpha, clear, body.outputs[0])
    to.node("ShaderNodeOutputMaterial", mixed)


def _alpha(to: Writer) -> bpy.types.NodeSocket:
    """Opacity times what is left of the Gaussian, e^(-d^2 / 2), d standard deviations from its middle."""
    place = to.node("ShaderNodeAttribute", attribute_name=PLACE).outputs["Vector"]
    power = to.math("MULTIPLY", to.vector("DOT_PRODUCT", place, place), -0.5)
    opacity = to.node("ShaderNodeAttribute", attribute_name=ALPHA).outputs["Fac"]
    return to.math("MULTIPLY", opacity, to.math("EXPONENT", power))


def _casting(to: Writer, alpha: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    """Opacity, but none for shadows on what is nearer than a splat's neighbours are."""
    path = to.node("ShaderNodeLightPath")
    reach = to.node("ShaderNodeValue", label="Own Shadow")
    reach.outputs[0].default_value = OWN_SHADOW_M
    near = to.math("LESS_THAN", path.outputs["Ray Length"], reach.outputs[0])
    own = to.math("MULTIPLY", near, path.outputs["Is Shadow Ray"])
    return to.math("MULTIPLY", alpha, to.math("SUBTRACT", 1.0, own))

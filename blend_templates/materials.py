"""Materials of a character, made of few nodes so that they render fast and survive export."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from core.head.model import Look

Rgb = tuple[float, float, float]


def make_materials(look: Look, prefix: str) -> dict[str, bpy.types.Material]:
    """All materials of a character by part-material name; Blender names them "prefix name"."""
    hair = look.palette.scalp
    makers: dict[str, Callable[[bpy.types.Material], None]] = {
        "Skin": lambda m: _skin(m, look.palette.skin),
        "Eye": _eye,
        "Cornea": _cornea,
        "Tooth": _tooth,
        "Gum": lambda m: _plain(m, (0.36, 0.075, 0.07), 0.3),
        "Tongue": lambda m: _plain(m, (0.40, 0.09, 0.085), 0.38),
        "Lashes": lambda m: _plain(m, (0.006, 0.004, 0.003), 0.6),
        "Brows": lambda m: _plain(m, tuple(1.1 * c for c in hair), 0.7),
        "Hair": lambda m: _hair(m, hair),
        "Cloth": lambda m: _cloth(m, look.cloth),
        "Rib": lambda m: _cloth(m, look.rib),
    }
    return {name: _new(f"{prefix} {name}", make) for name, make in makers.items()}


def _new(name: str, make: Callable[[bpy.types.Material], None]) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    make(material)
    return material


def _shader(material: bpy.types.Material, **inputs: object) -> bpy.types.Node:
    """The material's Principled BSDF with some inputs set (underscores stand for spaces)."""
    shader = material.node_tree.nodes["Principled BSDF"]
    for name, value in inputs.items():
        shader.inputs[name.replace("_", " ")].default_value = value
    return shader


def _plain(material: bpy.types.Material, color: Rgb, roughness: float) -> None:
    material.diffuse_color = (*color, 1)
    _shader(material, Base_Color=(*color, 1), Roughness=roughness)


def _tooth(material: bpy.types.Material) -> None:
    """Enamel; a trace of light of its own stands in for the bounces a preview cannot afford."""
    _plain(material, (0.88, 0.83, 0.73), 0.22)
    _shader(material, Emission_Color=(1.0, 0.9, 0.78, 1), Emission_Strength=0.05)


def _attribute(material: bpy.types.Material, name: str = "Tint") -> bpy.types.Node:
    node = material.node_tree.nodes.new("ShaderNodeVertexColor")
    node.layer_name = name
    node.location = (-700, 200)
    return node


def _map(material: bpy.types.Material, source: bpy.types.NodeSocket, low: float, high: float) -> bpy.types.NodeSocket:
    """A socket that runs from low to high while source runs from 0 to 1."""
    node = material.node_tree.nodes.new("ShaderNodeMapRange")
    node.inputs["To Min"].default_value = low
    node.inputs["To Max"].default_value = high
    node.location = (-400, -100)
    material.node_tree.links.new(source, node.inputs["Value"])
    return node.outputs["Result"]


def _bump(material: bpy.types.Material, scale: float, strength: float, distance: float) -> bpy.types.NodeSocket:
    """A fine grain fixed to the UVs, so that it does not swim when the face moves."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place, noise, bump = (nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "TexNoise", "Bump"))
    for node, x in ((place, -1100), (noise, -900), (bump, -400)):
        node.location = (x, -400)
    noise.noise_dimensions = "2D"
    noise.inputs["Scale"].default_value = scale
    noise.inputs["Detail"].default_value = 1.0
    bump.inputs["Strength"].default_value = strength
    bump.inputs["Distance"].default_value = distance
    links.new(place.outputs["UV"], noise.inputs["Vector"])
    links.new(noise.outputs["Fac"], bump.inputs["Height"])
    return bump.outputs["Normal"]


def _skin(material: bpy.types.Material, color: Rgb) -> None:
    material.diffuse_color = (*color, 1)  # what Solid shading shows
    shader = _shader(
        material,
        Specular_IOR_Level=0.42,
        Subsurface_Weight=0.16,
        Subsurface_Radius=(1.0, 0.32, 0.14),
        Subsurface_Scale=0.006,
    )
    shader.subsurface_method = "BURLEY"
    tint = _attribute(material)
    links = material.node_tree.links
    links.new(tint.outputs["Color"], shader.inputs["Base Color"])
    links.new(_map(material, tint.outputs["Alpha"], 0.52, 0.24), shader.inputs["Roughness"])
    links.new(_bump(material, 700, 0.12, 0.0006), shader.inputs["Normal"])


def _eye(material: bpy.types.Material) -> None:
    shader = _shader(material, Roughness=0.35, Specular_IOR_Level=0.25)
    material.node_tree.links.new(_attribute(material).outputs["Color"], shader.inputs["Base Color"])


def _cornea(material: bpy.types.Material) -> None:
    """Clear with a sharp highlight, no refraction: cheap, and the iris stays readable."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.remove(nodes["Principled BSDF"])
    clear, shine, mix, edge = (
        nodes.new(f"ShaderNode{kind}") for kind in ("BsdfTransparent", "BsdfGlossy", "MixShader", "Fresnel")
    )
    shine.inputs["Roughness"].default_value = 0.04
    edge.inputs["IOR"].default_value = 1.45
    links.new(edge.outputs["Fac"], mix.inputs["Fac"])
    links.new(clear.outputs["BSDF"], mix.inputs[1])
    links.new(shine.outputs["BSDF"], mix.inputs[2])
    links.new(mix.outputs["Shader"], nodes["Material Output"].inputs["Surface"])
    material.diffuse_color = (1, 1, 1, 0.1)
    material.surface_render_method = "BLENDED"


def _hair(material: bpy.types.Material, color: Rgb) -> None:
    shader = _shader(material, Roughness=0.48, Specular_IOR_Level=0.35)
    shade = _attribute(material)
    mix = material.node_tree.nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    mix.blend_type = "MULTIPLY"
    mix.inputs["Factor"].default_value = 1.0
    mix.location = (-400, 200)
    sockets = [socket for socket in mix.inputs if socket.type == "RGBA"]
    sockets[1].default_value = (*color, 1)
    links = material.node_tree.links
    links.new(shade.outputs["Color"], sockets[0])
    links.new(next(s for s in mix.outputs if s.type == "RGBA"), shader.inputs["Base Color"])
    material.diffuse_color = (*color, 1)


def _cloth(material: bpy.types.Material, color: Rgb) -> None:
    _plain(material, color, 0.85)
    _shader(material, Specular_IOR_Level=0.2, Sheen_Weight=0.15, Sheen_Roughness=0.5)

"""What is clear, for files: exporters read the opacity of a Principled BSDF and nothing else.

So a cornea that mixes in a Transparent BSDF would arrive as a white ball.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

CLEAR = 0.04
"""The opacity of a clear material: what glass reflects of light that meets it straight on."""
_ASIDE = "mouthpiece aside "
_STAND_IN = "mouthpiece_clear"


@contextmanager
def clear_for_files(copies: list[bpy.types.Object]) -> Iterator[None]:
    """Let what is clear on some objects be so by its opacity, under its own name, until the block ends.

    copies: objects whose meshes are nobody else's.
    """
    slots = [slot for copy in copies for slot in copy.material_slots if slot.material and is_clear(slot.material)]
    names = {material: material.name for material in dict.fromkeys(slot.material for slot in slots)}
    own = [material for material in names if not material.library]
    for material in own:
        material.name = f"{_ASIDE}{material.name}"[:60]
    stand_ins = {material: _stand_in(material, name) for material, name in names.items()}
    for slot in slots:
        slot.material = stand_ins[slot.material]
    try:
        yield
    finally:
        bpy.data.batch_remove(stand_ins.values())
        for material in own:
            material.name = names[material]


def is_clear(material: bpy.types.Material) -> bool:
    """Whether a blended material mixes in a Transparent BSDF."""
    nodes = material.node_tree.nodes if material.node_tree else ()
    return material.surface_render_method == "BLENDED" and any(node.type == "BSDF_TRANSPARENT" for node in nodes)


def clear_by_transmission(copies: list[bpy.types.Object]) -> None:
    """Say the same of the stand-ins by transmission, of which Blender 5.2's USD exporter makes the opacity."""
    for copy in copies:
        for slot in copy.material_slots:
            if slot.material and _STAND_IN in slot.material:
                _principled(slot.material).inputs["Transmission Weight"].default_value = 1 - CLEAR


def _stand_in(material: bpy.types.Material, name: str) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    if not made.node_tree:  # Blender 5.0 and later give it one.
        made.use_nodes = True
    made[_STAND_IN] = True
    shader = _principled(made)
    shader.inputs["Base Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    shader.inputs["Roughness"].default_value = 0.0
    shader.inputs["Alpha"].default_value = CLEAR
    made.diffuse_color = (1.0, 1.0, 1.0, CLEAR)
    made.surface_render_method = "BLENDED"
    made.use_backface_culling = material.use_backface_culling
    return made


def _principled(material: bpy.types.Material) -> bpy.types.Node:
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")

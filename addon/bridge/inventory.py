"""Everything of a character that a mapping could move, as plain names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import bpy
import numpy as np

from ...core.rig.profiles import Inventory


def inventory_of(family: Iterable[bpy.types.Object]) -> Inventory:
    """The names of a family of objects. What a driver moves is left out: it follows something else already."""
    members = list(family)
    armatures = [member for member in members if member.type == "ARMATURE"]
    return Inventory(
        shape_keys={mesh.name: keys for mesh in _meshes(members) if (keys := free_keys(mesh))},
        bones={armature.name: tuple(armature.pose.bones.keys()) for armature in armatures},
        properties=dict(_properties(members)),
        rests={armature.name: _rests(armature) for armature in armatures},
    )


def free_keys(mesh_object: bpy.types.Object) -> tuple[str, ...]:
    """The shape keys of a mesh that nothing drives, without the one that all others are relative to."""
    key = mesh_object.data.shape_keys
    driven = driven_paths(key)
    names = [block.name for block in key.key_blocks if block != key.reference_key]
    return tuple(name for name in names if (key_path(name), 0) not in driven)


def key_path(name: str) -> str:
    """The data path of a shape key's value, seen from its datablock."""
    return f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'


def bone_path(name: str) -> str:
    """The data path of a pose bone, seen from its armature object."""
    return f'pose.bones["{bpy.utils.escape_identifier(name)}"]'


def property_path(name: str) -> str:
    """The data path of a custom property, seen from what has it."""
    return f'["{bpy.utils.escape_identifier(name)}"]'


def driven_paths(datablock: bpy.types.ID) -> set[tuple[str, int]]:
    """Data path and index of everything on a datablock that a driver moves."""
    animation = datablock.animation_data
    return {(driver.data_path, driver.array_index) for driver in animation.drivers} if animation else set()


def numbers_of(owner: bpy.types.ID | bpy.types.PoseBone) -> list[str]:
    """The custom properties that are one number each."""
    return [name for name in owner.keys() if isinstance(owner[name], bool | int | float)]  # noqa: SIM118


def _meshes(members: list[bpy.types.Object]) -> Iterator[bpy.types.Object]:
    """One mesh for each shape-key datablock: those that share one share its keys."""
    seen = set()
    for member in members:
        key = member.data.shape_keys if member.type == "MESH" else None
        if key and key.session_uid not in seen:
            seen.add(key.session_uid)
            yield member


def _properties(members: list[bpy.types.Object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for member in members:
        driven = driven_paths(member)
        own = [name for name in numbers_of(member) if (property_path(name), 0) not in driven]
        if member.type == "ARMATURE":
            under = driven_paths(member.data)
            own += [name for name in numbers_of(member.data) if (property_path(name), 0) not in under]
        if own:
            yield member.name, tuple(dict.fromkeys(own))
        for bone in member.pose.bones if member.pose else ():
            base = bone_path(bone.name)
            names = [name for name in numbers_of(bone) if (base + property_path(name), 0) not in driven]
            if names:
                yield f"{member.name}/{bone.name}", tuple(names)


def _rests(armature: bpy.types.Object) -> dict[str, np.ndarray]:
    return {bone.name: np.array(bone.matrix_local) for bone in armature.data.bones}

"""Which objects belong to one character."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import bpy

from ...core.errors import RigError
from ...core.rig.match import KeyMatch, match_keys
from ...core.rig.profiles import Inventory, rank


def deforming_armatures(mesh_object: bpy.types.Object) -> Iterator[bpy.types.Object]:
    """The armatures whose modifiers bend a mesh."""
    for modifier in mesh_object.modifiers:
        if modifier.type == "ARMATURE" and modifier.object:
            yield modifier.object


def family_of(chosen: bpy.types.Object) -> list[bpy.types.Object]:
    """The objects of one character, nearest hierarchy first, none twice."""
    members = dict.fromkeys(_tree(_root(chosen)))
    if chosen.type == "MESH":
        for armature in deforming_armatures(chosen):
            members.update(dict.fromkeys(_tree(_root(armature))))
    armatures = {member for member in members if member.type == "ARMATURE"}
    for other in bpy.data.objects:
        # users_scene searches every scene, so it is asked last.
        if other.type == "MESH" and armatures.intersection(deforming_armatures(other)) and other.users_scene:
            members[other] = None
    return list(members)


def head_of_family(family: list[bpy.types.Object]) -> bpy.types.Object:
    """The object that stands for a character whichever of its parts was chosen: what its first armature hangs on, else
    the topmost."""
    armature = next((member for member in family if member.type == "ARMATURE"), None)
    return _root(armature) if armature else family[0]


def check_itself(chosen: bpy.types.Object) -> None:
    """Raises: RigError for an empty that only shows a collection, as linking a character makes one."""
    shown = chosen.instance_collection if chosen.instance_type == "COLLECTION" else None
    if shown is None or chosen.type != "EMPTY":
        return
    if shown.library:
        raise RigError(
            f"{chosen.name} only shows a collection of another file; make a library override of it "
            "(Object > Library Override > Make)."
        )
    raise RigError(f"{chosen.name} only shows the collection {shown.name}; choose the character in it.")


def match_of(mesh_object: bpy.types.Object) -> KeyMatch:
    """Which ARKit names the shape keys of a mesh carry."""
    return match_keys(block.name for block in mesh_object.data.shape_keys.key_blocks)


def _tree(root: bpy.types.Object) -> list[bpy.types.Object]:
    return [root, *root.children_recursive]


def _root(chosen: bpy.types.Object) -> bpy.types.Object:
    """The topmost parent, short of one that only gathers several characters (an empty over two rigs)."""
    root = chosen
    while root.parent and not _gathers_characters(root.parent):
        root = root.parent
    return root


def _gathers_characters(parent: bpy.types.Object) -> bool:
    if parent.type != "EMPTY":
        return False
    rigged = [child for child in parent.children if any(_has_face(member) for member in _tree(child))]
    return sum(any(member.type == "ARMATURE" for member in _tree(child)) for child in rigged) > 1


def _has_face(member: bpy.types.Object) -> bool:
    """Whether a mesh has shapes of any known rig."""
    if member.type != "MESH" or member.data.shape_keys is None:
        return False
    return bool(match_of(member).matched) or _known(tuple(member.data.shape_keys.key_blocks.keys()))


# The panel asks anew at every redraw.
@lru_cache(maxsize=256)
def _known(keys: tuple[str, ...]) -> bool:
    return bool(rank(Inventory(shape_keys={"": keys})))

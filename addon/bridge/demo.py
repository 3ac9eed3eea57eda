"""The characters that come with the extension."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...core.errors import RigError


def append_character(blend: Path, context: bpy.types.Context) -> bpy.types.Object:
    """Append the character of a file to the scene, without its camera and lights, and select its armature.

    blend: a file with a collection of its own name that holds the character.

    Raises: RigError when the file is missing or holds no armature.
    """
    if not blend.is_file():
        raise RigError(f"The character file {blend.name} is missing; install Mouthpiece again.")
    with bpy.data.libraries.load(str(blend), link=False) as (there, here):
        here.collections = [name for name in there.collections if name.lower() == blend.stem.lower()]
    collection = next(iter(here.collections), None)
    rig = next((member for member in collection.all_objects if member.type == "ARMATURE"), None) if collection else None
    if rig is None:
        raise RigError(f"The character file {blend.name} holds no character; install Mouthpiece again.")
    context.scene.collection.children.link(collection)
    for other in context.selected_objects:
        other.select_set(False)
    rig.select_set(True)
    context.view_layer.objects.active = rig
    return rig

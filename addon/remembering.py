"""What a character keeps of how it was last directed, so that its next line is one click."""

from __future__ import annotations

import bpy

from ..core.errors import RigError
from .bridge.family import family_of, head_of_family
from .bridge.memory import kept_of, memory_for

_HEAD = ("head_mode", "head_object", "head_bone")


def keep(settings: bpy.types.PropertyGroup, chosen: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Remember head and emotion with a character that was just animated."""
    try:
        memory = memory_for(chosen, scene, copy=False)
    except RigError:
        # Parts of it may be linked and others keyed; then there is nowhere to keep anything.
        return
    memory.kept = True
    for name in _HEAD:
        setattr(memory, name, getattr(settings, name))
    _copy_emotion(settings.emotion, memory.emotion)


def recall(settings: bpy.types.PropertyGroup, _: bpy.types.Context) -> None:
    """Set head and emotion as the character that was chosen had them last; one that had none changes nothing."""
    if settings.character is None:
        return
    memory = kept_of(head_of_family(family_of(settings.character)))
    if memory is None:
        return
    for name in _HEAD:
        setattr(settings, name, getattr(memory, name))
    _copy_emotion(memory.emotion, settings.emotion)


def _copy_emotion(source: bpy.types.PropertyGroup, goal: bpy.types.PropertyGroup) -> None:
    for prop in source.bl_rna.properties:
        if prop.identifier not in ("rna_type", "name"):
            setattr(goal, prop.identifier, getattr(source, prop.identifier))

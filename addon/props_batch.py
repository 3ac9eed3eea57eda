"""Who says which of several recordings, and where they are. Kept with the scene."""

from __future__ import annotations

import bpy

BATCH = "mouthpiece_batch"


def _is_character_part(_: bpy.types.PropertyGroup, candidate: bpy.types.Object) -> bool:
    return candidate.type in {"MESH", "ARMATURE", "EMPTY"}


class MOUTHPIECE_PG_cast_rule(bpy.types.PropertyGroup):
    """Recordings on a channel, or whose names fit a pattern, are one character's."""

    channel: bpy.props.IntProperty(
        name="Channel", description="The sequencer channel of its lines; 0 for any", min=0, max=128
    )
    pattern: bpy.props.StringProperty(
        name="Names", description="How its recordings are called, without ending, as in ada_*; empty for anything"
    )
    character: bpy.props.PointerProperty(
        name="Character",
        description="Face, armature or root object of the character",
        type=bpy.types.Object,
        poll=_is_character_part,
    )


class MOUTHPIECE_PG_batch(bpy.types.PropertyGroup):
    """What to animate one after another, and what came of it last."""

    rules: bpy.props.CollectionProperty(
        name="Cast",
        description="Whose recording is whose; the first rule that fits counts",
        type=MOUTHPIECE_PG_cast_rule,
    )
    folder: bpy.props.StringProperty(
        name="Folder",
        description="A folder of recordings; a text file of a recording's name (.txt, .lab) holds what is said in it",
        subtype="DIR_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    gap_s: bpy.props.FloatProperty(
        name="Gap",
        description="Silence between a folder's recordings",
        default=0.5,
        min=0.0,
        soft_max=5.0,
        subtype="TIME_ABSOLUTE",
    )
    report: bpy.props.StringProperty(description="What came of the last recordings, a line each", options={"HIDDEN"})

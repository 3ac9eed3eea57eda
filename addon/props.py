"""What the user sets, kept with the scene."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..core.errors import AudioError, RigError
from .bridge.character import Character, HeadChoice, find_character
from .bridge.layers import LAYERED, Keying
from .props_guidance import MOUTHPIECE_PG_direction, MOUTHPIECE_PG_emotion, MOUTHPIECE_PG_script
from .remembering import recall
from .request import Reference, Request

RECORDING_ENDINGS = (".wav", ".flac", ".ogg", ".mp3")


def _is_character_part(_: bpy.types.PropertyGroup, candidate: bpy.types.Object) -> bool:
    return candidate.type in {"MESH", "ARMATURE", "EMPTY", "POINTCLOUD"}


class MOUTHPIECE_PG_settings(bpy.types.PropertyGroup):
    """Mouthpiece's settings of one scene, and what it last had to say."""

    recording: bpy.props.StringProperty(
        name="Recording",
        description="The sound file to perform: WAV, FLAC, OGG or MP3, one speaker",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    character: bpy.props.PointerProperty(
        name="Character",
        description="Face, armature or root object of the character; empty for the active object",
        type=bpy.types.Object,
        poll=_is_character_part,
        update=recall,
    )
    head_mode: bpy.props.EnumProperty(
        name="Head",
        description="What turns when the speaker moves the head",
        items=(
            ("AUTO", "Head Bone", "The bone named head of the character's armature"),
            ("CHOSEN", "Chosen", "An object or a bone of your choice"),
            ("NONE", "None", "The head stays still; only the face moves"),
        ),
        default="AUTO",
    )
    head_object: bpy.props.PointerProperty(
        name="Object",
        description="The object that turns, or the armature with the bone that does",
        type=bpy.types.Object,
    )
    head_bone: bpy.props.StringProperty(name="Bone", description="The bone that turns")
    start_at: bpy.props.EnumProperty(
        name="Start",
        description="The frame at which the recording begins",
        items=(
            ("CURRENT", "Current Frame", "Where the playhead stands when you press Animate"),
            ("SCENE", "Scene Start", "The first frame of the scene"),
            ("FRAME", "Frame", "A frame of your choice"),
        ),
        default="CURRENT",
    )
    start_frame: bpy.props.IntProperty(name="Frame", description="The frame at which the recording begins", default=1)
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Chooses among equally good blinks, glances, brow accents and nods; the lips do not depend on it",
        min=0,
        max=2**31 - 1,
    )
    with_sound: bpy.props.BoolProperty(
        name="Add Sound",
        description="Lay the recording into the sequencer, in sync with the keys",
        default=True,
    )
    extend_end: bpy.props.BoolProperty(
        name="Extend Scene End",
        description="Lengthen the scene so that the whole recording plays; it is never shortened",
        default=True,
    )
    in_sync: bpy.props.BoolProperty(
        name="Play in Sync",
        description="Set playback to Sync to Audio and let scrubbing be heard",
        default=False,
    )
    layers: bpy.props.BoolProperty(
        name="In Layers",
        description="Give mouth, eyes, brows and head a track each, to be muted, blended and scaled by themselves",
        default=LAYERED.layers,
    )
    key_error: bpy.props.FloatProperty(
        name="Key Error",
        description="How far fewer keys may lead a control off, so that curves can be edited; 0 keys each frame",
        default=LAYERED.error,
        min=0.0,
        soft_max=0.05,
        max=1.0,
        precision=3,
        step=0.5,
    )
    emotion: bpy.props.PointerProperty(name="Emotion", description="What the face feels", type=MOUTHPIECE_PG_emotion)
    direction: bpy.props.PointerProperty(
        name="Direction", description="How much of the face moves, and how", type=MOUTHPIECE_PG_direction
    )
    script: bpy.props.PointerProperty(
        name="Transcript", description="What is said in the recording", type=MOUTHPIECE_PG_script
    )
    heard: bpy.props.StringProperty(description="What emotion the last voice suggested", options={"HIDDEN"})
    saved: bpy.props.StringProperty(description="How many keys fewer the last performance has", options={"HIDDEN"})
    messages: bpy.props.StringProperty(
        description="What the last performance had to say, a line each", options={"HIDDEN"}
    )


def settings_of(context: bpy.types.Context) -> MOUTHPIECE_PG_settings:
    """The settings of the scene that is shown."""
    return context.scene.mouthpiece


def chosen_object(context: bpy.types.Context) -> bpy.types.Object | None:
    """The object that stands for the character: the one set, else the active one."""
    return settings_of(context).character or getattr(context, "object", None)


def character_of(context: bpy.types.Context) -> Character:
    """The character to animate. Raises: RigError."""
    settings = settings_of(context)
    return find_character(
        chosen_object(context), HeadChoice(settings.head_mode, settings.head_object, settings.head_bone)
    )


def request_of(context: bpy.types.Context) -> Request:
    """What is set about recording, character and timeline, as plain values; the guidance is read apart, for that
    takes longer than a redraw may. Raises: CoreError when recording or character are not chosen."""
    settings = settings_of(context)
    if not settings.recording:
        raise AudioError("No recording is chosen; choose a sound file or drop one on the 3D viewport.")
    chosen = chosen_object(context)
    if chosen is None:
        raise RigError("No character is chosen; select its face, its armature or its root object.")
    return request_for(context, Path(bpy.path.abspath(settings.recording)), chosen)


def request_for(context: bpy.types.Context, recording: Path, chosen: bpy.types.Object) -> Request:
    """The same for any recording and any object of a character; where it starts is what the panel says."""
    settings = settings_of(context)
    return Request(
        recording=recording,
        scene=Reference.to(context.scene),
        character=Reference.to(chosen),
        start=start_of(context.scene, settings),
        seed=settings.seed,
        head_mode=settings.head_mode,
        head=Reference.to(settings.head_object) if settings.head_object else None,
        head_bone=settings.head_bone,
        with_sound=settings.with_sound,
        extend_end=settings.extend_end,
        in_sync=settings.in_sync,
        # Sliders hold single precision; six decimals are what was meant.
        keying=Keying(settings.layers, round(settings.key_error, 6)),
    )


def start_of(scene: bpy.types.Scene, settings: MOUTHPIECE_PG_settings) -> int:
    """The frame of the first row. The playhead by default: that is where Blender itself puts new strips."""
    frames = {"CURRENT": scene.frame_current, "SCENE": scene.frame_start, "FRAME": settings.start_frame}
    return frames[settings.start_at]

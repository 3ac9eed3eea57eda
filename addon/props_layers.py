"""The layers of a take as sliders: what they show is what the NLA's strips hold, on every mesh at once."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..core.layers.regions import GROUPS
from ..core.speech.direction import PARAMETERS
from ..core.speech.wishes import KEYABLE
from .bridge.layers import share_of, show_share, tracks_of_part
from .bridge.said import parts_said
from .props_guidance import emotion_sliders, wish_sliders

_BLENDS = ("REPLACE", "COMBINE", "ADD", "SUBTRACT", "MULTIPLY")
_BLEND_ITEMS = (
    ("REPLACE", "Replace", "The part shows instead of what lies below it"),
    ("COMBINE", "Combine", "As fits each control: turns are joined, shapes added"),
    ("ADD", "Add", "The part is added to what lies below it"),
    ("SUBTRACT", "Subtract", "The part is taken from what lies below it"),
    ("MULTIPLY", "Multiply", "The part scales what lies below it"),
)


LAYERS = "mouthpiece_layers"
"""What actions keep the parts of a take under; their own mark has another name."""


def _is_muted(layer: bpy.types.PropertyGroup) -> bool:
    return any(track.mute for track, _ in _tracks(layer))


def _mute(layer: bpy.types.PropertyGroup, value: bool) -> None:
    for track, _ in _tracks(layer):
        track.mute = value


def _share(layer: bpy.types.PropertyGroup) -> float:
    return next((share_of(strip) for _, strip in _tracks(layer)), 1.0)


def _scale(layer: bpy.types.PropertyGroup, value: float) -> None:
    for _, strip in _tracks(layer):
        show_share(strip, value)


def _blend(layer: bpy.types.PropertyGroup) -> int:
    return next((_BLENDS.index(strip.blend_type) for _, strip in _tracks(layer)), 0)


def _lay(layer: bpy.types.PropertyGroup, value: int) -> None:
    for _, strip in _tracks(layer):
        strip.blend_type = _BLENDS[value]


def _tracks(layer: bpy.types.PropertyGroup) -> Iterator[tuple[bpy.types.NlaTrack, bpy.types.NlaStrip]]:
    """The tracks and strips of a part on every datablock of the file that plays it."""
    owners = [owner for kind in (bpy.data.shape_keys, bpy.data.objects) for owner in kind if owner.animation_data]
    return tracks_of_part(tuple(owners), layer.id_data, layer.path_from_id().rpartition(".")[2])


class MOUTHPIECE_PG_layer(bpy.types.PropertyGroup):
    """One part of the face in a take. Holds nothing itself, so that the NLA editor and the panel never disagree."""

    mute: bpy.props.BoolProperty(
        name="Mute",
        description="Leave this part of the face at rest",
        get=_is_muted,
        set=_mute,
        options=set(),
    )
    influence: bpy.props.FloatProperty(
        name="Influence",
        description="How much of this part of the performance shows; 0 is rest",
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        get=_share,
        set=_scale,
        options=set(),
    )
    blend: bpy.props.EnumProperty(
        name="Blend",
        description="How this part lies over what is below it in the NLA",
        items=_BLEND_ITEMS,
        get=_blend,
        set=_lay,
        options=set(),
    )


def _said(layers: bpy.types.PropertyGroup, _: bpy.types.Context, typed: str) -> list[str]:
    """What can be named of the take that the layers belong to."""
    return [name for name in parts_said(layers.id_data) if typed.lower() in name.lower()]


PART_ITEMS = tuple(
    (part.upper(), part.capitalize(), f"Let the {part} change", 1 << place) for place, part in enumerate(GROUPS)
)


class MOUTHPIECE_PG_layers(bpy.types.PropertyGroup):
    """The parts of a take; its action carries them."""

    __annotations__ = {
        "again": bpy.props.EnumProperty(
            name="Run Again",
            description="Which parts of the face change when a part of the take is run again",
            items=PART_ITEMS,
            default={part.upper() for part in GROUPS},
            options={"ENUM_FLAG"},
        ),
        "words": bpy.props.StringProperty(
            name="Words",
            description="The words that are run again, as in the blue boat, or nobody #2 for the second time it is "
            "said; or a phrase between pauses. Empty for the preview range",
            search=_said,
            options=set(),
        ),
        **{part: bpy.props.PointerProperty(name=part.capitalize(), type=MOUTHPIECE_PG_layer) for part in GROUPS},
    }


_KEYABLE = tuple(parameter for parameter in PARAMETERS if parameter.name in KEYABLE)


class MOUTHPIECE_PG_feeling(bpy.types.PropertyGroup):
    """What a character feels and how it speaks, kept with its topmost object; keys and drivers on it make the
    performance change over time."""

    __annotations__ = {
        "use": bpy.props.BoolProperty(
            name="Of Its Own",
            description="Perform with what this character feels rather than with what is set for the scene",
            options=set(),
            override={"LIBRARY_OVERRIDABLE"},
        ),
        "intensity": bpy.props.FloatProperty(
            name="Intensity",
            description="How strongly all of it is felt; may be keyed",
            default=1.0,
            min=0.0,
            max=2.0,
            subtype="FACTOR",
            override={"LIBRARY_OVERRIDABLE"},
        ),
        **emotion_sliders({"LIBRARY_OVERRIDABLE"}),
        "use_style": bpy.props.BoolProperty(
            name="Style of Its Own",
            description="Perform with this character's strengths and styles rather than with those of the scene",
            options=set(),
            override={"LIBRARY_OVERRIDABLE"},
        ),
        **wish_sliders(_KEYABLE, {"ANIMATABLE"}, {"LIBRARY_OVERRIDABLE"}),
    }

"""What is remembered of a character: how it is driven, line by line, and how it was last directed."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..core.rig.names import RIG_NAMES
from ..core.rig.profiles import PROFILES
from ..core.rig.targets import BONE_CHANNELS, HEAD_CURVES
from .bridge.family import family_of
from .bridge.inventory import free_keys, numbers_of
from .props_guidance import MOUTHPIECE_PG_emotion

_OVERRIDABLE = {"LIBRARY_OVERRIDABLE"}
_HOLDERS = {"shape_key": {"MESH"}, "bone": {"ARMATURE"}}
SOURCES = (*HEAD_CURVES, *(name for names in RIG_NAMES.values() for name in names))
PROFILE_ITEMS = (
    ("AUTO", "Find Out", "The known rig whose names fit best"),
    *((key, profile.title, f"The names of {profile.title}") for key, profile in sorted(PROFILES.items())),
)


def _family(line: bpy.types.PropertyGroup) -> list[bpy.types.Object]:
    """The objects of the character that a line belongs to, wherever the line is kept."""
    owner = line.id_data
    if isinstance(owner, bpy.types.Scene):
        owner = owner.path_resolve(line.path_from_id().rpartition(".drives")[0]).root
    return family_of(owner) if owner else []


def may_own(line: bpy.types.PropertyGroup, candidate: bpy.types.Object) -> bool:
    """Whether an object of the character may have what a line moves."""
    wanted = _HOLDERS.get(line.kind)
    return (wanted is None or candidate.type in wanted) and candidate in _family(line)


def _sources(_: bpy.types.PropertyGroup, __: bpy.types.Context, typed: str) -> list[str]:
    return [name for name in SOURCES if typed.lower() in name.lower()]


def targets_offered(line: bpy.types.PropertyGroup, _: bpy.types.Context, typed: str) -> list[str]:
    """The names that a line of this kind and owner may move."""
    members = [line.owner] if line.owner else _family(line)
    names = dict.fromkeys(name for member in members for name in _names(line, member))
    return [name for name in names if typed.lower() in name.lower()]


def _names(line: bpy.types.PropertyGroup, member: bpy.types.Object) -> Iterator[str]:
    if line.kind == "shape_key":
        yield from free_keys(member) if member.type == "MESH" and member.data.shape_keys else ()
    elif line.kind == "bone":
        yield from member.pose.bones.keys() if member.pose else ()
    elif line.bone:
        yield from numbers_of(member.pose.bones[line.bone]) if member.pose and line.bone in member.pose.bones else ()
    else:
        yield from numbers_of(member)
        yield from numbers_of(member.data) if member.type == "ARMATURE" else ()


class MOUTHPIECE_PG_drive(bpy.types.PropertyGroup):
    """One line of a mapping: what is moved, and by which curve how much. Fields as in core.rig.targets.Drive"""

    kind: bpy.props.EnumProperty(
        name="Kind",
        description="What the line moves",
        items=(
            ("shape_key", "Shape Key", "The value of a shape key", "SHAPEKEY_DATA", 0),
            ("bone", "Bone", "Location, rotation or scale of a pose bone on one of its own axes", "BONE_DATA", 1),
            ("property", "Property", "A custom property of an object, an armature or a bone", "PROPERTIES", 2),
        ),
        override=_OVERRIDABLE,
    )
    owner: bpy.props.PointerProperty(
        name="Object",
        description="The object that has it; empty for every object of the character that does",
        type=bpy.types.Object,
        poll=may_own,
        override=_OVERRIDABLE,
    )
    bone: bpy.props.StringProperty(
        name="Bone", description="The bone that has the custom property; empty for the object", override=_OVERRIDABLE
    )
    target: bpy.props.StringProperty(
        name="Target",
        description="The shape key, bone or custom property that is moved",
        search=targets_offered,
        search_options={"SUGGESTION"},
        override=_OVERRIDABLE,
    )
    channel: bpy.props.EnumProperty(
        name="Channel",
        description="Which of the bone's numbers, on its own axes",
        items=tuple((name, name.replace(".", " ").title(), f"The bone's {name}") for name in BONE_CHANNELS),
        default="rotation.x",
        override=_OVERRIDABLE,
    )
    source: bpy.props.StringProperty(
        name="Curve",
        description="The curve of the performance that moves it",
        search=_sources,
        search_options={"SUGGESTION"},
        override=_OVERRIDABLE,
    )
    part: bpy.props.EnumProperty(
        name="Part",
        description="Which part of the curve counts",
        items=(
            ("whole", "Whole", "The curve as it is"),
            ("positive", "Positive", "Only what lies above zero"),
            ("negative", "Negative", "Only what lies below zero, turned up"),
        ),
        override=_OVERRIDABLE,
    )
    gain: bpy.props.FloatProperty(
        name="Gain",
        description="How far the target goes when the curve goes from 0 to 1; rotations in radians",
        default=1.0,
        soft_min=-2.0,
        soft_max=2.0,
        precision=3,
        override=_OVERRIDABLE,
    )
    offset: bpy.props.FloatProperty(
        name="Offset",
        description="What the target gets at rest, such as 1 for a scale",
        soft_min=-2.0,
        soft_max=2.0,
        precision=3,
        override=_OVERRIDABLE,
    )
    use_low: bpy.props.BoolProperty(
        name="Limit Below", description="Keep the target from going below a value", override=_OVERRIDABLE
    )
    low: bpy.props.FloatProperty(
        name="Least", description="The least the target may be", precision=3, override=_OVERRIDABLE
    )
    use_high: bpy.props.BoolProperty(
        name="Limit Above", description="Keep the target from going above a value", override=_OVERRIDABLE
    )
    high: bpy.props.FloatProperty(
        name="Most", description="The most the target may be", default=1.0, precision=3, override=_OVERRIDABLE
    )


class MOUTHPIECE_PG_rig(bpy.types.PropertyGroup):
    """What is remembered of one character"""

    root: bpy.props.PointerProperty(
        name="Character", description="The character this belongs to, where it is kept apart", type=bpy.types.Object
    )
    title: bpy.props.StringProperty(
        name="Name", description="What the mapping is called", default="Mapping", override=_OVERRIDABLE
    )
    rig: bpy.props.EnumProperty(
        name="Curves",
        description="The rig whose curves the mapping mostly reads",
        items=tuple((name, name, f"The {len(names)} curves of {name}") for name, names in RIG_NAMES.items()),
        override=_OVERRIDABLE,
    )
    profile: bpy.props.EnumProperty(
        name="Profile",
        description="The rig whose names Match looks for",
        items=PROFILE_ITEMS,
        override=_OVERRIDABLE,
    )
    drives: bpy.props.CollectionProperty(
        name="Lines", description="The lines of the mapping", type=MOUTHPIECE_PG_drive, override=_OVERRIDABLE
    )
    active: bpy.props.IntProperty(
        name="Line", description="The line that is shown in full", options=set(), override=_OVERRIDABLE
    )
    notes: bpy.props.StringProperty(
        name="Notes", description="What the last match had to say, a line each", override=_OVERRIDABLE
    )
    kept: bpy.props.BoolProperty(
        name="Kept", description="Whether head and emotion below were kept", options={"HIDDEN"}, override=_OVERRIDABLE
    )
    head_mode: bpy.props.StringProperty(
        name="Head", description="What turns, as it was last chosen", default="AUTO", override=_OVERRIDABLE
    )
    head_object: bpy.props.PointerProperty(
        name="Head Object",
        description="The object that turns, as it was last chosen",
        type=bpy.types.Object,
        override=_OVERRIDABLE,
    )
    head_bone: bpy.props.StringProperty(
        name="Head Bone", description="The bone that turns, as it was last chosen", override=_OVERRIDABLE
    )
    emotion: bpy.props.PointerProperty(
        name="Emotion", description="What the face felt last, as it was last set", type=MOUTHPIECE_PG_emotion
    )


class MOUTHPIECE_PG_rigs(bpy.types.PropertyGroup):
    """What was changed of characters that come from other files"""

    rigs: bpy.props.CollectionProperty(
        name="Characters", description="One for each overridden character", type=MOUTHPIECE_PG_rig
    )

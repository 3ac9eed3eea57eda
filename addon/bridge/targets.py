"""Where in the file the targets of a mapping lie, and what of them cannot be keyed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import bpy

from ...core.errors import RigError
from ...core.rig.targets import Mapping, Target
from .inventory import bone_path, driven_paths, key_path, numbers_of, property_path

_ROTATIONS = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}
_LOCKS = {"location": "lock_location", "rotation": "lock_rotation", "scale": "lock_scale"}
_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Lane:
    """A target whose values are one F-curve as they are."""

    target: Target
    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A bone's rotation as quaternions or axis and angle, which have no curve for one axis alone.

    path: data path of the rotation.
    mode: "QUATERNION" or "AXIS_ANGLE".
    rest: XYZ Euler angles of the pose, radians; an axis that no target moves keeps its own.
    axes: what moves x, y and z.
    """

    path: str
    mode: str
    rest: tuple[float, float, float]
    axes: tuple[Target | None, Target | None, Target | None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a mapping moves on one datablock. Holds an RNA reference: use it at once.

    holder: the object.
    what:   "keys" its shape keys, "object" itself and its bones, "data" its armature.
    """

    holder: bpy.types.Object
    what: str
    lanes: tuple[Lane, ...]
    turns: tuple[Turn, ...] = ()

    @property
    def owner(self) -> bpy.types.ID:
        """The datablock that is keyed, as it is now: an override may have replaced it."""
        if self.what == "keys":
            return self.holder.data.shape_keys
        return self.holder if self.what == "object" else self.holder.data

    @property
    def paths(self) -> set[str]:
        """The data paths that are keyed."""
        return {row.path for row in (*self.lanes, *self.turns)}

    @property
    def targets(self) -> set[Target]:
        """The targets of the mapping that lie here."""
        return {lane.target for lane in self.lanes} | {target for turn in self.turns for target in turn.axes if target}


@dataclass(frozen=True, slots=True)
class Located:
    """The targets of a mapping on a character, and sentences about those that are not keyed."""

    moved: tuple[Moved, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Spot:
    """One place that a target means. turned: the bone whose rotation has no curve for this axis alone."""

    holder: bpy.types.Object
    what: str
    target: Target
    path: str
    index: int
    turned: bpy.types.PoseBone | None = None
    locked: bool = False


@dataclass(slots=True)
class _Search:
    """A family of objects with its names read once, and what stood in the way."""

    family: list[bpy.types.Object]
    keys: dict[int, set[str]] = field(default_factory=dict)
    driven: dict[int, set[tuple[str, int]]] = field(default_factory=dict)
    left: dict[str, dict[str, None]] = field(default_factory=dict)

    def leave(self, why: str, what: str) -> None:
        self.left.setdefault(why, {})[what] = None

    def keys_of(self, key: bpy.types.Key) -> set[str]:
        if key.session_uid not in self.keys:
            self.keys[key.session_uid] = set(key.key_blocks.keys())
        return self.keys[key.session_uid]

    def driven_on(self, owner: bpy.types.ID) -> set[tuple[str, int]]:
        if owner.session_uid not in self.driven:
            self.driven[owner.session_uid] = driven_paths(owner)
        return self.driven[owner.session_uid]


def locate(mapping: Mapping, family: Iterable[bpy.types.Object], name: str) -> Located:
    """Find what a mapping moves among some objects.

    name: what the character is called in sentences.

    Raises: RigError when nothing of it can be keyed, in a sentence that says why.
    """
    search = _Search(list(family))
    missing: list[Target] = []
    found: dict[tuple[int, str], dict[tuple[str, int], _Spot]] = {}
    # A target that names its owner goes before one that means any.
    for target in sorted(mapping.targets, key=lambda target: bool(target.owner)):
        spots = list(_spots(target, search))
        if not spots:
            missing.append(target)
        for spot in spots:
            if _may_be_keyed(spot, search):
                place = found.setdefault((spot.holder.session_uid, spot.what), {})
                place[spot.path, spot.index] = spot
    notes = [*_sentences(search), *_missing(mapping, missing, name)]
    if not found:
        raise RigError(notes[0] if notes else f'The mapping "{mapping.name}" of {name} moves nothing; match it anew.')
    return Located(_once(_moved(spots.values()) for spots in found.values()), tuple(notes))


def _spots(target: Target, search: _Search) -> Iterator[_Spot]:
    find = {"shape_key": _key_spots, "bone": _bone_spots, "property": _property_spots}[target.kind]
    return find(target, search)


def _key_spots(target: Target, search: _Search) -> Iterator[_Spot]:
    for member in search.family:
        key = member.data.shape_keys if member.type == "MESH" and target.owner in ("", member.name) else None
        if key and target.name in search.keys_of(key):
            yield _Spot(member, "keys", target, key_path(target.name), 0)


def _bone_spots(target: Target, search: _Search) -> Iterator[_Spot]:
    kind, _, axis = target.channel.partition(".")
    index = "xyz".index(axis)
    for member in search.family:
        bones = member.pose.bones if member.pose and target.owner in ("", member.name) else ()
        if target.name in bones:
            bone = bones[target.name]
            turned = bone if kind == "rotation" and bone.rotation_mode in _ROTATIONS else None
            wanted = _ROTATIONS.get(bone.rotation_mode, "rotation_euler") if kind == "rotation" else kind
            path = f"{bone_path(bone.name)}.{wanted}"
            yield _Spot(member, "object", target, path, index, turned, getattr(bone, _LOCKS[kind])[index])


def _property_spots(target: Target, search: _Search) -> Iterator[_Spot]:
    for member in search.family:
        for bone in member.pose.bones if member.pose else ():
            if target.owner in ("", f"{member.name}/{bone.name}") and target.name in numbers_of(bone):
                yield _Spot(member, "object", target, bone_path(bone.name) + property_path(target.name), 0)
        if target.owner in ("", member.name):
            if target.name in numbers_of(member):
                yield _Spot(member, "object", target, property_path(target.name), 0)
            elif member.type == "ARMATURE" and target.name in numbers_of(member.data):
                yield _Spot(member, "data", target, property_path(target.name), 0)


def _may_be_keyed(spot: _Spot, search: _Search) -> bool:
    """Whether a place takes keys; what hinders it is left with the search."""
    holder, key = spot.holder, spot.holder.data.shape_keys if spot.what == "keys" else None
    owner = key or (holder if spot.what == "object" else holder.data)
    # Meshes of an override stay linked until they are keyed; all else must be of this file.
    linked = holder.library if key is None else holder.data.library and not holder.override_library
    if linked or (spot.what == "data" and owner.library):
        search.leave(f"{holder.name} is linked from another file; make a library override of the character first", "")
    elif key and not key.use_relative:
        search.leave(f"The shape keys of {holder.name} are absolute; switch on Relative in its Shape Keys panel", "")
    elif spot.locked:
        search.leave("Locked channels were left alone; unlock them in the bone's Transform panel", str(spot.target))
    elif any((spot.path, index) in search.driven_on(owner) for index in (range(4) if spot.turned else [spot.index])):
        search.leave(f"What drivers of {holder.name} move was left to them", spot.target.name)
    else:
        if key and key.key_blocks[spot.target.name].mute:
            search.leave(f"Muted shapes of {holder.name} do not show", spot.target.name)
        return True
    return False


def _moved(spots: Iterable[_Spot]) -> Moved:
    """The spots of one datablock, the axes of a bone that turns as a whole together."""
    lanes, turned = [], {}
    for spot in spots:
        if spot.turned:
            turned.setdefault(spot.path, []).append(spot)
        else:
            lanes.append(Lane(spot.target, spot.path, spot.index))
        first = spot
    return Moved(first.holder, first.what, tuple(lanes), tuple(_turn(path, of) for path, of in turned.items()))


def _turn(path: str, spots: list[_Spot]) -> Turn:
    bone = spots[0].turned
    axes = {spot.index: spot.target for spot in spots}
    rest = bone.matrix_basis.to_euler("XYZ")
    return Turn(path, bone.rotation_mode, tuple(rest), (axes.get(0), axes.get(1), axes.get(2)))


def _once(moved: Iterable[Moved]) -> tuple[Moved, ...]:
    """Each datablock once: meshes may share their keys."""
    return tuple({each.owner.session_uid: each for each in moved}.values())


def _sentences(search: _Search) -> Iterator[str]:
    for why, names in search.left.items():
        told = listed(names)
        yield f"{why}: {told}." if told else f"{why}."


def _missing(mapping: Mapping, missing: list[Target], name: str) -> Iterator[str]:
    if missing:
        yield (
            f'The mapping "{mapping.name}" names {len(missing)} of {len(mapping.targets)} targets that {name} does not '
            f"have: {listed(str(target) for target in missing)}; correct them in the Mapping panel."
        )


def listed(names: Iterable[str]) -> str:
    """The first few of some names, and how many more there are."""
    rows = [name for name in names if name]
    more = f" and {len(rows) - _MOST_NAMES} more" if len(rows) > _MOST_NAMES else ""
    return ", ".join(rows[:_MOST_NAMES]) + more

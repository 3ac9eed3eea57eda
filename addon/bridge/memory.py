"""What is remembered of a character in the file: its mapping, line by line, and where that is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import bpy

from ...core.errors import RigError
from ...core.rig.targets import Drive, Mapping, Target
from .family import check_itself, family_of, head_of_family

OBJECT_MEMORY = "mouthpiece_rig"
SCENE_MEMORIES = "mouthpiece_rigs"
_DIGITS = 7


def memory_of(family: Iterable[bpy.types.Object]) -> bpy.types.PropertyGroup | None:
    """What is remembered of a character that has a mapping, or None.

    What was changed in this file goes before what came with a linked character.
    """
    members = list(family)
    here = (memory for memory in _in_scenes() if memory.root in members)
    own = (memory for member in members if (memory := getattr(member, OBJECT_MEMORY, None)))
    return next((memory for memory in (*here, *own) if memory.drives), None)


def kept_of(root: bpy.types.Object) -> bpy.types.PropertyGroup | None:
    """What is remembered of how a character was directed, or None. root: the object that stands for it."""
    here = (memory for memory in _in_scenes() if memory.root == root)
    own = getattr(root, OBJECT_MEMORY, None)
    return next((memory for memory in (*here, *((own,) if own else ())) if memory.kept), None)


def memory_for(chosen: bpy.types.Object, scene: bpy.types.Scene, *, copy: bool = True) -> bpy.types.PropertyGroup:
    """Where a character's mapping may be changed: on its root object, so that it is saved, appended and linked with it.

    Lines of a library override would be lost when the file is opened again; those are kept with the scene.
    copy: whether the lines that came with the library are to be copied there.

    Raises: RigError for a character that is linked and not overridden, and for an empty that only shows one.
    """
    check_itself(chosen)
    family = family_of(chosen)
    root = head_of_family(family)
    if root.library:
        raise RigError(f"{root.name} is linked from another file; make a library override of the character first.")
    if not root.override_library:
        return getattr(root, OBJECT_MEMORY)
    before = memory_of(family)
    found = next((memory for memory in _in_scenes() if memory.root == root), None)
    if found is None:
        found = getattr(scene, SCENE_MEMORIES).rigs.add()
        found.root = root
    if copy and before and not found.drives:
        write_mapping(found, mapping_of(before), family)
    return found


def mapping_of(memory: bpy.types.PropertyGroup) -> Mapping:
    """The mapping in a memory; lines that are not filled in yet are left out. Raises: RigError for lines that clash."""
    drives = tuple(drive_of(line) for line in memory.drives if line.source and line.target)
    return Mapping(memory.title or "Mapping", memory.rig, drives)


def drive_of(line: bpy.types.PropertyGroup) -> Drive:
    """One line of the list. Raises: RigError."""
    owner = line.owner.name if line.owner else ""
    if line.kind == "property" and line.bone and owner:
        owner = f"{owner}/{line.bone}"
    target = Target(line.kind, owner, line.target, line.channel if line.kind == "bone" else "")
    return Drive(
        target=target,
        source=line.source,
        gain=_plain(line.gain),
        offset=_plain(line.offset),
        low=_plain(line.low) if line.use_low else -math.inf,
        high=_plain(line.high) if line.use_high else math.inf,
        part=line.part,
    )


def write_mapping(memory: bpy.types.PropertyGroup, mapping: Mapping, family: list[bpy.types.Object]) -> None:
    """Put a mapping in place of the lines there are. An owner that the character lacks means any of its objects."""
    by_name = {member.name: member for member in family}
    memory.title, memory.rig = mapping.name, mapping.rig
    memory.drives.clear()
    for drive in mapping.drives:
        write_drive(memory.drives.add(), drive, by_name)
    memory.active = min(max(memory.active, 0), max(len(memory.drives) - 1, 0))


def write_drive(line: bpy.types.PropertyGroup, drive: Drive, by_name: dict[str, bpy.types.Object]) -> None:
    """Fill in one line. by_name: the objects of the character."""
    target = drive.target
    owner, bone = target.owner, ""
    if target.kind == "property" and owner not in by_name:
        owner, _, bone = owner.rpartition("/")
    line.owner = by_name.get(owner)
    line.bone = bone if line.owner else ""
    line.kind, line.target = target.kind, target.name
    if target.channel:
        line.channel = target.channel
    line.source, line.part = drive.source, drive.part
    line.gain, line.offset = drive.gain, drive.offset
    line.use_low, line.use_high = math.isfinite(drive.low), math.isfinite(drive.high)
    if line.use_low:
        line.low = drive.low
    if line.use_high:
        line.high = drive.high


def _in_scenes() -> Iterator[bpy.types.PropertyGroup]:
    for scene in bpy.data.scenes:
        memories = getattr(scene, SCENE_MEMORIES, None)
        yield from memories.rigs if memories else ()


def _plain(value: float) -> float:
    """What was meant by a number that Blender keeps in single precision."""
    return float(f"{value:.{_DIGITS}g}")

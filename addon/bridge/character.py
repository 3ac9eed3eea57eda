"""From an object a user chose to everything of its character that a performance can move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import bpy

from ...core.errors import RigError
from ...core.rig.arkit import ARKIT_52
from ...core.rig.match import KeyMatch, join_matches
from ...core.rig.targets import HEAD_CURVES, Mapping
from .family import check_itself, deforming_armatures, family_of, match_of
from .headbone import find_head_bone
from .memory import mapping_of, memory_of
from .splat_heads import heads_among
from .splat_sliders import slider_mapping
from .targets import Moved, locate


@dataclass(frozen=True, slots=True)
class HeadChoice:
    """What the user wants to turn: "AUTO" looks for a head bone, "CHOSEN" is this object or bone, "NONE" nothing."""

    mode: str = "AUTO"
    target: bpy.types.Object | None = None
    bone: str = ""


AUTO_HEAD = HeadChoice()


@dataclass(frozen=True, slots=True)
class HeadTarget:
    """What turns: an object, or one of its bones when bone is not empty."""

    owner: bpy.types.Object
    bone: str

    @property
    def posed(self) -> bpy.types.Object | bpy.types.PoseBone:
        """The thing that holds the rotation properties."""
        return self.owner.pose.bones[self.bone] if self.bone else self.owner

    @property
    def path(self) -> str:
        """The data path of that thing, seen from the owner, with its dot; empty for the object itself."""
        return f'pose.bones["{bpy.utils.escape_identifier(self.bone)}"].' if self.bone else ""


@dataclass(frozen=True, slots=True)
class Part:
    """One mesh of the character whose shape keys take part."""

    mesh_object: bpy.types.Object
    match: KeyMatch

    @property
    def key(self) -> bpy.types.Key:
        return self.mesh_object.data.shape_keys

    def make_keyable(self) -> None:
        """Override the mesh of an overridden object: Blender leaves meshes linked, and linked shapes take no keys."""
        if self.mesh_object.data.library:
            self.mesh_object.data.override_create(remap_local_usages=True)


@dataclass(frozen=True, slots=True)
class Character:
    """A character as it stands in the file now. Holds RNA references: use it at once, never across undo or a job.

    parts:   the meshes whose shape keys are keyed.
    mapping: what moves it, where the user matched it; None where ARKit's names do.
    moved:   where the targets of the mapping lie.
    family:  every object that belongs to it.
    """

    name: str
    parts: tuple[Part, ...]
    head: HeadTarget | None
    notes: tuple[str, ...]
    mapping: Mapping | None = None
    moved: tuple[Moved, ...] = ()
    family: tuple[bpy.types.Object, ...] = ()

    @property
    def owners(self) -> tuple[bpy.types.ID, ...]:
        """The datablocks a performance is keyed on, each once."""
        own = [each.owner for each in self.moved] if self.mapping else [part.key for part in self.parts]
        return tuple(dict.fromkeys((*own, *((self.head.owner,) if self.head else ()))))

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """The objects that hold them, each once."""
        own = [each.holder for each in self.moved] if self.mapping else [part.mesh_object for part in self.parts]
        return tuple(dict.fromkeys((*own, *((self.head.owner,) if self.head else ()))))

    @property
    def rig(self) -> str:
        """The rig whose curves a performance of it needs: the whole board where its mapping reads more than ARKit."""
        read = self.mapping.sources if self.mapping else ()
        return "arkit52" if set(read) <= {*ARKIT_52, *HEAD_CURVES} else "metahuman"

    @property
    def match(self) -> KeyMatch:
        """What all its meshes offer together."""
        return join_matches(part.match for part in self.parts)


def find_character(chosen: bpy.types.Object | None, head: HeadChoice = AUTO_HEAD) -> Character:
    """The character an object belongs to: what the user's mapping moves, else every mesh with ARKit shapes in its
    hierarchy or on its armature.

    Raises: RigError, in a sentence that says what to choose or to change.
    """
    if chosen is None:
        raise RigError("No character is chosen; select its face, its armature or its root object.")
    check_itself(chosen)
    family = family_of(chosen)
    memory = memory_of(family)
    if memory:
        return _mapped(mapping_of(memory), chosen, family, head)
    meshes = [member for member in family if member.type == "MESH"]
    sliders = _slider_mapping(chosen, family, meshes)
    if sliders:
        return _mapped(sliders, chosen, family, head)
    if not meshes:
        raise RigError(f"{chosen.name} has no mesh; choose a character's face, armature or root object.")
    with_keys = [member for member in meshes if member.data.shape_keys]
    if not with_keys:
        raise RigError(
            f"{chosen.name} has no shape keys; a performance needs some, or bones or properties that Match in the "
            "Mapping panel finds."
        )
    parts = tuple(_matching_parts(with_keys))
    if not parts:
        raise RigError(
            f"None of the shape keys of {chosen.name} carries an ARKit name (jawOpen, mouthClose ...); "
            "press Match in the Mapping panel or choose another character."
        )
    keyable = tuple(part for part in parts if _why_not(part) is None)
    if not keyable:
        raise RigError(_why_not(parts[0]) or "")
    notes = [why for part in parts if (why := _why_not(part))]
    target = _head_target(chosen, family, keyable, head, notes)
    return Character(_name(family, chosen), keyable, target, tuple(notes), family=tuple(family))


def _mapped(mapping: Mapping, chosen: bpy.types.Object, family: list[bpy.types.Object], head: HeadChoice) -> Character:
    """A character whose mapping the user made. Raises: RigError."""
    name = _name(family, chosen)
    located = locate(mapping, family, name)
    meshes = [each.holder for each in located.moved if each.what == "keys"]
    parts = tuple(Part(mesh_object, match_of(mesh_object)) for mesh_object in meshes)
    notes = list(located.notes)
    # A mapping that turns the head by lines of its own turns it once.
    own = not set(HEAD_CURVES).isdisjoint(mapping.sources)
    target = None if own else _head_target(chosen, family, parts, head, notes)
    if target and any(_turns(each, target) for each in located.moved):
        target = None
    return Character(name, parts, target, tuple(notes), mapping, located.moved, tuple(family))


def _slider_mapping(
    chosen: bpy.types.Object, family: list[bpy.types.Object], meshes: list[bpy.types.Object]
) -> Mapping | None:
    """What moves a head of splats, where one was chosen or nothing else in its family has shapes."""
    alone = not any(mesh.data.shape_keys for mesh in meshes)
    heads = heads_among(family if alone else [chosen])
    return next((mapping for made, head in heads if (mapping := slider_mapping(made, head))), None)


def _turns(moved: Moved, target: HeadTarget) -> bool:
    return moved.holder == target.owner and any(path.startswith(f"{target.path}rotation") for path in moved.paths)


def _matching_parts(meshes: Iterable[bpy.types.Object]) -> Iterator[Part]:
    """One part for each shape-key datablock: meshes that share one would be keyed twice."""
    seen = set()
    for mesh_object in meshes:
        key = mesh_object.data.shape_keys
        match = match_of(mesh_object)
        if match.matched and key.session_uid not in seen:
            seen.add(key.session_uid)
            yield Part(mesh_object, match)


def _why_not(part: Part) -> str | None:
    """Why a mesh with matching names cannot be keyed, or None."""
    if part.mesh_object.data.library and not part.mesh_object.override_library:
        return (
            f"The shape keys of {part.mesh_object.name} are linked from another file and cannot be keyed; "
            "make a library override of the character first."
        )
    if not part.key.use_relative:
        return f"The shape keys of {part.mesh_object.name} are absolute; switch on Relative in its Shape Keys panel."
    return None


def _head_target(
    chosen: bpy.types.Object,
    family: list[bpy.types.Object],
    parts: tuple[Part, ...],
    head: HeadChoice,
    notes: list[str],
) -> HeadTarget | None:
    """What to turn; what hinders it goes to notes. Raises: RigError for a choice that cannot be kept."""
    if head.mode == "NONE":
        return None
    target = _chosen_head(head) if head.mode == "CHOSEN" else _automatic_head(family, parts)
    if target is None:
        notes.append(f"{chosen.name} has no bone named head, so the head will not turn.")
    elif target.owner.library:
        notes.append(f"{target.owner.name} is linked from another file, so the head will not turn.")
        target = None
    return target


def _chosen_head(head: HeadChoice) -> HeadTarget:
    if head.target is None:
        raise RigError("The head is set to Chosen, but no object is; choose an object or a bone, or set it to None.")
    if head.target.type == "ARMATURE" and head.bone not in head.target.pose.bones:
        raise RigError(f"{head.target.name} has no bone named {head.bone!r}; choose one of its bones as the head.")
    return HeadTarget(head.target, head.bone if head.target.type == "ARMATURE" else "")


def _automatic_head(family: list[bpy.types.Object], parts: tuple[Part, ...]) -> HeadTarget | None:
    """The head bone of the armature that bends the face, else of any armature in the family."""
    bending = [armature for part in parts for armature in deforming_armatures(part.mesh_object)]
    for armature in dict.fromkeys([*bending, *(member for member in family if member.type == "ARMATURE")]):
        bone = find_head_bone(armature.pose.bones.keys()) if armature.pose else None
        if bone:
            return HeadTarget(armature, bone)
    return None


def _name(family: list[bpy.types.Object], chosen: bpy.types.Object) -> str:
    """What an animator calls the character: its armature or its root."""
    armature = next((member for member in family if member.type == "ARMATURE"), None)
    return (armature or family[0] or chosen).name

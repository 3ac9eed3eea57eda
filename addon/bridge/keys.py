"""Writing a performance onto a character: one new action, one new NLA track on each datablock it moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...core.errors import RigError
from ...core.rig.arkit import ARKIT_REGIONS
from ...core.types import Performance
from .channels import Channel, curves_of, paths_of, strips_of
from .character import Character, HeadTarget, Part
from .draft import Draft, Layer
from .facing import facing_of
from .headpose import IDENTITY, HeadFrame, head_frame, pose_of, rotation_pieces, rotation_property

# The custom property that marks an action as ours; it tells what was animated, from where to where, and how the
# head's curves are turned back into yaw, pitch and roll.
MARK = "mouthpiece"


@dataclass(frozen=True, slots=True)
class Take:
    """One performance to write.

    name:      what the recording is called.
    recording: its path as the file should remember it.
    start:     scene frame of the first row.
    """

    name: str
    recording: str
    start: int
    performance: Performance

    @property
    def title(self) -> str:
        return f"Mouthpiece: {self.name}"

    @property
    def end(self) -> int:
        """Scene frame of the last row."""
        return self.start + len(self.performance.head) - 1


@dataclass(frozen=True, slots=True)
class Written:
    """What was written and what the user should know about it."""

    action: bpy.types.Action
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeadTurn:
    """How the head's angles become curves.

    path: data path of the rotation.
    mode: the rotation mode it is keyed in.
    """

    path: str
    frame: HeadFrame
    mode: str
    blend: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All a take will write, in plain values that outlive undo.

    owners: session ids of the datablocks it is keyed on, in the order of their layers.
    layers: the shapes'; steps() adds the head's.
    mark:   what the action will tell about itself.
    """

    take: Take
    owners: tuple[int, ...]
    layers: list[Layer]
    turn: HeadTurn | None
    label: str
    mark: dict[str, Any]
    warnings: tuple[str, ...]

    def steps(self) -> Iterator[None]:
        """Work out the head's curves, some rows a step."""
        if self.turn is None:
            return
        pieces = []
        for piece in rotation_pieces(self.take.performance.head, self.turn.frame, self.turn.mode):
            pieces.append(piece)
            yield
        columns = np.concatenate(pieces).T
        channels = [Channel(self.turn.path, index, "Head", column) for index, column in enumerate(columns)]
        self.layers.append(Layer("OBJECT", self.label, channels, self.turn.blend))

    def draft(self) -> Draft:
        """The action to write, once the steps are done."""
        return Draft(self.take.title, self.take.start, self.layers)


def write_take(character: Character, take: Take) -> Written:
    """Key a performance in one go; nothing that is there is changed.

    Returns: the new action, and a warning for each thing in the file that hides part of it.
    Raises: RigError while a strip of the character is open for editing.
    """
    plan = plan_take(character, take)
    for _ in plan.steps():
        pass
    return place_take(character, plan, plan.draft())


def plan_take(character: Character, take: Take) -> Plan:
    """Everything a take needs to know of the file. Raises: RigError while a strip is open for editing."""
    check_closed(character)
    warnings = [*character.notes]
    layers = [_shape_layer(part, take, warnings) for part in character.parts]
    mark = {"recording": take.recording, "name": take.name, "start": take.start, "end": take.end}
    turn, label = None, ""
    if character.head:
        turn = _head_turn(character, character.head, take, warnings)
        label = character.head.owner.name
        mark |= {
            "head_owner": label,
            "head_bone": character.head.bone,
            "head_turn": turn.frame.turn,
            "head_base": turn.frame.base,
        }
    owners = tuple(owner.session_uid for owner in character.owners)
    return Plan(take, owners, layers, turn, label, mark, tuple(warnings))


def place_take(character: Character, plan: Plan, draft: Draft) -> Written:
    """Put a draft on top of the NLA of all it moves; what it still lacks is written first.

    Returns: the action, and a warning for each thing in the file that hides part of it.
    Raises: RigError, before anything is changed, when the character is no longer the one that was planned for.
    """
    check_closed(character)
    if plan.owners != tuple(owner.session_uid for owner in character.owners):
        raise RigError(f"{character.name} was changed while its keys were being written; animate it again.")
    for _ in draft.steps():
        pass
    for part in character.parts:
        part.make_keyable()
    action = draft.action
    action[MARK] = plan.mark
    warnings = [*plan.warnings]
    for owner, layer, slot in zip(character.owners, plan.layers, action.slots, strict=True):
        if layer.channels:
            warnings.extend(_masks(owner, layer))
            _push(owner, layer, slot, plan.take)
            settle(owner)
    return Written(action, tuple(warnings))


def check_closed(character: Character) -> None:
    """Raise RigError while a strip of the character is open for editing: Blender takes no new strip above it."""
    for owner in character.owners:
        if owner.animation_data and owner.animation_data.use_tweak_mode:
            raise RigError(f"A take of {character.name} is open for editing; close it in the Result panel first.")


def is_ours(action: bpy.types.Action | None) -> bool:
    """Whether an action was written by write_take."""
    return action is not None and MARK in action


def settle(datablock: bpy.types.ID) -> None:
    """Let exactly the lowest of our strips hold its ends, unless something of the user's lies below it.

    Outside all strips Blender resets a channel to its default, which for shape keys is 1 in some versions; a strip
    that holds keeps the face at its resting ends. A second one would hide the first outside its own time.
    """
    below: set[str] = set()
    for _, strip in strips_of(datablock):
        paths = paths_of(strip.action, strip.action_slot)
        if is_ours(strip.action):
            strip.extrapolation = "NOTHING" if below & paths else "HOLD"
        below |= paths


def _shape_layer(part: Part, take: Take, warnings: list[str]) -> Layer:
    curves = take.performance.curves
    driven = {driver.data_path for driver in part.key.animation_data.drivers} if part.key.animation_data else set()
    channels, skipped = [], []
    for arkit, names in part.match.matched.items():
        for name in names if arkit in curves.names else ():
            path = f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'
            if path in driven:
                skipped.append(name)
            else:
                channels.append(Channel(path, 0, ARKIT_REGIONS[arkit].capitalize(), curves.column(arkit)))
    warnings.extend(_shape_warnings(part, skipped))
    return Layer(part.key.id_type, part.mesh_object.name, channels)


def _shape_warnings(part: Part, driven: list[str]) -> Iterator[str]:
    """What on the mesh itself keeps shapes from showing."""
    name = part.mesh_object.name
    blocks = part.key.key_blocks
    muted = [key for keys in part.match.matched.values() for key in keys if blocks[key].mute]
    if driven:
        yield f"Shapes of {name} that a driver moves were left to it: {', '.join(driven)}."
    if muted:
        yield f"Muted shapes of {name} do not show: {', '.join(muted)}."
    if part.mesh_object.show_only_shape_key:
        yield f"{name} shows only its active shape key; switch off its pin (Shape Key Lock) to see the performance."


def _head_turn(character: Character, target: HeadTarget, take: Take, warnings: list[str]) -> HeadTurn:
    """The head's rotation, added to its pose; over rotation the user animates in the NLA it is combined instead."""
    posed = target.posed
    path = target.path + rotation_property(posed)
    combine = any(
        path in paths_of(strip.action, strip.action_slot)
        for _, strip in strips_of(target.owner)
        if not is_ours(strip.action)
    )
    base = IDENTITY if combine else _resting_pose(target, path)
    frame = head_frame(target, facing_of(character, target.owner), base)
    if combine and _overlaps_ours(target.owner, take):
        warnings.append(
            f"An earlier take moves the head of {target.owner.name} at the same frames and both add up; "
            "remove it or mute its track."
        )
    return HeadTurn(path, frame, posed.rotation_mode, "COMBINE" if combine else "REPLACE")


def _resting_pose(target: HeadTarget, path: str) -> tuple[float, ...]:
    """The pose before any take of ours: what we see now may already be turned by one."""
    for _, strip in strips_of(target.owner):
        if is_ours(strip.action) and path in paths_of(strip.action, strip.action_slot):
            return tuple(strip.action[MARK].get("head_base", IDENTITY))
    return pose_of(target)


def _overlaps_ours(owner: bpy.types.Object, take: Take) -> bool:
    return any(
        is_ours(strip.action) and strip.frame_start <= take.end and strip.frame_end >= take.start
        for _, strip in strips_of(owner)
    )


def _masks(datablock: bpy.types.ID, layer: Layer) -> Iterator[str]:
    """What in the datablock's own animation hides our strip."""
    animation = datablock.animation_data
    if animation is None:
        return
    ours = {channel.path for channel in layer.channels}
    hidden = {curve.data_path for curve in curves_of(animation.action, animation.action_slot)} & ours
    if hidden and animation.action_blend_type == "REPLACE" and animation.action_influence > 0:
        yield (
            f"The active action {animation.action.name} of {layer.label} hides {len(hidden)} of {len(ours)} curves; "
            "push it down in the NLA editor or unlink it."
        )
    if not animation.use_nla:
        yield f"NLA animation of {layer.label} is switched off, so the performance does not show."
    if any(track.is_solo for track in animation.nla_tracks):
        yield f"Another NLA track of {layer.label} plays solo, so the performance does not show."


def _push(datablock: bpy.types.ID, layer: Layer, slot: bpy.types.ActionSlot, take: Take) -> None:
    """Put a slot of the action on top of the datablock's NLA."""
    animation = datablock.animation_data or datablock.animation_data_create()
    track = animation.nla_tracks.new()
    track.name = take.title
    placed = track.strips.new(take.title, take.start, slot.id_data)
    placed.action_slot = slot
    placed.blend_type = layer.blend
    # A new strip takes the length of the slot it guesses, which is not yet ours. Each bound is kept on its side of
    # the other, so the end is set twice.
    end = max(take.end, take.start + 1)
    placed.action_frame_end = end
    placed.action_frame_start, placed.action_frame_end = take.start, end
    placed.frame_end = end

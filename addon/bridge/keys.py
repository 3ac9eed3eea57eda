"""Writing a performance onto a character: one new action, new NLA tracks on each datablock it moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...core.errors import RigError
from ...core.layers.closures import closure_frames
from ...core.rig.arkit import ARKIT_REGIONS, HEAD_AXES
from ...core.rig.presets import preset_text
from ...core.types import Performance
from .channels import Channel, paths_of, strips_of
from .character import Character, HeadTarget, Part
from .draft import Draft, Layer
from .facing import facing_of
from .headpose import IDENTITY, HeadFrame, head_frame, pose_of, rotation_pieces, rotation_property
from .layers import ONE_TRACK, Keying, in_layers
from .mark import MAPPING, MARK, is_ours, note_part, stored_closures, stored_phones
from .motion import Motion
from .reduced import Reducer, tally
from .tracks import masks, push, settle

HEAD_UNIT = 0.2
"""Radians, or the like, that count as much as a whole control: an error of 0.01 is a tenth of a degree."""


@dataclass(frozen=True, slots=True)
class Take:
    """One performance to write.

    name:      what the recording is called.
    recording: its path as the file should remember it.
    start:     scene frame of the first row.
    keying:    on which tracks, with how many keys.
    """

    name: str
    recording: str
    start: int
    performance: Performance
    keying: Keying = ONE_TRACK

    @property
    def title(self) -> str:
        return f"Mouthpiece: {self.name}"

    @property
    def end(self) -> int:
        """Scene frame of the last row."""
        return self.start + len(self.performance.head) - 1


@dataclass(frozen=True, slots=True)
class Written:
    """What was written and what the user should know about it.

    saved: how many keys fewer there are, one sentence; empty where every frame has one.
    """

    action: bpy.types.Action
    warnings: tuple[str, ...]
    saved: str = ""


@dataclass(frozen=True, slots=True)
class HeadTurn:
    """How the head's angles become curves.

    path:  data path of the rotation.
    mode:  the rotation mode it is keyed in.
    owner: session id of what it is keyed on.
    """

    path: str
    frame: HeadFrame
    mode: str
    blend: str
    owner: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All a take will write, in plain values that outlive undo.

    owners: session ids of the datablocks it is keyed on.
    layers: the shapes'; steps() adds the mapping's and the head's.
    mark:   what the action will tell about itself.
    motion: what a mapping moves, where the character has one.
    """

    take: Take
    owners: tuple[int, ...]
    layers: list[Layer]
    turn: HeadTurn | None
    label: str
    mark: dict[str, Any]
    warnings: tuple[str, ...]
    motion: Motion | None = None

    def steps(self) -> Iterator[None]:
        """Work out the head's curves, some rows a step, and which keys are needed, a curve a step."""
        if self.motion is not None:
            for layer, rests in (yield from self.motion.layers(self.take.performance)):
                self.layers.extend(_parted(layer, rests, self.take))
        if self.turn is not None:
            yield from self._turn_steps(self.turn)
        error = self.take.keying.error
        if error:
            yield from Reducer(closure_frames(self.take.performance.curves), error).steps(self.layers)

    def _turn_steps(self, turn: HeadTurn) -> Iterator[None]:
        pieces = []
        for piece in rotation_pieces(self.take.performance.head, turn.frame, turn.mode):
            pieces.append(piece)
            yield
        columns = np.concatenate(pieces).T
        channels = [
            Channel(turn.path, index, "Head", column, HEAD_AXES, HEAD_UNIT) for index, column in enumerate(columns)
        ]
        still = np.zeros((1, 3), np.float32)
        rests = np.concatenate(list(rotation_pieces(still, turn.frame, turn.mode)))[0].tolist()
        self.layers.extend(_parted(Layer("OBJECT", self.label, channels, turn.blend, turn.owner), rests, self.take))

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
    motion = Motion.of(character.mapping, character.moved) if character.mapping else None
    parts = () if motion else character.parts
    layers = [layer for part in parts for layer in _shape_layers(part, take, warnings)]
    mark = {"recording": take.recording, "name": take.name, "start": take.start, "end": take.end}
    mark |= {"error": take.keying.error, "phones": stored_phones(take.performance.phones)}
    mark["closures"] = stored_closures(closure_frames(take.performance.curves))
    if motion:
        mark[MAPPING] = preset_text(motion.mapping)
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
    return Plan(take, owners, layers, turn, label, mark, tuple(warnings), motion)


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
    _place(character, plan, draft.action)
    warnings = [*plan.warnings]
    for uid, owner in zip(plan.owners, character.owners, strict=True):
        layers = [layer for layer in plan.layers if layer.owner == uid and layer.channels]
        if layers:
            warnings.extend(masks(owner, layers))
            settle(owner)
    return Written(draft.action, tuple(warnings), _saved(plan))


def _place(character: Character, plan: Plan, action: bpy.types.Action) -> None:
    """Mark the action and put each of its slots on a track."""
    action[MARK] = plan.mark
    # Overriding a mesh gives its shape keys another id; their place among the owners stays.
    take, owners = plan.take, dict(zip(plan.owners, character.owners, strict=True))
    for layer, slot in zip(plan.layers, action.slots, strict=True):
        if layer.part:
            note_part(action, slot, layer.part)
        if layer.channels:
            title = f"{take.name} {layer.part.capitalize()}" if layer.part else take.title
            push(owners[layer.owner], layer, slot, range(take.start, take.end + 1), title)


def check_closed(character: Character) -> None:
    """Raise RigError while a strip of the character is open for editing: Blender takes no new strip above it."""
    for owner in character.owners:
        if owner.animation_data and owner.animation_data.use_tweak_mode:
            raise RigError(f"A take of {character.name} is open for editing; close it in the Result panel first.")


def _parted(layer: Layer, rests: list[float], take: Take) -> list[Layer]:
    """The layer, or what it is parted into."""
    return in_layers(layer, rests) if take.keying.layers else [layer]


def _saved(plan: Plan) -> str:
    """How many keys fewer there are, as a sentence."""
    error = plan.take.keying.error
    if not error:
        return ""
    keys, had = tally(plan.layers)
    fewer = f"{keys:,} keys instead of {had:,}, {1 - keys / max(had, 1):.0%} fewer"
    return f"{fewer}; no control is more than {error:g} off."


def _shape_layers(part: Part, take: Take, warnings: list[str]) -> list[Layer]:
    curves = take.performance.curves
    driven = {driver.data_path for driver in part.key.animation_data.drivers} if part.key.animation_data else set()
    channels, skipped = [], []
    for arkit, names in part.match.matched.items():
        for name in names if arkit in curves.names else ():
            path = f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'
            if path in driven:
                skipped.append(name)
            else:
                region = ARKIT_REGIONS[arkit].capitalize()
                channels.append(Channel(path, 0, region, curves.column(arkit), (arkit,)))
    warnings.extend(_shape_warnings(part, skipped))
    layer = Layer(part.key.id_type, part.mesh_object.name, channels, owner=part.key.session_uid)
    return _parted(layer, [0.0] * len(channels), take)


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
    return HeadTurn(path, frame, posed.rotation_mode, "COMBINE" if combine else "REPLACE", target.owner.session_uid)


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

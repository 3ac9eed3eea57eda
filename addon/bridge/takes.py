"""The takes a character already has: found, read back with the animator's edits, removed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...core.errors import RigError
from ...core.rig.arkit import ARKIT_52
from ...core.types import Performance, RigCurves
from .channels import curves_of, strips_of
from .character import Character
from .headpose import IDENTITY, HeadFrame, head_angles, rotation_property
from .inventory import bone_path
from .mapped_take import read_mapped
from .mark import MAPPING, MARK, REST, is_ours, part_of, part_of_slot
from .tracks import settle


@dataclass(frozen=True, slots=True)
class TakeInfo:
    """A take as its action tells it."""

    action: bpy.types.Action
    name: str
    recording: str
    start: int
    end: int


def takes_of(character: Character) -> list[TakeInfo]:
    """The takes on a character, oldest (lowest) first."""
    actions: dict[bpy.types.Action, None] = {}
    for datablock in _datablocks(character):
        for _, strip in strips_of(datablock):
            if is_ours(strip.action):
                actions[strip.action] = None
    return [_info(action) for action in actions]


def edited_take(character: Character) -> bpy.types.Action | None:
    """The action of the take that is open for editing, or None."""
    for owner in character.owners:
        animation = owner.animation_data
        if animation and animation.use_tweak_mode and is_ours(animation.action):
            return animation.action
    return None


def edited_part(character: Character) -> str:
    """The one part of the face that is open for editing; empty for none or several."""
    parts = [
        part_of_slot(owner.animation_data.action, owner.animation_data.action_slot)
        for owner in character.owners
        if owner.animation_data and owner.animation_data.use_tweak_mode
    ]
    return parts[0] if len(set(parts)) == 1 else ""


def open_take(character: Character, take: TakeInfo, part: str = "") -> None:
    """Open a take's strips for editing: timeline, dope sheet and graph editor then show its keys.

    part: the part of the face whose strips are opened; empty for the first of each datablock.
    """
    close_takes(character)
    for owner in character.owners:
        found = [(track, strip) for track, strip in strips_of(owner) if strip.action == take.action]
        found = [(track, strip) for track, strip in found if part_of(strip) != REST]
        wanted = [pair for pair in found if part_of(pair[1]) == part] if part else found[:1]
        for track, strip in strips_of(owner):
            strip.select = track.select = (track, strip) in wanted
        if wanted:
            owner.animation_data.nla_tracks.active = wanted[0][0]
            owner.animation_data.use_tweak_mode = True


def close_takes(character: Character) -> None:
    """Leave editing; the strips play as they are now."""
    for owner in character.owners:
        if owner.animation_data and owner.animation_data.use_tweak_mode:
            owner.animation_data.use_tweak_mode = False


def remove_take(character: Character, take: TakeInfo) -> None:
    """Remove a take's strips, its tracks where nothing else lies on them, and its action when nobody uses it."""
    close_takes(character)
    owner = bpy.data.objects.get(take.action[MARK].get("head_owner", ""))
    for datablock in dict.fromkeys((*_datablocks(character), *((owner,) if owner else ()))):
        for track, strip in list(strips_of(datablock)):
            if strip.action == take.action:
                track.strips.remove(strip)
                if not track.strips:
                    datablock.animation_data.nla_tracks.remove(track)
        settle(datablock)
    if take.action.users - take.action.use_fake_user == 0:
        bpy.data.actions.remove(take.action)


def read_take(character: Character, take: TakeInfo, fps: float) -> Performance:
    """The performance a take holds now, with whatever the animator changed in its curves.

    fps: the scene's frame rate; row t is frame take.start + t.

    Raises: RigError when none of its curves is left.
    """
    frames = range(take.start, take.end + 1)
    if MAPPING in take.action[MARK]:
        return _read_mapped(character, take, fps)
    values = np.zeros((len(frames), len(ARKIT_52)), np.float32)
    found = False
    for column, name in enumerate(ARKIT_52):
        curve = _shape_curve(character, take, name)
        if curve:
            values[:, column] = _sample(curve, frames)
            found = True
    if not found:
        raise RigError(f"{take.action.name} holds no curve of {character.name} any more; animate it again.")
    return Performance(RigCurves(ARKIT_52, values, fps), _head_angles(take, frames))


def _read_mapped(character: Character, take: TakeInfo, fps: float) -> Performance:
    frames = range(take.start, take.end + 1)

    def sampled(datablock: bpy.types.ID) -> dict[tuple[str, int], np.ndarray]:
        return {(curve.data_path, curve.array_index): _sample(curve, frames) for curve in _curves(datablock, take)}

    performance = read_mapped(character, take.action[MARK][MAPPING], sampled, fps)
    # Where lines of the mapping turn the head, they tell it.
    return performance if performance.head.any() else replace(performance, head=_head_angles(take, frames))


def _datablocks(character: Character) -> tuple[bpy.types.ID, ...]:
    """All that may hold takes: what is keyed now, then whatever another mapping may have keyed before."""
    found = dict.fromkeys(character.owners)
    for member in character.family:
        own = (member, getattr(member.data, "shape_keys", None), member.data if member.type == "ARMATURE" else None)
        found.update(dict.fromkeys(datablock for datablock in own if datablock and datablock.animation_data))
    return tuple(found)


def _info(action: bpy.types.Action) -> TakeInfo:
    mark = action[MARK]
    return TakeInfo(action, mark["name"], mark["recording"], int(mark["start"]), int(mark["end"]))


def _shape_curve(character: Character, take: TakeInfo, arkit: str) -> bpy.types.FCurve | None:
    """The curve of the first mesh that has one for an ARKit name."""
    for part in character.parts:
        for key in part.match.matched.get(arkit, ()):
            path = f'key_blocks["{bpy.utils.escape_identifier(key)}"].value'
            for curve in _curves(part.key, take):
                if curve.data_path == path:
                    return curve
    return None


def _curves(datablock: bpy.types.ID, take: TakeInfo) -> list[bpy.types.FCurve]:
    """The curves of all parts of a take on a datablock; what holds it at rest is none."""
    return [
        curve
        for _, strip in strips_of(datablock)
        if strip.action == take.action and part_of(strip) != REST
        for curve in curves_of(strip.action, strip.action_slot)
    ]


def _head_angles(take: TakeInfo, frames: range) -> np.ndarray:
    """The head of a take in yaw, pitch, roll; zero where it has none."""
    mark = take.action[MARK]
    owner = bpy.data.objects.get(mark.get("head_owner", ""))
    bone = mark.get("head_bone", "")
    if owner is None or (bone and bone not in owner.pose.bones):
        return np.zeros((len(frames), 3), np.float32)
    posed = owner.pose.bones[bone] if bone else owner
    # Other bones may be turned by the same take.
    path = (f"{bone_path(bone)}." if bone else "") + rotation_property(posed)
    curves = [curve for curve in _curves(owner, take) if curve.data_path == path]
    if len(curves) < 3:
        return np.zeros((len(frames), 3), np.float32)
    values = np.stack([_sample(curve, frames) for curve in sorted(curves, key=lambda curve: curve.array_index)], axis=1)
    frame = HeadFrame(tuple(mark.get("head_turn", IDENTITY)), tuple(mark.get("head_base", IDENTITY)))
    return head_angles(values, frame, posed.rotation_mode)


def _sample(curve: bpy.types.FCurve, frames: range) -> np.ndarray:
    return np.array([curve.evaluate(frame) for frame in frames], np.float32)

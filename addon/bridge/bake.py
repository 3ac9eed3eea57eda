"""Layers made into one: what is seen of a take, others' animation, scales and mutes included, as plain keys."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy
import numpy as np

from ...core.errors import RigError
from ...core.layers.closures import closure_frames
from .channels import Channel, curves_of, strips_of, write_channel
from .character import Character
from .draft import Layer
from .keys import HEAD_UNIT
from .mark import MARK, REST, closures_of, part_of
from .reduced import Reducer
from .takes import TakeInfo, close_takes, read_take
from .tracks import push, settle

BAKED = "Baked"
LIP_GROUPS = ("Jaw", "Mouth")
"""The groups of curves, as a take is keyed, in which those are that open and close the lips."""


@dataclass(frozen=True, slots=True)
class Baked:
    """What came of it: how many curves now lie on one track a datablock, and how many keys these have."""

    curves: int
    keys: int


def bake(character: Character, take: TakeInfo, scene: bpy.types.Scene, names: tuple[str, ...] = ()) -> Baked:
    """Put what is seen of a take on one track for each datablock, in the take's own action.

    names: patterns of controls such as "jaw*"; all when empty. The rest of the layers stays as it is.
    Takes as long as playing the frames does. Raises: RigError when no control of the take has such a name.
    """
    close_takes(character)
    layers = [_wanted(owner, take, names) for owner in character.owners]
    if not any(layer.channels for layer in layers):
        raise RigError(
            f"{take.action.name} has no control named {', '.join(names) or 'anything'}; "
            "give names such as jaw* or *Left, with commas between."
        )
    closures = _closures(character, take, scene.render.fps / scene.render.fps_base)
    _play(character.owners, layers, take, scene)
    error = float(take.action[MARK].get("error", 0.0))
    for _ in Reducer(closures, error, _is_of_lips).steps(layers) if error else ():
        pass
    for owner, layer in zip(character.owners, layers, strict=True):
        if layer.channels:
            _take_out(owner, take, layer)
            _put_in(owner, take, layer)
            settle(owner)
    channels = [channel for layer in layers for channel in layer.channels]
    return Baked(len(channels), sum(len(c.keyed.frames if c.keyed else c.values) for c in channels))


def _closures(character: Character, take: TakeInfo, fps: float) -> np.ndarray:
    """The frames at which the lips of a take close, from its first on: as it was made, and as its curves now say."""
    try:
        told = closure_frames(read_take(character, take, fps).curves)
    except RigError:
        told = None
    made = closures_of(take.action)
    return made if told is None else np.union1d(made, told)


def _is_of_lips(channel: Channel) -> bool:
    return channel.group in LIP_GROUPS


def selected_controls(character: Character) -> tuple[str, ...]:
    """The names of the shape keys and bones that are selected or active on what is selected."""
    found: dict[str, None] = {}
    for part in character.parts:
        if not part.mesh_object.select_get():
            continue
        active = part.mesh_object.active_shape_key
        marked = [block for block in part.key.key_blocks if getattr(block, "select", False)]
        found |= dict.fromkeys(block.name for block in (*marked, *((active,) if active else ())))
    for owner in character.owners:
        for bone in owner.pose.bones if getattr(owner, "pose", None) and owner.select_get() else ():
            # Blender 5.0 moved what is selected from the bone to its pose.
            if bone.select if hasattr(bone, "select") else bone.bone.select:
                found[bone.name] = None
    return tuple(fnmatch_escape(name) for name in found)


def fnmatch_escape(name: str) -> str:
    """A pattern that fits one name only."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _wanted(owner: bpy.types.ID, take: TakeInfo, names: tuple[str, ...]) -> Layer:
    """The curves to be baked, their values still to be read."""
    empty, channels = np.zeros(0, np.float32), []
    for curve in _own_curves(owner, take):
        if not names or any(fnmatch.fnmatch(_control(curve), name) for name in names):
            group = curve.group.name if curve.group else ""
            unit = HEAD_UNIT if "rotation" in curve.data_path else 1.0
            channels.append(Channel(curve.data_path, curve.array_index, group, empty, unit=unit))
    # Shape keys are called after nothing; their mesh has a name.
    name = owner.user.name if isinstance(owner, bpy.types.Key) else owner.name
    return Layer(owner.id_type, f"{name} {BAKED}", channels, owner=owner.session_uid)


def _control(curve: bpy.types.FCurve) -> str:
    """The shape key, bone or property that a curve moves."""
    parts = curve.data_path.split('"')
    return bpy.utils.unescape_identifier('"'.join(parts[1:-1])) if len(parts) > 2 else curve.data_path


def _own_curves(owner: bpy.types.ID, take: TakeInfo) -> Iterator[bpy.types.FCurve]:
    for _, strip in strips_of(owner):
        if strip.action == take.action and part_of(strip) != REST:
            yield from curves_of(strip.action, strip.action_slot)


def _play(owners: tuple[bpy.types.ID, ...], layers: list[Layer], take: TakeInfo, scene: bpy.types.Scene) -> None:
    """Read each channel's values off the scene, in place."""
    frames = range(take.start, take.end + 1)
    values = [np.empty((len(layer.channels), len(frames)), np.float32) for layer in layers]
    with _playhead(scene):
        for row, frame in enumerate(frames):
            scene.frame_set(frame)
            depsgraph = bpy.context.evaluated_depsgraph_get()
            for owner, layer, table in zip(owners, layers, values, strict=True):
                seen = owner.evaluated_get(depsgraph)
                table[:, row] = [_value(seen, channel) for channel in layer.channels]
    for layer, table in zip(layers, values, strict=True):
        layer.channels[:] = [
            Channel(old.path, old.index, old.group, row, old.sources, old.unit)
            for old, row in zip(layer.channels, table, strict=True)
        ]


def _value(seen: bpy.types.ID, channel: Channel) -> float:
    found = seen.path_resolve(channel.path)
    return float(found[channel.index] if hasattr(found, "__len__") else found)


@contextmanager
def _playhead(scene: bpy.types.Scene) -> Iterator[None]:
    """Put the playhead back where it was."""
    frame, part = scene.frame_current, scene.frame_subframe
    try:
        yield
    finally:
        scene.frame_set(frame, subframe=part)


def _take_out(owner: bpy.types.ID, take: TakeInfo, layer: Layer) -> None:
    """Take the baked curves out of the layers, and layers that hold nothing any more out of the file."""
    baked = {(channel.path, channel.index) for channel in layer.channels}
    emptied: dict[int, bpy.types.ActionSlot] = {}
    for track, strip in list(strips_of(owner)):
        if strip.action != take.action:
            continue
        slot = strip.action_slot
        bag = take.action.layers[0].strips[0].channelbag(slot)
        for curve in [curve for curve in bag.fcurves if (curve.data_path, curve.array_index) in baked]:
            bag.fcurves.remove(curve)
        if not bag.fcurves:
            emptied[slot.handle] = slot
            track.strips.remove(strip)
            if not track.strips:
                owner.animation_data.nla_tracks.remove(track)
    for slot in emptied.values():
        take.action.slots.remove(slot)


def _put_in(owner: bpy.types.ID, take: TakeInfo, layer: Layer) -> None:
    """A slot with the baked curves on a track of its own."""
    slot = take.action.slots.new(layer.id_type, layer.label)
    bag = take.action.layers[0].strips[0].channelbag(slot, ensure=True)
    for channel in layer.channels:
        write_channel(bag, channel, take.start)
    push(owner, layer, slot, range(take.start, take.end + 1), f"{take.name} {BAKED}")

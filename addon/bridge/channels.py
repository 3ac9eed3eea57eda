"""Reading and bulk-writing the F-curves of slotted actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np

from ...core.layers.keyed import KeyedCurve

# What a key is set to, with the number foreach_set takes for it: where every frame has one, and where few have.
_TYPES = (
    ("interpolation", "BEZIER", 2),
    ("handle_left_type", "AUTO_CLAMPED", 4),
    ("handle_right_type", "AUTO_CLAMPED", 4),
)
_BEZIER = (("interpolation", "BEZIER", 2), ("handle_left_type", "ALIGNED", 3), ("handle_right_type", "ALIGNED", 3))


@dataclass(frozen=True, slots=True)
class Channel:
    """One F-curve to be.

    values:  float32 [T], one value a frame.
    sources: the controls it follows, the foremost first; they tell which part of the face it is.
    unit:    how far it goes when a control goes from 0 to 1, so that errors can be told in shares of a control.
    keyed:   the same with fewer keys, once that is worked out.
    """

    path: str
    index: int
    group: str
    values: np.ndarray
    sources: tuple[str, ...] = ()
    unit: float = 1.0
    keyed: KeyedCurve | None = None


def new_layered_action(name: str) -> tuple[bpy.types.Action, bpy.types.ActionKeyframeStrip]:
    """An empty action with one layer, and that layer's only strip."""
    action = bpy.data.actions.new(name)
    return action, action.layers.new("Performance").strips.new(type="KEYFRAME")


def write_channel(bag: bpy.types.ActionChannelbag, channel: Channel, start: int) -> None:
    """Write one curve in bulk from frame start on: one key a frame, or the fewer ones it has."""
    curve = bag.fcurves.new(channel.path, index=channel.index)
    curve.group = bag.groups.get(channel.group) or bag.groups.new(channel.group)
    if channel.keyed is None:
        _write_keys(curve, channel.values, start)
    else:
        _write_keyed(curve, channel.keyed, start)


def _write_keyed(curve: bpy.types.FCurve, keyed: KeyedCurve, start: int) -> None:
    """Keys with handles of their own; Blender's automatic ones would leave the stated error."""
    curve.auto_smoothing = "NONE"
    points = curve.keyframe_points
    points.add(len(keyed.frames))
    away = np.array([start, 0.0])
    points.foreach_set("co", (np.stack([keyed.frames, keyed.values], axis=1) + away).astype(np.float32).ravel())
    points.foreach_set("handle_left", (keyed.left + away).astype(np.float32).ravel())
    points.foreach_set("handle_right", (keyed.right + away).astype(np.float32).ravel())
    for name, wanted, number in _BEZIER:
        if getattr(points[0], name) != wanted:
            points.foreach_set(name, np.full(len(points), number, np.int32))
    curve.update()


def _write_keys(curve: bpy.types.FCurve, values: np.ndarray, start: int) -> None:
    keys = np.empty((len(values), 2), np.float32)
    keys[:, 0] = np.arange(start, start + len(values))
    keys[:, 1] = values
    if len(values) > 2 and np.ptp(values) == 0:
        # A shape the performance never uses: two keys say so, and the dope sheet stays readable.
        keys = keys[[0, -1]]
    # With a key on each frame every interpolation agrees on the frames. Bezier serves what an animator does next:
    # motion blur and retimed strips read between the frames, and after thinning out keys the curve stays round.
    # Clamped handles never shoot past a key, so a closed lip stays closed and no shape falls below zero. Auto
    # smoothing would move handles by far neighbours and costs a pass over all keys.
    curve.auto_smoothing = "NONE"
    points = curve.keyframe_points
    points.add(len(keys))
    points.foreach_set("co", keys.ravel())
    # New keys come with the user's preferred types; setting those again would take most of the time.
    for name, wanted, number in _TYPES:
        if getattr(points[0], name) != wanted:
            points.foreach_set(name, np.full(len(keys), number, np.int32))
    curve.update()


def curves_of(action: bpy.types.Action | None, slot: bpy.types.ActionSlot | None) -> Iterator[bpy.types.FCurve]:
    """The F-curves that one slot of an action holds."""
    if action is None or slot is None:
        return
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot)
            if bag:
                yield from bag.fcurves


def paths_of(action: bpy.types.Action | None, slot: bpy.types.ActionSlot | None) -> set[str]:
    """The data paths that one slot of an action animates."""
    return {curve.data_path for curve in curves_of(action, slot)}


def strips_of(datablock: bpy.types.ID) -> Iterator[tuple[bpy.types.NlaTrack, bpy.types.NlaStrip]]:
    """Every NLA strip on a datablock with its track, lowest first."""
    if datablock.animation_data:
        for track in datablock.animation_data.nla_tracks:
            for strip in track.strips:
                yield track, strip

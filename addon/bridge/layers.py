"""A take in layers: a track for mouth, eyes, brows and head each, over one that holds the face at rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...core.layers.reduce import TOLERANCE
from ...core.layers.regions import GROUPS, HEAD, groups_of
from ...core.rig.arkit import HEAD_AXES
from ...core.rig.targets import HEAD_CURVES
from .channels import Channel, strips_of
from .draft import Layer
from .mark import REST, part_of


@dataclass(frozen=True, slots=True)
class Keying:
    """How a take is keyed.

    layers: a track for each part of the face, or one for all.
    error:  how far fewer keys may lead a control astray, 0..1; 0 keys every frame.
    """

    layers: bool = False
    error: float = 0.0


ONE_TRACK = Keying()
LAYERED = Keying(True, TOLERANCE)


def in_layers(layer: Layer, rests: list[float]) -> list[Layer]:
    """What a datablock gets, parted: rest first, the parts over it. rests: each channel's value at rest."""
    parts = [part_of_channel(channel) for channel in layer.channels]
    shared = [] if layer.blend != "REPLACE" else [_at_rest(layer, rests)]
    for group in GROUPS:
        channels = [channel for channel, part in zip(layer.channels, parts, strict=True) if part == group]
        if channels:
            shared.append(replace(layer, channels=channels, part=group))
    return shared


def tracks_of_part(
    owners: tuple[bpy.types.ID, ...], action: bpy.types.Action, part: str
) -> Iterator[tuple[bpy.types.NlaTrack, bpy.types.NlaStrip]]:
    """The tracks and strips of one part of a take, on every datablock that has one."""
    for owner in owners:
        for track, strip in strips_of(owner):
            if strip.action == action and part_of(strip) == part:
                yield track, strip


def parts_in(owners: tuple[bpy.types.ID, ...], action: bpy.types.Action) -> tuple[str, ...]:
    """The parts that a take has tracks of, in the order of GROUPS; none for a take on one track."""
    found = {part_of(strip) for owner in owners for _, strip in strips_of(owner) if strip.action == action}
    return tuple(group for group in GROUPS if group in found)


def share_of(strip: bpy.types.NlaStrip) -> float:
    """How much of a part shows, 0..1, now."""
    # A strip that is not told otherwise shows whole, whatever number it holds.
    return strip.influence if strip.use_animated_influence else 1.0


def show_share(strip: bpy.types.NlaStrip, share: float) -> None:
    """Scale a part down towards rest. share: 0..1. Where an animator keyed it, his keys stay."""
    strip.use_animated_influence = True
    curve = strip.fcurves.find("influence")
    if len(curve.keyframe_points) > 1:
        return
    # Blender reads the strip's own curve rather than its number.
    if not curve.keyframe_points:
        curve.keyframe_points.insert(strip.frame_start, share)
    curve.keyframe_points[0].co.y = share
    curve.update()
    strip.influence = share


def part_of_channel(channel: Channel) -> str:
    """The part of the face of the foremost control it follows."""
    if not channel.sources or channel.sources[0] in (*HEAD_AXES, *HEAD_CURVES):
        return HEAD
    return groups_of(channel.sources[:1])[channel.sources[0]]


def _at_rest(layer: Layer, rests: list[float]) -> Layer:
    channels = [
        replace(channel, values=np.full(len(channel.values), rest, np.float32), keyed=None)
        for channel, rest in zip(layer.channels, rests, strict=True)
    ]
    return replace(layer, channels=channels, part=REST)

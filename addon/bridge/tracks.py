"""The NLA tracks of a take: laid on top of what is there, and what of them hides or is hidden."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from .channels import curves_of, paths_of, strips_of
from .draft import Layer
from .mark import MARK, REST, is_ours, part_of


def push(datablock: bpy.types.ID, layer: Layer, slot: bpy.types.ActionSlot, span: range, title: str) -> None:
    """Put a slot of an action on a track of its own, on top of the datablock's NLA.

    span: the frames it covers. title: what track and strip are called.
    """
    animation = datablock.animation_data or datablock.animation_data_create()
    track = animation.nla_tracks.new()
    track.name = title
    placed = track.strips.new(title, span[0], slot.id_data)
    placed.action_slot = slot
    placed.blend_type = layer.blend
    # A new strip takes the length of the slot it guesses, which is not yet ours. Each bound is kept on its side of
    # the other, so the end is set twice.
    end = max(span[-1], span[0] + 1)
    placed.action_frame_end = end
    placed.action_frame_start, placed.action_frame_end = span[0], end
    placed.frame_end = end


def settle(datablock: bpy.types.ID) -> None:
    """Let exactly the lowest of our strips hold its ends, unless something of the user's lies below it.

    Outside all strips Blender resets a channel to its default, which for shape keys is 1 in some versions; a strip
    that holds keeps the face at its resting ends. A second one would hide the first outside its own time. The strips
    at rest lie under those that perform, and hold the ends of the face only where these are muted, or cut short: the
    end of such a one is the midst of a word.
    """
    performed: set[str] = set()
    below: set[str] = set()
    for _, strip in strips_of(datablock):
        paths = paths_of(strip.action, strip.action_slot)
        resting = part_of(strip) == REST
        if is_ours(strip.action):
            hides = (below if resting else performed) & paths or (_is_cut(strip) and paths <= below)
            strip.extrapolation = "NOTHING" if hides else "HOLD"
        below |= paths
        performed |= set() if resting else paths


def _is_cut(strip: bpy.types.NlaStrip) -> bool:
    """Whether a strip of ours that performs shows less than its take."""
    mark = strip.action[MARK]
    short = strip.action_frame_start > mark["start"] or strip.action_frame_end < mark["end"]
    return short and part_of(strip) != REST


def masks(datablock: bpy.types.ID, layers: list[Layer]) -> Iterator[str]:
    """What in the datablock's own animation hides strips of ours. layers: at least one."""
    animation = datablock.animation_data
    if animation is None:
        return
    label = layers[0].label
    ours = {channel.path for layer in layers for channel in layer.channels}
    hidden = {curve.data_path for curve in curves_of(animation.action, animation.action_slot)} & ours
    if hidden and animation.action_blend_type == "REPLACE" and animation.action_influence > 0:
        yield (
            f"The active action {animation.action.name} of {label} hides {len(hidden)} of {len(ours)} curves; "
            "push it down in the NLA editor or unlink it."
        )
    if not animation.use_nla:
        yield f"NLA animation of {label} is switched off, so the performance does not show."
    if any(track.is_solo for track in animation.nla_tracks):
        yield f"Another NLA track of {label} plays solo, so the performance does not show."

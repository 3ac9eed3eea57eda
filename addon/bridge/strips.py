"""Sound strips of the sequencer as spoken lines: which recording, from which frame, and which part of it is heard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy

from ...core.errors import RigError
from ..compat import strip_span, strip_start
from .channels import strips_of
from .mark import MARK
from .tracks import settle

_OWN = "own_strip"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a sound strip plays.

    start:       scene frame at which the recording begins, heard or not.
    first, last: scene frames at which the strip is heard, both included.
    """

    recording: Path
    channel: int
    start: int
    first: int
    last: int


def selected_sounds(scene: bpy.types.Scene) -> list[bpy.types.SoundStrip]:
    """The selected sound strips of a scene's sequencer, or of the meta strip that is open in it, in order of time."""
    editor = scene.sequence_editor
    if editor is None:
        return []
    strips = editor.meta_stack[-1].strips if editor.meta_stack else editor.strips
    sounds = [strip for strip in strips if strip.type == "SOUND" and strip.select and strip.sound]
    return sorted(sounds, key=lambda strip: (strip_span(strip), strip.channel))


def spoken(strip: bpy.types.SoundStrip) -> Spoken:
    """What a strip plays. Raises: RigError for one that plays at another speed than its recording."""
    if len(strip.retiming_keys):
        raise RigError("The strip is retimed, so sound and face would part; reset its retiming (Strip > Retiming).")
    first, behind = strip_span(strip)
    start = strip_start(strip) - strip.animation_offset_start
    return Spoken(Path(bpy.path.abspath(strip.sound.filepath)), strip.channel, start, first, behind - 1)


def trim_take(owners: tuple[bpy.types.ID, ...], action: bpy.types.Action, first: int, last: int) -> None:
    """Let a take be seen from one frame to another only; its keys all stay, so it can be lengthened by hand.

    owners: the datablocks that have strips of it.
    """
    for owner in owners:
        for _, strip in strips_of(owner):
            if strip.action == action:
                _trim(strip, first, last)
        settle(owner)


def note_own_strip(action: bpy.types.Action) -> None:
    """Remember that the sound of a take is the user's own strip, which goes with no take."""
    action[MARK][_OWN] = True


def has_own_strip(action: bpy.types.Action) -> bool:
    """Whether a take was made from a strip that was there before."""
    return bool(action[MARK].get(_OWN, False))


def _trim(strip: bpy.types.NlaStrip, first: int, last: int) -> None:
    start, end = strip.frame_start, strip.frame_end
    first, last = max(first, start), min(last, end)
    if (first, last) == (start, end) or first >= last:
        return
    strip.action_frame_end = last
    strip.action_frame_start = first
    # Blender keeps the start of the strip where it was and moves its end.
    strip.frame_start_ui = first
    strip.frame_end = last

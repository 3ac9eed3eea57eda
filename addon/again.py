"""A part of a take run again: the worker performs the whole recording anew, and only the part goes into the file."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ..core.errors import RigError
from ..core.layers.again import EASE_S
from ..core.layers.closures import closure_frames
from ..core.layers.crossfade import join_phones, span_weights
from ..core.layers.regions import GROUPS
from ..core.layers.words import spoken_words
from ..core.speech.align import TranscriptError
from ..core.speech.phones import PhoneError, PhoneTrack
from .bridge.channels import Channel, curves_of, strips_of
from .bridge.character import Character
from .bridge.keys import check_closed
from .bridge.layers import part_of_channel
from .bridge.mark import (
    MARK,
    REST,
    closures_of,
    is_ours,
    note_closures,
    note_script,
    part_of,
    phones_of,
    script_of,
    stored_phones,
)
from .bridge.reduced import follows_lips, marked, swings
from .bridge.splice import Stretch, splice
from .delivery import Delivery
from .request import Request, rate_of


@dataclass(frozen=True, slots=True)
class Again:
    """Which part of which take.

    action:      the session id of its action.
    first, last: scene frames, both included; nothing changes outside.
    parts:       some of GROUPS; the others stay as they are.
    """

    action: int
    first: int
    last: int
    parts: tuple[str, ...] = GROUPS


class AgainDelivery(Delivery):
    """A new performance on its way into a part of a take that is there. Nothing is written before finish().

    The request's keying must be ONE_TRACK: which keys there are is the take's affair.
    """

    def __init__(self, request: Request, again: Again) -> None:
        super().__init__(request)
        self._again = again
        self._planned = False
        self._phones: PhoneTrack | None = None
        self._closures: np.ndarray | None = None

    @property
    def ready(self) -> bool:
        return self._planned

    def steps(self, output: Path) -> Iterator[None]:
        """Work out the new values of the whole take. Raises: RigError."""
        yield from self._work_out(output)
        self._phones = self._plan.take.performance.phones
        self._closures = closure_frames(self._plan.take.performance.curves)
        self._planned = True

    def finish(self, sequencer: bpy.types.Scene | None = None) -> tuple[str, ...]:
        """Put the part into the take's curves. Raises: RigError, before anything is changed."""
        scene, character = self._targets()
        self._check(scene, character)
        action, changed = self._action(), 0
        for uid, owner in zip(self._plan.owners, character.owners, strict=True):
            found = _curves(owner, action)
            channels = [channel for layer in self._plan.layers if layer.owner == uid for channel in layer.channels]
            for channel in channels:
                curve = found.get((channel.path, channel.index))
                if curve and part_of_channel(channel) in self._again.parts:
                    changed += splice(curve, self._stretch(curve, channel, action[MARK].get("error", 0.0)))
        self._note_phones(action, rate_of(scene))
        first, last = self._again.first, self._again.last
        self.saved = f"{changed} curves of {action.name} changed from frame {first} to {last}."
        return () if changed else (f"Nothing differs between frame {first} and {last}, so nothing was changed.",)

    def _check(self, scene: bpy.types.Scene, character: Character) -> None:
        check_closed(character)
        action, take = self._action(), self._plan.take
        mark = action[MARK]
        if not math.isclose(rate_of(scene), take.performance.curves.fps, rel_tol=1e-6):
            raise RigError(f"The frame rate of {scene.name} was changed meanwhile; run the part again once more.")
        if (mark["start"], mark["end"]) != (take.start, take.end):
            raise RigError(
                f"{action.name} was made at another frame rate, so its frames are no longer those of the recording; "
                "animate it anew."
            )
        if self._plan.owners != tuple(owner.session_uid for owner in character.owners):
            raise RigError(f"{character.name} was changed meanwhile; run the part again once more.")

    def _action(self) -> bpy.types.Action:
        action = next((found for found in bpy.data.actions if found.session_uid == self._again.action), None)
        if not is_ours(action):
            raise RigError("The take was removed while its part was being made; nothing was written.")
        return action

    def _stretch(self, curve: bpy.types.FCurve, channel: Channel, error: float) -> Stretch:
        """The new values between one frame before the part and one behind it, where the curve is what it was."""
        take, count = self._plan.take, len(channel.values)
        span = range(self._again.first - take.start, self._again.last - take.start + 1)
        wide = range(max(span.start - 1, 0), min(span.stop + 1, count))
        old = np.array([curve.evaluate(take.start + row) for row in wide], np.float32)
        share = np.zeros(len(wide), np.float32)
        eases = round(EASE_S * take.performance.curves.fps)
        inner = span.start - wide.start
        share[inner : inner + len(span)] = span_weights(span, eases, count)
        mixed = old + share * (channel.values[wide.start : wide.stop].astype(np.float32) - old)
        kept = None
        if self._closures is not None and follows_lips(channel) and swings(channel):
            kept = marked(self._closures, count)[wide.start : wide.stop]
        return Stretch(take.start + wide.start, mixed, error * channel.unit, kept)

    def _note_phones(self, action: bpy.types.Action, fps: float) -> None:
        """Remember what is said now, where it is known of both, and where lips close."""
        old, again = phones_of(action), self._again
        if self._closures is not None and "mouth" in again.parts:
            rows = np.arange(again.first - self.request.start, again.last + 1 - self.request.start)
            before = np.setdiff1d(closures_of(action), rows)
            note_closures(action, np.union1d(before, np.intersect1d(self._closures, rows)))
        if old and self._phones and "mouth" in again.parts:
            start = self.request.start
            joined = join_phones(old, self._phones, (again.first - start) / fps, (again.last + 1 - start) / fps)
            action[MARK]["phones"] = stored_phones(joined)
            self._note_words(action, joined)

    def _note_words(self, action: bpy.types.Action, track: PhoneTrack) -> None:
        """Remember other words, where they are what the whole take says now."""
        script = self.request.guidance.script
        if script and script.text and script != script_of(action):
            with contextlib.suppress(PhoneError, TranscriptError):
                spoken_words(track, script.words())
                note_script(action, script)


def check_again(again: Again, action: bpy.types.Action) -> None:
    """Raise RigError, in one sentence, for a part that is none of the take's frames."""
    start, end = int(action[MARK]["start"]), int(action[MARK]["end"])
    if not start <= again.first <= again.last <= end:
        raise RigError(
            f"{action.name} has frames {start} to {end}; choose a part of these, not {again.first} to {again.last}."
        )
    if not again.parts:
        raise RigError("No part of the face is chosen; choose mouth, eyes, brows or head.")


def _curves(owner: bpy.types.ID, action: bpy.types.Action) -> dict[tuple[str, int], bpy.types.FCurve]:
    """The curves of a take on a datablock, but those that hold it at rest."""
    return {
        (curve.data_path, curve.array_index): curve
        for _, strip in strips_of(owner)
        if strip.action == action and part_of(strip) != REST
        for curve in curves_of(action, strip.action_slot)
    }

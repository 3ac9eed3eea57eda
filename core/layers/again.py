"""Runs a part of a performance again: other wishes, another mood or other words, and only that part changes.

The whole recording is performed and the part taken from it, which takes as long as it did the first time. So the part
is what the whole would have been, its loudness, phrasing and chance included, and no context can be too short.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..errors import RigError, SettingError
from ..rig.convert import to_rig
from ..rig.names import rig_of
from ..speech.align import align
from ..speech.brief import Brief
from ..speech.emotion import EmotionTrack
from ..speech.hear import hear, take_in
from ..speech.level import FRAME_RATE_HZ
from ..speech.perform import perform
from ..speech.phones import PhoneTrack
from ..speech.script import Script
from ..speech.weights import SpeechModel, load_model
from ..types import Performance, RigCurves, Speech
from .crossfade import crossfade, join_phones
from .words import Spoken

EASE_S = 0.12
"""How long leading over takes where nobody says; as core.speech.retouch."""


@dataclass(frozen=True, slots=True)
class Part:
    """Frames to be run again.

    span:        all that may change, the eases included.
    ease_frames: how many at either end lead over.
    """

    span: range
    ease_frames: int


def part_of_frames(first: int, last: int, fps: float, ease_s: float = EASE_S) -> Part:
    """The frames first to last, both included; nothing outside changes, so the eases lie within."""
    if last < first:
        raise SettingError(f"The part must end at its first frame {first} or later, but ends at {last}.")
    return Part(range(first, last + 1), round(ease_s * fps))


def part_of_speech(spoken: tuple[Spoken, ...], fps: float, count: int, ease_s: float = EASE_S) -> Part:
    """Some words or phrases, all of which shall be new; so the eases lie around them.

    spoken: at least one, in order. count: frames of the performance.
    """
    if not spoken:
        raise SettingError("The part holds no word; name at least one.")
    ease = round(ease_s * fps)
    first = max(0, math.floor(spoken[0].start_s * fps) - ease)
    last = min(count, math.ceil(spoken[-1].end_s * fps) + 1 + ease)
    return Part(range(min(first, count - 1), last), ease)


def run_again(
    speech: Speech,
    old: Performance,
    part: Part,
    brief: Brief,
    *,
    progress: Callable[[float], None] | None = None,
    model: SpeechModel | None = None,
) -> Performance:
    """A performance with one part as another brief wants it.

    speech: the recording that old is of, as perform() takes it. brief: of the whole recording; its frame rate is that
    of old. Returns old outside the part, bit for bit, and within what perform() gives for the brief.
    Raises RigError for curves that are no rig's or have another number of frames, and whatever perform() raises.
    """
    rig = _rig(old)
    made = perform(speech, replace(brief, fps=old.curves.fps), progress=progress, model=model)
    return crossfade(old, _in_order(to_rig(made, rig), old.curves.names), part.span, part.ease_frames)


def say_again(
    speech: Speech, phones: PhoneTrack, spoken: Spoken, script: Script, model: SpeechModel | None = None
) -> Script:
    """What the whole recording says when other words are said in a part of it, as a script for run_again().

    phones: of the recording as it was performed. spoken: the seconds of the part; its text is passed over.
    script: the words of the part alone. Raises TranscriptError for words that do not fit there.
    """
    model = model or load_model()
    _, posteriors = hear(take_in(speech), model, EmotionTrack.neutral(), lambda _: None)
    first = min(round(spoken.start_s * FRAME_RATE_HZ), len(posteriors) - 1)
    last = max(first + 1, round(spoken.end_s * FRAME_RATE_HZ))
    start_s = first / FRAME_RATE_HZ
    heard = posteriors[first:last]
    said = align(heard, script.ways(), min(len(heard) / FRAME_RATE_HZ, phones.duration_s - start_s))
    moved = tuple(
        replace(phone, start_s=phone.start_s + start_s, end_s=min(phone.end_s + start_s, phones.duration_s))
        for phone in said.phones
    )
    end_s = min(start_s + said.duration_s, phones.duration_s)
    return Script.from_track(join_phones(phones, PhoneTrack(moved, phones.duration_s), start_s, end_s))


def _rig(old: Performance) -> str:
    rig = rig_of(old.curves.names)
    if rig is None:
        raise RigError("A part can be run again on the controls of one whole rig; these are some others.")
    if rig == "flame" and old.curves.values[:, : _first_turn(old.curves.names)].any():
        raise RigError("FLAME's expressions cannot be run again here; run the part on another rig and convert it then.")
    return rig


def _first_turn(names: tuple[str, ...]) -> int:
    """How many controls of FLAME are expressions, which come first."""
    return sum(name.startswith("expr_") for name in names)


def _in_order(performance: Performance, names: tuple[str, ...]) -> Performance:
    """The same with its controls in another order."""
    curves = performance.curves
    if curves.names == names:
        return performance
    places = [curves.names.index(name) for name in names]
    values = np.ascontiguousarray(curves.values[:, places])
    return replace(performance, curves=RigCurves(names, values, curves.fps))

"""A span of one performance put into another, eased at its ends, everything outside left as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import RigError, SettingError
from ..speech.phones import Phone, PhoneTrack
from ..types import Performance, RigCurves
from .mixing import mix, mixed

SLIVER_S = 0.002
"""What is left of a phone that the edge of a span cuts counts from here on."""


def crossfade(old: Performance, new: Performance, span: range, ease_frames: int) -> Performance:
    """The old performance with the frames of a span from the new one.

    old, new:    of one recording: the same controls, frame rate and number of frames.
    span:        the frames that may change, a step of 1.
    ease_frames: how many at either end of the span lead over; none at an end where the performance itself ends. In a
                 span shorter than both, half of it each.
    Lips that are closed in both are closed on the way. Head and phones go along; phones are cut at the span's ends.
    Returns a performance that is the old one bit for bit outside the span and the new one within the eases.
    Raises RigError for performances that do not belong together, SettingError for a span that is none of their frames.
    """
    _check_pair(old, new)
    count = len(old.head)
    _check_span(span, ease_frames, count)
    rows, share = slice(span.start, span.stop), span_weights(span, ease_frames, count)[:, None]
    values, head = old.curves.values.copy(), old.head.copy()
    head[rows] = mixed(old.head[rows], new.head[rows], share)
    values[rows] = mix(old.curves.values[rows], new.curves.values[rows], share, old.curves.names)
    curves, fps = RigCurves(old.curves.names, values, old.curves.fps), old.curves.fps
    return Performance(curves, head, _joined_phones(old.phones, new.phones, span.start / fps, span.stop / fps))


def span_weights(span: range, ease_frames: int, count: int) -> np.ndarray:
    """How much of the new performance each frame of a span has, float32 [len(span)], above 0 and up to 1."""
    length = len(span)
    ease = min(ease_frames, length // 2)
    places = np.arange(length)
    rise = np.ones(length) if span.start == 0 else np.clip((places + 1) / (ease + 1), 0, 1)
    fall = np.ones(length) if span.stop == count else np.clip((length - places) / (ease + 1), 0, 1)
    share = np.minimum(rise, fall)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def join_phones(old: PhoneTrack, new: PhoneTrack, start_s: float, end_s: float) -> PhoneTrack:
    """The phones of the old track outside some seconds and of the new one within; halves of one sound grow together."""
    pieces = [*_cut(old, 0.0, start_s), *_cut(new, start_s, min(end_s, old.duration_s))]
    pieces += _cut(old, end_s, old.duration_s)
    joined: list[Phone] = []
    for phone in pieces:
        before = joined[-1] if joined else None
        if before and before.symbol == phone.symbol and before.end_s == phone.start_s in (start_s, end_s):
            joined[-1] = replace(before, end_s=phone.end_s, confidence=min(before.confidence, phone.confidence))
        else:
            joined.append(phone)
    return PhoneTrack(tuple(joined), old.duration_s)


def _joined_phones(old: PhoneTrack | None, new: PhoneTrack | None, start_s: float, end_s: float) -> PhoneTrack | None:
    """As join_phones; where one of them is not known, the old ones stay."""
    return old if old is None or new is None else join_phones(old, new, start_s, end_s)


def _cut(track: PhoneTrack, start_s: float, end_s: float) -> list[Phone]:
    """What of a track lies between two moments, without slivers."""
    cut = ((phone, max(phone.start_s, start_s), min(phone.end_s, end_s)) for phone in track.phones)
    return [replace(phone, start_s=first, end_s=last) for phone, first, last in cut if last - first > SLIVER_S]


def _check_pair(old: Performance, new: Performance) -> None:
    if old.curves.names != new.curves.names:
        raise RigError("The two performances move other controls; convert them to one rig first.")
    if old.curves.fps != new.curves.fps or len(old.head) != len(new.head):
        raise RigError(
            f"The old performance has {len(old.head)} frames at {old.curves.fps:g} fps and the new one "
            f"{len(new.head)} at {new.curves.fps:g}; make both of the same recording and frame rate."
        )


def _check_span(span: range, ease_frames: int, count: int) -> None:
    if span.step != 1 or not 0 <= span.start < span.stop <= count:
        raise SettingError(
            f"The frames {span.start} to {span.stop - 1} cannot be replaced; "
            f"the performance has frames 0 to {count - 1}."
        )
    if ease_frames < 0:
        raise SettingError(f"The frames that lead over must be 0 or more, but are {ease_frames}.")

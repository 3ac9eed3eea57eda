"""A part of a performance, and a performance at another frame rate."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .errors import SettingError
from .types import Performance, RigCurves

if TYPE_CHECKING:
    from .speech.phones import PhoneTrack

LOWEST_FPS, HIGHEST_FPS = 1.0, 240.0
SLACK_FRAMES = 1e-6
"""Seconds that name a frame are rounded; so little off is that frame."""


def trimmed(performance: Performance, from_s: float, to_s: float = math.inf) -> Performance:
    """The rows from one second up to, but not including, another; the first kept row becomes row 0.

    Rows stay as they are, so the part may begin up to a frame after from_s. Phones move along and are cut at the ends.
    Raises SettingError for seconds that leave nothing.
    """
    fps, frames = performance.curves.fps, len(performance.head)
    if not (math.isfinite(from_s) and 0 <= from_s < to_s):
        raise SettingError(
            f"The part must begin at 0 s or later and end after that, but goes from {from_s:g} to {to_s:g} s."
        )
    first = math.ceil(from_s * fps - SLACK_FRAMES)
    last = frames if to_s == math.inf else min(math.ceil(to_s * fps - SLACK_FRAMES), frames)
    if first >= last:
        raise SettingError(
            f"Nothing lies between {from_s:g} and {to_s:g} s: the performance is {frames / fps:g} s long."
        )
    curves = RigCurves(performance.curves.names, performance.curves.values[first:last].copy(), fps)
    phones = performance.phones and _cut(performance.phones, first / fps, min(last / fps, to_s))
    return replace(performance, curves=curves, head=performance.head[first:last].copy(), phones=phones)


def at_rate(performance: Performance, fps: float) -> Performance:
    """The same motion at another frame rate: straight lines between its rows, the last row not left behind.

    Raises SettingError for a rate outside 1 to 240.
    """
    curves = performance.curves
    if not (math.isfinite(fps) and LOWEST_FPS <= fps <= HIGHEST_FPS):
        raise SettingError(f"The frame rate must be {LOWEST_FPS:g} to {HIGHEST_FPS:g} frames a second, but is {fps:g}.")
    if fps == curves.fps:
        return performance
    rows = math.floor((len(curves.values) - 1) / curves.fps * fps + SLACK_FRAMES) + 1
    places = np.minimum(np.arange(rows) / fps * curves.fps, len(curves.values) - 1)
    head = _between(performance.head, places)
    return replace(performance, curves=RigCurves(curves.names, _between(curves.values, places), fps), head=head)


def _between(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows float32 [T, N] at places that lie between them, float32 [P, N]."""
    left = places.astype(np.int64)
    part = (places - left).astype(np.float32)[:, None]
    part = np.where(part < SLACK_FRAMES, np.float32(0), part)
    right = np.minimum(left + 1, len(rows) - 1)
    return rows[left] * (1 - part) + rows[right] * part


def _cut(track: PhoneTrack, from_s: float, to_s: float) -> PhoneTrack:
    """The phones of a part, whose first second becomes 0."""
    from .speech.phones import TOLERANCE_S

    end_s = min(to_s, track.duration_s) - from_s
    kept = []
    for phone in track.phones:
        start_s, stop_s = max(phone.start_s - from_s, 0.0), min(phone.end_s - from_s, end_s)
        if stop_s - start_s > TOLERANCE_S:
            kept.append(replace(phone, start_s=start_s, end_s=stop_s))
    return replace(track, phones=tuple(kept), duration_s=max(end_s, 0.0))

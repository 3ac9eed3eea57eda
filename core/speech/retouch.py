"""Where an edited phone track differs from the heard one, so that only there the face is made anew from phones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..arrays import check
from .level import FRAME_RATE_HZ
from .phones import PHONES, Phone, PhoneError, PhoneTrack

REACH_S = 0.08
"""How far a changed sound colours its neighbours in full."""
EASE_S = 0.12
"""How long the way from what is heard to what is made takes; JALI's onset."""
SLIVER_S = 0.002
"""Changes shorter than this come from rounding in a file."""
Span = tuple[float, float]


def one_hot(track: PhoneTrack, count: int, blur_s: float = 1 / FRAME_RATE_HZ) -> np.ndarray:
    """Phones as the articulator reads them, float32 [count, 40] at 50 Hz; rows sum to 1.

    blur_s: length over which a change of phone is spread; row n is the share of each phone in the blur_s seconds
    around n / 50 s. What no phone covers is silence.
    """
    shares = np.zeros((count, len(PHONES)), np.float64)
    if not count:
        return shares.astype(np.float32)
    times = np.arange(count) / FRAME_RATE_HZ
    left, right = times - blur_s / 2, times + blur_s / 2
    for phone in track.phones:
        first, last = _rows_near(phone, blur_s, count)
        cover = np.minimum(right[first:last], phone.end_s) - np.maximum(left[first:last], phone.start_s)
        shares[first:last, PHONES.index(phone.symbol)] += np.maximum(cover, 0.0) / blur_s
    shares[:, 0] += np.maximum(1.0 - shares.sum(axis=1), 0.0)
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def changed_spans(heard: PhoneTrack, edited: PhoneTrack) -> tuple[Span, ...]:
    """The seconds in which another phone is said, as (start, end) in order; a gap is the same as silence.

    Raises PhoneError if the edited track is of another recording, by its length.
    """
    if abs(heard.duration_s - edited.duration_s) > 1 / FRAME_RATE_HZ:
        raise PhoneError(
            f"The edited phones are of a recording of {edited.duration_s:.2f} s, but this one has "
            f"{heard.duration_s:.2f} s; edit the phones of this recording."
        )
    tracks = (heard, edited)
    edges = {edge for track in tracks for phone in track.phones for edge in (phone.start_s, phone.end_s)}
    times = np.array(sorted(edges | {0.0, heard.duration_s}))
    middles = (times[1:] + times[:-1]) / 2
    differ = heard.symbols_at(middles) != edited.symbols_at(middles)
    spans: list[Span] = []
    for (start, end), other in zip(pairwise(times.tolist()), differ, strict=True):
        if other and spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        elif other:
            spans.append((start, end))
    return tuple(span for span in spans if span[1] - span[0] > SLIVER_S)


def mask(spans: tuple[Span, ...], count: int) -> np.ndarray:
    """How far the face is made anew in each of count frames at 50 Hz, float32 [count], 0..1.

    spans: in order and apart, as changed_spans() gives them.
    1 within the spans and REACH_S around them, eased to 0 over EASE_S further.
    """
    times = np.arange(count) / FRAME_RATE_HZ
    starts, ends = (np.array(edge) for edge in zip((-np.inf, -np.inf), *spans, (np.inf, np.inf), strict=True))
    after = np.searchsorted(starts, times, side="right")  # The first span that begins later.
    away = np.minimum(starts[after] - times, times - ends[after - 1])
    share = np.clip(1 - (away - REACH_S) / EASE_S, 0.0, 1.0)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def blend(driven: np.ndarray, made: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Curves driven by sound, with those made from phones where weights is 1.

    driven, made: float32 [N, C]; weights: float32 [N], 0..1. Returns float32 [N, C], driven itself where weights is 0.
    """
    check("driven", driven, ("N", "C"))
    check("made", made, driven.shape)
    check("weights", weights, (len(driven),))
    return driven + weights[:, None] * (made - driven)


def _rows_near(phone: Phone, blur_s: float, count: int) -> tuple[int, int]:
    first = int((phone.start_s - blur_s / 2) * FRAME_RATE_HZ)
    last = int((phone.end_s + blur_s / 2) * FRAME_RATE_HZ) + 2
    return min(max(first, 0), count), min(max(last, 0), count)

"""Methods against film: how lips open, how wide they are drawn, when they close, and how late all that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.training.judge import correlation, correlation_at, score_clip

from .clips import Clip
from .methods import RATE_HZ, Lips, Method

MOST_OFFSET_S = 0.4
OFFSET_STEP_S = 0.005


@dataclass(frozen=True, slots=True)
class Row:
    """One method on one set of clips: medians over clips, but for the shift.

    shift_s: how much later than its source's offset asks the film trails the method, median over sources; worst_s: the
    greatest of any source, with its sign. width_r: at the shift that suits the opening; width_own_r: at its own best.
    """

    clips: str
    method: str
    count: int
    opening_r: float
    width_r: float
    width_own_r: float
    closure_f1: float
    shift_s: float
    worst_s: float


def remembered(method: Method) -> Method:
    """The same method, asked once a recording."""
    known: dict[bytes, Lips] = {}

    def recalled(samples: np.ndarray) -> Lips:
        key = samples.tobytes()
        if key not in known:
            known[key] = method(samples)
        return known[key]

    return recalled


def source_offsets(clips: list[Clip], referee: Method) -> dict[str, float]:
    """How many seconds each source's pictures trail its sound, by one method's lips, within MOST_OFFSET_S."""
    tried = np.arange(-MOST_OFFSET_S, MOST_OFFSET_S + 1e-9, OFFSET_STEP_S)
    table: dict[str, list[list[float]]] = {}
    for clip in clips:
        lips = referee(clip.samples).opening
        found = [correlation(read_at(lips, clip.times - offset), clip.opening) for offset in tried]
        table.setdefault(clip.source, []).append(found)
    return {source: float(tried[np.mean(found, axis=0).argmax()]) for source, found in table.items()}


def judge(name: str, clips: list[Clip], offsets: dict[str, float], method: tuple[str, Method]) -> Row:
    """Score one method, (its name, itself), on one set of clips, the sources' offsets taken out."""
    figures = np.median([_score(clip, offsets[clip.source], method[1]) for clip in clips], axis=0)
    found = source_offsets(clips, method[1])
    shifts = np.array([found[source] - offsets[source] for source in offsets])
    worst = shifts[np.abs(shifts).argmax()]
    return Row(name, method[0], len(clips), *figures.tolist(), float(np.median(shifts)), float(worst))


def _score(clip: Clip, offset_s: float, method: Method) -> tuple[float, ...]:
    """Opening r, width r at the opening's shift, width r at its own, and closure F1 of one clip."""
    lips = method(clip.samples)
    opening, width = (read_at(curve, clip.times - offset_s) for curve in (lips.opening, lips.width))
    score = score_clip(opening, clip.opening, clip.fps)
    together = correlation_at(width, clip.width, clip.fps, score.shift_s)
    return score.r, together, score_clip(width, clip.width, clip.fps).r, score.closure_f1


def read_at(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Read values at RATE_HZ at other times, the ends held."""
    return np.interp(times, np.arange(len(values)) / RATE_HZ, values)

"""How much later a film runs than a recording of the same speech, told by the lips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import RigError, SettingError
from ..layers.closures import opening_of
from ..layers.regions import GROUPS, MOUTH
from ..types import Performance
from .filmed import Filmed

RATE_HZ = 100.0
MOST_S = 2.0
"""Clocks that were started by hand are rarely further apart."""
SLOW_S = 1.0
"""What changes more slowly than this is mood or drift and tells nothing about time."""
LEAST_OVERLAP_S = 1.0
CLEAR = 0.3
"""Correlation from which the lips of two performances are taken for the same speech."""


@dataclass(frozen=True, slots=True)
class Offset:
    """seconds: what the recording says at t, the film shows at t + seconds. correlation: of the openings, there."""

    seconds: float
    correlation: float

    @property
    def is_clear(self) -> bool:
        return self.correlation >= CLEAR


def find_offset(spoken: Performance, film: Filmed, most_s: float = MOST_S) -> Offset:
    """The offset at which both mouths open together best, to a fraction of a frame.

    spoken: the performance made from the recording; film: of the same speech; where the film was not sure of the mouth
    it does not count. most_s: how far apart they may be.
    Raises RigError for curves that do not tell how far the mouth is open, SettingError for less than a second in both.
    """
    voice, _ = _sampled(spoken, np.ones(len(spoken.head), np.float32))
    shown, sure = _sampled(film.performance, film.confidence[:, GROUPS.index(MOUTH)])
    reach = min(round(most_s * RATE_HZ), max(len(voice), len(shown)) - 1)
    shifts = np.arange(-reach, reach + 1)
    scores = np.array([_agreement(voice, shown, sure, int(shift)) for shift in shifts])
    if not np.isfinite(scores).any():
        raise SettingError(
            "Recording and film have less than a second of seen speech in common; "
            "give a longer film, or the offset yourself."
        )
    best = int(np.nanargmax(scores))
    return Offset(float((shifts[best] + _peak(scores, best)) / RATE_HZ), float(scores[best]))


def _sampled(performance: Performance, sure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the mouth is open beside its slow drift, and how sure that is, both [S] at RATE_HZ."""
    opening = opening_of(performance.curves)
    if opening is None:
        raise RigError("These curves do not tell how far the mouth is open; give ones of ARKit or MetaHuman.")
    frames = len(opening)
    places = np.arange(0, frames - 1 + 1e-6, performance.curves.fps / RATE_HZ)
    steps = np.arange(frames)
    opening, sure = np.interp(places, steps, opening), np.interp(places, steps, sure)
    window = np.hanning(2 * round(SLOW_S * RATE_HZ) + 1)
    weight = np.maximum(sure, 1e-6)
    drift = _spread(opening * weight, window) / _spread(weight, window)
    return opening - drift, sure


def _spread(values: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Values [S] smoothed by a window, which may be longer than they are."""
    half = len(window) // 2
    return np.convolve(np.pad(values, half), window, mode="valid")


def _agreement(voice: np.ndarray, shown: np.ndarray, sure: np.ndarray, shift: int) -> float:
    """The correlation of the two openings where both are known, the film taken so many samples later; else nan."""
    first, last = max(0, -shift), min(len(voice), len(shown) - shift)
    if last - first < LEAST_OVERLAP_S * RATE_HZ:
        return np.nan
    a, b, weight = voice[first:last], shown[first + shift : last + shift], sure[first + shift : last + shift]
    if weight.sum() < LEAST_OVERLAP_S * RATE_HZ:
        return np.nan
    a, b = a - np.average(a, weights=weight), b - np.average(b, weights=weight)
    power = np.sqrt((weight * a * a).sum() * (weight * b * b).sum())
    return float((weight * a * b).sum() / power) if power > 1e-9 else 0.0


def _peak(scores: np.ndarray, best: int) -> float:
    """Where between its neighbours a peak lies, -0.5..0.5, from the parabola through the three."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    before, here, after = scores[best - 1 : best + 2]
    bend = before - 2 * here + after
    return float((before - after) / (2 * bend)) if np.isfinite(bend) and bend < -1e-12 else 0.0

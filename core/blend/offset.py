"""How much later a film runs than a recording of the same speech, told by the lips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import RigError
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
OWN_SOUND_S = 0.5
"""How far a film's own sound is looked for beside its pictures."""
CLEAR, LUCK, BEATS_HZ = 0.25, 0.85, 2.0
"""Correlation from which the lips of two long performances are taken for the same speech. Of a few seconds more is
asked: lips open and shut about twice a second, few such beats agree by chance, and the better the more offsets are
tried. Fisher's z of the correlation must be LUCK times what the best of so many tries is expected to have."""
SHORT_S = 1.5
"""Openings that both move for so short a time agree by chance as well."""
RIVAL_S, AHEAD = 0.2, 0.25
"""A rival is another peak at least so far away; an offset is sure when it agrees by so much better than any."""
LEAST_SURE = 0.2


@dataclass(frozen=True, slots=True)
class Offset:
    """seconds: what the recording says at t, the film shows at t + seconds. correlation: of the openings, there.

    sure: 0 (any other offset would do as well, or the lips do not fit at all) to 1.
    """

    seconds: float
    correlation: float
    sure: float = 1.0

    @property
    def is_clear(self) -> bool:
        """Whether it should be used."""
        return self.sure >= LEAST_SURE

    def sentence(self) -> str:
        """What to tell people about it."""
        if not self.is_clear:
            agreed = f"they agree to {self.correlation:.2f} at best, {self.sure:.0%} sure"
            return f"The lips do not tell how much later the film runs ({agreed}); 0 s is used."
        agreed = f"they agree to {self.correlation:.2f}, {self.sure:.0%} sure"
        return f"The film is {self.seconds:+.3f} s later than the recording, by the lips ({agreed})."


def find_offset(spoken: Performance, film: Filmed, most_s: float = MOST_S) -> Offset:
    """The offset at which both mouths open together best, to a fraction of a frame.

    spoken: the performance made from the recording; film: of the same speech; where the film was not sure of the mouth
    it does not count. most_s: how far apart they may be.
    Less than a second of seen speech in both tells nothing: 0 s, not sure at all.
    Raises RigError for curves that do not tell how far the mouth is open.
    """
    voice, _ = _sampled(spoken, np.ones(len(spoken.head), np.float32))
    shown, sure = _sampled(film.performance, film.confidence[:, GROUPS.index(MOUTH)])
    reach = min(round(most_s * RATE_HZ), max(len(voice), len(shown)) - 1)
    shifts = np.arange(-reach, reach + 1)
    found = np.array([_agreement(voice, shown, sure, int(shift)) for shift in shifts])
    scores, weights = found.T
    if not np.isfinite(scores).any():
        return Offset(0.0, 0.0, 0.0)
    counted = scores * np.sqrt(weights / (weights + SHORT_S * RATE_HZ))
    best = int(np.nanargmax(counted))
    ahead = counted[best] - _rival(counted, best)
    certain = float(np.clip(ahead / AHEAD, 0, 1)) if scores[best] >= _asked(weights[best] / RATE_HZ, most_s) else 0.0
    return Offset(float((shifts[best] + _peak(scores, best)) / RATE_HZ), float(scores[best]), certain)


def _asked(seconds: float, most_s: float) -> float:
    """The correlation that is more than luck when so much speech is compared at offsets of up to most_s."""
    tries = max(2 * most_s * BEATS_HZ, 2.0)
    luck = LUCK * np.sqrt(2 * np.log(tries) / (BEATS_HZ * seconds))
    return max(CLEAR, float(np.tanh(luck)))


def _rival(scores: np.ndarray, best: int) -> float:
    """The highest other score that is no shoulder of the best one, at least 0."""
    far = np.abs(np.arange(len(scores)) - best) >= RIVAL_S * RATE_HZ
    low, high = best, best
    while low > 0 and scores[low - 1] <= scores[low]:
        low -= 1
    while high < len(scores) - 1 and scores[high + 1] <= scores[high]:
        high += 1
    far[low : high + 1] = False
    others = scores[far & np.isfinite(scores)]
    return max(float(others.max()), 0.0) if len(others) else 0.0


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


def _agreement(voice: np.ndarray, shown: np.ndarray, sure: np.ndarray, shift: int) -> tuple[float, float]:
    """The correlation of the two openings where both are known, the film taken so many samples later, else nan; and
    how many samples those are, each counted as far as the film was sure.
    """
    first, last = max(0, -shift), min(len(voice), len(shown) - shift)
    weight = sure[first + shift : last + shift] if last > first else np.empty(0)
    if weight.sum() < LEAST_OVERLAP_S * RATE_HZ:
        return np.nan, 0.0
    a, b = voice[first:last], shown[first + shift : last + shift]
    a, b = a - np.average(a, weights=weight), b - np.average(b, weights=weight)
    power = np.sqrt((weight * a * a).sum() * (weight * b * b).sum())
    return float((weight * a * b).sum() / power) if power > 1e-9 else 0.0, float(weight.sum())


def _peak(scores: np.ndarray, best: int) -> float:
    """Where between its neighbours a peak lies, -0.5..0.5, from the parabola through the three."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    before, here, after = scores[best - 1 : best + 2]
    bend = before - 2 * here + after
    return float((before - after) / (2 * bend)) if np.isfinite(bend) and bend < -1e-12 else 0.0

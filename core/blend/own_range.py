"""The voice's mouth in this speaker's own range, learned from the seconds in which the film shows it.

The speech model opens every mouth as its own actors did. How far this person moves each shape, and about which middle,
is told by the rest of the film; where the film hands over to the voice, that is what the voice should do.
"""

from __future__ import annotations

import numpy as np

from ..layers.closures import SHUT, opening_of, together_columns
from ..layers.regions import MOUTH, columns_of
from ..types import RigCurves
from .shares import SURE

DOUBT_S = 2.0
"""Seconds of seen speech after which the film's range counts as much as the model's own."""
LEAST_GAIN, MOST_GAIN = 0.5, 1.5
"""Lips that follow the film hardly at all are still to move: half as far as the model would have them."""
STILL = 1e-3
"""Variance of a shape that the voice hardly moves, of 1."""
LEAST_S = 0.5
OPEN = 3 * SHUT
"""Opening above which the voice's lips are not closed at all."""


def in_own_range(voice: RigCurves, film: np.ndarray, sure: np.ndarray) -> RigCurves:
    """The voice's curves with the mouth in the film's range; closed lips stay closed.

    voice: [T, C]; film: float32 [T, C], the film's values at the same moments; sure: float32 [T], confidence of the
    mouth, 0 where there is no film. Without half a second of seen mouth the curves come back as they are.
    """
    seen = sure >= SURE
    seconds = seen.sum() / voice.fps
    if seconds < LEAST_S:
        return voice
    closing = together_columns(voice.names)  # shares of the jaw's opening, not amounts
    columns = np.array([c for c in columns_of(voice.names, MOUTH) if c not in closing], np.int64)
    said, shown = voice.values[:, columns], film[:, columns]
    trust = seconds / (seconds + DOUBT_S)
    middle = np.median(said[seen], axis=0)
    moved = middle + trust * (np.median(shown[seen], axis=0) - middle)
    gain = 1 + trust * (_gain(said[seen], shown[seen]) - 1)
    fitted = moved + np.clip(gain, LEAST_GAIN, MOST_GAIN) * (said - middle)
    low, high = (np.minimum(0, said.min(0)), np.maximum(1, said.max(0)))
    values = voice.values.copy()
    values[:, columns] = np.clip(fitted, low, high)
    return _closed(voice, RigCurves(voice.names, values, voice.fps))


def _gain(said: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """How far the film's shapes go for what the voice's do, by least squares, [n]; both [T, n]."""
    said, shown = said - said.mean(0), shown - shown.mean(0)
    return (said * shown).mean(0) / (np.square(said).mean(0) + STILL)


def _closed(voice: RigCurves, made: RigCurves) -> RigCurves:
    """Where the voice closes the lips they close, whatever the middle of the range; ARKit's shapes only, for the share
    of the jaw that lips close in other rigs was not touched.
    """
    if "mouthClose" not in made.names:
        return made
    close, part = made.names.index("mouthClose"), 1 - np.clip(opening_of(voice) / OPEN, 0, 1)
    made.values[:, close] = np.minimum(made.values[:, close] + part * opening_of(made), 1)
    return made

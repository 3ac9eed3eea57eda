"""How late a video's sound is: films from the web are often dubbed a few frames off, which no mouth can learn from."""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52

JAW = ARKIT_52.index("jawOpen")
MOST_S = 0.5
"""Seconds by which sound may be early or late."""
LEAST_R, LEAST_GAIN = 0.3, 0.15
"""Correlation of jaws that is believed, and what it must be above that without a shift."""


def sound_lag(heard: np.ndarray, tracked: np.ndarray, trusted: np.ndarray, fps: float) -> int:
    """Frames by which the sound is later than the picture; 0 where that cannot be told.

    heard: float [n, 52], what our speech model makes of the sound; tracked: float [T, 52]; trusted: bool [T].
    """
    reach = round(MOST_S * fps)
    scores = {lag: _correlation(heard, tracked, trusted, lag) for lag in range(-reach, reach + 1)}
    best = max(scores, key=scores.get)
    return best if scores[best] >= LEAST_R and scores[best] >= scores[0] + LEAST_GAIN else 0


def shifted(rows: np.ndarray, lag: int, count: int) -> np.ndarray:
    """Rows [n, ...] of a sound that is lag frames late, as count rows of its picture; held at the ends."""
    return rows[np.clip(np.arange(count) + lag, 0, len(rows) - 1)]


def _correlation(heard: np.ndarray, tracked: np.ndarray, trusted: np.ndarray, lag: int) -> float:
    times = np.arange(len(tracked))
    own = trusted & (times + lag >= 0) & (times + lag < len(heard))
    if own.sum() < 20:
        return 0.0
    one, other = heard[times[own] + lag, JAW], tracked[own, JAW]
    if one.std() < 1e-4 or other.std() < 1e-4:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])

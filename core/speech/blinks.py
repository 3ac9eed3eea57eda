"""Blinks: when they come and how lids move."""

from __future__ import annotations

import numpy as np

from .prosody import Prosody

RATE_PER_MIN = 20.0
"""In conversation people blink about 26 times a minute, reading far less (Bentivoglio et al. 1997); phrase ends add."""
SHORTEST_GAP_S = 0.7
PAUSE_SHARE = 0.4
"""Share of phrase ends that carry a blink: blinks gather at the breakpoints of speech (Nakano & Kitazawa 2010)."""
CLOSE_S, HOLD_S, OPEN_S = 0.09, 0.035, 0.19
"""Lids fall about twice as fast as they rise (VanderWerf et al. 2003)."""


def blink_times(prosody: Prosody, rng: np.random.Generator) -> np.ndarray:
    """Seconds at which lids begin to fall, rising, float [B]."""
    ends = prosody.pause_starts()
    ends = ends[rng.random(len(ends)) < PAUSE_SHARE]
    mean_gap_s = 60.0 / RATE_PER_MIN
    count = int(prosody.duration_s / mean_gap_s * 2) + 8
    free = np.cumsum(SHORTEST_GAP_S + rng.exponential(mean_gap_s - SHORTEST_GAP_S, count)) - rng.uniform(0.0, 1.5)
    times = np.sort(np.concatenate([ends + rng.uniform(-0.05, 0.12, len(ends)), free]))
    return _keep_apart(times[(times > 0.1) & (times < prosody.duration_s - CLOSE_S)])


def blink_curve(times: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Lid closure over time, 0..1. times: seconds [T]; starts: blink_times. Returns float32 [T]."""
    closure = np.zeros(len(times), np.float32)
    for start in starts:
        first, last = np.searchsorted(times, (start, start + CLOSE_S + HOLD_S + OPEN_S))
        into = times[first:last] - start
        falling = _ease(into / CLOSE_S)
        rising = _ease((into - CLOSE_S - HOLD_S) / OPEN_S)
        closure[first:last] = np.maximum(closure[first:last], falling - rising)
    return closure


def _ease(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def _keep_apart(times: np.ndarray) -> np.ndarray:
    kept: list[float] = []
    for time in times:
        if not kept or time - kept[-1] >= SHORTEST_GAP_S:
            kept.append(float(time))
    return np.array(kept)

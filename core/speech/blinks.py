"""Blinks: when they come and how lids move."""

from __future__ import annotations

import numpy as np

from .level import FRAME_RATE_HZ
from .prosody import Prosody

RATE_PER_MIN = 23.0
"""In conversation people blink 26 times a minute (Bentivoglio et al. 1997) to 32 with a deviation of 12
(Chidi-Egboka et al. 2022), reading far less; phrase ends add."""
SHORTEST_GAP_S = 0.5
GAP_SPREAD = 0.75
"""Of the logarithm of the gaps, which are spread log-normally (Bentivoglio et al. 1997 for rates)."""
PAUSE_SHARE = 0.4
"""Share of phrase ends that carry a blink: blinks gather at the breakpoints of speech (Nakano & Kitazawa 2010)."""
CLOSE_S, HOLD_S, OPEN_S = 0.08, 0.03, 0.17
"""Lids fall about twice as fast as they rise (VanderWerf et al. 2003)."""
EARLIEST_S = 0.1


def blink_times(prosody: Prosody, rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
    """Seconds at which lids begin to fall, rising, float [B].

    rate: float [N] at FRAME_RATE_HZ, how often to blink at each moment, 1 being usual and 0 never.
    """
    free, pauses = rng.spawn(2)
    ends = prosody.pause_starts()
    usual = rate[np.minimum((ends * FRAME_RATE_HZ).astype(int), len(rate) - 1)]
    shown = pauses.random(len(ends)) < PAUSE_SHARE * usual
    ends = ends + pauses.uniform(-0.05, 0.12, len(ends))
    times = np.sort(np.concatenate([ends[shown], _free_times(free, rate * (RATE_PER_MIN / 60))]))
    return _keep_apart(times[(times > EARLIEST_S) & (times < prosody.duration_s - CLOSE_S)])


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


def _free_times(rng: np.random.Generator, rate_hz: np.ndarray) -> np.ndarray:
    """Seconds of blinks that no phrase end asks for, by gaps of mean 1 on the integral of the rate. Returns [B]."""
    expected = np.concatenate([[0.0], np.cumsum(rate_hz)]) / FRAME_RATE_HZ
    # The first gap is entered at a random place, as a camera would.
    gaps = np.exp(rng.normal(-(GAP_SPREAD**2) / 2, GAP_SPREAD, int(expected[-1] * 2) + 16))
    gaps[0] *= rng.random()
    due = np.cumsum(gaps)
    due = due[due < expected[-1]]
    return np.interp(due, expected, np.arange(len(expected)) / FRAME_RATE_HZ)


def _ease(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def _keep_apart(times: np.ndarray) -> np.ndarray:
    kept: list[float] = []
    for time in times:
        if not kept or time - kept[-1] >= SHORTEST_GAP_S:
            kept.append(float(time))
    return np.array(kept)

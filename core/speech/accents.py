"""Brows and head: what moves with the stressed syllables, and what never stands quite still."""

from __future__ import annotations

import numpy as np

from .prosody import Prosody

BROW_SHARE = 0.45
"""Share of strong stresses that lift the brows (Flecha-García 2010 finds brow raises on accents, about 60 ms ahead)."""
BROW_LEAD_S = 0.06
BROW_RISE_S, BROW_FALL_S = 0.16, 0.45
NOD_LEAD_S = 0.04
NOD_RISE_S, NOD_FALL_S = 0.17, 0.5
NOD_RAD = np.radians(2.4)
"""Head motion in speech stays within a few degrees and follows prosody (Munhall et al. 2004)."""
DRIFT_RAD = np.radians((2.4, 1.3, 1.2))  # yaw, pitch, roll: standard deviation while speaking
REST_SHARE = 0.35  # of the drift that stays while silent


def brow_shapes(times: np.ndarray, prosody: Prosody, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Brow and eye-widening shapes, float32 [T] each, 0..1. times: seconds [T]."""
    chosen = rng.random(len(prosody.stresses)) < BROW_SHARE * (0.4 + 0.6 * prosody.strengths)
    heights = rng.uniform(0.18, 0.5, len(prosody.stresses)) * (0.5 + 0.5 * prosody.strengths)
    lift = _bumps(times, prosody.stresses[chosen] - BROW_LEAD_S, heights[chosen], (BROW_RISE_S, BROW_FALL_S))
    lean = 0.12 * slow_noise(times, 4.0, rng)
    mood = 0.05 * slow_noise(times, 6.0, rng)
    shapes = {
        "browInnerUp": 0.85 * lift + np.maximum(mood, 0),
        "browOuterUpLeft": (0.6 + lean) * lift,
        "browOuterUpRight": (0.6 - lean) * lift,
        "browDownLeft": np.maximum(-mood, 0),
        "browDownRight": np.maximum(-mood, 0),
        "eyeWideLeft": 0.22 * lift,
        "eyeWideRight": 0.22 * lift,
    }
    return {name: np.clip(values, 0.0, 1.0).astype(np.float32) for name, values in shapes.items()}


def head_path(times: np.ndarray, prosody: Prosody, rng: np.random.Generator) -> np.ndarray:
    """Head rotation, radians float32 [T, 3]: yaw, pitch, roll (Performance.head)."""
    frame_times = np.arange(len(prosody.energy)) / (len(prosody.energy) / max(prosody.duration_s, 1e-6))
    busy = np.interp(times, frame_times, np.minimum(1.0, 1.4 * _slow(prosody.speaking.astype(float))))
    drift = np.stack([slow_noise(times, period, rng) for period in (3.2, 2.2, 3.6)], axis=1)
    path = drift * DRIFT_RAD * (REST_SHARE + (1 - REST_SHARE) * busy)[:, None]
    nods = rng.uniform(0.35, 1.0, len(prosody.stresses)) * prosody.strengths * NOD_RAD
    path[:, 1] -= _bumps(times, prosody.stresses - NOD_LEAD_S, nods, (NOD_RISE_S, NOD_FALL_S))
    turns = rng.normal(0.0, 0.45, len(prosody.stresses)) * nods
    path[:, 2] += _bumps(times, prosody.stresses - NOD_LEAD_S, turns, (0.25, 0.6))
    return path.astype(np.float32)


def slow_noise(times: np.ndarray, period_s: float, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise of mean 0 and deviation about 1 that turns about every period_s. times: seconds [T]; returns [T].

    Starts at 0, so that a performance begins from the pose the animator set.
    """
    knots = np.arange(0.0, float(times[-1]) + 3 * period_s, period_s / 2)
    heights = rng.normal(0.0, 1.25, len(knots)).clip(-2.2, 2.2)
    heights[0] = 0.0
    into, step = np.modf(times / (period_s / 2))
    step = step.astype(int)
    blend = into * into * into * (into * (6 * into - 15) + 10)
    return heights[step] * (1 - blend) + heights[step + 1] * blend


def _bumps(times: np.ndarray, peaks: np.ndarray, heights: np.ndarray, rise_fall: tuple[float, float]) -> np.ndarray:
    """Sum of soft asymmetric bumps with their tops at `peaks`. Returns [T]."""
    rise_s, fall_s = rise_fall
    total = np.zeros(len(times))
    for peak, height in zip(peaks, heights, strict=True):
        first, last = np.searchsorted(times, (peak - rise_s, peak + fall_s))
        off = times[first:last] - peak
        phase = np.where(off < 0, off / rise_s, off / fall_s)
        total[first:last] += height * (0.5 + 0.5 * np.cos(np.pi * phase))
    return total


def _slow(flags: np.ndarray) -> np.ndarray:
    kernel = np.hanning(43)[1:-1]
    return np.convolve(np.pad(flags, 20, mode="edge"), kernel / kernel.sum(), mode="valid")

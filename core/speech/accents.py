"""Brows and head: what moves with the stressed syllables, and what never stands quite still.

The amounts are set so that spread and spectrum match filmed speakers (benchmarks/lipsync/upper_face.py).
"""

from __future__ import annotations

import numpy as np

from .level import FRAME_RATE_HZ
from .prosody import Prosody
from .temper import Temper

BROW_SHARE = 0.45
"""Share of strong stresses that lift the brows (Flecha-García 2010 finds brow raises on accents, about 60 ms ahead)."""
BROW_LEAD_S = 0.06
BROW_RISE_S, BROW_FALL_S = 0.16, 0.45
BROW_HEIGHTS = (0.12, 0.4)
BROW_MOODS = ((4.0, 0.18), (1.0, 0.042), (0.5, 0.077))
"""Period in seconds and deviation of the brows' own wandering while speaking."""
WIDEN_SHARE = 0.25  # of a brow lift that also lifts the lids

NOD_LEAD_S = 0.04
NOD_RISE_S, NOD_FALL_S = 0.17, 0.5
NOD_DEG = (0.0, -1.8, 0.0)
"""Yaw, pitch, roll at the top of a full stress: heads nod down on accents (Hadar et al. 1983, Munhall et al. 2004)."""
TOSS_DEG = (1.2, 0.0, 0.8)  # what a stress adds to either side
PHRASE_DEG = (1.2, 1.5, 1.0)
PHRASE_RISE_S, PHRASE_FALL_S = 0.5, 1.8
"""Each phrase begins with a new posture of its own: deviations (Hadar et al. 1984, Cassell et al. 2001)."""
HEAD_SWAYS = (
    (3.0, (1.96, 4.76, 2.69)),
    (0.8, (1.83, 0.79, 1.18)),
    (0.4, (0.59, 0.84, 0.36)),
)
"""Period in seconds and deviations of yaw, pitch and roll in degrees: posture, sway and restlessness."""
REST_SHARE = 0.35  # of all wandering that stays while silent


def brow_controls(
    times: np.ndarray, prosody: Prosody, rng: np.random.Generator, temper: Temper, emphasis: np.ndarray | float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Brow channels of the board, float [T] each from 0 up, and how far the lids widen with them [T].

    times: seconds [T]; emphasis: how much of the accents is shown, of all or of each stress.
    """
    accents, leans, *moods = rng.spawn(2 + len(BROW_MOODS))
    count = len(prosody.stresses)
    shown = accents.random(count) < BROW_SHARE * (0.4 + 0.6 * prosody.strengths)
    heights = accents.uniform(*BROW_HEIGHTS, count) * (0.5 + 0.5 * prosody.strengths) * emphasis
    colour = temper.at(times, temper.brows)
    lift = _bumps(times, prosody.stresses[shown] - BROW_LEAD_S, heights[shown], (BROW_RISE_S, BROW_FALL_S)) * colour
    phase = temper.phase(times)
    wander = sum(size * slow_noise(phase, period, r) for (period, size), r in zip(BROW_MOODS, moods, strict=True))
    wander = wander * _busy(times, prosody) * colour
    lean = 0.15 * slow_noise(phase, 4.0, leans)
    up, down = lift + np.maximum(wander, 0), np.maximum(-wander, 0)
    controls = {}
    for side, sign in (("L", 1), ("R", -1)):
        controls[f"CTRL_{side}_brow_raiseIn.ty"] = up
        controls[f"CTRL_{side}_brow_raiseOut.ty"] = (0.75 + sign * lean) * up
        controls[f"CTRL_{side}_brow_down.ty"] = down
    return controls, WIDEN_SHARE * lift


def head_path(
    times: np.ndarray, prosody: Prosody, rng: np.random.Generator, temper: Temper, emphasis: np.ndarray | float
) -> np.ndarray:
    """Head rotation, radians [T, 3]: yaw, pitch, roll (Performance.head).

    emphasis: how much of the nods is shown, of all or of each stress.
    """
    stress, phrase, *sways = rng.spawn(2 + 3 * len(HEAD_SWAYS))
    phase = temper.phase(times)
    path = np.zeros((len(times), 3))
    for place, (period, sizes) in enumerate(HEAD_SWAYS):
        for axis, size in enumerate(sizes):
            path[:, axis] += size * slow_noise(phase, period, sways[3 * place + axis])
    path *= _busy(times, prosody)[:, None]
    count = len(prosody.stresses)
    sizes = stress.uniform(0.35, 1.0, count) * prosody.strengths * emphasis
    tosses = stress.normal(0.0, 1.0, (count, 3)).clip(-2, 2)
    begun = prosody.phrases()[:, 0]
    postures = phrase.normal(0.0, 1.0, (len(begun), 3)).clip(-2, 2) * PHRASE_DEG
    for axis in range(3):
        path[:, axis] += _bumps(times, begun + PHRASE_RISE_S / 2, postures[:, axis], (PHRASE_RISE_S, PHRASE_FALL_S))
        tops = (NOD_DEG[axis] + TOSS_DEG[axis] * tosses[:, axis]) * sizes
        path[:, axis] += _bumps(times, prosody.stresses - NOD_LEAD_S, tops, (NOD_RISE_S, NOD_FALL_S))
    path *= temper.at(times, temper.head)[:, None]
    path[:, 1] += temper.at(times, temper.lean_deg)
    return np.radians(path)


def slow_noise(times: np.ndarray, period_s: float, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise of mean 0 and deviation about 1 that turns about every period_s. times: seconds [T]; returns [T].

    Starts at 0, so that a performance begins from the pose the animator set, and is 0 before second 0.
    """
    times = np.maximum(times, 0.0)
    knots = np.arange(0.0, float(times.max()) + 3 * period_s, period_s / 2)
    # Even chances keep the way bounded, and one recording's liveliness near another's.
    heights = rng.uniform(-2.165, 2.165, len(knots))
    heights[0] = 0.0
    into, step = np.modf(times / (period_s / 2))
    step = step.astype(int)
    blend = into * into * into * (into * (6 * into - 15) + 10)
    return heights[step] * (1 - blend) + heights[step + 1] * blend


def _busy(times: np.ndarray, prosody: Prosody) -> np.ndarray:
    """How much of its wandering a face shows: 1 in speech, REST_SHARE in silence. Returns [T]."""
    speaking = np.minimum(1.0, 1.4 * _slow(prosody.speaking.astype(float)))
    frame_times = np.arange(len(speaking)) / FRAME_RATE_HZ
    return REST_SHARE + (1 - REST_SHARE) * np.interp(times, frame_times, speaking)


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

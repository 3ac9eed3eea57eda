"""What lips must do whatever a network averages out: rest in silence, and meet when they nearly meet."""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52
from ..types import RigCurves
from .weights import SpeechModel

SEALED, PARTED = 0.006, 0.022
"""Lip openings (inner-lip gap over outer-eye distance) below which lips meet and above which they are left alone.
A network trained on squared errors never quite closes; a viewer always sees it."""
PARTING = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthFunnel")
LIP_SEAL = "lipSeal"
"""The network's one output that is no shape: how sure it is of a p, b or m, 0..1."""
DOUBT, SURE = 0.2, 0.5  # lip seals below which nothing happens and above which the lips meet
PRESS = 0.15  # what a seal adds to mouthPress: sealed lips flatten each other
TONGUE_NEEDS = 0.05  # lip opening at which the tongue may show in full
CLOSURE_REACH = 0.5  # of a frame: how far a sampled frame may reach for a closure that falls beside it


def lip_opening(mouth: np.ndarray, model: SpeechModel) -> np.ndarray:
    """Opening of the demo head's lips for control values. mouth: [N, C]. Returns [N], 0 when closed."""
    return np.maximum(mouth @ model.opening[:-1] + model.opening[-1], 0.0)


def curve_opening(curves: RigCurves, model: SpeechModel) -> np.ndarray:
    """Opening of the demo head's lips for a performance's curves. Returns [T], 0 when closed."""
    known = [name in curves.names for name in model.controls]
    values = np.stack([curves.column(name) for name, there in zip(model.controls, known, strict=True) if there], axis=1)
    slopes = model.opening[:-1][known]
    return np.maximum(values @ slopes + model.opening[-1], 0.0)


def articulate(mouth: np.ndarray, model: SpeechModel, gate: np.ndarray) -> np.ndarray:
    """Rest in silence, seal nearly closed lips, keep the tongue behind closed ones.

    mouth: float32 [N, C], columns model.controls; gate: float32 [N], level.voice_gate.
    Returns float32 [N, C] in 0..1.
    """
    mouth = mouth * gate[:, None]
    opening = lip_opening(mouth, model)
    sealed = _smooth_step(mouth[:, model.controls.index(LIP_SEAL)], DOUBT, SURE)
    parted = _smooth_step(opening, SEALED, PARTED) * (1 - sealed)
    for name in PARTING:
        mouth[:, model.controls.index(name)] *= parted
    close = model.controls.index("mouthClose")
    excess = lip_opening(mouth, model) - opening * parted
    mouth[:, close] += np.maximum(excess, 0.0) / -model.opening[close]
    for name in ("mouthPressLeft", "mouthPressRight"):
        mouth[:, model.controls.index(name)] += PRESS * sealed
    mouth[:, model.controls.index("tongueOut")] *= _smooth_step(opening * parted, SEALED, TONGUE_NEEDS)
    return np.clip(mouth, 0.0, 1.0)


def sample(mouth: np.ndarray, model: SpeechModel, rate_hz: float, times: np.ndarray) -> np.ndarray:
    """Read control values at any times, keeping every lip closure.

    A closure of p or b is shorter than a frame of film: the frame next to it shows the lips where they meet.

    mouth: float32 [N, C] at rate_hz; times: seconds [T], evenly spaced. Returns float32 [T, C].
    """
    step = times[1] - times[0] if len(times) > 1 else 1.0
    moments = times.copy()
    for moment in _closures(lip_opening(mouth, model)) / rate_hz:
        nearest = round(moment / step)
        if nearest < len(times) and abs(moment - times[nearest]) <= CLOSURE_REACH * step + 1e-9:
            moments[nearest] = moment
    return interpolate(mouth, moments * rate_hz)


def interpolate(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Monotone cubic reading between rows, so that no value overshoots its neighbours.

    values: [N, C]; places: row numbers [T], any reals; beyond the ends the end rows hold. Returns float32 [T, C].
    Source: Fritsch & Carlson 1980, with the harmonic mean of neighbouring slopes.
    """
    places = np.clip(places, 0.0, len(values) - 1.0)
    if len(values) < 2:
        return np.repeat(values, len(places), axis=0).astype(np.float32)
    rise = np.diff(values, axis=0)
    product = rise[:-1] * rise[1:]
    total = rise[:-1] + rise[1:]
    inner = np.where(product > 0, 2 * product / np.where(product > 0, total, 1.0), 0.0)
    slopes = np.concatenate([rise[:1], inner, rise[-1:]])
    row = np.minimum(places.astype(np.int64), len(values) - 2)
    t = (places - row)[:, None]
    before, after = values[row], values[row + 1]
    cubic = (
        before * (1 + 2 * t) * (1 - t) ** 2
        + slopes[row] * t * (1 - t) ** 2
        + after * t * t * (3 - 2 * t)
        + slopes[row + 1] * t * t * (t - 1)
    )
    return cubic.astype(np.float32)


def add_cheeks(values: np.ndarray) -> None:
    """Let cheeks and nose follow the lips that pull them, in place. values: float32 [T, 52], columns ARKIT_52."""
    for side in ("Left", "Right"):
        smile, raise_ = (values[:, ARKIT_52.index(f"{name}{side}")] for name in ("mouthSmile", "mouthUpperUp"))
        values[:, ARKIT_52.index(f"cheekSquint{side}")] = 0.5 * smile
        values[:, ARKIT_52.index(f"noseSneer{side}")] = 0.15 * raise_


def _closures(opening: np.ndarray) -> np.ndarray:
    """Rows at which sealed lips are most closed: one for each dip, int64 [K]."""
    inside = opening[1:-1]
    dips = (inside <= opening[:-2]) & (inside < opening[2:]) & (inside < PARTED)
    return np.flatnonzero(dips) + 1


def _smooth_step(x: np.ndarray, low: float, high: float) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)

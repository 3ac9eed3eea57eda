"""Breaths before phrases: what an audible pause looks like at throat, nostrils, mouth and head.

Speakers breathe in quickly at phrase boundaries, within about half a second, deeper before longer phrases
(Winkworth, Davis, Adams & Ellis 1995), and let the air out slowly while they speak.
"""

from __future__ import annotations

import numpy as np

from .prosody import Prosody

SHORTEST_PAUSE_S = 0.35
INHALE_S = (0.22, 0.55)
PAUSE_PART = 0.7  # of a pause that may be breathing in
LEAD_S = 0.06  # between the end of the breath and the phrase, for lips that must meet first
EXHALE_S = 1.2
THROAT, NOSTRILS, JAW = 0.7, 0.25, 0.035
"""What a full breath moves. The jaw parts lips by about 0.014 eye distances, so a pause still looks at rest."""
LIFT_RAD = np.radians(0.8)


def breath_controls(
    times: np.ndarray, prosody: Prosody, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Board channels of the breaths, float [T] each, and how far they lift the head, radians [T].

    times: seconds [T].
    """
    starts, ends, depths = breaths(prosody, rng)
    filled, drawn = np.zeros(len(times)), np.zeros(len(times))
    for start, end, depth in zip(starts, ends, depths, strict=True):
        first, last = np.searchsorted(times, (start, end + EXHALE_S))
        now = times[first:last]
        rise = _ease((now - start) / (end - start))
        filled[first:last] = np.maximum(filled[first:last], depth * rise * (1 - _ease((now - end) / EXHALE_S)))
        while_in = 0.5 - 0.5 * np.cos(2 * np.pi * np.clip((now - start) / (end - start), 0, 1))
        drawn[first:last] = np.maximum(drawn[first:last], depth * while_in)
    controls = {
        "CTRL_neck_throatExhaleInhale.ty": -THROAT * filled,
        "CTRL_L_nose.tx": NOSTRILS * drawn,
        "CTRL_R_nose.tx": NOSTRILS * drawn,
        "CTRL_C_jaw.ty": JAW * drawn,
    }
    return controls, LIFT_RAD * filled


def breaths(prosody: Prosody, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When each breath begins and ends, seconds [B], and how deep it is, about 0.5..1.1 [B]."""
    phrases = prosody.phrases()
    pauses = phrases[:, 0] - np.concatenate([[0.0], phrases[:-1, 1]])
    chance = rng.uniform(0.85, 1.1, len(phrases))
    depths = np.clip(0.45 + 0.12 * (phrases[:, 1] - phrases[:, 0]), 0.45, 1.0) * chance
    taken = pauses >= SHORTEST_PAUSE_S
    ends = phrases[taken, 0] - LEAD_S
    return ends - np.clip(PAUSE_PART * (pauses[taken] - LEAD_S), *INHALE_S), ends, depths[taken]


def _ease(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)

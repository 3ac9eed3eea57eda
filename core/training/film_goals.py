"""Filmed faces as board curves: what the generators imitate and what the correlation model learns from."""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52
from ..rig.mapping import arkit_to_board
from .labels import SCORE_NAMES, SOLVED

UPPER: tuple[str, ...] = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "eyeSquintLeft",
    "eyeSquintRight", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""Shapes of the upper face that the tracker scores itself; blinks and gaze follow no voice."""
REST_QUANTILE = 0.3


def upper_rest(scores: list[np.ndarray]) -> np.ndarray:
    """What the tracker says of one speaker's upper face at rest, float32 [11]. scores: [T, 52] of each clip."""
    columns = [SCORE_NAMES.index(name) for name in UPPER]
    return np.quantile(np.concatenate(scores)[:, columns], REST_QUANTILE, axis=0).astype(np.float32)


def film_arkit(solved: np.ndarray, scores: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """A filmed clip's ARKit curves.

    solved: float32 [T, 24], columns SOLVED; scores: float32 [T, 52] of the tracker; rest: upper_rest.
    Returns float32 [T, 52] in 0..1; blinks, gaze and tongue are 0.
    """
    arkit = np.zeros((len(solved), len(ARKIT_52)), np.float32)
    arkit[:, [ARKIT_52.index(name) for name in SOLVED]] = solved
    above = scores[:, [SCORE_NAMES.index(name) for name in UPPER]] - rest
    arkit[:, [ARKIT_52.index(name) for name in UPPER]] = np.clip(above, 0.0, 1.0)
    return arkit


def film_board(solved: np.ndarray, scores: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """The same as board curves, float32 [T, 185]."""
    return arkit_to_board(film_arkit(solved, scores, rest))

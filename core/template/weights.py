"""ARKit weights that explain what landmarks do, many frames at once: bounded, regularised least squares."""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52

SWEEPS = 25
LEAST_STEP = 1e-6
"""A weight that would change by less than this stays as it is."""
STIFFNESS_ELSE = 0.05
STIFFNESS: dict[str, float] = {
    "jawOpen": 0.02, "eyeBlink": 0.015, "eyeLook": 0.01, "browInnerUp": 0.03, "browOuterUp": 0.03, "browDown": 0.03,
    "mouthPucker": 0.03, "mouthFunnel": 0.06, "mouthSmile": 0.04,
    # Look-alikes and opposites could explain a tracker's noise together; these must earn their keep.
    "jawLeft": 0.15, "jawRight": 0.15, "jawForward": 0.3, "mouthLeft": 0.1, "mouthRight": 0.1,
    "mouthShrugLower": 0.12, "mouthShrugUpper": 0.12, "mouthFrown": 0.07, "cheekPuff": 0.3, "cheekSquint": 0.1,
    "mouthDimple": 0.12, "mouthClose": 0.08, "eyeSquint": 0.08, "eyeWide": 0.06, "noseSneer": 0.06,
    "mouthRollLower": 0.06, "mouthRollUpper": 0.06, "tongueOut": 9.0,
}  # fmt: skip
"""How strongly a shape is pulled to 0, by name without its side: a landmark's error, over the distance of the outer
eye corners, times the root of 10, that it would bear. The tongue has no landmark."""


def stiffness() -> np.ndarray:
    """STIFFNESS in the order of ARKIT_52, [52]."""
    plain = [name.removesuffix("Left").removesuffix("Right") for name in ARKIT_52]
    plain = ["eyeLook" if name.startswith("eyeLook") else name for name in plain]
    pairs = zip(ARKIT_52, plain, strict=True)
    return np.array([STIFFNESS.get(name, STIFFNESS.get(short, STIFFNESS_ELSE)) for name, short in pairs])


def solved_weights(gram: np.ndarray, goal: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Minimise w gram w / 2 - goal w over 0 <= w <= 1.

    gram: [T, C, C]; goal: [T, C]; start: [T, C] to begin from. Returns float64 [T, C]. Coordinate descent, which is
    exact for each weight in turn.
    """
    if len(goal) == 1:
        return _solved_one(gram[0], goal[0], start)[None]
    weights = np.zeros_like(goal) if start is None else start.astype(np.float64)
    size = np.maximum(np.einsum("tcc->tc", gram), 1e-12)
    miss = goal - np.einsum("tcd,td->tc", gram, weights)
    for _ in range(SWEEPS):
        for c in range(goal.shape[1]):
            better = np.clip(weights[:, c] + miss[:, c] / size[:, c], 0, 1)
            miss -= gram[:, :, c] * (better - weights[:, c])[:, None]
            weights[:, c] = better
    return weights


def _solved_one(gram: np.ndarray, goal: np.ndarray, start: np.ndarray | None) -> np.ndarray:
    """The same for one frame, [C], without the sums that change nothing: most weights stay at 0."""
    weights = (np.zeros_like(goal) if start is None else start[0]).astype(np.float64).tolist()
    size = np.maximum(np.diag(gram), 1e-12).tolist()
    miss, columns = goal - gram @ np.array(weights), np.ascontiguousarray(gram.T)
    for _ in range(SWEEPS):
        for c, weight in enumerate(weights):
            better = min(max(weight + float(miss[c]) / size[c], 0.0), 1.0)
            if abs(better - weight) > LEAST_STEP:
                miss -= columns[c] * (better - weight)
                weights[c] = better
    return np.array(weights)

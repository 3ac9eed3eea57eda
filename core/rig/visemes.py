"""The control board as Oculus's fifteen visemes.

Each viseme is a pose in ARKit's shapes (data/viseme_poses.csv); a frame's weights are the mix of poses that comes
nearest to it. Many speech poses look alike (t, n and k differ inside the mouth), so this reads a mouth, not a sound:
where the phones are known, they tell visemes better.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..arrays import check
from .arkit import ARKIT_52
from .board import BOARD, read_rows
from .mapping import BLOCK, board_to_arkit

VISEMES: tuple[str, ...] = (
    "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou",
)  # fmt: skip
"""Order of the Oculus (Meta) lip-sync library; sil is the mouth at rest."""
STIFFNESS = 0.005
"""A mild pull of all weights to 0, so that poses which look alike share a frame and never flicker between them."""
SWEEPS = 200
SETTLED = 1e-5


def board_to_visemes(values: np.ndarray) -> np.ndarray:
    """How much of each viseme a face shows.

    values: float32 [T, 185], board channels.
    Returns float32 [T, 15], 0..1, columns VISEMES; every row sums to 1, sil has what the others leave.
    The weights w >= 0 minimise |w @ poses - face|^2 + STIFFNESS |w|^2, a strictly convex problem: the answer is unique
    and moves no faster than the face does. Rows beyond a sum of 1 are scaled to it.
    """
    check("values", values, ("T", len(BOARD)))
    out = np.zeros((len(values), len(VISEMES)), np.float32)
    for start in range(0, len(values), BLOCK):
        rows = slice(start, start + BLOCK)
        weights = _nearest_mix(board_to_arkit(values[rows]))
        out[rows, 1:] = weights / np.maximum(weights.sum(1, keepdims=True), 1)
    out[:, 0] = np.maximum(1 - out[:, 1:].sum(1), 0)
    return out


@lru_cache(maxsize=1)
def viseme_poses() -> np.ndarray:
    """The visemes as ARKit shapes, float32 [15, 52], read only."""
    poses = np.zeros((len(VISEMES), len(ARKIT_52)), np.float32)
    for row in read_rows("viseme_poses.csv"):
        poses[VISEMES.index(row["viseme"]), ARKIT_52.index(row["arkit"])] = float(row["value"])
    poses.setflags(write=False)
    return poses


def _nearest_mix(faces: np.ndarray) -> np.ndarray:
    """Weights >= 0 of the fourteen poses, by coordinate descent from 0 for all frames at once. faces: [T, 52]."""
    poses = viseme_poses()[1:]
    spoken = poses.any(0)
    likeness = poses @ poses.T + STIFFNESS * np.eye(len(poses), dtype=np.float32)
    wanted = poses[:, spoken] @ faces[:, spoken].T
    weights = np.zeros_like(wanted)
    for _ in range(SWEEPS):
        before = weights.copy()
        for row, others in enumerate(likeness):
            slack = wanted[row] - others @ weights
            weights[row] = np.maximum(weights[row] + slack / others[row], 0)
        if np.abs(weights - before).max(initial=0) < SETTLED:
            break
    return weights.T

"""The control board as Oculus's fifteen visemes.

Each viseme is a pose in ARKit's shapes (data/viseme_poses.csv); a frame's weights are the mix of poses that comes
nearest to it. Many speech poses look alike (t, n and k differ inside the mouth); where the phones are known, they say
which visemes to look for, and the face says how much of them it shows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import check
from .arkit import ARKIT_52
from .board import BOARD, read_rows
from .mapping import BLOCK, board_to_arkit

if TYPE_CHECKING:
    from ..speech.phones import PhoneTrack

VISEMES: tuple[str, ...] = (
    "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou",
)  # fmt: skip
"""Order of the Oculus (Meta) lip-sync library; sil is the mouth at rest."""
STIFFNESS = 0.005
"""A mild pull of all weights to 0, so that poses which look alike share a frame and never flicker between them."""
DOUBT = 10.0
"""What a viseme that no phone nearby calls for must earn on top of STIFFNESS."""
EASE_S = 0.08
"""A phone's viseme may come so long before it and stay so long after: lips are early, and neighbours overlap."""
SWEEPS = 200
SETTLED = 1e-5


def board_to_visemes(values: np.ndarray, expected: np.ndarray | None = None) -> np.ndarray:
    """How much of each viseme a face shows.

    values: float32 [T, 185], board channels.
    expected: float32 [T, 15], 0..1, where each viseme may be looked for, see expected_visemes; everywhere if None.
    Returns float32 [T, 15], 0..1, columns VISEMES; every row sums to 1, sil has what the others leave.
    The weights w >= 0 minimise |w @ poses - face|^2 + sum (STIFFNESS + DOUBT (1 - expected)) w^2, a strictly convex
    problem: the answer is unique and moves no faster than the face does. Rows beyond a sum of 1 are scaled to it.
    """
    check("values", values, ("T", len(BOARD)))
    if expected is not None:
        check("expected", expected, (len(values), len(VISEMES)))
    out = np.zeros((len(values), len(VISEMES)), np.float32)
    for start in range(0, len(values), BLOCK):
        rows = slice(start, start + BLOCK)
        doubt = 0 if expected is None else DOUBT * (1 - expected[rows, 1:].T)
        weights = _nearest_mix(board_to_arkit(values[rows]), STIFFNESS + doubt)
        out[rows, 1:] = weights / np.maximum(weights.sum(1, keepdims=True), 1)
    out[:, 0] = np.maximum(1 - out[:, 1:].sum(1), 0)
    return out


def expected_visemes(phones: PhoneTrack, times: np.ndarray) -> np.ndarray:
    """Where the phones of a recording call for each viseme. times: seconds [T], rising.

    Returns float32 [T, 15]: 1 within a phone, down to 0 over EASE_S before and after it.
    """
    expected = np.zeros((len(times), len(VISEMES)), np.float32)
    for phone in phones.phones:
        first, last = np.searchsorted(times, (phone.start_s - EASE_S, phone.end_s + EASE_S))
        away = np.maximum(phone.start_s - times[first:last], times[first:last] - phone.end_s)
        column = expected[first:last, VISEMES.index(phone.viseme)]
        np.maximum(column, 1 - np.maximum(away, 0) / EASE_S, out=column)
    return expected


@lru_cache(maxsize=1)
def viseme_poses() -> np.ndarray:
    """The visemes as ARKit shapes, float32 [15, 52], read only."""
    poses = np.zeros((len(VISEMES), len(ARKIT_52)), np.float32)
    for row in read_rows("viseme_poses.csv"):
        poses[VISEMES.index(row["viseme"]), ARKIT_52.index(row["arkit"])] = float(row["value"])
    poses.setflags(write=False)
    return poses


def _nearest_mix(faces: np.ndarray, stiffness: np.ndarray | float) -> np.ndarray:
    """Weights >= 0 of the fourteen poses, by coordinate descent from 0 for all frames at once.

    faces: [T, 52]; stiffness: one number, or [14, T]. Returns [T, 14].
    """
    poses = viseme_poses()[1:]
    spoken = poses.any(0)
    likeness = poses @ poses.T
    wanted = poses[:, spoken] @ faces[:, spoken].T
    own = np.diag(likeness)[:, None] + np.broadcast_to(np.float32(stiffness), wanted.shape)
    np.fill_diagonal(likeness, 0)
    weights = np.zeros_like(wanted)
    for _ in range(SWEEPS):
        before = weights.copy()
        for row, others in enumerate(likeness):
            weights[row] = np.maximum(wanted[row] - others @ weights, 0) / own[row]
        if np.abs(weights - before).max(initial=0) < SETTLED:
            break
    return weights.T

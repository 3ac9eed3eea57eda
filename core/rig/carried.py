"""How much of the board's motion another rig still holds: the figures of docs/rigs.md."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..types import Performance, RigCurves
from .board import BOARD_NAMES, HIGHS, LOWS, REGIONS, columns
from .convert import RIGS, to_rig
from .flame import board_to_flame
from .mapping import arkit_to_board, board_to_arkit, board_to_raw
from .visemes import board_to_visemes

_LEAST_SINGULAR = 1e-4
_RIGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "arkit52": board_to_arkit,
    "metahuman251": board_to_raw,
    "flame": lambda values: board_to_flame(values, np.zeros((len(values), 3), np.float32)),
    "visemes": board_to_visemes,
}


def share_back(values: np.ndarray, back: np.ndarray) -> float:
    """The share of motion that came back: 1 - |values - back|^2 / |values - mean|^2, 1 where nothing moves.

    values, back: [T, n]. At most 1; below 0 where back is worse than standing still.
    """
    moved = np.square(values - values.mean(0)).sum()
    return float(1 - np.square(values - back).sum() / moved) if moved > 1e-9 else 1.0


def read_back(values: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """What the best linear reader of some curves makes of the board.

    values: [T, 185]; curves: [T, C], the same frames in another rig. Each half of the frames is read by what the other
    half taught, so that nothing is learnt by heart. Returns [T, 185].
    """
    back = np.empty(values.shape)
    halves = np.arange(len(values)) % 2
    for half in (0, 1):
        known = halves != half
        centre, rest = curves[known].mean(0), values[known].mean(0)
        reader = np.linalg.lstsq(curves[known] - centre, values[known] - rest, rcond=_LEAST_SINGULAR)[0]
        back[~known] = (curves[~known] - centre) @ reader + rest
    return back


def shares(values: np.ndarray) -> dict[str, dict[str, float]]:
    """Share of board motion by rig and region ("all" among them). values: float32 [T, 185].

    "arkit52 and back" is arkit_to_board(board_to_arkit(values)), what a user gets who stores ARKit; the others are the
    best linear reader's. FLAME stands without a model file, that is with jaw and eyes alone.
    """
    backs = {"arkit52 and back": arkit_to_board(board_to_arkit(values))}
    backs |= {rig: read_back(values, turn(values)) for rig, turn in _RIGS.items()}
    places = {"all": np.arange(values.shape[1])} | {region: columns(region) for region in REGIONS}
    return {
        rig: {region: share_back(values[:, place], back[:, place]) for region, place in places.items()}
        for rig, back in backs.items()
    }


def round_trips(values: np.ndarray) -> dict[str, dict[str, float]]:
    """What comes back of one rig's motion from another one: share_back by the rig it began in, then the rig between.

    values: float32 [T, 185], board motion; each rig's own motion is what that becomes in it. to_rig goes both ways;
    FLAME stands without a model file and the head still.
    """
    start = Performance(RigCurves(BOARD_NAMES, values, 60.0), np.zeros((len(values), 3), np.float32))
    own = {rig: to_rig(start, rig) for rig in RIGS}
    return {
        first: {
            between: share_back(motion.curves.values, to_rig(to_rig(motion, between), first).curves.values)
            for between in RIGS
            if between != first
        }
        for first, motion in own.items()
    }


def random_poses(count: int, seed: int = 0) -> np.ndarray:
    """Poses with a quarter of the channels set anywhere in their range, float32 [count, 185]."""
    rng = np.random.default_rng(seed)
    poses = rng.uniform(LOWS, HIGHS, (count, len(LOWS))) * (rng.random((count, len(LOWS))) < 0.25)
    return poses.astype(np.float32)

"""What a face should do while it says something: version one's curves on the board, corrected by phones."""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52
from ..rig.board import BOARD, index
from ..rig.mapping import arkit_to_board
from ..speech import level, prosody
from ..speech.phones import NUMBERS, PHONES, PhoneTrack, track_of
from ..speech.rules import obey
from .corpus import CONTROLS
from .face import Face
from .labels import SOLVED
from .lessons import UNKNOWN
from .passages import GOALS, SEAL

RETRACTION = 0.85
"""How much mouthStretch a unit of lip opening brings: on the wild development films mouths widen as they open
(r .2 to .7), while those of GRID's one man narrow; readings of other voices follow the many."""
SEALING = tuple(NUMBERS[name] for name in ("P", "B", "M"))
SEAL_EDGE = 1
"""Frames either side of p, b, m over which the seal comes and goes."""
_MOUTH = np.array([i for i, control in enumerate(BOARD) if control.region in ("jaw", "lips", "cheeks", "nose")])
_LEFTS = np.array([i for i, control in enumerate(BOARD) if control.side == "L"])
_RIGHTS = np.array([index(BOARD[i].mirror) for i in _LEFTS])
_SIDEWAYS = np.array([i for i, control in enumerate(BOARD) if control.side == "C" and control.flips])
_TONGUE = np.array([i for i, control in enumerate(BOARD) if control.region == "tongue"])


def energy_of(samples: np.ndarray) -> np.ndarray:
    """Loudness of a clip, float16 [ceil(S / 320)], 0..1. samples: int16 [S]."""
    loud = level.normalise(samples.astype(np.float32) / 32768.0)
    return np.clip(prosody.hear_prosody(level.frame_levels(loud)).energy, 0.0, 1.0).astype(np.float16)


def reading_goal(controls: np.ndarray, phones: np.ndarray, face: Face) -> np.ndarray:
    """The goal of a clip nobody filmed.

    controls: [N, 26] of version one; phones: int8 [N], UNKNOWN where nobody knows.
    Returns float16 [N, 186]; the upper face is NaN, and so are tongue and seal where the phones are not known.
    """
    arkit = np.zeros((len(controls), len(ARKIT_52)), np.float32)
    arkit[:, [ARKIT_52.index(name) for name in SOLVED]] = controls[:, [CONTROLS.index(name) for name in SOLVED]]
    widen(arkit, face, RETRACTION)
    add_cheeks(arkit)
    board = arkit_to_board(np.clip(arkit, 0.0, 1.0))
    known = phones != UNKNOWN
    if known.any():
        board = np.where(known[:, None], obey(board, label_track(phones)), board)
    goal = np.full((len(board), GOALS), np.nan, np.float32)
    goal[:, _MOUTH] = board[:, _MOUTH]
    goal[np.ix_(known, _TONGUE)] = board[np.ix_(known, _TONGUE)]
    goal[known, SEAL] = seal_goal(phones)[known]
    return symmetric(goal).astype(np.float16)


def film_goal(board: np.ndarray, phones: np.ndarray) -> np.ndarray:
    """The goal of a filmed clip: what was seen, and the tongue and seal that the phones ask for.

    board: float32 [N, 185] at the trunk's frames; phones: int8 [N]. Returns float16 [N, 186].
    """
    known = phones != UNKNOWN
    goal = np.full((len(board), GOALS), np.nan, np.float32)
    goal[:, :SEAL] = board
    goal[:, _TONGUE] = np.nan
    if known.any():
        ruled = obey(board, label_track(phones))
        goal[np.ix_(known, _TONGUE)] = ruled[np.ix_(known, _TONGUE)]
        goal[known, SEAL] = seal_goal(phones)[known]
    return symmetric(goal).astype(np.float16)


def symmetric(goal: np.ndarray) -> np.ndarray:
    """Both sides of a goal alike, and nothing to one side: no voice tells left from right. [..., 186] to the same."""
    goal = goal.copy()
    goal[..., _LEFTS] = goal[..., _RIGHTS] = (goal[..., _LEFTS] + goal[..., _RIGHTS]) / 2
    goal[..., _SIDEWAYS] = np.where(np.isfinite(goal[..., _SIDEWAYS]), 0, np.nan)
    return goal


def widen(arkit: np.ndarray, face: Face, share: float) -> None:
    """Let mouths widen as they open, in place. arkit: float32 [N, 52]; share: of RETRACTION's unit."""
    gap = np.maximum(arkit @ face.opening[:-1] + face.opening[-1], 0.0)
    for side in ("Left", "Right"):
        arkit[:, ARKIT_52.index(f"mouthStretch{side}")] += share * gap


def add_cheeks(arkit: np.ndarray) -> None:
    """Let cheeks and nose follow the lips that pull them, in place. arkit: float32 [N, 52]."""
    for side in ("Left", "Right"):
        smile, raised = (arkit[:, ARKIT_52.index(f"{name}{side}")] for name in ("mouthSmile", "mouthUpperUp"))
        arkit[:, ARKIT_52.index(f"cheekSquint{side}")] = 0.5 * smile
        arkit[:, ARKIT_52.index(f"noseSneer{side}")] = 0.15 * raised


def seal_goal(phones: np.ndarray) -> np.ndarray:
    """How surely the lips are sealed by p, b or m, float32 [N]: 1 within the phone, half of it one frame outside."""
    inside = np.isin(phones, SEALING).astype(np.float32)
    wide = np.pad(inside, SEAL_EDGE)
    around = np.maximum(wide[: len(inside)], wide[2 * SEAL_EDGE :])
    return np.maximum(inside, 0.5 * around)


def label_track(phones: np.ndarray) -> PhoneTrack:
    """Frame labels as a phone track; unknown frames count as silence. phones: int8 [N]."""
    numbers = np.maximum(phones, 0).astype(np.int64)
    return track_of(numbers, np.eye(len(PHONES), dtype=np.float32)[numbers])

"""What a performance does that the rig it is turned into cannot show."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..rig.board import BOARD_NAMES, HIGHS, LOWS
from ..rig.convert import to_rig
from ..rig.mapping import JAW_OPEN
from ..types import Performance, RigCurves

LEAST_MOTION = 0.1
"""Motion below this is not missed."""
LEAST_ANSWER = 1e-3
OPEN_JAW = 0.4
"""The jaw's opening while other controls are tried: what closes lips shows only over an open jaw."""


def lost_controls(board: RigCurves, rig: str) -> tuple[str, ...]:
    """The controls that move in a performance and change nothing on a rig.

    board: the 185 channels. rig: one of core.rig.convert.RIGS.
    """
    downward, upward = _deaf(rig)
    lows, highs = board.values.min(axis=0), board.values.max(axis=0)
    lost = (upward & (highs > LEAST_MOTION)) | (downward & (lows < -LEAST_MOTION))
    return tuple(name for name, gone in zip(BOARD_NAMES, lost, strict=True) if gone)


@lru_cache(maxsize=8)
def _deaf(rig: str) -> tuple[np.ndarray, np.ndarray]:
    """Whether a rig passes over each control's lower and upper half, bool [185] each: tried out, one at a time."""
    count = len(BOARD_NAMES)
    faces = np.zeros((2 * count + 1, count), np.float32)  # Lower ends, upper ends, and the face to compare with.
    faces[:, JAW_OPEN] = OPEN_JAW
    each = np.arange(count)
    faces[each, each], faces[count + each, each] = LOWS, HIGHS
    turned = to_rig(Performance(RigCurves(BOARD_NAMES, faces, 1.0), np.zeros((len(faces), 3), np.float32)), rig)
    answers = np.abs(turned.curves.values - turned.curves.values[-1]).max(axis=1) > LEAST_ANSWER
    return ~answers[:count], ~answers[count:-1]

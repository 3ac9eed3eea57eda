"""What a performance does that the rig, or the character's own mapping, it is turned into cannot show."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..layers.closures import JAWS
from ..rig.board import BOARD_NAMES, HIGHS, LOWS
from ..rig.convert import to_rig
from ..rig.played import played
from ..rig.targets import Mapping
from ..types import Performance, RigCurves

LEAST_MOTION = 0.1
"""Motion below this is not missed."""
LEAST_ANSWER = 1e-3
OPEN_JAW = 0.4
"""The jaw's opening while other controls are tried: what closes lips shows only over an open jaw."""
_RANGES = dict(zip(BOARD_NAMES, zip(LOWS.tolist(), HIGHS.tolist(), strict=True), strict=True))


def lost_controls(curves: RigCurves, goal: str | Mapping) -> tuple[str, ...]:
    """The controls that move in a performance and change nothing on a rig or in a mapping, what moves most first.

    curves: those of the board or of ARKit. goal: one of core.rig.convert.RIGS, or what moves a character.
    Raises RigError for a mapping that needs what the curves do not tell.
    """
    downward, upward = _deaf(curves.names, goal)
    lows, highs = curves.values.min(axis=0), curves.values.max(axis=0)
    lost = (upward & (highs > LEAST_MOTION)) | (downward & (lows < -LEAST_MOTION))
    most = np.maximum(highs, -lows)
    return tuple(curves.names[place] for place in np.argsort(-most, kind="stable") if lost[place])


def check_mapping(mapping: Mapping) -> None:
    """Raise RigError for a mapping that a performance of the board cannot be judged by."""
    _deaf(BOARD_NAMES, mapping)


@lru_cache(maxsize=8)
def _deaf(names: tuple[str, ...], goal: str | Mapping) -> tuple[np.ndarray, np.ndarray]:
    """Whether each control's lower and upper half are passed over, bool [C] each: tried out, one at a time."""
    count = len(names)
    lows, highs = np.array([_RANGES.get(name, (0.0, 1.0)) for name in names], np.float32).T
    faces = np.zeros((2 * count + 1, count), np.float32)  # Lower ends, upper ends, and the face to compare with.
    faces[:, [names.index(name) for name in JAWS if name in names]] = OPEN_JAW
    each = np.arange(count)
    faces[each, each], faces[count + each, each] = lows, highs
    answers = np.abs(_turned(names, faces, goal)).max(axis=1) > LEAST_ANSWER
    return ~answers[:count], ~answers[count:-1]


def _turned(names: tuple[str, ...], faces: np.ndarray, goal: str | Mapping) -> np.ndarray:
    """What faces become, as differences from the last of them, float32 [F, N]. faces: float32 [F, C]."""
    performance = Performance(RigCurves(names, faces, 1.0), np.zeros((len(faces), 3), np.float32))
    if isinstance(goal, Mapping):
        values = np.stack(list(played(performance, goal).values()), axis=1)
    else:
        values = to_rig(performance, goal).curves.values
    return values - values[-1]

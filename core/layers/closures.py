"""Where lips close, told by a rig's own curves: the jaw, less what the lips close of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..rig.names import rig_of_curve
from ..types import RigCurves
from .regions import MOUTH, groups_of

SHUT = 0.02
"""Opening at which lips count as closed, of a jaw that is open at 1; as core.speech.rules."""
LEAST_SWING = 0.05
"""Curves that swing less need no keys of their own at closures."""
JAWS = ("jawOpen", "CTRL_C_jaw.ty", "CTRL_expressions_jawOpen")
_CLOSED = "mouthClose"
_TOGETHER = "lipstogether"
_UNTOLD = ("visemes", "flame")
_PARTING = ("funnel", "upperup", "lowerdown", "upperlipraise", "lowerlipdepress")
"""Words in the names, in small letters, of what parts the lips beside the jaw; each rig spells them its own way."""


def opening_of(curves: RigCurves) -> np.ndarray | None:
    """How far the mouth is open, float32 [T] of 0 up; None for a rig whose curves do not tell, such as visemes."""
    jaw = next((name for name in JAWS if name in curves.names), None)
    if jaw is None:
        return None
    if _CLOSED in curves.names:
        return np.maximum(curves.column(jaw) - curves.column(_CLOSED), 0)
    lips = together_columns(curves.names)
    if not lips:
        return None
    return curves.column(jaw) * (1 - np.clip(curves.values[:, lips].mean(axis=1), 0, 1))


def together_columns(names: tuple[str, ...]) -> list[int]:
    """The columns that close a share of the jaw's opening; ARKit has none, for its mouthClose is no share."""
    return [place for place, name in enumerate(names) if _TOGETHER in name.lower()]


def closed_runs(opening: np.ndarray) -> np.ndarray:
    """First and last frame of each closure, int64 [N, 2]. opening: [T]."""
    edges = np.diff(np.concatenate([[False], opening <= SHUT, [False]]).astype(np.int8))
    return np.stack([np.flatnonzero(edges > 0), np.flatnonzero(edges < 0) - 1], axis=1)


def closure_frames(curves: RigCurves) -> np.ndarray | None:
    """The frames that fewer keys must keep: the ends of each closure and its tightest frame, int64 [F], rising.

    None where no closure is told by these curves.
    """
    opening = opening_of(curves)
    if opening is None:
        return None
    runs = closed_runs(opening)
    tightest = [first + int(opening[first : last + 1].argmin()) for first, last in runs]
    return np.unique(np.concatenate([runs.ravel(), np.array(tightest, np.int64)]))


def kept_keys(curves: RigCurves) -> np.ndarray | None:
    """Where fewer keys must not lose a closure, bool [T, C]: closure_frames() in what opens and closes the lips.

    None where no closure is told by these curves.
    """
    frames = closure_frames(curves)
    if frames is None:
        return None
    kept = np.zeros(curves.values.shape, bool)
    for place, name in enumerate(curves.names):
        if moves_lips(name) and np.ptp(curves.values[:, place]) > LEAST_SWING:
            kept[frames, place] = True
    return kept


@lru_cache(maxsize=1024)
def moves_lips(name: str) -> bool:
    """Whether a control of any rig opens or closes the lips.

    Of visemes and of FLAME's expressions each may, for their names do not tell.
    """
    if rig_of_curve(name) in _UNTOLD:
        return groups_of([name])[name] == MOUTH
    words = (_CLOSED.lower(), _TOGETHER, *_PARTING)
    told = name in JAWS or any(word in name.lower() for word in words)
    return told and groups_of([name])[name] == MOUTH

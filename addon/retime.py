"""A performance at another frame rate."""

from __future__ import annotations

import math

import numpy as np

from ..core.types import Performance, RigCurves


def at_rate(performance: Performance, fps: float) -> Performance:
    """The performance with a row on each frame of another rate; unchanged when it already has it."""
    curves = performance.curves
    if math.isclose(curves.fps, fps, rel_tol=1e-6):
        return performance
    rows = len(curves.values)
    have_s = np.arange(rows) / curves.fps
    want_s = np.arange(max(1, math.ceil(rows / curves.fps * fps))) / fps
    both = np.concatenate([curves.values, performance.head], axis=1)
    moved = np.stack([np.interp(want_s, have_s, column) for column in both.T], axis=1).astype(np.float32)
    shapes = len(curves.names)
    retimed = RigCurves(curves.names, np.ascontiguousarray(moved[:, :shapes]), fps)
    return Performance(retimed, np.ascontiguousarray(moved[:, shapes:]), performance.phones)

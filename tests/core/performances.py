"""Performances for the tests."""

from __future__ import annotations

import numpy as np

from core.rig.arkit import ARKIT_52
from core.types import Performance, RigCurves


def random_performance(frames=7, fps=60.0, names=ARKIT_52, seed=0):
    """Values in 0..1 and a head that moves, different for each seed."""
    random = np.random.default_rng(seed)
    values = random.random((frames, len(names)), np.float32)
    head = random.uniform(-0.5, 0.5, (frames, 3)).astype(np.float32)
    return Performance(RigCurves(tuple(names), values, fps), head)


def performance_of(head=(0.0, 0.0, 0.0), **shapes):
    """One frame at rest but for these shapes."""
    values = np.array([[shapes.get(name, 0.0) for name in ARKIT_52]], np.float32)
    return Performance(RigCurves(ARKIT_52, values, 60.0), np.array([head], np.float32))

"""How MetaHuman tools spell the controls, and the two boards told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..rig.mapping import METAHUMAN_RAW_251
from ..types import Performance, RigCurves
from .dna_board import is_dna_board, widened

AXES = {"translateX": "tx", "translateY": "ty"}
RAW_PREFIX = "CTRL_expressions"


def canonical(name: str) -> str:
    """Our spelling, which is Unreal's for raw curves and the DNA's for the board.

    Maya writes CTRL_L_brow_down.translateY, data sets CTRL_L_brow_down-translateY, DNA files CTRL_expressions.jawOpen.
    """
    if name.startswith(f"{RAW_PREFIX}."):
        return f"{RAW_PREFIX}_{name[len(RAW_PREFIX) + 1 :]}"
    for separator in ".-":
        control, found, axis = name.rpartition(separator)
        if found and axis in AXES:
            return f"{control}.{AXES[axis]}"
    return name


def performance_of(names: Sequence[str], values: np.ndarray, fps: float, head: np.ndarray) -> Performance:
    """A performance in our spelling and, of raw curves, our order; the DNA's board becomes the whole one.

    values: float32 [T, N]. head: float32 [T, 3]. Raises ValueError for a name that comes twice.
    """
    spelt = tuple(canonical(name) for name in names)
    if len(set(spelt)) != len(spelt):
        raise ValueError("two of its controls have the same name")
    if set(spelt) == set(METAHUMAN_RAW_251):
        values = np.ascontiguousarray(values[:, [spelt.index(name) for name in METAHUMAN_RAW_251]])
        spelt = METAHUMAN_RAW_251
    performance = Performance(RigCurves(spelt, values, fps), head)
    return widened(performance) if is_dna_board(spelt) else performance

"""The control board without the eleven channels that only older boards have: what today's MetaHuman DNA takes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..rig.board import BOARD_NAMES
from ..types import Performance, RigCurves

DNA_CHANNELS = 174
DNA_NAMES = BOARD_NAMES[:DNA_CHANNELS]
"""The channels of Epic's archetype DNA in its own order, "CTRL_L_brow_down.ty"."""
DNA_RIG = "metahuman174"


def is_dna_board(names: Sequence[str]) -> bool:
    """Whether these are the 174 channels, in any order."""
    return len(names) == DNA_CHANNELS and set(names) == set(DNA_NAMES)


def narrowed(performance: Performance) -> Performance:
    """The 174 of a performance on the whole board."""
    return _with_names(performance, DNA_NAMES)


def widened(performance: Performance) -> Performance:
    """The whole board from its 174 channels; those that only older boards have rest."""
    return _with_names(performance, BOARD_NAMES)


def _with_names(performance: Performance, names: tuple[str, ...]) -> Performance:
    curves = performance.curves
    values = np.zeros((len(curves.values), len(names)), np.float32)
    for place, name in enumerate(names):
        if name in curves.names:
            values[:, place] = curves.column(name)
    return replace(performance, curves=RigCurves(names, values, curves.fps))

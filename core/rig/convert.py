"""A performance on the control board, in the words of the rig that is to play it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import RigError
from ..types import Performance, RigCurves
from .arkit import ARKIT_52
from .board import BOARD_NAMES
from .flame import FLAME_NAMES, board_to_flame
from .mapping import METAHUMAN_RAW_251, arkit_to_board, board_to_arkit, board_to_raw
from .visemes import VISEMES, board_to_visemes, expected_visemes

RIGS: tuple[str, ...] = ("arkit52", "metahuman", "metahuman251", "flame", "visemes")


def to_rig(performance: Performance, rig: str, flame_expression: np.ndarray | None = None) -> Performance:
    """Turn a performance into another rig's curves; head and whatever else it carries stay.

    Visemes are told by the face and, where the performance has them, by its phones.

    performance: curves of the 185 board channels, or of the 52 ARKit shapes, in canonical order.
    rig: one of RIGS. "metahuman" is the board itself.
    flame_expression: float32 [52, 100], only read for "flame", see flame.board_to_flame.
    Raises RigError for an unknown rig or curves that are neither board nor ARKit.
    """
    if rig not in RIGS:
        raise RigError(f'There is no rig "{rig}"; choose one of {", ".join(RIGS)}.')
    names, values = _turned(performance, rig, flame_expression)
    return replace(performance, curves=RigCurves(names, values, performance.curves.fps))


def _turned(performance: Performance, rig: str, expression: np.ndarray | None) -> tuple[tuple[str, ...], np.ndarray]:
    curves = performance.curves
    if curves.names == ARKIT_52 and rig == "arkit52":
        return ARKIT_52, curves.values
    values = _on_board(curves)
    if rig == "arkit52":
        return ARKIT_52, board_to_arkit(values)
    if rig == "metahuman251":
        return METAHUMAN_RAW_251, board_to_raw(values)
    if rig == "flame":
        return FLAME_NAMES, board_to_flame(values, performance.head, expression)
    if rig == "visemes":
        phones = getattr(performance, "phones", None)
        times = np.arange(len(values)) / curves.fps
        return VISEMES, board_to_visemes(values, phones and expected_visemes(phones, times))
    return BOARD_NAMES, values


def _on_board(curves: RigCurves) -> np.ndarray:
    if curves.names == BOARD_NAMES:
        return curves.values
    if curves.names == ARKIT_52:
        return arkit_to_board(curves.values)
    raise RigError(
        f"Curves must be the {len(BOARD_NAMES)} channels of the control board or the {len(ARKIT_52)} ARKit shapes "
        f"to be turned into another rig, but these are {len(curves.names)} others."
    )

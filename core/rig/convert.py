"""A performance in the words of the rig that is to play it, by way of the control board."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import RigError
from ..types import Performance, RigCurves
from .back import flame_to_board, raw_to_board, visemes_to_arkit
from .flame import board_to_flame
from .mapping import arkit_to_board, board_to_arkit, board_to_raw
from .names import RIG_NAMES, rig_of
from .visemes import board_to_visemes, expected_visemes

RIGS: tuple[str, ...] = tuple(RIG_NAMES)


def to_rig(performance: Performance, rig: str, flame_expression: np.ndarray | None = None) -> Performance:
    """Turn a performance into another rig's curves; head and whatever else it carries stay.

    Visemes are told by the face and, where the performance has them, by its phones. What comes from a rig that holds
    less of a face is at rest where that rig is silent; docs/rigs.md tells how much comes back.

    performance: curves of any of RIGS, in any order.
    rig: one of RIGS. "metahuman" is the board itself. The curves come in its canonical order.
    flame_expression: float32 [52, 100], only read from and for "flame", see flame.board_to_flame.
    Raises RigError for an unknown rig or curves that are no rig's.
    """
    if rig not in RIGS:
        raise RigError(f'There is no rig "{rig}"; choose one of {", ".join(RIGS)}.')
    names, values = _turned(performance, rig, flame_expression)
    return replace(performance, curves=RigCurves(names, values, performance.curves.fps))


def _turned(performance: Performance, rig: str, expression: np.ndarray | None) -> tuple[tuple[str, ...], np.ndarray]:
    curves, names = performance.curves, RIG_NAMES[rig]
    source = rig_of(curves.names)
    if source == rig:
        return names, _ordered(curves, names)
    values = _on_board(curves, source, expression)
    if rig == "arkit52":
        return names, board_to_arkit(values)
    if rig == "metahuman251":
        return names, board_to_raw(values)
    if rig == "flame":
        return names, board_to_flame(values, performance.head, expression)
    if rig == "visemes":
        phones = getattr(performance, "phones", None)
        times = np.arange(len(values)) / curves.fps
        return names, board_to_visemes(values, phones and expected_visemes(phones, times))
    return names, values


def _on_board(curves: RigCurves, source: str | None, expression: np.ndarray | None) -> np.ndarray:
    if source is None:
        raise RigError(
            f"Curves must be those of one rig ({', '.join(RIGS)}) to be turned into another, "
            f"but these are {len(curves.names)} others."
        )
    values = _ordered(curves, RIG_NAMES[source])
    if source == "arkit52":
        return arkit_to_board(values)
    if source == "metahuman251":
        return raw_to_board(values)
    if source == "flame":
        return flame_to_board(values, expression)
    return arkit_to_board(visemes_to_arkit(values)) if source == "visemes" else values


def _ordered(curves: RigCurves, names: tuple[str, ...]) -> np.ndarray:
    """The values in the order of some names; the very array where they are in it."""
    if curves.names == names:
        return curves.values
    places = {name: place for place, name in enumerate(curves.names)}
    return np.ascontiguousarray(curves.values[:, [places[name] for name in names]])

"""The control board in other rigs' words: ARKit's 52 shapes and the 251 raw curves, there and back.

Every mapping is a table in data/, one term a row; nothing here knows a gain. What a mapping cannot carry is told in
docs/rigs.md and measured by core.rig.carried.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from ..arrays import check
from .arkit import ARKIT_52
from .board import BOARD, HIGHS, LOWS, index, read_rows

BLOCK = 8192
"""Frames turned at a time, so that an hour of motion needs no second hour of memory."""
LEAST_JAW = 0.05
"""mouthClose is a share of jawOpen; below this opening the share means nothing."""
JAW_OPEN: int = index("CTRL_C_jaw.ty")
LIPS_TOGETHER: list[int] = [index(f"CTRL_{side}_mouth_lipsTogether{lip}.ty") for lip in "UD" for side in "LR"]
_CLOSE = ARKIT_52.index("mouthClose")
_ARKIT_JAW = ARKIT_52.index("jawOpen")


def _raw_names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["raw"] for row in read_rows("metahuman_raw_from_board.csv")))


METAHUMAN_RAW_251: tuple[str, ...] = _raw_names()
"""Unreal curve names, "CTRL_expressions_browDownL", in ASCII order."""


def arkit_to_board(values: np.ndarray) -> np.ndarray:
    """ARKit shapes as board channels.

    values: float32 [T, 52], 0..1, in the order of ARKIT_52.
    Returns float32 [T, 185] within the board's ranges. lipsTogether is mouthClose / max(jawOpen, 0.05): ARKit's
    mouthClose is relative to how far the jaw is open, the board's channel is not.
    """
    check("values", values, ("T", len(ARKIT_52)))
    out = np.empty((len(values), len(BOARD)), np.float32)
    for rows in _blocks(len(values)):
        out[rows] = values[rows] @ arkit_to_board_matrix().T
        share = values[rows, _CLOSE] / np.maximum(values[rows, _ARKIT_JAW], LEAST_JAW)
        out[rows, LIPS_TOGETHER] = share[:, None]
    return np.clip(out, LOWS, HIGHS, out=out)


def board_to_arkit(values: np.ndarray) -> np.ndarray:
    """Board channels as ARKit shapes: clip(M @ halves, 0, 1), and mouthClose = jaw x mean of the four lipsTogether.

    values: float32 [T, 185]. Returns float32 [T, 52], 0..1.
    """
    check("values", values, ("T", len(BOARD)))
    positive, negative = np.split(board_to_arkit_matrix().T, 2)
    out = np.empty((len(values), len(ARKIT_52)), np.float32)
    for rows in _blocks(len(values)):
        block = np.clip(values[rows], LOWS, HIGHS)
        out[rows] = np.maximum(block, 0) @ positive + np.maximum(-block, 0) @ negative
        out[rows, _CLOSE] = block[:, JAW_OPEN] * block[:, LIPS_TOGETHER].mean(1)
    return np.clip(out, 0, 1, out=out)


def board_to_raw(values: np.ndarray) -> np.ndarray:
    """Board channels as the raw curves that Unreal's MetaHuman head takes.

    values: float32 [T, 185]. Returns float32 [T, 251], 0..1, in the order of METAHUMAN_RAW_251.
    The rule is the DNA's: where from <= x < to, slope * x + cut is added; some terms are then multiplied by another
    channel.
    """
    check("values", values, ("T", len(BOARD)))
    out = np.zeros((len(values), len(METAHUMAN_RAW_251)), np.float32)
    for rows in _blocks(len(values)):
        block = np.clip(values[rows], LOWS, HIGHS)
        for raw, source, (low, high), (slope, cut), factor in _raw_terms():
            x = block[:, source]
            part = np.where((x >= low) & (x < high), slope * x + cut, np.float32(0))
            out[rows, raw] += part if factor < 0 else part * block[:, factor]
    return np.clip(out, 0, 1, out=out)


@lru_cache(maxsize=1)
def arkit_to_board_matrix() -> np.ndarray:
    """Board channels as a linear function of the ARKit shapes, float32 [185, 52], read only; lipsTogether is 0."""
    matrix = np.zeros((len(BOARD), len(ARKIT_52)), np.float32)
    for row in read_rows("metahuman_from_arkit.csv"):
        if not row["over"]:
            matrix[index(row["control"]), ARKIT_52.index(row["arkit"])] += float(row["gain"])
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=1)
def board_to_arkit_matrix() -> np.ndarray:
    """ARKit shapes as a linear function of the channels' halves, float32 [52, 2 * 185], read only.

    The first 185 columns take max(x, 0), the others max(-x, 0). The row of mouthClose is 0: it is a product.
    """
    matrix = np.zeros((len(ARKIT_52), 2 * len(BOARD)), np.float32)
    for row in read_rows("arkit_from_metahuman.csv"):
        if not row["times"]:
            column = index(row["control"]) + (len(BOARD) if row["half"] == "-" else 0)
            matrix[ARKIT_52.index(row["arkit"]), column] += float(row["gain"])
    matrix.setflags(write=False)
    return matrix


_RawTerm = tuple[int, int, tuple[float, float], tuple[float, float], int]


@lru_cache(maxsize=1)
def _raw_terms() -> tuple[_RawTerm, ...]:
    """The rows of the raw table: curve, channel, where it counts, slope and cut, factor's column or -1."""
    terms = []
    for row in read_rows("metahuman_raw_from_board.csv"):
        ends = float(row["from"]), float(row["to"])
        reach = ends[0], np.inf if ends[1] == 1 else ends[1]  # The end of the slider belongs to its last piece.
        factor = index(row["times"]) if row["times"] else -1
        curve = METAHUMAN_RAW_251.index(row["raw"])
        terms.append((curve, index(row["control"]), reach, (float(row["slope"]), float(row["cut"])), factor))
    return tuple(terms)


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))

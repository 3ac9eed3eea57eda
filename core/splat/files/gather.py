"""From what a file holds to Splats: turned into our axes, checked, mended where that is honest, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..types import SH_COEFFICIENTS, Splats
from .axes import Turn
from .report import (
    FARTHEST_M,
    LEAST_LOG_SCALE,
    MOST_COEFFICIENT,
    MOST_LOG_SCALE,
    MOST_LOGIT,
    Block,
    Fault,
    Source,
    added,
)

PLACELESS = "splats without a place or size left out"
SIZES = "sizes of nothing raised"
TURNS = "rotations of nothing replaced"
OPACITIES = "opacities limited"
COLOURS = "colours that are no number zeroed"
NORM_RANGE = (1e-12, 1e12)
"""Squared lengths of quaternions that float32 can divide by without loss."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """The five arrays of Splats, or the same rows of them all."""

    means: np.ndarray
    quats: np.ndarray
    log_scales: np.ndarray
    logits: np.ndarray
    sh: np.ndarray

    @classmethod
    def empty(cls, count: int, degree: int) -> Arrays:
        """Room for count splats."""
        shapes = ((count, 3), (count, 4), (count, 3), (count,), (count, SH_COEFFICIENTS[degree], 3))
        return cls(*(np.empty(shape, np.float32) for shape in shapes))

    def all(self) -> tuple[np.ndarray, ...]:
        """In the order of Splats."""
        return self.means, self.quats, self.log_scales, self.logits, self.sh

    def rows(self, which: slice | np.ndarray) -> Arrays:
        """Views for a slice, copies for a mask."""
        return Arrays(*(array[which] for array in self.all()))


def gather(source: Source) -> tuple[Splats, dict[str, int]]:
    """All splats of a file and how many of each fault were mended. Raises Fault where none is usable."""
    room, turn = Arrays.empty(source.count, source.degree), Turn(source.axes)
    keep = np.ones(source.count, bool)
    counts: Counter[str] = Counter(source.cut)
    start = 0
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for block in source.blocks:
            rows = slice(start, start + len(block.means))
            part = room.rows(rows)
            _place(block, part, turn)
            keep[rows] = ~_mend(part, counts)
            start = rows.stop
    if start != source.count:
        raise Fault(f"holds {start:,} splats where it says {source.count:,}")
    if not keep.any():
        raise Fault("holds no splat with a place and a size")
    kept = room if keep.all() else room.rows(keep)
    return Splats(*kept.all()), dict(counts)


def _place(block: Block, part: Arrays, turn: Turn) -> None:
    """Copy a block into its rows, turned."""
    np.multiply(block.means, turn.means, out=part.means, casting="same_kind")
    np.multiply(block.quats, turn.quats, out=part.quats, casting="same_kind")
    part.log_scales[:] = block.log_scales
    part.logits[:] = block.logits
    part.sh[:, 0] = block.base
    rest = part.sh.shape[1] - 1
    if rest:
        np.multiply(block.rest[:, :rest], turn.harmonics[1 : rest + 1], out=part.sh[:, 1:], casting="same_kind")


def _mend(part: Arrays, counts: Counter[str]) -> np.ndarray:
    """Mend rows in place; bool [n], true for those that are beyond that."""
    lost = _far(part.means, FARTHEST_M).any(1) | _too_large(part.log_scales)
    _raise_sizes(part.log_scales[:], lost, counts)
    if not _within(part.logits, MOST_LOGIT):
        lost |= np.isnan(part.logits)
        limited = added(counts, OPACITIES, ~(np.abs(part.logits) <= MOST_LOGIT) & ~lost)
        part.logits[limited] = np.clip(part.logits[limited], -MOST_LOGIT, MOST_LOGIT)
    _unit(part.quats, lost, counts)
    if not _within(part.sh, MOST_COEFFICIENT):
        bad = ~(np.abs(part.sh) <= MOST_COEFFICIENT)
        added(counts, COLOURS, bad.any((1, 2)) & ~lost)
        part.sh[bad] = 0
    return added(counts, PLACELESS, lost)


def _within(values: np.ndarray, limit: float) -> bool:
    """Whether all values are numbers of at most this size; NaN compares as false."""
    return bool(values.max() <= limit and values.min() >= -limit)


def _far(values: np.ndarray, limit: float) -> np.ndarray:
    """Where values are no numbers or larger than the limit, bool of the same shape."""
    return np.zeros_like(values, bool) if _within(values, limit) else ~(np.abs(values) <= limit)


def _too_large(log_scales: np.ndarray) -> np.ndarray:
    if log_scales.max() <= MOST_LOG_SCALE:
        return np.zeros(len(log_scales), bool)
    return ~(log_scales <= MOST_LOG_SCALE).all(1)


def _raise_sizes(log_scales: np.ndarray, lost: np.ndarray, counts: Counter[str]) -> None:
    if log_scales.min() >= LEAST_LOG_SCALE:
        return
    added(counts, SIZES, (log_scales < LEAST_LOG_SCALE).any(1) & ~lost)
    np.maximum(log_scales, LEAST_LOG_SCALE, out=log_scales)


def _unit(quats: np.ndarray, lost: np.ndarray, counts: Counter[str]) -> None:
    """Give every quaternion length 1; what has no length turns nothing."""
    squares = np.einsum("ij,ij->i", quats, quats)
    odd = ~((squares >= NORM_RANGE[0]) & (squares <= NORM_RANGE[1]))
    if odd.any():
        largest = np.abs(quats[odd]).max(1, keepdims=True)
        scaled = quats[odd] / largest
        dead = ~((largest[:, 0] > 0) & np.isfinite(scaled).all(1))
        scaled[dead] = (1, 0, 0, 0)
        quats[odd] = scaled
        squares[odd] = np.einsum("ij,ij->i", scaled, scaled)
        gone = np.zeros(len(quats), bool)
        gone[np.flatnonzero(odd)[dead]] = True
        added(counts, TURNS, gone & ~lost)
    quats /= np.sqrt(squares)[:, None]

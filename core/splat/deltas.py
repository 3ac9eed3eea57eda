"""Linear changes to splats, kept small: a few rows of numbers for each thing that can be dialled up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import ShapeError

COLUMNS: dict[str, int] = {"offset": 3, "turn": 3, "log_scale": 3, "logit": 1, "color": 3}
"""What a change may touch, and how many numbers it takes.

offset: metres in the frame of the splat's triangle; turn: a small rotation r there, as the quaternion (1, r / 2) made
unit (the rotation vector but for its third power); log_scale and logit: added to those of the splat; color:
added to its zeroth spherical harmonic.
"""
KINDS = (np.int8, np.float16)


@dataclass(frozen=True, slots=True, eq=False)
class Deltas:
    """D changes over N splats, sparse and rounded.

    names:  the D changes.
    groups: which of COLUMNS are kept, in that order; A numbers together.
    starts: int64 [D + 1]; change d has the rows starts[d] to starts[d + 1].
    splats: int32 [R], the splat of each row, rising within a change.
    values: int8 or float16 [R, A].
    scales: float32 [D, A]; what a value is multiplied by.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    starts: np.ndarray
    splats: np.ndarray
    values: np.ndarray
    scales: np.ndarray

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names) or [g for g in COLUMNS if g in self.groups] != list(self.groups):
            raise ShapeError("Deltas must name each change once and its groups of numbers in their own order.")
        width = sum(COLUMNS[group] for group in self.groups)
        check("Deltas.starts", self.starts, (len(self.names) + 1,), np.int64)
        check("Deltas.splats", self.splats, ("R",), np.int32)
        check("Deltas.values", self.values, (len(self.splats), width), _kind(self.values))
        check("Deltas.scales", self.scales, (len(self.names), width))
        if self.starts[0] != 0 or self.starts[-1] != len(self.splats) or (np.diff(self.starts) < 0).any():
            raise ShapeError("Deltas.starts must rise from 0 to the number of rows.")
        if len(self.splats) and (self.splats.min() < 0 or not self._rises()):
            raise ShapeError("Deltas.splats must rise from 0 or more within each change.")

    def _rises(self) -> bool:
        same = np.ones(len(self.splats), bool)
        same[self.starts[:-1][self.starts[:-1] < len(self.splats)]] = False
        return bool((np.diff(self.splats, prepend=-1)[same] > 0).all())

    def rows(self, change: int) -> tuple[np.ndarray, np.ndarray]:
        """The splats a change touches, int32 [r], and by how much at 1, float32 [r, A]."""
        own = slice(int(self.starts[change]), int(self.starts[change + 1]))
        return self.splats[own], self.values[own].astype(np.float32) * self.scales[change]

    def columns(self) -> dict[str, slice]:
        """Where each group's numbers lie in a row."""
        places, start = {}, 0
        for group in self.groups:
            places[group] = slice(start, start + COLUMNS[group])
            start += COLUMNS[group]
        return places


def no_deltas() -> Deltas:
    """No change to anything."""
    return Deltas(
        (),
        (),
        np.zeros(1, np.int64),
        np.zeros(0, np.int32),
        np.zeros((0, 0), np.int8),
        np.zeros((0, 0), np.float32),
    )


def packed(changes: dict[str, np.ndarray], groups: tuple[str, ...], least: float, kind: type = np.int8) -> Deltas:
    """Keep changes small.

    changes: float32 [N, A] by name, A numbers for the groups; least: rows whose numbers all stay below it are left out.
    kind: int8, at most 1/254 of the largest number off, or float16.
    """
    starts, splats, values, scales = [0], [], [], []
    for change in changes.values():
        rows = np.nonzero(np.abs(change).max(1, initial=0) >= least)[0]
        kept = change[rows].astype(np.float32)
        largest = np.abs(kept).max(0, initial=0)
        scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
        scales.append(scale if kind is np.int8 else np.ones_like(scale))
        values.append(np.rint(kept / scale).astype(np.int8) if kind is np.int8 else kept.astype(np.float16))
        splats.append(rows.astype(np.int32))
        starts.append(starts[-1] + len(rows))
    if not changes:
        return no_deltas()
    return Deltas(
        tuple(changes), groups, np.array(starts), np.concatenate(splats), np.concatenate(values), np.stack(scales)
    )


def _kind(values: np.ndarray) -> type:
    kinds = [kind for kind in KINDS if getattr(values, "dtype", None) == kind]
    return kinds[0] if kinds else np.int8

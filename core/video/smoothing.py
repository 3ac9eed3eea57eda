"""Filters over time: one that may run live, with a lag, and the same run both ways, without.

Source: Casiez et al. 2012, the 1 euro filter: still values are smoothed much, moving ones little.
"""

from __future__ import annotations

import numpy as np

DERIVATIVE_HZ = 1.0


class OneEuro:
    """Filters rows [C] as they come.

    least_hz: cutoff for values at rest; eagerness: how much the cutoff rises for each unit a second.
    Lag at rest is 1 / (2 pi least_hz) seconds, and falls as values move.
    """

    def __init__(self, fps: float, least_hz: float, eagerness: float) -> None:
        self._fps, self._least_hz, self._eagerness = fps, least_hz, eagerness
        self._value: np.ndarray | None = None
        self._speed: np.ndarray | None = None

    @property
    def lag_s(self) -> float:
        """The lag of values at rest, seconds; those that move have less."""
        return 1 / (2 * np.pi * self._least_hz)

    def step(self, row: np.ndarray, elapsed_s: float = 0.0) -> np.ndarray:
        """The next row, filtered; one with nan gives the last again. elapsed_s: since the last, 0: as fps says."""
        row, fps = np.asarray(row, np.float64), 1 / elapsed_s if elapsed_s > 0 else self._fps
        if self._value is None:
            self._value, self._speed = row, np.zeros_like(row)
            return row
        if not np.isfinite(row).all():
            return self._value
        slow = _share(np.full_like(row, DERIVATIVE_HZ), fps)
        self._speed = self._speed + slow * ((row - self._value) * fps - self._speed)
        share = _share(self._least_hz + self._eagerness * np.abs(self._speed), fps)
        self._value = self._value + share * (row - self._value)
        return self._value


def both_ways(rows: np.ndarray, fps: float, least_hz: float, eagerness: float) -> np.ndarray:
    """Rows [T, C] filtered forwards and backwards and averaged: no lag, peaks where they were; float64 [T, C]."""
    total = np.zeros(rows.shape)
    for turn in (1, -1):
        one = OneEuro(fps, least_hz, eagerness)
        total += np.stack([one.step(row) for row in rows[::turn]])[::turn]
    return total / 2


def _share(cutoff_hz: np.ndarray, fps: float) -> np.ndarray:
    return 1 / (1 + fps / (2 * np.pi * cutoff_hz))

"""Strands of hair where none was seen: how bright each place is over its surroundings."""

from __future__ import annotations

import numpy as np

STRANDS = 120
"""Strands of hair about the crown that the far side gets, and as many again of half the width."""
WAVES = 5.0
"""Waves along a strand, for each unit of angle from the crown."""
CROWN_DOWN_M = 0.03
"""From how far below the top of the head strands run."""


def strands(points: np.ndarray) -> np.ndarray:
    """How bright hair is at points float32 [n, 3] of a head over its mean, about -2..2: noise drawn out along the ways
    down from the crown. Source of the noise: values on a lattice, Perlin 2002's curve between them.
    """
    crown = np.array([0.0, points[:, 1].max() - CROWN_DOWN_M, np.median(points[:, 2])])
    x, y, z = (points - crown).T
    around = (np.arctan2(x, z) / (2 * np.pi)) % 1.0
    down = np.arctan2(np.hypot(x, z), y) * WAVES
    rows = [_noise(around * count, down + count, count) for count in (STRANDS, 2 * STRANDS)]
    return (rows[0] + 0.6 * rows[1]) * 2.2


def _noise(u: np.ndarray, v: np.ndarray, period: int) -> np.ndarray:
    """Noise [n], about -0.5..0.5, at places u, which repeat after period, and v."""
    table = np.random.default_rng(period).random((64, period)) - 0.5
    left, top = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    a, b = (t * t * t * (t * (6 * t - 15) + 10) for t in (u - left, v - top))
    columns = left % period, (left + 1) % period
    upper, lower = (table[row % 64, columns[0]] * (1 - a) + table[row % 64, columns[1]] * a for row in (top, top + 1))
    return upper * (1 - b) + lower * b

"""Splats in axes whose +z is up and whose faces look along -y, and back: a quarter turn about +x."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .rotate_sh import turned_sh
from .types import Splats

BLOCK = 65536
"""Splats whose harmonics are turned at a time."""
_HALF = np.float32(np.sqrt(0.5))


def z_up(splats: Splats) -> Splats:
    """Our splats for a world with +z up: x right, y away, z up."""
    return _turned(splats, 1)


def y_up(splats: Splats) -> Splats:
    """Splats of a world with +z up as ours."""
    return _turned(splats, -1)


def _turned(splats: Splats, way: int) -> Splats:
    """A quarter turn about x; way: 1 takes +y to +z, -1 takes it back."""
    # Products of matrices: numbers are only swapped and negated, but sooner than column by column.
    places = np.array([[1, 0, 0], [0, 0, way], [0, -way, 0]], np.float32)
    turn = np.array([[1, way, 0, 0], [-way, 1, 0, 0], [0, 0, 1, way], [0, 0, -way, 1]], np.float32)
    means, quats = splats.means @ places, splats.quats @ (turn * _HALF)
    return Splats(means, quats, splats.log_scales, splats.logits, _turned_harmonics(splats.sh, way))


def _turned_harmonics(sh: np.ndarray, way: int) -> np.ndarray:
    """One product of matrices for all splats, since all turn alike."""
    count, held, colors = sh.shape
    if held == 1:
        return sh
    matrix, rows = _matrix(held, way), np.ascontiguousarray(sh).reshape(count, held * colors)
    out = np.empty_like(rows)
    for start in range(0, count, BLOCK):
        np.matmul(rows[start : start + BLOCK], matrix, out=out[start : start + BLOCK])
    return out.reshape(sh.shape)


@lru_cache
def _matrix(held: int, way: int) -> np.ndarray:
    """What a row of coefficients, colour by colour within each, is multiplied by: float32 [3 held, 3 held]."""
    turn = np.array([[1, 0, 0], [0, 0, -way], [0, way, 0]], np.float64)
    turned = turned_sh(np.eye(held, dtype=np.float32)[None], turn[None])[0]
    return np.kron(turned.T, np.eye(3, dtype=np.float32)).astype(np.float32)

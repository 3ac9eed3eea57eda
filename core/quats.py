"""Quaternions w x y z and rotation matrices, many at a time, for splats as for heads and bones."""

from __future__ import annotations

import numpy as np

CONJUGATE = np.array([1, -1, -1, -1], np.float32)
"""Turns a unit quaternion into the opposite turn."""


def unit(quats: np.ndarray) -> np.ndarray:
    """Quaternions [..., 4] at length 1; a zero quaternion becomes no turn."""
    length = np.linalg.norm(quats, axis=-1, keepdims=True)
    still = np.array([1, 0, 0, 0], quats.dtype)
    return np.where(length > 1e-12, quats / np.maximum(length, 1e-12), still).astype(quats.dtype)


def multiply(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """The product first * then of quaternions [..., 4]: as a turn of vectors, then is applied first."""
    a, b, c, d = np.moveaxis(first, -1, 0)
    w, x, y, z = np.moveaxis(then, -1, 0)
    return np.stack(
        [
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ],
        axis=-1,
    )


def continuous(quats: np.ndarray) -> np.ndarray:
    """The same turns [T, 4] without jumps of sign from row to row, so that each number may be read between rows."""
    flips = np.sign(np.sum(quats[1:] * quats[:-1], axis=1))
    flips[flips == 0] = 1
    return quats * np.concatenate([[1.0], np.cumprod(flips)])[:, None]


def matrices(quats: np.ndarray) -> np.ndarray:
    """Unit quaternions [..., 4] as rotation matrices [..., 3, 3] that act on column vectors."""
    w, x, y, z = np.moveaxis(quats, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def from_axes(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The turns that take the coordinate axes to x, y, z.

    x, y, z: [3, N], orthonormal and right-handed, one column each (the fast path keeps coordinates in rows).
    Returns [4, N], of unit length; the largest component is found first, so no turn loses precision.
    """
    w, i, j, k = x[0] + y[1] + z[2], x[0] - y[1] - z[2], y[1] - x[0] - z[2], z[2] - x[0] - y[1]
    wi, wj, wk = y[2] - z[1], z[0] - x[2], x[1] - y[0]  # each four times a product of two components
    ij, ik, jk = x[1] + y[0], z[0] + x[2], y[2] + z[1]
    by_i, by_k = i > j, k > np.maximum(i, j)
    by_w = w >= np.maximum(np.maximum(i, j), k)

    def largest(rows: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
        """Of four rows, for w, i, j and k, at each place the one of the largest component."""
        return np.where(by_w, rows[0], np.where(by_k, rows[3], np.where(by_i, rows[1], rows[2])))

    picked = np.stack(
        [
            largest((1 + w, wi, wj, wk)),
            largest((wi, 1 + i, ij, ik)),
            largest((wj, ij, 1 + j, jk)),
            largest((wk, ik, jk, 1 + k)),
        ]
    )
    return picked / np.sqrt(np.maximum((picked * picked).sum(0), 1e-20))

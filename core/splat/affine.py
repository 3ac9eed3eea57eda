"""Splats under any linear map: turned, stretched unevenly, sheared or mirrored, as objects of a scene are."""

from __future__ import annotations

import numpy as np

from ..errors import SettingError
from ..quats import from_axes, matrices, unit
from .rotate_sh import turned_sh
from .types import Splats

BLOCK = 65536
"""Splats stretched at a time."""


def transformed(splats: Splats, matrix: np.ndarray) -> Splats:
    """Splats where a matrix takes them; a Gaussian stays one under any linear map.

    matrix: float64 [4, 4]. Harmonics turn with the map's nearest rotation or reflection.
    Raises SettingError for a matrix that is flat or no number.
    """
    inner = matrix[:3, :3].astype(np.float64)
    if not np.isfinite(matrix).all() or abs(np.linalg.det(inner)) < 1e-18:
        raise SettingError("The splats are scaled to nothing along an axis; give their object a size.")
    if np.array_equal(matrix, np.eye(4)):
        return splats
    left, _, right = np.linalg.svd(inner)
    quats, log_scales = np.empty_like(splats.quats), np.empty_like(splats.log_scales)
    for start in range(0, len(splats), BLOCK):
        block = slice(start, start + BLOCK)
        quats[block], log_scales[block] = _stretched(splats, inner, block)
    return Splats(
        (splats.means @ inner.T + matrix[:3, 3]).astype(np.float32),
        quats,
        log_scales,
        splats.logits,
        turned_sh(splats.sh, (left @ right)[None]),
    )


def _stretched(splats: Splats, inner: np.ndarray, block: slice) -> tuple[np.ndarray, np.ndarray]:
    """Quaternions [b, 4] and log scales [b, 3]: the axes of the mapped ellipsoids, which a singular value
    decomposition finds."""
    axes = inner @ matrices(unit(splats.quats[block].astype(np.float64)))
    # Sizes are kept relative to the largest, so that needles and dust are as exact as balls.
    largest = splats.log_scales[block].max(1).astype(np.float64)
    scales = np.exp(splats.log_scales[block] - largest[:, None])
    turns, sizes, _ = np.linalg.svd(axes * scales[:, None])
    turns *= np.linalg.det(turns)[:, None, None]
    quats = from_axes(*(turns[:, :, k].T for k in range(3)))
    logs = np.log(np.maximum(sizes, 1e-12)) + largest[:, None]
    return quats.T.astype(np.float32), logs.astype(np.float32)

"""The order in which splats are blended: by distance along the camera's axis, nearest first."""

from __future__ import annotations

import numpy as np

KEYS = 1 << 16
"""Steps that distances are rounded to: 16-bit keys are sorted by radix, several times as fast as numbers."""


def view_depths(means: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Distance along the camera's axis, float32 [N], metres.

    means: float32 [N, 3]; row: float [4], so that a distance is row[:3] @ mean + row[3]: the negative third row of the
    matrix that takes the splats' axes to a camera that looks along -z.
    """
    return means @ np.asarray(row[:3], np.float32) + np.float32(row[3])


def depth_keys(depths: np.ndarray, near: float | None) -> np.ndarray:
    """Distances rounded to 16 bits between the least and the largest, uint16 [N].

    near: what is nearer than this (metres, above 0) is not seen and needs no order of its own; the steps then grow with
    the distance, as a picture's do, so that one far splat does not spoil the order of a head. None: equal steps.
    """
    if near is not None:
        depths = np.log(np.maximum(depths, np.float32(near)))
    least, most = depths.min(), depths.max()
    scale = np.float32((KEYS - 1) / max(float(most - least), 1e-30))
    return ((depths - least) * scale).astype(np.uint16)


def nearest_first(depths: np.ndarray, near: float | None = None, exact: bool = False) -> np.ndarray:
    """Splats in the order of their distances, int64 [N]; equals keep their order.

    depths: float32 [N]; near: see depth_keys. exact: by the distances themselves, not rounded to 16 bits (slower).
    """
    if exact or not len(depths):
        return np.argsort(depths, kind="stable")
    return np.argsort(depth_keys(depths, near), kind="stable")

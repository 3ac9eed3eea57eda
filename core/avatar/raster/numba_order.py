"""Who reaches the picture, nearest first: culling and a radix sort in one pass, compiled by numba.

Depths are float64, because float32 would not tell all neighbours apart, and are sorted as whole numbers of STEPS
between the nearest and the farthest: steps of about 1e-10 of a head's depth, whose ties keep the order they came in.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BITS, PASSES = 11, 3
STEPS = float(2 ** (BITS * PASSES) - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def visible(middles: np.ndarray, reach: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Rows that touch the picture, int64 [M], nearest first.

    middles: float32 [N, 2], pixels; reach: float64 [N, 3], how far across and down (below 0: not drawn), and depth;
    size: width and height.
    """
    rows = np.empty(len(middles), np.int64)
    count, low, high = 0, np.inf, -np.inf
    for n in range(len(middles)):
        x, y, across, down = middles[n, 0], middles[n, 1], reach[n, 0], reach[n, 1]
        if across >= 0 and x - across < size[0] and x + across > 0 and y - down < size[1] and y + down > 0:
            rows[count] = n
            count += 1
            low, high = min(low, reach[n, 2]), max(high, reach[n, 2])
    rows = rows[:count]
    keys = np.empty(count, np.uint64)
    scale = STEPS / (high - low) if high > low else 0.0
    for m in range(count):
        keys[m] = np.uint64((reach[rows[m], 2] - low) * scale)
    for number in range(PASSES):
        rows, keys = _sorted_by(rows, keys, np.uint64(number * BITS))
    return rows


@njit(cache=True, nogil=True, error_model="numpy")
def _sorted_by(rows: np.ndarray, keys: np.ndarray, shift: np.uint64) -> tuple[np.ndarray, np.ndarray]:
    """Rows and their keys in the order of BITS bits of the keys; those that have them alike stay as they are."""
    places, most = np.zeros((1 << BITS) + 1, np.int64), np.uint64((1 << BITS) - 1)
    for key in keys:
        places[np.int64((key >> shift) & most) + 1] += 1
    places = np.cumsum(places)
    new_rows, new_keys = np.empty_like(rows), np.empty_like(keys)
    for m in range(len(rows)):
        digit = np.int64((keys[m] >> shift) & most)
        new_rows[places[digit]], new_keys[places[digit]] = rows[m], keys[m]
        places[digit] += 1
    return new_rows, new_keys

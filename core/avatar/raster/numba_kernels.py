"""Flat Gaussians blended into tiles, and gradients back, compiled by numba; tiles may be shared among threads.

Within a tile a Gaussian at a time is laid over the lines it reaches, from the front to the back; backward they are
taken off again from the back to the front. Where less than ENOUGH of the light behind is left, a pixel is done.
The two inner loops have no branches and only float32, so that the compiler does 8 or 16 pixels at once; a Python number
among them would make them six times as slow.
Source: Kerbl et al. 2023, §6; the one sum that all that lies behind a Gaussian has in its gradient, from writing
color, depth and alpha as sums of weight times value, value = (red, green, blue, depth, 1).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from ...splat.render import LEAST_ALPHA, MOST_ALPHA, TILE
from .numba_projection import Flat

F = np.float32
FAST = {"reassoc", "contract", "nsz", "arcp"}
"""Sums may be taken in any order; what is not a number stays so."""
ENOUGH = 1e-5
"""The share of light from behind below which nobody sees what lies there (100 dB)."""
MIDDLE, CONIC, OPACITY, VALUES, LIMIT, REACH = 0, 2, 5, 6, 10, 11
"""Columns of a row of a Gaussian: middle [2], conic [3], opacity, values [4], limit of the exponent, reach down."""
WIDTH = 12
GRADIENTS = 10
"""Of which these many have gradients."""
SLACK = 1e-3
"""Pixels that the bounds of an ellipse are set wider, so that rounding loses none."""
PIXELS = TILE * TILE
CHECKED = 16
"""Gaussians between two looks whether a whole tile is done."""
DEEP, LIGHT, BEHIND, ASKED, SHEET = 3 * PIXELS, 4 * PIXELS, 5 * PIXELS, 6 * PIXELS, 7 * PIXELS
"""Where the planes of one tile start after red, green and blue: depth, light left, the sum that lies behind, the
gradient asked of alpha; one array, because the compiler knows that parts of it at such distances do not meet."""


class Bins(NamedTuple):
    """Who is in each tile: splats int32 [P], nearest first, tile by tile; starts int64 [tiles + 1]."""

    splats: np.ndarray
    starts: np.ndarray


class Planes(NamedTuple):
    """A picture: sums float32 [H, W, 5] (red, green, blue, depth, alpha), light left float32 [H, W], last int32 [H, W].

    last: which of the tile's Gaussians was laid over the pixel last, counted from 1; 0 for none.
    """

    sums: np.ndarray
    left: np.ndarray
    last: np.ndarray


@njit(cache=True, nogil=True, error_model="numpy")
def sorted_rows(order: np.ndarray, flat: Flat, colors: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Gaussians as rows float32 [M, WIDTH] in an order, int64 [M]."""
    rows = np.empty((len(order), WIDTH), np.float32)
    for m in range(len(order)):
        n = order[m]
        rows[m, 0], rows[m, 1] = flat.middles[n, 0], flat.middles[n, 1]
        for k in range(3):
            rows[m, CONIC + k] = flat.conics[n, k]
            rows[m, VALUES + k] = colors[n, k]
        rows[m, OPACITY] = flat.opacities[n]
        rows[m, VALUES + 3] = flat.depths[n]
        rows[m, LIMIT] = 2 * math.log(max(flat.opacities[n] / LEAST_ALPHA, 1.0))
        rows[m, REACH] = reach[n, 1]
    return rows


@njit(cache=True, nogil=True, error_model="numpy")
def _tiles_of(row: np.ndarray, across: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """First and one more than last tile across and down. across: the reach across, pixels; size: tiles."""
    left = max(math.floor((row[0] - across) / TILE), 0)
    top = max(math.floor((row[1] - row[REACH]) / TILE), 0)
    right = min(math.floor((row[0] + across) / TILE) + 1, size[0])
    bottom = min(math.floor((row[1] + row[REACH]) / TILE) + 1, size[1])
    return left, right, top, bottom


@njit(cache=True, nogil=True, error_model="numpy")
def binned(rows: np.ndarray, across: np.ndarray, size: tuple[int, int]) -> Bins:
    """Tiles' lists. across: float32 [M]; size: tiles across and down."""
    starts = np.zeros(size[0] * size[1] + 1, np.int64)
    for m in range(len(rows)):
        left, right, top, bottom = _tiles_of(rows[m], across[m], size)
        for y in range(top, bottom):
            for x in range(left, right):
                starts[y * size[0] + x + 1] += 1
    starts = np.cumsum(starts)
    splats, place = np.empty(starts[-1], np.int32), starts.copy()
    for m in range(len(rows)):
        left, right, top, bottom = _tiles_of(rows[m], across[m], size)
        for y in range(top, bottom):
            for x in range(left, right):
                splats[place[y * size[0] + x]] = m
                place[y * size[0] + x] += 1
    return Bins(splats, starts)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _falls(x: float) -> float:
    """exp(x), x from -6 to 0, to 2e-6 of itself: the fifth Taylor polynomial of x / 32, squared five times."""
    x = x * F(1 / 32)
    p = F(1) + x * (F(1) + x * (F(1 / 2) + x * (F(1 / 6) + x * (F(1 / 24) + x * F(1 / 120)))))
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    return p * p


@njit(cache=True, nogil=True, error_model="numpy")
def _middles() -> np.ndarray:
    """Middles of a tile's pixels from its corner: a plane across, then one down, float32 [2 PIXELS]."""
    out = np.empty(2 * PIXELS, np.float32)
    for i in range(PIXELS):
        out[i], out[i + PIXELS] = i % TILE + 0.5, i // TILE + 0.5
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _lines(row: np.ndarray, top: int) -> tuple[int, int]:
    """First and one more than last pixel of a tile, line after line, that a Gaussian may reach."""
    middle = row[1] - F(0.5) - F(top)
    first = max(math.ceil(middle - row[REACH] - F(SLACK)), 0)
    end = min(math.floor(middle + row[REACH] + F(SLACK)) + 1, TILE)
    return first * TILE, max(first, end) * TILE


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def blend(rows: np.ndarray, bins: Bins, tiles: tuple[int, int], planes: Planes) -> None:
    """Fill planes in some of the tiles, from the first to before the second."""
    height, width = planes.left.shape
    across = (width + TILE - 1) // TILE
    middles, sheet, last = _middles(), np.empty(SHEET, np.float32), np.empty(PIXELS, np.int32)
    light = sheet[LIGHT : LIGHT + PIXELS]
    for tile in range(tiles[0], tiles[1]):
        top, left = tile // across * TILE, tile % across * TILE
        sheet[:], light[:], last[:] = 0, 1, 0
        start = bins.starts[tile]
        for place in range(start, bins.starts[tile + 1]):
            row = rows[bins.splats[place]]
            own = (_lines(row, top), place - start + 1)
            _lay(row, (row[0] - F(left), row[1] - F(top)), (middles, sheet), last, own)
            if (place - start) % CHECKED == CHECKED - 1 and light.max() < ENOUGH:
                break
        for y in range(min(TILE, height - top)):
            for x in range(min(TILE, width - left)):
                i, sums = y * TILE + x, planes.sums[top + y, left + x]
                for k in range(4):
                    sums[k] = sheet[i + k * PIXELS]
                sums[4] = 1 - light[i]
                planes.left[top + y, left + x], planes.last[top + y, left + x] = light[i], last[i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _lay(
    row: np.ndarray,
    middle: tuple[float, float],
    sheets: tuple[np.ndarray, np.ndarray],
    last: np.ndarray,
    own: tuple[tuple[int, int], int],
) -> None:
    """Lay a Gaussian over some lines of a tile. own: from and to which pixel, and its number."""
    (first, end), number = own[0], np.int32(own[1])
    at, sheet, last = sheets[0][first:], sheets[1][first:], last[first:end]
    xx, xy, yy = F(-0.5) * row[CONIC], -row[CONIC + 1], F(-0.5) * row[CONIC + 2]
    opacity, a, b, c, d = row[OPACITY], row[VALUES], row[VALUES + 1], row[VALUES + 2], row[VALUES + 3]
    for i in range(len(last)):
        dx, dy = at[i] - middle[0], at[i + PIXELS] - middle[1]
        alpha = opacity * _falls(max(xx * dx * dx + xy * dx * dy + yy * dy * dy, F(-6)))
        before = sheet[i + LIGHT]
        on = (alpha >= F(LEAST_ALPHA)) & (before >= F(ENOUGH))
        weight = (min(alpha, F(MOST_ALPHA)) if on else F(0)) * before
        sheet[i] += weight * a
        sheet[i + PIXELS] += weight * b
        sheet[i + 2 * PIXELS] += weight * c
        sheet[i + DEEP] += weight * d
        sheet[i + LIGHT] = before - weight
        last[i] = number if on else last[i]


@njit(cache=True, nogil=True, error_model="numpy")
def blend_back(
    rows: np.ndarray, bins: Bins, tiles: tuple[int, int], planes: Planes, given: np.ndarray, out: np.ndarray
) -> None:
    """Add gradients by rows' columns to out float32 [M, GRADIENTS]; given: those by planes.sums. Tiles as in blend."""
    height, width = planes.left.shape
    across = (width + TILE - 1) // TILE
    middles, sheet, last = _middles(), np.empty(SHEET, np.float32), np.empty(PIXELS, np.int32)
    for tile in range(tiles[0], tiles[1]):
        top, left = tile // across * TILE, tile % across * TILE
        sheet[:], last[:] = 0, 0
        for y in range(min(TILE, height - top)):
            for x in range(min(TILE, width - left)):
                i, asked = y * TILE + x, given[top + y, left + x]
                for k in range(4):
                    sheet[i + k * PIXELS] = asked[k]
                sheet[i + ASKED], sheet[i + LIGHT] = asked[4], planes.left[top + y, left + x]
                last[i] = planes.last[top + y, left + x]
        for number in range(last.max(), 0, -1):
            splat = bins.splats[bins.starts[tile] + number - 1]
            row = rows[splat]
            own = (_lines(row, top), number)
            _take_off(row, (row[0] - F(left), row[1] - F(top)), (middles, sheet), last, own, out[splat])


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _take_off(
    row: np.ndarray,
    middle: tuple[float, float],
    sheets: tuple[np.ndarray, np.ndarray],
    last: np.ndarray,
    own: tuple[tuple[int, int], int],
    out: np.ndarray,
) -> None:
    """Take a Gaussian off again: add to its gradients, restore the light before it and the sum behind it."""
    (first, end), number = own[0], np.int32(own[1])
    at, sheet, last = sheets[0][first:], sheets[1][first:], last[first:end]
    xx, xy, yy = F(-0.5) * row[CONIC], -row[CONIC + 1], F(-0.5) * row[CONIC + 2]
    opacity, a, b, c, d = row[OPACITY], row[VALUES], row[VALUES + 1], row[VALUES + 2], row[VALUES + 3]
    red, green, blue, deep, total = F(0), F(0), F(0), F(0), F(0)
    all_x, all_y, all_xx, all_xy, all_yy = F(0), F(0), F(0), F(0), F(0)
    for i in range(len(last)):
        dx, dy = at[i] - middle[0], at[i + PIXELS] - middle[1]
        full = opacity * _falls(max(xx * dx * dx + xy * dx * dy + yy * dy * dy, F(-6)))
        on = (full >= F(LEAST_ALPHA)) & (last[i] >= number)
        alpha = min(full, F(MOST_ALPHA)) if on else F(0)
        rest = F(1) / (F(1) - alpha)
        before = sheet[i + LIGHT] * rest
        weight = alpha * before
        by_red, by_green, by_blue, by_deep = sheet[i], sheet[i + PIXELS], sheet[i + 2 * PIXELS], sheet[i + DEEP]
        value = by_red * a + by_green * b + by_blue * c + by_deep * d + sheet[i + ASKED]
        red, green, blue = red + weight * by_red, green + weight * by_green, blue + weight * by_blue
        deep += weight * by_deep
        slope = (alpha if full <= F(MOST_ALPHA) else F(0)) * (before * value - sheet[i + BEHIND] * rest)
        total, all_x, all_y = total + slope, all_x + slope * dx, all_y + slope * dy
        all_xx, all_xy, all_yy = all_xx + slope * dx * dx, all_xy + slope * dx * dy, all_yy + slope * dy * dy
        sheet[i + LIGHT] = before
        sheet[i + BEHIND] += weight * value
    _add(out, (-F(2) * xx * all_x - xy * all_y, -xy * all_x - F(2) * yy * all_y, -F(0.5) * all_xx, -all_xy))
    _add(out[CONIC + 2 :], (-F(0.5) * all_yy, total / opacity, red, green))
    _add(out[VALUES + 2 :], (blue, deep))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _add(out: np.ndarray, values: tuple[float, ...]) -> None:
    for k in range(len(values)):
        out[k] += values[k]

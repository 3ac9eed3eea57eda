"""Flat Gaussians blended into tiles, and gradients back, compiled by numba; tiles may be shared among threads.

Within a tile a Gaussian at a time is laid over the pixels it reaches, from the front to the back; backward they are
taken off again from the back to the front. Where less than ENOUGH of the light behind is left, a pixel is done.
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

ENOUGH = 1e-5
"""The share of light from behind below which nobody sees what lies there (100 dB)."""
MIDDLE, CONIC, OPACITY, VALUES, LIMIT, REACH = 0, 2, 5, 6, 10, 11
"""Columns of a row of a Gaussian: middle [2], conic [3], opacity, values [4], limit of the exponent, reach down."""
WIDTH = 12
GRADIENTS = 10
"""Of which these many have gradients."""
SLACK = 1e-3
"""Pixels that the bounds of an ellipse are set wider, so that rounding loses none."""


class Bins(NamedTuple):
    """Who is in each tile: splats int32 [P], nearest first, tile by tile; starts int64 [tiles + 1]."""

    splats: np.ndarray
    starts: np.ndarray


class Planes(NamedTuple):
    """A picture: sums float32 [H, W, 5] (red, green, blue, depth, alpha), light left float32 [H, W], last int32 [H, W].

    last: one more than the place in the tile's list of the last Gaussian that was laid over the pixel.
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
def _span(row: np.ndarray, dy: float, left: int, width: int) -> tuple[int, int]:
    """First and one more than last pixel, from left on, of a Gaussian in a row of pixels dy below its middle."""
    xx, xy, yy = row[CONIC], row[CONIC + 1], row[CONIC + 2]
    room = xy * xy * dy * dy - xx * (yy * dy * dy - row[LIMIT])
    if room < 0:
        return 0, 0
    half, middle = math.sqrt(room) / xx + SLACK, row[0] - xy * dy / xx - np.float32(0.5) - left
    return max(math.ceil(middle - half), 0), min(math.floor(middle + half) + 1, width)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _lines(row: np.ndarray, top: int, height: int) -> tuple[int, int]:
    """First and one more than last row of a tile's pixels that a Gaussian reaches."""
    middle = row[1] - np.float32(0.5) - top
    first = max(math.ceil(middle - row[REACH] - SLACK), 0)
    return first, min(math.floor(middle + row[REACH] + SLACK) + 1, height)


@njit(cache=True, nogil=True, error_model="numpy")
def blend(rows: np.ndarray, bins: Bins, tiles: tuple[int, int], planes: Planes) -> None:
    """Fill planes in some of the tiles, from the first to before the second."""
    height, width = planes.left.shape
    across = (width + TILE - 1) // TILE
    for tile in range(tiles[0], tiles[1]):
        top, left = tile // across * TILE, tile % across * TILE
        h, w = min(TILE, height - top), min(TILE, width - left)
        sums, light = planes.sums[top : top + h, left : left + w], planes.left[top : top + h, left : left + w]
        last = planes.last[top : top + h, left : left + w]
        sums[:], light[:], last[:] = 0, 1, 0
        open_pixels = h * w
        for place in range(bins.starts[tile], bins.starts[tile + 1]):
            row = rows[bins.splats[place]]
            first, end = _lines(row, top, h)
            for y in range(first, end):
                dy = np.float32(top + y + 0.5) - row[1]
                open_pixels -= _lay(row, dy, left, (sums[y], light[y], last[y]), place - bins.starts[tile] + 1)
            if open_pixels == 0:
                break
        for y in range(h):
            for x in range(w):
                sums[y, x, 4] = 1 - light[y, x]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _lay(row: np.ndarray, dy: float, left: int, line: tuple[np.ndarray, np.ndarray, np.ndarray], number: int) -> int:
    """Lay a Gaussian over a line of a tile; how many of its pixels that closes."""
    sums, light, last = line
    start, stop = _span(row, dy, left, len(light))
    xx, xy, yy, opacity = row[CONIC], row[CONIC + 1], row[CONIC + 2], row[OPACITY]
    closed = 0
    for x in range(start, stop):
        before = light[x]
        if before < ENOUGH:
            continue
        dx = np.float32(left + x + 0.5) - row[0]
        alpha = opacity * math.exp(np.float32(-0.5) * (xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy))
        if alpha < LEAST_ALPHA:
            continue
        alpha = min(alpha, np.float32(MOST_ALPHA))
        weight = alpha * before
        for k in range(4):
            sums[x, k] += weight * row[VALUES + k]
        light[x] = before - weight
        last[x] = number
        closed += light[x] < ENOUGH
    return closed


@njit(cache=True, nogil=True, error_model="numpy")
def blend_back(
    rows: np.ndarray, bins: Bins, tiles: tuple[int, int], planes: Planes, given: np.ndarray, out: np.ndarray
) -> None:
    """Add gradients by rows' columns to out float32 [M, GRADIENTS]; given: those by planes.sums. Tiles as in blend."""
    height, width = planes.left.shape
    across = (width + TILE - 1) // TILE
    light, behind = np.empty((TILE, TILE), np.float32), np.empty((TILE, TILE), np.float32)
    for tile in range(tiles[0], tiles[1]):
        top, left = tile // across * TILE, tile % across * TILE
        h, w = min(TILE, height - top), min(TILE, width - left)
        asked, last = given[top : top + h, left : left + w], planes.last[top : top + h, left : left + w]
        light[:h, :w], behind[:] = planes.left[top : top + h, left : left + w], 0
        most = last.max()
        for number in range(most, 0, -1):
            splat = bins.splats[bins.starts[tile] + number - 1]
            row = rows[splat]
            first, end = _lines(row, top, h)
            for y in range(first, end):
                dy = np.float32(top + y + 0.5) - row[1]
                _take_off(row, dy, left, (asked[y], light[y], last[y], behind[y]), (number, out[splat]))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _take_off(
    row: np.ndarray,
    dy: float,
    left: int,
    line: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    target: tuple[int, np.ndarray],
) -> None:
    """Take a Gaussian off a line of a tile: add to its gradients, restore light before it and the sum behind it."""
    asked, light, last, behind = line
    number, out = target
    start, stop = _span(row, dy, left, len(last))
    xx, xy, yy, opacity = row[CONIC], row[CONIC + 1], row[CONIC + 2], row[OPACITY]
    none = np.float32(0)
    red, green, blue, deep, all_x, all_xx, total = none, none, none, none, none, none, none
    for x in range(start, stop):
        if last[x] < number:
            continue
        dx = np.float32(left + x + 0.5) - row[0]
        alpha = opacity * math.exp(np.float32(-0.5) * (xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy))
        if alpha < LEAST_ALPHA:
            continue
        free = alpha <= MOST_ALPHA
        alpha = min(alpha, np.float32(MOST_ALPHA))
        before = light[x] / (1 - alpha)
        weight = alpha * before
        g = asked[x]
        value = g[0] * row[VALUES] + g[1] * row[VALUES + 1] + g[2] * row[VALUES + 2] + g[3] * row[VALUES + 3] + g[4]
        red, green, blue, deep = red + weight * g[0], green + weight * g[1], blue + weight * g[2], deep + weight * g[3]
        if free:
            slope = alpha * (before * value - behind[x] / (1 - alpha))  # by the exponent
            total, all_x, all_xx = total + slope, all_x + slope * dx, all_xx + slope * dx * dx
        light[x], behind[x] = before, behind[x] + weight * value
    out[0] += xx * all_x + xy * dy * total
    out[1] += xy * all_x + yy * dy * total
    out[CONIC] -= np.float32(0.5) * all_xx
    out[CONIC + 1] -= dy * all_x
    out[CONIC + 2] -= np.float32(0.5) * dy * dy * total
    out[OPACITY] += total / opacity
    out[VALUES] += red
    out[VALUES + 1] += green
    out[VALUES + 2] += blue
    out[VALUES + 3] += deep

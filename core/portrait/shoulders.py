"""The bust's neck and shoulders brought to the person's outline, so that no rags must fill what lies between."""

from __future__ import annotations

import numpy as np

from ..template.types import HeadTemplate
from .seeing import project
from .silhouette import Outlined

SURE = 0.5
BINS = 80
"""Columns of the shoulders, and rows of the neck, that are measured."""
MOST_LIFT_M = 0.055
"""Shoulders that would have to go up or down by more are under hair, or are none."""
LEAST_WIDTH, MOST_WIDTH = 0.7, 1.35
"""What a neck is stretched by across; a wider outline is one of hair."""
SMOOTH_BINS = 3.0
STEPS = np.linspace(0, 1, 9)[:, None, None]
"""Places along an edge of the mesh that are looked at."""


def to_shoulders(template: HeadTemplate, points: np.ndarray, seen: Outlined) -> np.ndarray:
    """Resting points float32 [V, 3] whose shoulders begin, and whose neck ends, where the person's do.

    points: float32 [V, 3], the head already in its outline. First shoulders go up or down, column by column of the
    picture, then the neck gets broader or thinner, row by row, each side for itself.
    """
    lifted = seen.shifted(template, points, _lift(template, seen, seen.posed(template, points)))
    return seen.shifted(template, lifted, _spread(template, seen, seen.posed(template, lifted)))


def _lift(template: HeadTemplate, seen: Outlined, posed: np.ndarray) -> np.ndarray:
    """By how many pixels [V, 2] shoulders go down."""
    places, depth = project(posed, seen.camera)
    torso = template.region("torso", "neck")
    along = _along(template, torso, places)
    height, width = seen.mask.shape
    left, right = max(0.0, along[:, 0].min()), min(float(width), along[:, 0].max())
    middles = np.linspace(left, right, BINS)
    top = _extreme(along[:, 0], along[:, 1], middles)
    outline = np.array([_first_row(seen.mask, x, y, height) for x, y in zip(middles, top, strict=True)])
    most = MOST_LIFT_M * seen.camera.focal[0] / float(np.median(depth[torso]))
    down = outline - top
    neck = _neck_columns(template, places)
    known = (np.abs(down) < most) & ((middles < neck[0]) | (middles > neck[1]))
    shift = _filled(down, known, 0.0)
    pixels = np.zeros((len(places), 2))
    pixels[:, 1] = np.interp(places[:, 0], middles, shift) * template.weights[:, 0]
    return pixels


def _spread(template: HeadTemplate, seen: Outlined, posed: np.ndarray) -> np.ndarray:
    """By how many pixels [V, 2] the sides of the neck go out."""
    places, _ = project(posed, seen.camera)
    neck = (template.weights[:, 1] > 0.3) & template.region("neck", "skin")
    along = _along(template, neck, places)
    rows = np.linspace(along[:, 1].min(), along[:, 1].max(), BINS)
    axis = float(np.mean(places[neck, 0]))
    pixels = np.zeros((len(places), 2))
    share = _smooth(1 - template.weights[:, -1]) * template.weights[:, 1] ** 0.5
    for sign in (-1, 1):
        reach = -_extreme(along[:, 1], -sign * (along[:, 0] - axis), rows)
        edge = np.array([_first_column(seen.mask, axis, y, sign) for y in rows])
        factor = edge / np.maximum(reach, 1.0)
        known = (factor > LEAST_WIDTH) & (factor < MOST_WIDTH)
        grown = np.interp(places[:, 1], rows, _filled(factor, known, 1.0)) - 1
        side = sign * (places[:, 0] - axis) > 0
        pixels[:, 0] += np.where(side, (places[:, 0] - axis) * grown * share, 0)
    return pixels


def _along(template: HeadTemplate, chosen: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pixels [n, 2] along the edges of the triangles all of whose corners are chosen [V]."""
    faces = template.triangles[chosen[template.triangles].all(1)]
    edges = places[np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])]
    return (edges[None, :, 0] * (1 - STEPS) + edges[None, :, 1] * STEPS).reshape(-1, 2)


def _neck_columns(template: HeadTemplate, places: np.ndarray) -> tuple[float, float]:
    """Between which columns the neck stands."""
    columns = places[(template.weights[:, 1] > 0.5), 0]
    return float(columns.min()), float(columns.max())


def _extreme(keys: np.ndarray, values: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """The least value in each bin of keys, bins about middles [BINS]."""
    step = middles[1] - middles[0]
    bins = np.round((keys - middles[0]) / step).astype(np.int64)
    inside = (bins >= 0) & (bins < len(middles))
    least = np.full(len(middles), np.inf)
    np.minimum.at(least, bins[inside], values[inside])
    found = np.isfinite(least)
    return np.interp(middles, middles[found], least[found])


def _first_row(mask: np.ndarray, x: float, start: float, height: int) -> float:
    """The row at which the person begins in a column, looking up from inside or down from outside; nan for none."""
    column = mask[:, int(np.clip(x, 0, mask.shape[1] - 1))] > SURE
    row = int(np.clip(start, 0, height - 1))
    if column[row]:
        above = np.flatnonzero(~column[:row])
        return float(above[-1] + 1) if len(above) else np.nan
    below = np.flatnonzero(column[row:])
    return float(row + below[0]) if len(below) else np.nan


def _first_column(mask: np.ndarray, axis: float, y: float, sign: int) -> float:
    """How far from the axis the person ends to one side in a row, pixels; nan where the picture does."""
    if not 0 <= y < mask.shape[0]:
        return np.nan
    line = mask[int(y)] > SURE
    place = int(np.clip(axis, 0, len(line) - 1))
    side = line[place:] if sign > 0 else line[place::-1]
    out = np.flatnonzero(~side)
    return float(out[0]) if len(out) and out[0] > 0 else np.nan


def _filled(values: np.ndarray, known: np.ndarray, rest: float) -> np.ndarray:
    """Values of bins, smooth, those not known from their neighbours; rest where nothing is known."""
    from scipy.ndimage import gaussian_filter1d

    if not known.any():
        return np.full(len(values), rest)
    places = np.arange(len(values))
    return gaussian_filter1d(np.interp(places, places[known], values[known]), SMOOTH_BINS, mode="nearest")


def _smooth(part: np.ndarray) -> np.ndarray:
    part = np.clip(part, 0, 1)
    return part * part * (3 - 2 * part)

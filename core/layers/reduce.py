"""Fewer keys within a stated error, so that curves can be edited by hand.

Every curve is halved until each stretch is one cubic within the bound, then neighbours are joined wherever one cubic
does for both. All curves go through it together: 52 of ten minutes at 60 frames a second take half a second of a core.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import SettingError, ShapeError
from ..types import RigCurves
from .closures import kept_keys
from .hermite import distances, fit
from .keyed import KeyedCurve, keyed_curve

TOLERANCE = 0.01
MARGIN = 0.95
"""Share of the tolerance that is used: Blender stores a handle's frame as float32, which moves a cubic by up to
1/500 frame at the end of ten minutes."""

Judge = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From first and last places of stretches, int64 [N] each, to their errors, float64 [N]."""


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """Sampled curves as keys.

    curves:        one for each column, in their order.
    samples:       how many values there were.
    largest_error: of the keyed curves at any frame.
    aligned:       whether each key's two handles lie on one line, so that Blender's type ALIGNED holds them; else FREE.
    """

    curves: tuple[KeyedCurve, ...]
    samples: int
    largest_error: float
    aligned: bool

    @property
    def keys(self) -> int:
        """How many keys are left."""
        return sum(len(curve.frames) for curve in self.curves)

    @property
    def saved(self) -> float:
        """The share of values that need no key, 0..1."""
        return 1 - self.keys / max(self.samples, 1)


def reduce_curves(curves: RigCurves, tolerance: float = TOLERANCE, *, aligned: bool = True) -> Reduction:
    """The curves of a rig as keys; the ends of every closure of the lips are kept exactly. As reduce_keys()."""
    return reduce_keys(curves.values, tolerance, kept=kept_keys(curves), aligned=aligned)


def reduce_keys(
    values: np.ndarray, tolerance: float = TOLERANCE, *, kept: np.ndarray | None = None, aligned: bool = True
) -> Reduction:
    """Sampled curves as keys with handles.

    values:    float32 [T] or [T, C], one row a frame.
    tolerance: how far a keyed curve may be from a value at any frame, above 0.
    kept:      bool, the shape of values: where there must be a key, which has the very value. First and last always.
    aligned:   both handles of a key on one line, level at turning points, as Blender's automatic ones; if False each
               side has its own direction and about half as many keys do.
    Raises SettingError for a tolerance that is not above 0, ShapeError for arrays of another kind.
    """
    values, kept = _checked(values, tolerance, kept)
    count = len(values)
    flat = np.ascontiguousarray(values.T).ravel()
    slopes = _sample_slopes(values).T.ravel()

    def along_samples(firsts: np.ndarray, lasts: np.ndarray) -> np.ndarray:
        return distances(flat, firsts, lasts, np.stack([slopes[firsts], slopes[lasts]], axis=1))

    judge = along_samples if aligned else lambda firsts, lasts: fit(flat, firsts, lasts).errors
    wanted = kept.copy()
    wanted[[0, -1]] = True
    edges = np.flatnonzero(wanted.T.ravel())
    inside = edges[1:] // count == edges[:-1] // count
    firsts, lasts = _halved(edges[:-1][inside], edges[1:][inside], judge, MARGIN * tolerance)
    firsts, lasts = _joined(firsts, lasts, judge, MARGIN * tolerance, np.append(kept.T.ravel(), True))
    ends = np.stack([slopes[firsts], slopes[lasts]], axis=1) if aligned else fit(flat, firsts, lasts).slopes
    error = float(distances(flat, firsts, lasts, ends).max(initial=0))
    return Reduction(_curves(flat, firsts, lasts, ends, count), values.size, error, aligned)


def _checked(values: np.ndarray, tolerance: float, kept: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Values as [T, C] and what is to be kept of them."""
    if not (tolerance > 0 and np.isfinite(tolerance)):
        raise SettingError(f"The error of fewer keys must be a number above 0, such as 0.01, but is {tolerance:g}.")
    if values.ndim == 1:
        values, kept = values[:, None], None if kept is None else kept[:, None]
    check("values", values, ("T", "C"))
    if not values.size or not np.isfinite(values).all():
        raise ShapeError("Curves to be reduced must hold at least one value, and finite ones only.")
    if kept is None:
        return values, np.zeros(values.shape, bool)
    check("kept", kept, values.shape, np.bool_)
    return values, kept


def _sample_slopes(values: np.ndarray) -> np.ndarray:
    """The slope at each sample, value per frame, level where a curve turns. values: [T, C]. Returns float32 [T, C]."""
    rises = np.diff(values, axis=0)
    slopes = np.zeros_like(values)
    if len(rises):
        slopes[0], slopes[-1] = rises[0], rises[-1]
        slopes[1:-1] = np.where(rises[1:] * rises[:-1] > 0, (rises[1:] + rises[:-1]) / 2, 0)
    return slopes


def _halved(firsts: np.ndarray, lasts: np.ndarray, judge: Judge, bound: float) -> tuple[np.ndarray, np.ndarray]:
    """Stretches, each halved until it is within the bound; two samples side by side always are."""
    done: list[np.ndarray] = [np.zeros((2, 0), np.int64)]
    while len(firsts):
        good = (judge(firsts, lasts) <= bound) | (lasts - firsts == 1)
        done.append(np.stack([firsts[good], lasts[good]]))
        firsts, lasts = firsts[~good], lasts[~good]
        middles = (firsts + lasts) // 2
        firsts, lasts = np.concatenate([firsts, middles]), np.concatenate([middles, lasts])
    found = np.concatenate(done, axis=1)
    return np.sort(found[0]), np.sort(found[1])


def _joined(
    firsts: np.ndarray, lasts: np.ndarray, judge: Judge, bound: float, kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours joined until no two would do as one. kept: bool [S], places at which none are."""
    untried = np.ones(len(firsts), bool)  # With the next one.
    while True:
        follows = np.append(lasts[:-1] == firsts[1:], False) & ~kept[lasts]
        pairs = _apart(np.flatnonzero(follows & untried))
        if not len(pairs):
            return firsts, lasts
        untried[pairs] = False
        grown = pairs[judge(firsts[pairs], lasts[pairs + 1]) <= bound]
        lasts = lasts.copy()
        lasts[grown] = lasts[grown + 1]
        untried[grown] = untried[np.maximum(grown - 1, 0)] = True
        left = np.ones(len(firsts), bool)
        left[grown + 1] = False
        firsts, lasts, untried = firsts[left], lasts[left], untried[left]


def _apart(places: np.ndarray) -> np.ndarray:
    """Every other place of each unbroken run, so that no stretch is asked for twice. places: rising."""
    runs = np.cumsum(np.diff(places, prepend=-2) != 1)
    return places[(np.arange(len(places)) - np.searchsorted(runs, runs)) % 2 == 0]


def _curves(
    flat: np.ndarray, firsts: np.ndarray, lasts: np.ndarray, ends: np.ndarray, count: int
) -> tuple[KeyedCurve, ...]:
    """Stretches, in order, as the curves that they are of."""
    columns = len(flat) // count
    edges = np.searchsorted(firsts, np.arange(columns + 1) * count)
    curves = []
    for column in range(columns):
        rows, start = slice(edges[column], edges[column + 1]), column * count
        frames = np.concatenate([firsts[rows][:1], lasts[rows]]) - start if count > 1 else np.zeros(1, np.int64)
        curves.append(keyed_curve(flat[start : start + count], frames, ends[rows]))
    return tuple(curves)

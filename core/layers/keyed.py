"""A curve as an animator edits it: keys with Bezier handles, as Blender stores them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import ShapeError
from .hermite import shapes


@dataclass(frozen=True, slots=True, eq=False)
class KeyedCurve:
    """Keys and handles of one curve.

    frames: int64 [K], rising; row t of the performance is frame t.
    values: float32 [K], the curve at the keys, exactly as it was sampled.
    left, right: float64 [K, 2], frame and value of the handles before and after each key; between two keys they stand
        at a third and two thirds of the way, so the cubic's time runs evenly. Before the first key and after the last
        they go on straight.
    """

    frames: np.ndarray
    values: np.ndarray
    left: np.ndarray
    right: np.ndarray

    def __post_init__(self) -> None:
        check("KeyedCurve.frames", self.frames, ("K",), np.int64)
        check("KeyedCurve.values", self.values, (len(self.frames),))
        for side in ("left", "right"):
            check(f"KeyedCurve.{side}", getattr(self, side), (len(self.frames), 2), np.float64)
        if not len(self.frames) or (np.diff(self.frames) <= 0).any():
            raise ShapeError("KeyedCurve.frames must rise and hold at least one frame.")

    def at(self, frames: np.ndarray) -> np.ndarray:
        """The curve at any frames, float64 [n]; before the first key and after the last it holds. frames: [n]."""
        if len(self.frames) == 1:
            return np.full(len(frames), float(self.values[0]))
        key = np.clip(np.searchsorted(self.frames, frames, side="right") - 1, 0, len(self.frames) - 2)
        length = np.diff(self.frames)[key]
        place = np.clip((frames - self.frames[key]) / length, 0, 1)
        first, last, leaving, arriving = shapes(place)
        rise = 3 * (self.right[key, 1] - self.values[key]), 3 * (self.values[key + 1] - self.left[key + 1, 1])
        return first * self.values[key] + last * self.values[key + 1] + leaving * rise[0] + arriving * rise[1]


def keyed_curve(samples: np.ndarray, frames: np.ndarray, slopes: np.ndarray) -> KeyedCurve:
    """A curve from the stretches between its keys.

    samples: float32 [T]; frames: int64 [K]; slopes: float64 [K - 1, 2], value per frame at both ends of each stretch.
    """
    values = samples[frames]
    if len(frames) == 1:  # A lone key's handles lie level, a third of a frame away.
        frames_apart, slopes = np.ones(1), np.zeros((1, 2))
        leaving = arriving = slopes[:, 0]
    else:
        frames_apart = np.diff(frames)
        leaving, arriving = np.append(slopes[:, 0], slopes[-1, 1]), np.insert(slopes[:, 1], 0, slopes[0, 0])
    before, after = np.insert(frames_apart, 0, frames_apart[0]) / 3, np.append(frames_apart, frames_apart[-1]) / 3
    count = len(frames)
    left = _handle(frames, values, -before[:count], arriving)
    return KeyedCurve(frames, values, left, _handle(frames, values, after[:count], leaving))


def _handle(frames: np.ndarray, values: np.ndarray, away: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Frame and value of handles so many frames from their keys, [K, 2]."""
    return np.stack([frames + away, values + away * slopes], axis=1)

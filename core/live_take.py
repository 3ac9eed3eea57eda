"""A performance made of moments that came at times of their own, such as a camera's."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .arrays import check
from .errors import SettingError
from .rig.arkit import ARKIT_52
from .types import Performance, RigCurves

SLACK_FRAMES = 1e-6
LONGEST_S = 4 * 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class LiveRows:
    """What was seen of a face. seconds: float64 [N], rising; weights: float32 [N, 52], 0..1; head: float32 [N, 3]."""

    seconds: np.ndarray
    weights: np.ndarray
    head: np.ndarray

    def __post_init__(self) -> None:
        check("LiveRows.weights", self.weights, (len(self.seconds), len(ARKIT_52)))
        check("LiveRows.head", self.head, (len(self.seconds), 3))

    @classmethod
    def of(cls, rows: list[tuple[float, np.ndarray, np.ndarray]]) -> LiveRows:
        """Rows of second, weights and head. Raises SettingError for none."""
        if not rows:
            raise SettingError("Nothing was seen while it was recorded; see that the camera shows a face, then record.")
        seconds, weights, head = zip(*rows, strict=True)
        return cls(np.array(seconds), np.stack(weights).astype(np.float32), np.stack(head).astype(np.float32))


def live_performance(rows: LiveRows, begin_s: float, end_s: float, fps: float) -> Performance:
    """The performance between two seconds, row k at begin_s + k / fps, straight between what was seen.

    Before the first and after the last moment theirs is held. Raises SettingError for a span that cannot be.
    """
    if not 0 <= end_s - begin_s <= LONGEST_S:
        raise SettingError(f"A live take lasts 0 to {LONGEST_S:g} seconds, but {end_s - begin_s:g} were asked for.")
    count = math.floor((end_s - begin_s) * fps + SLACK_FRAMES) + 1
    wanted = begin_s + np.arange(count) / fps
    both = np.concatenate([rows.weights, rows.head], axis=1)
    made = np.stack([np.interp(wanted, rows.seconds, column) for column in both.T], axis=1).astype(np.float32)
    shapes = len(ARKIT_52)
    curves = RigCurves(ARKIT_52, np.ascontiguousarray(made[:, :shapes]), fps)
    return Performance(curves, np.ascontiguousarray(made[:, shapes:]))

"""The nouns that travel between the rooms of core and over to Blender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .arrays import check
from .errors import ShapeError

if TYPE_CHECKING:
    from .speech.phones import PhoneTrack


@dataclass(frozen=True, slots=True)
class Speech:
    """A mono recording.

    samples: float32 [S], nominally -1..1, finite.
    rate_hz: samples per second.
    """

    samples: np.ndarray
    rate_hz: int

    def __post_init__(self) -> None:
        check("Speech.samples", self.samples, ("S",))

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz


@dataclass(frozen=True, slots=True)
class RigCurves:
    """Control values over time.

    names:  the C controls, in column order, no name twice.
    values: float32 [T, C]; 0..1 for ARKit shapes, -1..1 or 0..1 for board channels.
    fps:    frames per second; row t lies at t / fps seconds.
    """

    names: tuple[str, ...]
    values: np.ndarray
    fps: float

    def __post_init__(self) -> None:
        check("RigCurves.values", self.values, ("T", len(self.names)))
        if len(set(self.names)) != len(self.names):
            raise ShapeError("RigCurves.names must not hold a name twice.")
        if not self.fps > 0:
            raise ShapeError(f"RigCurves.fps must be above 0, but is {self.fps}.")

    def column(self, name: str) -> np.ndarray:
        """The values of one control, float32 [T]."""
        return self.values[:, self.names.index(name)]


@dataclass(frozen=True, slots=True)
class Performance:
    """What a face does while it says a recording.

    curves: the shapes over time.
    head:   float32 [T, 3], radians: yaw (turn to the character's left +), pitch (look up +), roll (tilt to its left +).
    phones: what is said when; None where nobody knows.
    """

    curves: RigCurves
    head: np.ndarray
    phones: PhoneTrack | None = None

    def __post_init__(self) -> None:
        check("Performance.head", self.head, (len(self.curves.values), 3))

"""What a tracked film is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..template.fit import Person
from ..types import Performance, RigCurves


@dataclass(frozen=True, slots=True, eq=False)
class VideoTrack:
    """A face followed through T pictures of a film.

    fps, size: of the pictures; width and height, pixels.
    landmarks:  float32 [T, 478, 3], MediaPipe's, pixels from the upper left corner; held where the face was lost.
    weights:    ARKit's 52 shapes over time, 0..1.
    head:       float32 [T, 3], radians: yaw, pitch and roll as in Performance, from how the head is mostly held.
    pose:       float32 [T, 4, 4], rigid, template metres to camera (y up, looking along -z).
    focal:      pixels; the camera's axis goes through the middle of the picture.
    confidence: float32 [T], 0 (not seen, filled in) to 1.
    parts:      float32 [T, 4], the same for each of core.layers.regions.GROUPS.
    person:     who it is: the template in the person's shape, and the person's own lens.
    """

    fps: float
    size: tuple[int, int]
    landmarks: np.ndarray
    weights: RigCurves
    head: np.ndarray
    pose: np.ndarray
    focal: float
    confidence: np.ndarray
    parts: np.ndarray
    person: Person

    def __post_init__(self) -> None:
        check("VideoTrack.landmarks", self.landmarks, ("T", 478, 3))
        count = len(self.landmarks)
        for name, shape in (("head", (count, 3)), ("pose", (count, 4, 4)), ("confidence", (count,))):
            check(f"VideoTrack.{name}", getattr(self, name), shape)
        check("VideoTrack.weights", self.weights.values, (count, 52))
        check("VideoTrack.parts", self.parts, (count, 4))

    @property
    def performance(self) -> Performance:
        """The face as a performance, ready for every format and rig."""
        return Performance(self.weights, self.head)

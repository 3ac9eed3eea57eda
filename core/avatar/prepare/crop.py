"""The square of a film that is learned from: the head with room for hair and shoulders, the same in every picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...template.camera import Lens
from ...template.marks import OVAL

ROOM = 2.5
"""Side of the square over the height of the face, before it is clipped by the picture."""
UP = 0.06
"""How far the square's middle lies above the face's, over its side: hair needs more room than the chin."""


@dataclass(frozen=True, slots=True)
class Crop:
    """left, top, side: pixels of the film; size: pixels it is resized to, width and height alike."""

    left: int
    top: int
    side: int
    size: int

    @property
    def scale(self) -> float:
        """Pixels of the crop over those of the film."""
        return self.size / self.side

    def of(self, picture: np.ndarray) -> np.ndarray:
        """The crop of a picture, uint8 [size, size, 3]."""
        import cv2

        part = picture[self.top : self.top + self.side, self.left : self.left + self.side]
        way = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_CUBIC
        return (
            np.ascontiguousarray(part)
            if self.scale == 1
            else cv2.resize(part, (self.size, self.size), interpolation=way)
        )

    def pixels(self, pixels: np.ndarray) -> np.ndarray:
        """Places in the film [..., 2] as places in the crop."""
        return (pixels - (self.left, self.top)) * self.scale

    def lens(self, lens: Lens) -> Lens:
        """The film's lens as the crop sees through it."""
        x, y = lens.center
        return Lens(lens.focal * self.scale, ((x - self.left) * self.scale, (y - self.top) * self.scale))


def crop_for(landmarks: np.ndarray, found: np.ndarray, film_size: tuple[int, int], size: int) -> Crop:
    """The square around a face in every picture.

    landmarks: [T, 478, 2 or 3], pixels; found: bool [T]; film_size: width, height; size: the longest side wanted.
    """
    oval = landmarks[found][:, list(OVAL), :2].astype(np.float64)
    low, high = np.quantile(oval.min(1), 0.02, axis=0), np.quantile(oval.max(1), 0.98, axis=0)
    height = np.median(np.ptp(oval[..., 1], axis=1))
    wanted = max(ROOM * height, 1.25 * (high - low).max())
    side = int(min(wanted, *film_size))
    if side > 0.92 * min(film_size):
        side = min(film_size)
    middle = (low + high) / 2 - (0, UP * side)
    left, top = (int(np.clip(m - side / 2, 0, whole - side)) for m, whole in zip(middle, film_size, strict=True))
    return Crop(left, top, side, min(size, side) if side < 1.5 * size else size)

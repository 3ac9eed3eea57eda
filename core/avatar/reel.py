"""Frames of a prepared video at the size that is learned, kept in memory as bytes where they fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..splat.render import Camera
from .prepared import BACKGROUND, MOUTH, TORSO, Prepared

MOST_BYTES = 2 * 1024**3
"""What may be kept in memory; longer videos are read again and again."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """picture: float32 [H, W, 3], display space; head, torso: float32 [H, W], 0..1, how much of a pixel each covers."""

    picture: torch.Tensor
    head: torch.Tensor
    torso: torch.Tensor


class Reel:
    """All frames of a video, scaled so that the longer side has a given number of pixels."""

    def __init__(self, prepared: Prepared, longest: int) -> None:
        """longest: pixels, 0 for the video's own; never more than that."""
        self.prepared = prepared
        width, height = prepared.size
        self.scale = min(1.0, longest / max(width, height)) if longest else 1.0
        self.size = max(8, round(width * self.scale)), max(8, round(height * self.scale))
        self._kept: dict[int, np.ndarray] = {}
        self._room = MOST_BYTES // (self.size[0] * self.size[1] * 5)

    def __len__(self) -> int:
        return len(self.prepared)

    def camera(self, frame: int) -> Camera:
        """The camera of a frame at this size."""
        full = self.prepared.camera(frame)
        shares = [new / old for new, old in zip(self.size, self.prepared.size, strict=True)]
        focal = tuple(value * share for value, share in zip(full.focal, shares, strict=True))
        center = tuple(value * share for value, share in zip(full.center, shares, strict=True))
        return Camera(full.to_camera, focal, center, self.size)

    def frame(self, number: int) -> Frame:
        """One frame."""
        rows = self._kept.get(number)
        if rows is None:
            rows = self._read(number)
            if len(self._kept) < self._room:
                self._kept[number] = rows
        planes = torch.from_numpy(rows).float() / 255
        return Frame(planes[..., :3], planes[..., 3], planes[..., 4])

    def _read(self, number: int) -> np.ndarray:
        """uint8 [H, W, 5]: red, green, blue, head, torso."""
        mask = self.prepared.mask(number)
        torso = mask == TORSO
        head = (mask != BACKGROUND) & ~torso & (mask <= MOUTH)
        picture = np.rint(self.prepared.picture(number) * 255)
        planes = np.concatenate([picture, np.stack([head, torso], 2) * 255.0], 2).astype(np.uint8)
        if self.scale == 1:
            return planes
        import cv2

        # OpenCV scales at most four planes at a time.
        parts = (np.ascontiguousarray(part) for part in (planes[..., :3], planes[..., 3:]))
        return np.concatenate([cv2.resize(part, self.size, interpolation=cv2.INTER_AREA) for part in parts], 2)

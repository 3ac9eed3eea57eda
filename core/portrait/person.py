"""Where in a still a person is, told from the background."""

from __future__ import annotations

import numpy as np

from .photo import Photo

EDGE_PX = 2.0
"""Over which the outline is made soft, after it was found on a coarse grid."""


def person_mask(photo: Photo) -> np.ndarray:
    """How much each pixel is the person, float32 [H, W], 0..1: MediaPipe's segmentation, fitted to the picture's edges.

    A picture with a transparent background tells it itself.
    """
    if (photo.cover < 0.5).any():
        return photo.cover
    from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

    with SelfieSegmentation(0) as model:
        coarse = model.process(photo.bytes).segmentation_mask
    return _fitted(photo.pixels, np.asarray(coarse, np.float32))


def _fitted(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A coarse mask made to follow the edges of a picture. Source: He et al. 2010, Guided image filtering."""
    import cv2

    radius = max(2, round(max(mask.shape) / 120))
    fine = cv2.ximgproc.guidedFilter(pixels, mask, radius, 1e-4)
    return np.clip(cv2.GaussianBlur(fine, (0, 0), EDGE_PX / 2), 0, 1).astype(np.float32)

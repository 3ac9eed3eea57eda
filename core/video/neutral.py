"""A person's own neutral face: where the landmarks lie when nothing is done, read off the film's calm moments."""

from __future__ import annotations

import numpy as np

from ..template.camera import Lens, moved
from ..template.lids import lid_gaps
from ..template.marks import BROWS, INNER_LIPS, LEFT_LIDS, LIPS, RIGHT_LIDS

CALM_LIPS = 0.25
"""The share of a film in which the lips are least open, and count as calm."""
OPEN_EYES = (0.35, 0.85)
"""Shares of a film between which eyes are plainly open, neither blinking nor wide."""
BELOW_NOSE = 2
"""The landmark below which a face belongs to its mouth."""


def lip_opening(pixels: np.ndarray) -> np.ndarray:
    """Gap of the inner lips over the width of the mouth, [T]; pixels: [T, 478, 2]."""
    gap = np.linalg.norm(pixels[:, 13] - pixels[:, 14], axis=-1)
    return gap / np.maximum(np.linalg.norm(pixels[:, 61] - pixels[:, 291], axis=-1), 1e-6)


def in_head(pixels: np.ndarray, pose: np.ndarray, expected: np.ndarray, lens: Lens) -> np.ndarray:
    """Landmarks brought back into the head, [T, L, 3], at the depth where they are expected, [L, 3] or [T, L, 3]."""
    depth = -moved(pose, expected)[..., 2:]
    place = lens.rays(pixels) * depth
    return (place - pose[:, None, :3, 3]) @ pose[:, :3, :3]


def neutral_face(places: np.ndarray, pixels: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The resting landmarks of a person, [478, 3].

    places: [T, 478, 3], in the head (see in_head); pixels: [T, 478, 2]; expected: [478, 3], the fitted mesh's.
    """
    rest = np.median(places, axis=0)
    lips = lip_opening(pixels)
    calm = lips <= np.quantile(lips, CALM_LIPS)
    below = expected[:, 1] < expected[BELOW_NOSE, 1] + 1e-4
    below[list(LIPS)] = True
    rest[below] = np.median(places[calm], axis=0)[below]
    # A closed mouth is closed: where nobody ever shut it, the fitted mesh knows better.
    if np.median(lips[calm]) > 0.12:
        rest[list(INNER_LIPS)] = expected[list(INNER_LIPS)]
    for lids, gap in zip((RIGHT_LIDS, LEFT_LIDS), lid_gaps(places).T, strict=True):
        low, high = np.quantile(gap, OPEN_EYES)
        rest[list(lids)] = np.median(places[(gap >= low) & (gap <= high)], axis=0)[list(lids)]
    brows = places[:, list(BROWS), 1].mean(1)
    quiet = brows <= np.quantile(brows, 0.6)
    rest[list(BROWS)] = np.median(places[quiet], axis=0)[list(BROWS)]
    return rest

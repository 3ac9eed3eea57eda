"""How far eyes stand open by their landmarks, and how far a blink must go to shut those of one person."""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52
from .types import HeadTemplate

LID_PAIRS = (((159, 145), (158, 153), (160, 144)), ((386, 374), (385, 380), (387, 373)))
"""Upper and lower lid, right eye then left."""
LID_CORNERS = ((33, 133), (263, 362))
BLINKS = (ARKIT_52.index("eyeBlinkRight"), ARKIT_52.index("eyeBlinkLeft"))
OVERLAP = 0.06
"""How far the rims of shut lids pass each other, over the width of the eye."""
LEAST_GROWTH, MOST_GROWTH = 0.6, 1.6


def lid_gaps(points: np.ndarray) -> np.ndarray:
    """Gap of the lids over the width of the eye, right and left, [T, 2]; below 0 where their rims cross.

    points: [T, 478, 3], in the head.
    """
    sides = []
    for pairs, (outer, inner) in zip(LID_PAIRS, LID_CORNERS, strict=True):
        gap = np.mean([points[:, a, 1] - points[:, b, 1] for a, b in pairs], axis=0)
        sides.append(gap / np.maximum(np.linalg.norm(points[:, outer] - points[:, inner], axis=-1), 1e-6))
    return np.stack(sides, 1)


def blink_growth(template: HeadTemplate, points: np.ndarray) -> np.ndarray:
    """What shapes are to be scaled by on a person's resting mesh [V, 3] so that a blink just shuts; float32 [52]."""
    growth = np.ones(len(ARKIT_52), np.float32)
    rest = template.at_landmarks(points)
    opened = lid_gaps(rest[None])[0]
    for side, shape in enumerate(BLINKS):
        shut = lid_gaps((rest + template.at_landmarks(template.shapes[shape]))[None])[0, side]
        needed = (opened[side] + OVERLAP) / max(opened[side] - shut, 1e-6)
        growth[shape] = np.clip(needed, LEAST_GROWTH, MOST_GROWTH)
    return growth

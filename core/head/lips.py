"""Where the lips are on the base mesh, and how far they stand open.

All numbers are vertex indices of MakeHuman's base.obj; right and left are the character's own.
"""

from __future__ import annotations

import numpy as np

LIP_INNER_UPPER: tuple[int, ...] = (3732, 433, 418, 469, 470, 472, 474, 7228, 7226, 7225, 7178, 7193, 10400)
"""Lowest line of the upper lip, from the character's right corner to its left; each faces its LIP_INNER_LOWER twin."""

LIP_INNER_LOWER: tuple[int, ...] = (3707, 444, 437, 475, 481, 487, 493, 7242, 7236, 7230, 7197, 7204, 10375)
"""Highest line of the lower lip, from the character's right corner to its left."""

MOUTH_CORNERS: tuple[int, int] = (432, 7192)
EYE_OUTER_CORNERS: tuple[int, int] = (22, 6806)
LIP_OUTER_UPPER_MID = 455
LIP_OUTER_LOWER_MID = 492
NOSE_TIP = 297
NOSE_BASE = 5072
CHIN = 5171

MIDDLE = LIP_INNER_UPPER.index(474)


def lip_gaps(points: np.ndarray) -> np.ndarray:
    """How far each lip pair stands apart, along the head's own up axis.

    points: [..., N, 3], the base mesh in any unit, y up (as base.obj has it).
    Returns [..., 13], same unit, right to left; below 0 where the lips cross.
    """
    upper, lower = points[..., LIP_INNER_UPPER, 1], points[..., LIP_INNER_LOWER, 1]
    return upper - lower


def lip_opening(points: np.ndarray) -> np.ndarray:
    """Inner-lip gap at the middle of the mouth over the distance of the outer eye corners.

    points: [..., N, 3], the base mesh in any unit, y up.
    Returns [...], 0 when closed or crossing; about 0.4 at jawOpen = 1.
    """
    right, left = (points[..., corner, :] for corner in EYE_OUTER_CORNERS)
    width = np.linalg.norm(right - left, axis=-1)
    return np.maximum(lip_gaps(points)[..., MIDDLE], 0.0) / width

"""MediaPipe's face landmarks on the template: those found on the demo head, and the irises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...rig.face_landmarks import landmark_vertices
from .anatomy import RING_DEGREES, SEGMENTS, Anatomy

IRIS_RING = RING_DEGREES.index(23.6)
PUPILS = {468: "right", 473: "left"}
"""MediaPipe numbers the irises from the picture's left: the person's right eye first; four places of the rim follow,
towards the picture's right, up, left and down."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Landmark numbers and template vertices, int64 [L] each."""

    numbers: np.ndarray
    vertices: np.ndarray


def known_marks(anatomy: Anatomy) -> Marks:
    """The landmarks whose vertex is known, irises with them."""
    numbers, vertices = landmark_vertices()
    place = {int(v): k for k, v in enumerate(anatomy.skin)}
    rows = [(int(n), place[int(v)]) for n, v in zip(numbers, vertices, strict=True)]
    for pupil, side in PUPILS.items():
        start = anatomy.starts[1] if side == "left" else anatomy.starts[2]
        rim = start + 1 + IRIS_RING * SEGMENTS
        rows.append((pupil, start))
        # the picture's right is the person's left, +x: angle 0
        rows += [(pupil + 1 + k, rim + k * SEGMENTS // 4) for k in range(4)]
    return Marks(np.array([n for n, _ in rows]), np.array([v for _, v in rows]))

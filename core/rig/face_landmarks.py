"""MediaPipe's face landmarks on the demo woman, and where each ARKit shape takes them.

Which vertex of the base mesh a landmark is was found by letting MediaPipe's tracker look at a plain rendering of the
head (data/face_landmarks.csv). Where the shapes take them is kept as data (data/face_landmark_motion.csv), so that
nobody needs the head's sources to use it; a test rebuilds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..head.lips import EYE_OUTER_CORNERS
from .arkit import ARKIT_52
from .board import read_rows

LEAST_MOTION = 0.002
"""Outer-eye distances; what moves less is left out of the table."""


@dataclass(frozen=True, slots=True)
class LandmarkMotion:
    """Landmarks of a head, in outer-eye distances: x to its left, y up, z forward.

    ids:    MediaPipe's numbers, int64 [L].
    rest:   float32 [L, 3].
    motion: float32 [52, L, 3], what each ARKit shape adds at 1.
    """

    ids: np.ndarray
    rest: np.ndarray
    motion: np.ndarray


def landmark_vertices() -> tuple[np.ndarray, np.ndarray]:
    """MediaPipe's landmark numbers and the base mesh's vertices, int64 [L] each."""
    rows = read_rows("face_landmarks.csv")
    return tuple(np.array([int(row[key]) for row in rows]) for key in ("landmark", "vertex"))


def motion_of(points: np.ndarray, units: dict[str, np.ndarray]) -> LandmarkMotion:
    """Read the landmarks off a head. points: [N, 3], base mesh, y up; units: ARKit name to offsets [N, 3]."""
    ids, vertices = landmark_vertices()
    right, left = (points[corner].astype(np.float64) for corner in EYE_OUTER_CORNERS)
    width = np.linalg.norm(right - left)
    rest = (points[vertices] - (right + left) / 2) / width
    motion = np.stack([units[name][vertices] for name in ARKIT_52]) / width
    return LandmarkMotion(ids, rest.astype(np.float32), motion.astype(np.float32))


def motion_rows(found: LandmarkMotion) -> Iterator[tuple[str, int, str, str, str]]:
    """The rows of face_landmark_motion.csv: shape or "rest", landmark, x, y, z."""
    for shape, places in (("rest", found.rest), *zip(ARKIT_52, found.motion, strict=True)):
        for number, place in zip(found.ids, places, strict=True):
            if shape == "rest" or np.abs(place).max() >= LEAST_MOTION:
                yield shape, int(number), *(f"{value:.4f}" for value in place)


def read_motion() -> LandmarkMotion:
    """The demo woman's landmarks, from the table."""
    ids, _ = landmark_vertices()
    places = {int(number): row for row, number in enumerate(ids)}
    shapes = {name: row for row, name in enumerate(("rest", *ARKIT_52))}
    table = np.zeros((len(shapes), len(ids), 3), np.float32)
    for row in read_rows("face_landmark_motion.csv"):
        table[shapes[row["shape"]], places[int(row["landmark"])]] = [float(row[axis]) for axis in "xyz"]
    return LandmarkMotion(ids, table[0], table[1:])

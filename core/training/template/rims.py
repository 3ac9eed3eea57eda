"""The landmarks of the eyes' openings put on the rims of the lids, where photographs have them.

On plain drawings without lashes the tracker sees the openings a millimetre or two too large; a head fitted to a
photograph through such places would look sleepy.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...template.types import HeadTemplate

UPPER = ((161, 160, 159, 158, 157), (388, 387, 386, 385, 384))
LOWER = ((163, 144, 145, 153, 154), (390, 373, 374, 380, 381))
"""MediaPipe's numbers along each opening, the person's right eye first, without those next to its corners."""
REACH_M = 0.004
FOREMOST_M = 0.0005
"""The front edge of a rim lies little further behind what of the lid is foremost; the rest of it faces the eye."""
ASIDE, BEHIND = 1.5, 1.5
"""How much a place counts less for lying beside the landmark, or behind the edge, over lying above or below."""


def with_rims(template: HeadTemplate) -> HeadTemplate:
    """The template with the landmarks of both openings on the edges of the lids."""
    triangles, corners = template.landmark_triangles.copy(), template.landmark_corners.copy()
    places = dict(zip(template.landmarks.tolist(), range(len(template.landmarks)), strict=True))
    old = template.at_landmarks(template.points)
    for numbers, sign in ((UPPER, -1.0), (LOWER, 1.0)):
        for number in (n for side in numbers for n in side):
            row = places[number]
            vertex = _rim_vertex(template, old[row], sign)
            triangles[row], corners[row] = _at_vertex(template, vertex)
    return replace(template, landmark_triangles=triangles, landmark_corners=corners)


def _rim_vertex(template: HeadTemplate, place: np.ndarray, sign: float) -> int:
    """The lid's vertex next to a place that lies furthest into the opening; sign: -1 where that is below."""
    lids = np.flatnonzero(template.region("lids", "skin"))
    away = template.points[lids] - place
    near = lids[(np.abs(away[:, 0]) < REACH_M / 2) & (np.abs(away[:, 1]) < REACH_M) & (np.abs(away[:, 2]) < REACH_M)]
    steps = template.points[near] - place
    behind = np.maximum(steps[:, 2].max() - steps[:, 2] - FOREMOST_M, 0)
    # A rim slants towards the corners: what lies further along it must not win by that alone.
    gain = sign * steps[:, 1] - ASIDE * np.abs(steps[:, 0]) - BEHIND * behind
    return int(near[int(np.argmax(gain))])


def _at_vertex(template: HeadTemplate, vertex: int) -> tuple[int, np.ndarray]:
    """A triangle that has a vertex and the corner weights that are there, float32 [3]."""
    row, corner = np.argwhere(template.triangles == vertex)[0]
    return int(row), np.eye(3, dtype=np.float32)[corner]

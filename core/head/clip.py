"""Cut a mesh along a smooth curve instead of along its faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .surface import Faces

SNAP = 0.25
"""A cut nearer than this share of an edge to one end moves that end instead of making a sliver."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of a mesh.

    blend: the kept vertices as mixes of old ones: int64 [n, 2] and weights float64 [n, 2].
    faces: polygons over the kept vertices.
    corner_blend: the same for face corners (int64 [c, 2], float64 [c, 2]), in face order.
    """

    blend: tuple[np.ndarray, np.ndarray]
    faces: Faces
    corner_blend: tuple[np.ndarray, np.ndarray]

    def sources(self) -> np.ndarray:
        """The old vertex that each kept one is, int32 [n]; -1 for those the cut made or moved."""
        pairs, weights = self.blend
        return np.where((pairs[:, 0] == pairs[:, 1]) | (weights[:, 0] == 1), pairs[:, 0], -1).astype(np.int32)

    def vertex_values(self, values: np.ndarray) -> np.ndarray:
        """Carry per-vertex values [N, ...] over; [n, ...]."""
        return _mixed(self.blend, values)

    def corner_values(self, values: np.ndarray) -> np.ndarray:
        """Carry per-corner values [C, ...] over; [c, ...]."""
        return _mixed(self.corner_blend, values)


def _mixed(blend: tuple[np.ndarray, np.ndarray], values: np.ndarray) -> np.ndarray:
    pairs, weights = blend
    weights = weights.reshape(*weights.shape, *[1] * (values.ndim - 1))
    return (values[pairs] * weights).sum(1).astype(np.float32)


def cut(faces: Faces, level: np.ndarray) -> Cut:
    """Keep the side of a mesh where level >= 0.

    level: float [N] by vertex; the cut runs where it crosses 0.
    """
    level = level.astype(np.float64).copy()
    moved = _snapped(faces, level)
    keys: dict[tuple[int, int], int] = {}
    blends: list[tuple[int, int, float]] = []
    out_faces, corners = [], []

    def vertex(a: int, b: int, t: float) -> int:
        key = (a, b) if a < b else (b, a)
        if key not in keys:
            keys[key] = len(blends)
            blends.append((a, b, t))
        return keys[key]

    start = 0
    for face in faces:
        ring, ring_corners = _clipped(face, start, level)
        start += len(face)
        if len(ring) < 3:
            continue
        ids = [vertex(*(moved.get(a, (a, a, 0.0)) if a == b else (a, b, t))) for a, b, t in ring]
        if len(set(ids)) == len(ids):
            out_faces.append(tuple(ids))
            corners += ring_corners
    return Cut(_arrays(blends), tuple(out_faces), _arrays(corners))


def _arrays(rows: list[tuple[int, int, float]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array([(a, b) for a, b, _ in rows], np.int64)
    share = np.array([t for _, _, t in rows])
    return pairs, np.stack([1 - share, share], 1)


def _snapped(faces: Faces, level: np.ndarray) -> dict[int, tuple[int, int, float]]:
    """Vertices that slide along an edge onto the cut; their level becomes 0."""
    moved: dict[int, tuple[int, int, float]] = {}
    for face in faces:
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            if level[a] * level[b] >= 0:
                continue
            t = level[a] / (level[a] - level[b])
            for end, other, near in ((a, b, t), (b, a, 1 - t)):
                if near < SNAP and end not in moved and other not in moved:
                    moved[end] = (end, other, near)
                    level[end] = 0.0
                    break
    return moved


def _clipped(
    face: tuple[int, ...], start: int, level: np.ndarray
) -> tuple[list[tuple[int, int, float]], list[tuple[int, int, float]]]:
    """Sutherland-Hodgman on one polygon: kept and new vertices, and the same for its corners."""
    ring, corners, count = [], [], len(face)
    if not any(level[v] > 0 for v in face):
        return ring, corners
    for k, a in enumerate(face):
        b = face[(k + 1) % count]
        if level[a] >= 0:
            ring.append((a, a, 0.0))
            corners.append((start + k, start + k, 0.0))
        if level[a] * level[b] < 0:
            t = float(level[a] / (level[a] - level[b]))
            ring.append((a, b, t) if a < b else (b, a, 1 - t))
            corners.append((start + k, start + (k + 1) % count, t))
    return ring, corners

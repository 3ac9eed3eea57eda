"""Triangle surfaces: normals, and anchors that let hair, lashes and brows ride on a moving skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Faces = tuple[tuple[int, ...], ...]


def triangles(faces: Faces) -> np.ndarray:
    """Fan every polygon into triangles, int64 [T, 3]."""
    return np.array([(f[0], f[k], f[k + 1]) for f in faces for k in range(1, len(f) - 1)], np.int64)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors [..., 3] at length 1; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-12)


def vertex_normals(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Area-weighted unit normals [N, 3] of points [N, 3] over triangles [T, 3]."""
    a, b, c = (points[corners[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros((len(points), 3))
    for k in range(3):
        np.add.at(normals, corners[:, k], face)
    return unit(normals)


@dataclass(frozen=True, slots=True)
class Anchors:
    """Places on a surface that carry a frame along.

    corners: int64 [n, 3], the triangle under each place.
    weights: float64 [n, 3], barycentric.
    """

    corners: np.ndarray
    weights: np.ndarray

    def places(self, points: np.ndarray) -> np.ndarray:
        """Where the anchors are on the surface points [N, 3]; [n, 3]. Works for offsets as well."""
        return np.einsum("nk,nkd->nd", self.weights, points[self.corners].astype(np.float64))

    def frames(self, points: np.ndarray) -> np.ndarray:
        """Orthonormal frames [n, 3, 3] (rows: along the first edge, across, out of the surface)."""
        a, b, c = (points[self.corners[:, k]].astype(np.float64) for k in range(3))
        out = unit(np.cross(b - a, c - a))
        along = unit(b - a)
        return np.stack([along, np.cross(out, along), out], 1)


def anchor(places: np.ndarray, points: np.ndarray, corners: np.ndarray, block: int = 64) -> Anchors:
    """Find the nearest spot of a surface for each place.

    places: [n, 3]; points: [N, 3]; corners: int64 [T, 3], triangles; block: places handled at a time.
    """
    chosen, weights = [], []
    tri = points[corners].astype(np.float64)
    for start in range(0, len(places), block):
        near, spot = _nearest(places[start : start + block].astype(np.float64), tri)
        chosen.append(corners[near])
        weights.append(spot)
    return Anchors(np.concatenate(chosen), np.concatenate(weights))


def _nearest(places: np.ndarray, tri: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count = min(24, len(tri))
    away = ((places[:, None] - tri.mean(1)[None]) ** 2).sum(-1)
    near = np.argpartition(away, count - 1, axis=1)[:, :count]  # [n, count]
    picked = tri[near]  # [n, count, 3, 3]
    weights = _clamped_weights(places[:, None], picked)
    spots = np.einsum("nck,nckd->ncd", weights, picked)
    best = ((spots - places[:, None]) ** 2).sum(-1).argmin(1)
    rows = np.arange(len(places))
    return near[rows, best], weights[rows, best]


def _clamped_weights(place: np.ndarray, tri: np.ndarray) -> np.ndarray:
    a, b, c = tri[..., 0, :], tri[..., 1, :], tri[..., 2, :]
    v0, v1, v2 = b - a, c - a, place - a
    d00, d01, d11 = (v0 * v0).sum(-1), (v0 * v1).sum(-1), (v1 * v1).sum(-1)
    d20, d21 = (v2 * v0).sum(-1), (v2 * v1).sum(-1)
    denominator = np.maximum(d00 * d11 - d01 * d01, 1e-18)
    v = (d11 * d20 - d01 * d21) / denominator
    w = (d00 * d21 - d01 * d20) / denominator
    weights = np.clip(np.stack([1 - v - w, v, w], -1), 0, None)
    return weights / weights.sum(-1, keepdims=True)


def ride(strands: np.ndarray, anchors: Anchors, rest: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Carry strands along when their surface moves, each as a rigid piece.

    strands: [n, k, 3], points that belong to each anchor; rest, moved: [N, 3], the surface before and after.
    Returns [n, k, 3].
    """
    local = np.einsum("nkd,nfd->nkf", strands - anchors.places(rest)[:, None], anchors.frames(rest))
    return anchors.places(moved)[:, None] + np.einsum("nkf,nfd->nkd", local, anchors.frames(moved))

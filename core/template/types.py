"""The template as data: a bust with a mouth interior, ARKit's shapes, an identity basis and face landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..rig.arkit import ARKIT_52
from ..splat.head import Template

REGIONS: tuple[str, ...] = (
    "skin", "lips", "lids", "ears", "scalp", "neck", "torso", "mouth bag", "sockets",
    "white", "iris", "upper teeth", "lower teeth", "gums", "tongue",
)  # fmt: skip
"""What a vertex belongs to, in the order of HeadTemplate.regions."""

INTERIOR = ("mouth bag", "upper teeth", "lower teeth", "gums", "tongue")
"""Regions seen only through an open mouth."""

BONES = ("chest", "neck", "head")

LEAST_MOTION_M = 2e-5
"""Metres; a shape is taken to leave alone what it moves by less."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadTemplate:
    """A bust of V vertices and F triangles, metres, x to its left, y up, z forward, the head's pivot at the origin.

    points:    float32 [V, 3], the mean adult at rest, lips closed.
    triangles: int32 [F, 3], anticlockwise from outside.
    uvs:       float32 [F, 3, 2] by corner, 0..1, v upwards.
    shapes:    float32 [52, V, 3], what each of ARKIT_52 adds at 1.
    basis:     float32 [K, V, 3], what one standard deviation of each identity component adds.
    regions:   uint8 [V], index into REGIONS.
    weights:   float32 [V, 3], share of BONES; rows sum to 1. pivots: float32 [3, 3], what each bone turns about.
    landmarks: int32 [L], MediaPipe's numbers (0..477; 468 and 473 are the pupils).
    landmark_triangles, landmark_corners: where each lies, int32 [L] and barycentric float32 [L, 3].
    """

    points: np.ndarray
    triangles: np.ndarray
    uvs: np.ndarray
    shapes: np.ndarray
    basis: np.ndarray
    regions: np.ndarray
    weights: np.ndarray
    pivots: np.ndarray
    landmarks: np.ndarray
    landmark_triangles: np.ndarray
    landmark_corners: np.ndarray

    def __post_init__(self) -> None:
        check("HeadTemplate.points", self.points, ("V", 3))
        count = len(self.points)
        check("HeadTemplate.triangles", self.triangles, ("F", 3), np.int32)
        check("HeadTemplate.uvs", self.uvs, (len(self.triangles), 3, 2))
        check("HeadTemplate.shapes", self.shapes, (len(ARKIT_52), count, 3))
        check("HeadTemplate.basis", self.basis, ("K", count, 3))
        check("HeadTemplate.regions", self.regions, (count,), np.uint8)
        check("HeadTemplate.weights", self.weights, (count, len(BONES)))
        check("HeadTemplate.pivots", self.pivots, (len(BONES), 3))
        check("HeadTemplate.landmarks", self.landmarks, ("L",), np.int32)
        check("HeadTemplate.landmark_triangles", self.landmark_triangles, (len(self.landmarks),), np.int32)
        check("HeadTemplate.landmark_corners", self.landmark_corners, (len(self.landmarks), 3))

    def region(self, *names: str) -> np.ndarray:
        """Whether each vertex belongs to one of the named REGIONS, bool [V]."""
        return np.isin(self.regions, [REGIONS.index(name) for name in names])

    def shaped(self, identity: np.ndarray) -> np.ndarray:
        """The resting mesh of a person, float32 [V, 3]. identity: [k], standard deviations; k may be below K."""
        return self.points + np.tensordot(identity, self.basis[: len(identity)], 1).astype(np.float32)

    def at_landmarks(self, vertices: np.ndarray) -> np.ndarray:
        """Values of vertices [..., V, d] at the landmarks; [..., L, d]."""
        corners = self.triangles[self.landmark_triangles]
        return np.einsum("lk,...lkd->...ld", self.landmark_corners, vertices[..., corners, :])

    def mesh(self, points: np.ndarray | None = None, growth: np.ndarray | float = 1.0) -> Template:
        """The template as a mesh that carries splats.

        points: [V, 3], a person's rest instead of the mean; growth: what the shapes are scaled by, [52] or one for all.
        """
        shapes = {}
        grown = np.broadcast_to(growth, len(ARKIT_52))
        for name, offsets, scale in zip(ARKIT_52, self.shapes, grown, strict=True):
            moved = np.nonzero(np.abs(offsets).max(1) > LEAST_MOTION_M)[0].astype(np.int32)
            shapes[name] = moved, (offsets[moved] * scale).astype(np.float32)
        rest = self.points if points is None else points.astype(np.float32)
        return Template(rest, self.triangles, shapes)

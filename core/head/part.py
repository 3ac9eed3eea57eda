"""One mesh of a character, as plain arrays, and the few operations parts share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .surface import Faces

SMALLEST_OFFSET = 2e-4
"""Decimetres; a shape that moves nothing by more than this is left out of a part."""


@dataclass(frozen=True, slots=True)
class Part:
    """A mesh in the axes of base.obj (decimetres, y up, face towards +z).

    points: float32 [n, 3].
    faces: vertex indices of each polygon.
    shapes: offsets float32 [n, 3] by shape name.
    colors: float32 [n, 4] by attribute name; linear RGB and a free fourth channel.
    materials: material names; face_materials: index into them for each face, or empty for all 0.
    corner_uvs: float32 [sum of corners, 2], or None.
    weights: bone name to float32 [n]; empty for a part that goes rigidly with the head.
    sources: int32 [n], the base mesh's vertex that each point is, -1 where a cut made a new one; or None.
    """

    name: str
    points: np.ndarray
    faces: Faces
    shapes: dict[str, np.ndarray] = field(default_factory=dict)
    colors: dict[str, np.ndarray] = field(default_factory=dict)
    materials: tuple[str, ...] = ()
    face_materials: tuple[int, ...] = ()
    corner_uvs: np.ndarray | None = None
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    sources: np.ndarray | None = None


def moving_shapes(shapes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Only the shapes that move something, as float32."""
    return {
        name: offsets.astype(np.float32) for name, offsets in shapes.items() if np.abs(offsets).max() > SMALLEST_OFFSET
    }


def joined(pieces: list[tuple[np.ndarray, Faces]]) -> tuple[np.ndarray, Faces]:
    """Several meshes (points [n, 3], faces) as one."""
    points, faces, start = [], [], 0
    for piece_points, piece_faces in pieces:
        points.append(piece_points)
        faces += [tuple(v + start for v in face) for face in piece_faces]
        start += len(piece_points)
    return np.concatenate(points).astype(np.float32), tuple(faces)


def compacted(faces: Faces) -> tuple[np.ndarray, Faces]:
    """The vertices that faces use, int64 [n], and the faces renumbered to them."""
    used = np.unique(np.concatenate([np.asarray(face) for face in faces]))
    place = {int(v): k for k, v in enumerate(used)}
    return used, tuple(tuple(place[v] for v in face) for face in faces)

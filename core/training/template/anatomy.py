"""From MakeHuman's base mesh to the template's own: skin cut at the shoulders, round eyes, rows of teeth, a tongue.

Every part is a function of the base mesh's points, so that one recipe serves the mean, every person and every shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...head.eyes import IRIS, LOOK_DEGREES, PUPIL, Ball, fit_ball
from ...head.makehuman import BaseMesh
from ...head.part import compacted
from ...head.surface import Faces, unit
from ...head.teeth import JAW_SHAPES, LOWER, SHIFT, UPPER, Arch, affine_follow

HEM, SLEEVE = 4.55, 1.95
"""Decimetres on the base mesh: where the bust ends below and to the sides."""
SEGMENTS = 24
RING_DEGREES = (5.0, 9.5, 16.0, 23.6, 28.0, 38.0, 50.0, 65.0, 82.0, 105.0, 135.0)
"""Rings of an eye from the middle of the pupil backwards; the fourth is the edge of the iris."""
PLACES = 41
"""Columns of a row of teeth."""
ROWS = 8
EYE_GROUPS = ("helper-l-eye", "helper-r-eye")


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """The template's layout. skin, tongue: base vertices, int64; faces: of every part, into the joined vertices.

    starts: where skin, left eye, right eye, upper teeth, lower teeth and tongue begin, and the end.
    """

    skin: np.ndarray
    tongue: np.ndarray
    eyes: tuple[np.ndarray, np.ndarray]
    faces: Faces
    starts: tuple[int, ...]

    def joined(self, points: np.ndarray) -> np.ndarray:
        """A base mesh [N, 3] in the shape of a person as template vertices, float64 [V, 3], same unit."""
        balls = self.balls(points)
        globe, _ = unit_globe()
        parts = [points[self.skin], *(ball.center + ball.radius * globe for ball in balls)]
        parts += [teeth_row(points, arch, jaw) for arch, jaw in ((UPPER, "upper"), (LOWER, "lower"))]
        return np.concatenate([*parts, points[self.tongue]]).astype(np.float64)

    def balls(self, points: np.ndarray) -> tuple[Ball, Ball]:
        """The eyes of a person, left and right."""
        left, right = (fit_ball(points[vertices], side) for vertices, side in zip(self.eyes, (1, -1), strict=True))
        return left, right

    def shape(self, points: np.ndarray, name: str, offsets: np.ndarray) -> np.ndarray:
        """What an ARKit shape does to the template's vertices [V, 3]; offsets: [N, 3] of the base mesh."""
        left, right, upper, lower, tongue = self.starts[1:-1]
        moved = np.zeros((self.starts[-1], 3))
        moved[:left] = offsets[self.skin]
        moved[tongue:] = offsets[self.tongue]
        if name in JAW_SHAPES:
            crude = LOWER.vertices()
            row = self.joined(points)[lower:tongue]
            moved[lower:tongue] = affine_follow(points[crude], offsets[crude], row)
        globe, _ = unit_globe()
        for ball, start, end in zip(self.balls(points), (left, right), (right, upper), strict=True):
            side = "Left" if ball.side > 0 else "Right"
            if name.endswith(side) and name.removesuffix(side) in LOOK_DEGREES:
                up, out = LOOK_DEGREES[name.removesuffix(side)]
                moved[start:end] = (globe @ _turn(-up, out * ball.side).T - globe) * ball.radius
        return moved


def dissect(mesh: BaseMesh) -> Anatomy:
    """Choose the vertices and lay out the faces."""
    chosen = [
        face for face, group in zip(mesh.faces, mesh.groups, strict=True) if group == "body" and _kept(mesh, face)
    ]
    skin, skin_faces = compacted(tuple(chosen))
    tongue, tongue_faces = compacted(
        tuple(face for face, group in zip(mesh.faces, mesh.groups, strict=True) if group == "helper-tongue")
    )
    eyes = tuple(_vertices(mesh, group) for group in EYE_GROUPS)
    globe, globe_faces = unit_globe()
    row_faces = _row_faces()
    pieces = [skin_faces, globe_faces, globe_faces, row_faces, row_faces, tongue_faces]
    counts = [len(skin), len(globe), len(globe), PLACES * ROWS, PLACES * ROWS, len(tongue)]
    starts = tuple(int(n) for n in np.cumsum([0, *counts]))
    faces = [tuple(v + s for v in face) for piece, s in zip(pieces, starts, strict=False) for face in piece]
    return Anatomy(skin, tongue, eyes, tuple(faces), starts)


def unit_globe() -> tuple[np.ndarray, Faces]:
    """A unit ball looking along +z: pole, rings of RING_DEGREES, open behind; [1 + 11 x 24, 3] and its faces."""
    angle, turn = np.radians(RING_DEGREES), np.arange(SEGMENTS) * 2 * np.pi / SEGMENTS
    rings = [np.c_[np.sin(a) * np.cos(turn), np.sin(a) * np.sin(turn), np.full(SEGMENTS, np.cos(a))] for a in angle]
    faces: list[tuple[int, ...]] = []
    for k in range(SEGMENTS):
        n = (k + 1) % SEGMENTS
        faces.append((0, 1 + k, 1 + n))
        for r in range(len(angle) - 1):
            a, b = 1 + r * SEGMENTS, 1 + (r + 1) * SEGMENTS
            faces.append((a + k, b + k, b + n, a + n))
    return np.concatenate([[[0, 0, 1.0]], *rings]), tuple(faces)


def globe_iris() -> np.ndarray:
    """Whether each vertex of unit_globe is pupil or iris, bool."""
    globe, _ = unit_globe()
    return (np.hypot(globe[:, 0], globe[:, 1]) <= IRIS + 0.005) & (globe[:, 2] > 0)


def globe_pupil() -> np.ndarray:
    """Whether each vertex of unit_globe is pupil, bool."""
    globe, _ = unit_globe()
    return (np.hypot(globe[:, 0], globe[:, 1]) <= PUPIL + 0.01) & (globe[:, 2] > 0)


def teeth_row(points: np.ndarray, arch: Arch, jaw: str) -> np.ndarray:
    """A band along the arch, its section going over gum, outside, biting edge and inside; [PLACES x ROWS, 3]."""
    at = np.linspace(0.01, 0.99, PLACES)
    root, neck, edge = (_walk(arch.row(points, name) + SHIFT[jaw], at) for name in ("root", "neck", "edge"))
    along = unit(np.gradient(neck, axis=0))
    out = unit(np.cross(along, [0, 1, 0]))
    out *= np.where((out * (neck - neck.mean(0) * [0, 1, 1])).sum(1) < 0, -1, 1)[:, None]
    crown = edge - neck
    deep = np.interp(np.abs(at - 0.5), [0, 0.2, 0.5], [0.05, 0.065, 0.1])[:, None]
    section = [
        root - out * 0.005,
        neck + out * 0.004,
        neck + crown * 0.15,
        neck + crown * 0.6 + out * 0.003,
        edge - out * 0.004,
        edge - out * np.interp(np.abs(at - 0.5), [0, 0.2, 0.3, 0.5], [0.02, 0.03, 0.07, 0.09])[:, None],
        neck + crown * 0.2 - out * deep,
        neck * 0.4 + root * 0.6 - out * (deep + 0.05),
    ]
    return np.stack(section, 1).reshape(-1, 3)


def _walk(row: np.ndarray, at: np.ndarray) -> np.ndarray:
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(row, axis=0), axis=1))])
    dense_at = np.linspace(0, length[-1], 120)
    dense = np.stack([np.interp(dense_at, length, row[:, k]) for k in range(3)], 1)
    for _ in range(15):
        dense[1:-1] += 0.25 * (dense[:-2] + dense[2:] - 2 * dense[1:-1])
    return np.stack([np.interp(at, np.linspace(0, 1, 120), dense[:, k]) for k in range(3)], 1)


def _row_faces() -> Faces:
    return tuple(
        (r * ROWS + k, r * ROWS + k + 1, (r + 1) * ROWS + k + 1, (r + 1) * ROWS + k)
        for r in range(PLACES - 1)
        for k in range(ROWS - 1)
    )


def _kept(mesh: BaseMesh, face: tuple[int, ...]) -> bool:
    corners = mesh.points[list(face)]
    return bool(corners[:, 1].min() > HEM and np.abs(corners[:, 0]).max() < SLEEVE)


def _vertices(mesh: BaseMesh, group: str) -> np.ndarray:
    found = {v for face, own in zip(mesh.faces, mesh.groups, strict=True) if own == group for v in face}
    return np.array(sorted(found), np.int64)


def _turn(about_x: float, about_y: float) -> np.ndarray:
    """Rotation by degrees about x, then y; [3, 3]."""
    (cx, sx), (cy, sy) = ((np.cos(a), np.sin(a)) for a in np.radians((about_x, about_y)))
    return np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])

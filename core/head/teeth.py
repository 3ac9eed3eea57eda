"""Teeth and gums modelled along the arches of the base mesh's crude teeth; the lower jaw's move with the jaw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .part import Part, joined, moving_shapes
from .surface import Faces, unit

JAW_SHAPES = ("jawOpen", "jawLeft", "jawRight", "jawForward")


@dataclass(frozen=True, slots=True)
class Arch:
    """Half a row of teeth in the base mesh, from the middle to the left, as vertex rows.

    root: where the gum ends; neck: where teeth leave the gum; edge: where they bite.
    first: index that the rows count from.
    """

    first: int
    root: tuple[int, ...]
    neck: tuple[int, ...]
    edge: tuple[int, ...]
    count: int = 68

    def row(self, points: np.ndarray, name: str) -> np.ndarray:
        """A row from the right end to the left, mirrored about the middle, [17, 3]."""
        left = points[[self.first + k for k in getattr(self, name)]].astype(np.float64)
        return np.concatenate([left[:0:-1] * [-1, 1, 1], left])

    def vertices(self) -> np.ndarray:
        """All vertices of the crude row, int64 [68]."""
        return np.arange(self.first, self.first + self.count)


UPPER = Arch(
    15060, (1, 0, 2, 3, 4, 5, 6, 7, 8), (19, 15, 14, 13, 12, 24, 23, 22, 21), (9, 26, 11, 10, 25, 18, 17, 16, 20)
)
LOWER = Arch(
    14992, (1, 0, 2, 3, 4, 5, 6, 7, 8), (20, 21, 22, 23, 19, 24, 25, 26, 17), (18, 9, 10, 11, 12, 13, 14, 15, 16)
)

WIDTHS = {"upper": (8.6, 6.8, 7.7, 7.0, 6.8, 10.0, 9.4), "lower": (5.4, 6.0, 6.9, 7.0, 7.1, 11.0, 10.4)}
"""Crown widths from the middle to the back, millimetres."""

DEPTHS = (5.5, 5.2, 6.5, 7.5, 7.8, 9.5, 9.5)
BITE = (0.28, 0.28, 0.3, 0.7, 0.75, 0.85, 0.85)
"""Depth at the biting edge over depth at the neck: incisors are chisels, molars are blocks."""

LENGTHEN = {"upper": (0.06, 0.0, 0.07, 0.0, 0.0, 0.0, 0.0), "lower": (0.0, 0.0, 0.06, 0.0, 0.0, 0.0, 0.0)}
"""How far a crown stands out beyond the line of the others, over its height."""

SHIFT = {"upper": (0.0, -0.03, 0.0), "lower": (0.0, -0.026, -0.012)}
"""How far the modelled rows stand from the crude ones, decimetres: upper teeth show a little below an open lip."""

RING = 12
PROFILE = np.array(
    [[-0.35, 0.74, 0.9], [0, 0.84, 1], [0.3, 0.95, 1], [0.6, 1, 0.85], [0.85, 1.0, 0.5], [1, 0.94, 0.2]],
)
"""Rings of a crown: height from neck to edge, width, and how much of the neck's extra depth is left."""


def teeth_part(points: np.ndarray, units: dict[str, np.ndarray], jaw: str) -> Part:
    """The teeth and gums of one jaw.

    points: [N, 3], the person's base mesh, decimetres; units: face units by name; jaw: "upper" or "lower".
    """
    arch = UPPER if jaw == "upper" else LOWER
    rows = {name: arch.row(points, name) + SHIFT[jaw] for name in ("root", "neck", "edge")}
    crowns = joined(_crowns(rows, jaw))
    gum = _gum(rows)
    all_points, faces = joined([crowns, gum])
    shapes = {}
    if jaw == "lower":
        crude = arch.vertices()
        shapes = {name: affine_follow(points[crude], units[name][crude], all_points) for name in JAW_SHAPES}
    materials = (0,) * len(crowns[1]) + (1,) * len(gum[1])
    name = f"Teeth {jaw.capitalize()}"
    return Part(name, all_points, faces, moving_shapes(shapes), {}, ("Tooth", "Gum"), materials)


def affine_follow(crude: np.ndarray, moved: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Offsets of points [n, 3] under the affine motion that best explains how crude points [m, 3] moved [m, 3]."""
    center = crude.mean(0)
    fit = np.linalg.lstsq(np.c_[crude - center, np.ones(len(crude))], moved, rcond=None)[0]
    return (np.c_[points - center, np.ones(len(points))] @ fit).astype(np.float32)


def _walk(row: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Points at shares 0..1 of a row's length from right to left; [n, 3]."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(row, axis=0), axis=1))])
    smooth = np.linspace(0, length[-1], 200)
    dense = np.stack([np.interp(smooth, length, row[:, k]) for k in range(3)], 1)
    for _ in range(40):
        dense[1:-1] += 0.5 * (0.5 * (dense[:-2] + dense[2:]) - dense[1:-1])
    return np.stack([np.interp(at, np.linspace(0, 1, 200), dense[:, k]) for k in range(3)], 1)


def _crowns(rows: dict[str, np.ndarray], jaw: str) -> list[tuple[np.ndarray, Faces]]:
    widths = np.array(WIDTHS[jaw])
    borders = np.concatenate([[0], np.cumsum(widths)]) / widths.sum() * 0.5 * 0.97
    length = np.linalg.norm(np.diff(rows["neck"], axis=0), axis=1).sum()
    pieces = []
    for k in range(len(widths)):
        for side in (1, -1):
            a, b = 0.5 + side * borders[k], 0.5 + side * borders[k + 1]
            at = np.array([a, b, (a + b) / 2])
            neck, edge = _walk(rows["neck"], at), _walk(rows["edge"], at)
            scale = length / (2 * widths.sum())
            pieces.append(_crown(neck, edge, abs(b - a) * length * 1.01, (k, jaw, DEPTHS[k] * scale)))
    return pieces


def _crown(neck: np.ndarray, edge: np.ndarray, width: float, kind: tuple[int, str, float]) -> tuple[np.ndarray, Faces]:
    """One tooth between two places of its arch: rings around its height, closed at the edge.

    neck, edge: [3, 3], the row at the tooth's two borders and its middle; kind: place in the row, jaw, depth.
    """
    place, jaw, depth = kind
    along = unit(neck[1] - neck[0])
    along *= np.sign(along @ np.array([1.0, 0, 0])) or 1
    height = edge[2] - neck[2]
    out = unit(np.cross(along, [0, 1, 0]))
    out *= np.sign(out[2]) or 1
    height = height - out * (height @ out) * 0.6
    turn = np.arange(RING) * 2 * np.pi / RING
    cosine, sine = np.cos(turn), np.sin(turn)
    x = np.sign(cosine) * np.abs(cosine) ** 0.6
    z = np.sign(sine) * np.abs(sine) ** 0.75
    rings = []
    for level, wide, deep in PROFILE:
        thick = depth * (BITE[place] + (1 - BITE[place]) * deep)
        lift = level * (1 + LENGTHEN[jaw][place] * max(level, 0))
        back = neck[2] + height * lift - out * (0.01 + thick / 2 + 0.006 * max(level, 0) ** 2)
        rings.append(back + np.outer(x, along) * width * wide / 2 + np.outer(z, out) * thick / 2)
    tip = rings[-1].mean(0) + height * 0.03
    points = np.concatenate([*rings, tip[None]])
    return points, _tube_faces(len(PROFILE), RING, tip=len(points) - 1)


def _tube_faces(rings: int, count: int, tip: int | None = None) -> Faces:
    faces = [
        (r * count + k, r * count + (k + 1) % count, (r + 1) * count + (k + 1) % count, (r + 1) * count + k)
        for r in range(rings - 1)
        for k in range(count)
    ]
    if tip is not None:
        last = (rings - 1) * count
        faces += [(last + k, last + (k + 1) % count, tip) for k in range(count)]
    return tuple(faces)


def _gum(rows: dict[str, np.ndarray]) -> tuple[np.ndarray, Faces]:
    """A ridge along the arch: over its outside from root to neck, between the teeth and down the inside."""
    at = np.linspace(0.005, 0.995, 120)
    root, neck, edge = (_walk(rows[name], at) for name in ("root", "neck", "edge"))
    along = unit(np.gradient(neck, axis=0))
    out = unit(np.cross(along, [0, 1, 0]))
    out *= np.where((out * (neck - neck.mean(0) * [0, 1, 1])).sum(1) < 0, -1, 1)[:, None]
    crown = edge - neck
    low = neck + crown * 0.1
    thick = np.interp(np.abs(at - 0.5), [0, 0.2, 0.5], [0.075, 0.085, 0.11])[:, None]
    section = [
        root - out * 0.005,
        neck * 0.5 + root * 0.5 + out * 0.006,
        low + out * 0.003,
        low - out * 0.02 + crown * 0.06,
        low - out * (thick - 0.01),
        neck - out * (thick + 0.01),
        neck * 0.4 + root * 0.6 - out * (thick + 0.035),
    ]
    points = np.stack(section, 1).reshape(-1, 3)
    wide = len(section)
    faces = [
        (r * wide + k, r * wide + k + 1, (r + 1) * wide + k + 1, (r + 1) * wide + k)
        for r in range(len(at) - 1)
        for k in range(wide - 1)
    ]
    return points, tuple(faces)

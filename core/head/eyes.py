"""Eyeballs: a ball with a sunken iris under a clear cornea, turned by the eight look shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .part import Part, joined
from .surface import Faces

SEGMENTS = 64
PUPIL, IRIS, CORNEA = 0.165, 0.40, 0.47
"""Radii of pupil, iris and cornea over the ball's radius."""

FULLNESS = 1.035
"""Radius of the ball over that of the base mesh's eye, so that it fills the lids."""

DOME = 0.05
"""How far the cornea stands out, over the ball's radius."""

LOOK_DEGREES: dict[str, tuple[float, float]] = {
    "eyeLookUp": (22.0, 0.0),
    "eyeLookDown": (-25.0, 0.0),
    "eyeLookIn": (0.0, -28.0),
    "eyeLookOut": (0.0, 28.0),
}
"""Turn of each look shape at 1: up, and away from the nose."""


@dataclass(frozen=True, slots=True)
class Ball:
    """An eyeball's place. center: float64 [3]; radius: decimetres; side: 1 left, -1 right."""

    center: np.ndarray
    radius: float
    side: int


def fit_ball(points: np.ndarray, side: int) -> Ball:
    """The sphere through the vertices of an eye [n, 3], by least squares."""
    system = np.c_[2 * points, np.ones(len(points))].astype(np.float64)
    *center, rest = np.linalg.lstsq(system, (points.astype(np.float64) ** 2).sum(1), rcond=None)[0]
    center = np.array(center)
    return Ball(center, FULLNESS * float(np.sqrt(rest + center @ center)), side)


def eye_parts(balls: tuple[Ball, ...], iris: tuple[float, float, float]) -> list[Part]:
    """The eyes and, as a mesh of their own, their clear corneas.

    iris: linear RGB of its middle ring.
    """
    parts = []
    for name, build in (("Eyes", _globe), ("Corneas", _dome)):
        single, faces = build()
        points, all_faces = joined([(ball.center + ball.radius * single, faces) for ball in balls])
        colors = {"Tint": np.concatenate([_globe_colors(single, iris) for _ in balls])} if name == "Eyes" else {}
        parts.append(
            Part(name, points, all_faces, _look_shapes(balls, single), colors, ("Eye",) if colors else ("Cornea",))
        )
    return parts


def _globe() -> tuple[np.ndarray, Faces]:
    """Unit ball looking along +z; the iris lies on a shallow cone behind the limbus."""
    flat = np.array([0.0, 0.1, 0.15, PUPIL, 0.18, 0.23, 0.29, 0.34, 0.38, IRIS])
    limbus = np.sqrt(1 - IRIS**2)
    depth = limbus - 0.05 + 0.05 * (flat / IRIS) ** 2
    depth[flat < PUPIL] -= 0.01
    angle = np.concatenate([np.arcsin(IRIS) + np.radians([1.2, 3, 7]), np.radians(np.arange(38, 180, 13)), [np.pi]])
    radius = np.concatenate([flat, np.sin(angle)])
    height = np.concatenate([depth, np.cos(angle)])
    return _turned(radius, height)


def _dome() -> tuple[np.ndarray, Faces]:
    """The cornea: a cap over the iris that runs out flat on the white of the eye."""
    radius = np.sin(np.linspace(0, np.radians(58), 13))
    bulge = DOME * np.clip(1 - (radius / CORNEA) ** 2, 0, None) ** 1.3
    height = np.sqrt(1 - radius**2) * 1.004 + bulge
    return _turned(radius * 1.004, height)


def _turned(radius: np.ndarray, height: np.ndarray) -> tuple[np.ndarray, Faces]:
    """A surface of revolution about +z from rings; the first (and a last of radius 0) become poles."""
    angle = np.arange(SEGMENTS) * 2 * np.pi / SEGMENTS
    closed = radius[-1] < 1e-6
    rings = len(radius) - 1 - closed
    body = np.stack(
        [np.outer(radius[1 : rings + 1], np.cos(angle)), np.outer(radius[1 : rings + 1], np.sin(angle))], -1
    ).reshape(-1, 2)
    points = np.c_[body, np.repeat(height[1 : rings + 1], SEGMENTS)]
    points = np.concatenate([[[0, 0, height[0]]], points, *([[[0, 0, height[-1]]]] if closed else [])])
    faces: list[tuple[int, ...]] = []
    for k in range(SEGMENTS):
        n = (k + 1) % SEGMENTS
        faces.append((0, 1 + k, 1 + n))
        for r in range(rings - 1):
            a, b = 1 + r * SEGMENTS, 1 + (r + 1) * SEGMENTS
            faces.append((a + k, b + k, b + n, a + n))
        if closed:
            last = 1 + (rings - 1) * SEGMENTS
            faces.append((last + k, len(points) - 1, last + n))
    return points, tuple(faces)


def _globe_colors(points: np.ndarray, iris: tuple[float, float, float]) -> np.ndarray:
    """Linear RGB by vertex; the fourth channel is 1 on the white of the eye."""
    radius = np.hypot(points[:, 0], points[:, 1])
    angle = np.arctan2(points[:, 1], points[:, 0])
    front = points[:, 2] > 0
    fiber = 1 + 0.22 * np.sin(angle * 21 + 3 * np.sin(angle * 5)) * np.sin(radius * 40) + 0.12 * np.sin(angle * 32)
    ring = np.interp(radius, [PUPIL, 0.22, 0.33, 0.385, IRIS], [0.75, 1.35, 1.0, 0.35, 0.12])
    warm = np.interp(radius, [PUPIL, 0.26], [1.0, 0.0])[:, None] * np.array([0.05, 0.02, -0.005])
    color = np.clip(np.array(iris) * (ring * fiber)[:, None] + warm * 0.6, 0.004, 1)
    away = np.degrees(np.arccos(np.clip(points[:, 2], -1, 1)))[:, None]
    white = np.array([0.78, 0.745, 0.72]) + np.clip((away - 35) / 55, 0, 1) * np.array([-0.06, -0.26, -0.27])
    white *= np.interp(radius, [IRIS + 0.005, IRIS + 0.06], [0.5, 1.0])[:, None]
    on_white = ~front | (radius > IRIS + 0.002)
    color = np.where(on_white[:, None], white, color)
    color[front & (radius < PUPIL - 0.002)] = 0.004
    return np.c_[color, on_white].astype(np.float32)


def _look_shapes(balls: tuple[Ball, ...], single: np.ndarray) -> dict[str, np.ndarray]:
    shapes = {}
    for name, (up, out) in LOOK_DEGREES.items():
        for ball in balls:
            turned = single @ _turn(np.radians(-up), np.radians(out * ball.side)).T
            offsets = [(turned - single) * ball.radius if other is ball else 0 * single for other in balls]
            shapes[name + ("Left" if ball.side > 0 else "Right")] = np.concatenate(offsets).astype(np.float32)
    return shapes


def _turn(about_x: float, about_y: float) -> np.ndarray:
    cx, sx, cy, sy = np.cos(about_x), np.sin(about_x), np.cos(about_y), np.sin(about_y)
    return np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])

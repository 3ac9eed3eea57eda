"""Light baked into splats: a small studio, with shadows and dark corners found by looking from every side.

A splat shines by itself, so what lamps would do must be in its colour. Looking along a direction at all splats at once,
those behind the nearest in their cell of a grid are in its shadow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CELL_M = 0.0035
"""Side of the grid's cells; wider than the gaps between splats."""
BIAS_M = 0.004
"""How far behind the nearest a splat may lie and still be in the light, and over how much more it goes dark."""
LOOKS = 9
"""Places of a lamp that shadows are looked at from; fewer show as so many edges."""
GOLDEN = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True, slots=True)
class Lamp:
    """toward: where it hangs as seen from the face; color: linear light on a surface that faces it; wide: radians."""

    toward: tuple[float, float, float]
    color: tuple[float, float, float]
    wide: float


@dataclass(frozen=True, slots=True)
class Studio:
    """lamps; sky, ground: linear light from above and below on an open surface; eye: where highlights are seen from."""

    lamps: tuple[Lamp, ...]
    sky: tuple[float, float, float]
    ground: tuple[float, float, float]
    eye: tuple[float, float, float] = (0.08, 0.02, 1.0)


PORTRAIT = Studio(
    (
        Lamp((-0.95, 0.75, 1.25), (1.25, 1.15, 1.04), 0.28),
        Lamp((1.25, 0.05, 1.0), (0.30, 0.34, 0.38), 0.45),
        Lamp((0.85, 0.65, -0.95), (0.75, 0.70, 0.66), 0.3),
    ),
    (0.42, 0.46, 0.52),
    (0.20, 0.19, 0.19),
)
"""Key, fill and rim in the places of the demo characters' studio, and its even light."""


@dataclass(frozen=True, slots=True, eq=False)
class Lit:
    """What is lit. points, normals: [n, 3]; albedo: linear [n, 3]; gloss: [n], 0..1, strength of highlights."""

    points: np.ndarray
    normals: np.ndarray
    albedo: np.ndarray
    gloss: np.ndarray


def baked(lit: Lit, studio: Studio = PORTRAIT, rays: int = 40) -> np.ndarray:
    """Display colours [n, 3] of a lit surface. rays: directions the sky is looked at from."""
    total = _sky(lit, studio, rays)
    shine = np.zeros(len(lit.points))
    eye = _unit(np.array(studio.eye))
    for lamp in studio.lamps:
        toward = _unit(np.array(lamp.toward))
        seen = np.mean([unshadowed(lit.points, ray) for ray in _around(toward, lamp.wide, LOOKS)], axis=0)
        facing = np.clip((lit.normals @ toward + 0.12) / 1.12, 0, None)  # skin glows a little past the edge of light
        total += (seen * facing)[:, None] * np.array(lamp.color)
        half = _unit(toward + eye)
        shine += seen * np.clip(lit.normals @ half, 0, 1) ** 40 * max(lamp.color)
    return displayed(lit.albedo * total + (0.16 * lit.gloss * shine)[:, None])


def _sky(lit: Lit, studio: Studio, rays: int) -> np.ndarray:
    """Light from all around [n, 3], less what is hidden."""
    total, most = np.zeros((len(lit.points), 3)), np.zeros(len(lit.points))
    for ray in sphere(rays):
        facing = np.clip(lit.normals @ ray, 0, None)
        high = 0.5 + 0.5 * ray[1]
        color = high * np.array(studio.sky) + (1 - high) * np.array(studio.ground)
        total += (unshadowed(lit.points, ray) * facing)[:, None] * color
        most += facing
    return total / np.maximum(most, 1e-9)[:, None]


def unshadowed(points: np.ndarray, toward: np.ndarray) -> np.ndarray:
    """How much of a far light in a direction reaches each point [n, 3] past the others, float64 [n], 0..1."""
    side = _unit(np.cross(toward, [0.0, 1.0, 0.1]))
    up = np.cross(side, toward)
    cells = np.floor(points @ np.stack([side, up], axis=1) / CELL_M).astype(np.int64)
    cells -= cells.min(0)
    cell = cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]
    near = points @ toward
    nearest = np.full(cell.max() + 1, -np.inf)
    np.maximum.at(nearest, cell, near)
    return np.clip(2 - (nearest[cell] - near) / BIAS_M, 0, 1)


def sphere(count: int) -> np.ndarray:
    """Directions [count, 3] spread over the sphere."""
    k = np.arange(count) + 0.5
    y = 1 - 2 * k / count
    flat = np.sqrt(1 - y * y)
    return np.stack([flat * np.cos(k * GOLDEN), y, flat * np.sin(k * GOLDEN)], axis=1)


def _around(toward: np.ndarray, wide: float, count: int) -> np.ndarray:
    """Directions [count, 3] within wide radians of one."""
    side = _unit(np.cross(toward, [0.0, 1.0, 0.1]))
    up = np.cross(side, toward)
    k = np.arange(count)
    reach = wide * np.sqrt((k + 0.5) / count)
    return _unit(toward + np.outer(reach * np.cos(k * GOLDEN), side) + np.outer(reach * np.sin(k * GOLDEN), up))


def displayed(linear: np.ndarray) -> np.ndarray:
    """Linear light as display (sRGB) values; what is brighter than 0.8 is eased towards 1 instead of cut."""
    eased = np.where(linear > 0.8, 1 - 0.2 * np.exp(-(linear - 0.8) / 0.2), np.maximum(linear, 0))
    return np.where(eased <= 0.0031308, 12.92 * eased, 1.055 * np.maximum(eased, 1e-9) ** (1 / 2.4) - 0.055)


def linear_light(display: np.ndarray) -> np.ndarray:
    """Display (sRGB) values as linear light."""
    return np.where(display <= 0.04045, display / 12.92, ((np.maximum(display, 0) + 0.055) / 1.055) ** 2.4)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)

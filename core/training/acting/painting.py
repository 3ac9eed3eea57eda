"""Heads of the template painted as pictures: smooth or flat shading, many skins, hair, brows and lights. Fast."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from ...template.camera import Lens, moved
from ...template.marks import BROWS, LEFT_LIDS, RIGHT_LIDS
from ...template.types import HeadTemplate

OVERSIZE = 1.2
"""Painted so much larger than asked, and made smaller: no edge is a staircase."""
SKINS = np.array(((0.93, 0.76, 0.66), (0.86, 0.66, 0.53), (0.72, 0.52, 0.39), (0.52, 0.36, 0.27), (0.33, 0.22, 0.17)))
HAIRS = np.array(((0.08, 0.06, 0.05), (0.22, 0.14, 0.09), (0.45, 0.31, 0.17), (0.72, 0.6, 0.4), (0.55, 0.53, 0.52)))
IRISES = np.array(((0.2, 0.13, 0.08), (0.3, 0.38, 0.45), (0.28, 0.35, 0.22), (0.1, 0.07, 0.06)))
PLAIN = {
    "white": (0.9, 0.89, 0.87), "mouth bag": (0.25, 0.1, 0.1), "upper teeth": (0.9, 0.87, 0.8),
    "lower teeth": (0.86, 0.83, 0.76), "gums": (0.62, 0.3, 0.3), "tongue": (0.7, 0.36, 0.36),
    "sockets": (0.45, 0.28, 0.24),
}  # fmt: skip
INSIDE = ("mouth bag", "upper teeth", "lower teeth", "gums", "tongue")
INSIDE_LIGHT = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How somebody is painted.

    albedo: float64 [V, 3], 0..1. hair: [3]. brow: how dark brows are, 0..1. lash: pixels at the picture's own size.
    light: unit [3], towards it; ambient: 0..1; hollow: how dark hollows are; shine: of the skin; flat: whether facets
    show; wall: [3], behind the head; blur: pixels; grain: standard deviation of noise, 0..1.
    """

    albedo: np.ndarray
    hair: np.ndarray
    brow: float
    lash: float
    light: np.ndarray
    ambient: float
    hollow: float
    shine: float
    flat: bool
    wall: np.ndarray
    blur: float
    grain: float


def random_look(template: HeadTemplate, rng: np.random.Generator) -> Look:
    """Anybody, in any light that a face is filmed in."""
    light = np.array([rng.normal(0, 0.5), rng.uniform(0.0, 0.9), rng.uniform(0.5, 1.2)])
    hair = _between(HAIRS, rng)
    return Look(
        _albedo(template, hair, rng),
        hair,
        rng.uniform(0.35, 0.95),
        rng.uniform(0.4, 1.6),
        light / np.linalg.norm(light),
        rng.uniform(0.3, 0.65),
        rng.uniform(0.2, 1.0),
        rng.uniform(0.0, 0.25),
        bool(rng.random() < 0.25),
        rng.uniform(0.1, 0.7) + rng.normal(0, 0.06, 3),
        rng.uniform(0.3, 1.0),
        rng.uniform(0.0, 0.015),
    )


def _between(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    place = rng.uniform(0, len(rows) - 1)
    low = int(place)
    share = place - low
    return rows[low] * (1 - share) + rows[min(low + 1, len(rows) - 1)] * share + rng.normal(0, 0.02, 3)


def _albedo(template: HeadTemplate, hair: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Colours of the vertices: skin with patches and a redder middle, lips, hair, eyes, teeth."""
    skin = _between(SKINS, rng)
    colors = np.tile(skin, (len(template.points), 1))
    for scale in (25.0, 60.0, 140.0):
        waves = np.sin(template.points @ rng.normal(0, scale, (3, 4)) + rng.uniform(0, 6.3, 4)).mean(1)
        colors *= 1 + 0.04 * waves[:, None]
    lips = skin * (1, *rng.uniform(0.55, 0.9, 2)) * rng.uniform(0.75, 1.0)
    colors[template.region("lips")] = lips
    colors[template.region("lids")] *= rng.uniform(0.75, 1.0)
    colors[template.region("scalp")] = hair
    colors[template.region("torso")] = rng.uniform(0.05, 0.8, 3)
    colors[template.region("iris")] = _between(IRISES, rng)
    for name, color in PLAIN.items():
        colors[template.region(name)] = np.array(color) * rng.uniform(0.85, 1.1)
    return np.clip(colors, 0.02, 1)


def painted(template: HeadTemplate, points: np.ndarray, view: tuple[np.ndarray, Lens, int], look: Look) -> np.ndarray:
    """A picture, uint8 [S, S, 3] RGB.

    points: [V, 3], the posed mesh in the head's space; view: pose [4, 4] to camera, its lens, and S, pixels.
    """
    import cv2

    pose, lens, size = view
    place = moved(pose[None], points[None])[0]
    large = round(size * OVERSIZE)
    flat = lens.pixels(place) * (large / size)
    picture = np.empty((large, large, 3), np.float32)
    picture[:] = look.wall * np.linspace(1.1, 0.8, large)[:, None, None]
    _fill(picture, flat, -place[:, 2], template.triangles, _shaded(template, place, look))
    _hairs(picture, template.at_landmarks(flat), look, large / size)
    picture = cv2.GaussianBlur(picture, (0, 0), look.blur * OVERSIZE)
    picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _shaded(template: HeadTemplate, place: np.ndarray, look: Look) -> np.ndarray:
    """Colours at the corners of triangles, float32 [F, 3, 3]."""
    a, b, c = (place[template.triangles[:, k]] for k in range(3))
    facets = np.cross(b - a, c - a)
    normals = np.stack(
        [np.bincount(template.triangles.ravel(), np.repeat(column, 3), len(place)) for column in facets.T], 1
    )
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    level = look.ambient * (0.75 + 0.25 * normals[:, 1]) + (1 - look.ambient) * np.clip(normals @ look.light, 0, 1)
    level = level * np.exp(-look.hollow * _hollows(template, place, normals))
    level[template.region(*INSIDE)] *= INSIDE_LIGHT
    half = look.light + np.array((0, 0, 1))
    shine = look.shine * np.clip(normals @ (half / np.linalg.norm(half)), 0, 1) ** 12
    colors = look.albedo * level[:, None] * 1.15 + shine[:, None]
    corners = colors[template.triangles]
    if look.flat:
        steep = np.clip(facets @ look.light / (np.linalg.norm(facets, axis=1) + 1e-12), 0, 1)
        own = look.albedo[template.triangles].mean(1) * (look.ambient + (1 - look.ambient) * steep)[:, None]
        corners = np.repeat(own[:, None], 3, 1)
    return corners.astype(np.float32)


def _hollows(template: HeadTemplate, place: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """How hollow the surface is at each vertex, 0 and up: its neighbours' middle above it, over their distance."""
    sides = template.triangles
    total, count = np.zeros_like(place), np.bincount(sides.ravel(), minlength=len(place)) * 2.0
    for k in range(3):
        around = place[sides[:, (k + 1) % 3]] + place[sides[:, (k + 2) % 3]]
        for axis in range(3):
            total[:, axis] += np.bincount(sides[:, k], around[:, axis], len(place))
    away = total / np.maximum(count, 1)[:, None] - place
    return np.clip(np.einsum("vd,vd->v", away, normals) / 0.0015, 0, 2)


def _hairs(picture: np.ndarray, marks: np.ndarray, look: Look, scale: float) -> None:
    """Brows and lashes; hidden sides are hidden by little turning."""
    import cv2

    layer = picture.copy()
    for brow in BROWS[:10], BROWS[10:]:
        cv2.fillPoly(layer, [np.round(marks[list(brow)] * 16).astype(np.int32)], look.hair.tolist(), cv2.LINE_AA, 4)
    picture[:] = picture * (1 - look.brow) + layer * look.brow
    for lids in RIGHT_LIDS, LEFT_LIDS:
        upper = np.round(marks[list(lids[:9])] * 16).astype(np.int32)
        width = max(1, round(look.lash * scale))
        cv2.polylines(picture, [upper], False, (look.hair * 0.5).tolist(), width, cv2.LINE_AA, 4)


@numba.njit(fastmath=True)
def _fill(
    picture: np.ndarray, flat: np.ndarray, depth: np.ndarray, triangles: np.ndarray, colors: np.ndarray
) -> None:  # pragma: no cover
    """Triangles into a picture, the nearest seen, those turned away left out."""
    height, width = picture.shape[:2]
    nearest = np.full((height, width), np.inf, np.float32)
    for f in range(len(triangles)):
        i, j, k = triangles[f]
        ax, ay, bx, by, cx, cy = flat[i, 0], flat[i, 1], flat[j, 0], flat[j, 1], flat[k, 0], flat[k, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area >= 0:
            continue
        top, bottom = max(0, int(min(ay, by, cy))), min(height - 1, int(max(ay, by, cy)) + 1)
        left, right = max(0, int(min(ax, bx, cx))), min(width - 1, int(max(ax, bx, cx)) + 1)
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
                v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
                w = 1 - u - v
                if u < -1e-4 or v < -1e-4 or w < -1e-4:
                    continue
                far = u * depth[i] + v * depth[j] + w * depth[k]
                if far < nearest[y, x]:
                    nearest[y, x] = far
                    for c in range(3):
                        picture[y, x, c] = u * colors[f, 0, c] + v * colors[f, 1, c] + w * colors[f, 2, c]

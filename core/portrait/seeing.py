"""What of a posed head a picture shows: where each splat lies in it, and how well it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..quats import matrices
from ..splat.render import Camera
from ..splat.types import Splats

CELL_M = 0.003
"""Side of the squares in which the nearest splat hides what is behind it."""
BEHIND_M = 0.005
"""What lies further behind the nearest is hidden by it, or so near to an edge that its pixels may be the edge's."""
HOLLOW_M = 0.008
"""The same in hollows."""
SIDEWAYS = 0.08
"""Cosine of that angle up to which a picture tells at least what something is, hair or skin."""
STEEPEST = 1.7
"""Tangent of the angle from which a surface's own slope no longer excuses that it lies behind its neighbours."""
GRAZING, FACING = 0.2, 0.65
"""Cosine of the angle between surface and view below which nothing is read off a picture, and from which all is."""
RIM_M = 0.004
"""So near to the person's outline colours are not wholly believed: the background shines through, and a landmark that
is off by a pixel would paint it on a cheek."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """For each of N splats: places float64 [N, 2], pixels from the upper left corner; depth float64 [N], metres along
    the camera's axis; weight float32 [N], 0..1, how well its colour can be read off the picture; shown bool [N],
    whether the picture shows it at all, be it from the side.
    """

    places: np.ndarray
    depth: np.ndarray
    weight: np.ndarray
    shown: np.ndarray


def see(splats: Splats, camera: Camera, mask: np.ndarray, sunk: np.ndarray) -> Seen:
    """Find flat splats (their third axis is their normal) in a picture.

    sunk: bool [N], which lie in hollows whose edges do not hide them, as eyes do between lids.
    mask: float [H, W], 0..1, where the picture shows the person at all.
    """
    places, depth = project(splats.means, camera)
    normals = matrices(splats.quats)[:, :, 2]
    away = camera.place - splats.means
    facing = (normals * away).sum(1) / np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    frank = _foremost(places, depth, facing, camera) | (sunk & _uncovered(places, depth, camera))
    weight = _smooth((facing - GRAZING) / (FACING - GRAZING)) * frank
    rim = RIM_M * camera.focal[0] / float(np.median(depth))
    weight = weight * read_off(inside_of(mask, rim)[..., None], places)[:, 0]
    width, height = camera.size
    inside = (places > 0).all(1) & (places[:, 0] < width) & (places[:, 1] < height) & (depth > camera.near)
    shown = inside & frank & (facing > SIDEWAYS) & (read_off(mask[..., None], places)[:, 0] > 0.5)
    return Seen(places, depth, np.where(inside, weight, 0).astype(np.float32), shown)


def project(points: np.ndarray, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """Pixels [N, 2] and depth [N] of points [N, 3] in the set's axes."""
    x, y, z = camera.to_camera[:3, :3] @ points.T.astype(np.float64) + camera.to_camera[:3, 3:]
    depth = -z
    far = np.where(np.abs(depth) > 1e-9, depth, 1e-9)
    columns = camera.center[0] + camera.focal[0] * x / far
    rows = camera.center[1] - camera.focal[1] * y / far
    return np.stack([columns, rows], axis=1), depth


def unproject(places: np.ndarray, depth: np.ndarray, camera: Camera) -> np.ndarray:
    """Points [N, 3] in the set's axes that lie at pixels [N, 2] and so deep [N]."""
    x = (places[:, 0] - camera.center[0]) / camera.focal[0] * depth
    y = -(places[:, 1] - camera.center[1]) / camera.focal[1] * depth
    rotation, shift = camera.to_camera[:3, :3], camera.to_camera[:3, 3]
    return (np.stack([x, y, -depth], axis=1) - shift) @ rotation


def read_off(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values [N, d] of an image [H, W, d] at pixels [N, 2], between the four nearest; beyond its edge, the edge's."""
    height, width = image.shape[:2]
    x = np.clip(places[:, 0] - 0.5, 0, width - 1)
    y = np.clip(places[:, 1] - 0.5, 0, height - 1)
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    right, low = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = (x - left)[:, None], (y - top)[:, None]
    upper = image[top, left] * (1 - across) + image[top, right] * across
    lower = image[low, left] * (1 - across) + image[low, right] * across
    return upper * (1 - down) + lower * down


def nearest_depth(places: np.ndarray, depth: np.ndarray, cell: float, size: tuple[int, int]) -> np.ndarray:
    """The least depth in each square of cell pixels, [rows, columns], inf where nothing is."""
    columns, rows = (int(np.ceil(side / cell)) for side in size)
    nearest = np.full((rows, columns), np.inf)
    x, y = np.floor(places / cell).astype(np.int64).T
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    np.minimum.at(nearest, (y[inside], x[inside]), depth[inside])
    return nearest


def inside_of(mask: np.ndarray, rim: float) -> np.ndarray:
    """How far inside a person each pixel lies, float32 [H, W]: 0 at the outline, 1 from rim pixels on.

    The picture's own edge is no outline.
    """
    from scipy.ndimage import distance_transform_edt

    person = np.pad(mask > 0.5, 1, mode="edge")
    away = distance_transform_edt(np.pad(person, 1, constant_values=True))[2:-2, 2:-2] if not person.all() else None
    return mask if away is None else (_smooth((away - 1) / max(rim, 1.0)) * mask).astype(np.float32)


def _foremost(places: np.ndarray, depth: np.ndarray, facing: np.ndarray, camera: Camera) -> np.ndarray:
    """Whether each splat lies among the nearest of its square and of those around it, bool [N].

    A slanted surface lies behind its own neighbours, so the angle's tangent, at most STEEPEST, is allowed for.
    """
    from scipy.ndimage import minimum_filter

    cell = max(float(camera.focal[0] * CELL_M / np.median(depth)), 1.0)
    nearest = minimum_filter(nearest_depth(places, depth, cell, camera.size), 3)
    x = np.clip(np.floor(places[:, 0] / cell).astype(np.int64), 0, nearest.shape[1] - 1)
    y = np.clip(np.floor(places[:, 1] / cell).astype(np.int64), 0, nearest.shape[0] - 1)
    steep = np.sqrt(1 - np.clip(facing, 0, 1) ** 2) / np.maximum(facing, 1e-3)
    slope = 1.5 * cell * depth / camera.focal[0] * np.minimum(steep, STEEPEST)
    return depth < nearest[y, x] + BEHIND_M + slope


def _uncovered(places: np.ndarray, depth: np.ndarray, camera: Camera) -> np.ndarray:
    """Whether nothing lies well before a splat in its own square, bool [N]."""
    cell = max(float(camera.focal[0] * CELL_M / np.median(depth)), 1.0)
    nearest = nearest_depth(places, depth, cell, camera.size)
    x = np.clip(np.floor(places[:, 0] / cell).astype(np.int64), 0, nearest.shape[1] - 1)
    y = np.clip(np.floor(places[:, 1] / cell).astype(np.int64), 0, nearest.shape[0] - 1)
    return depth < nearest[y, x] + HOLLOW_M


def _smooth(part: np.ndarray) -> np.ndarray:
    part = np.clip(part, 0, 1)
    return part * part * (3 - 2 * part)

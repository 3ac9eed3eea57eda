"""What of a person the bust lacks, hair, a hat, a collar: its silhouette, blown up round, as splats.

Igarashi et al. 1999 (Teddy) blow outlines up likewise: the further inside, the thicker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..splat.render import Camera
from ..splat.types import SH_DC, Splats
from .seeing import nearest_depth, project, read_off, unproject

SPACING_M = 0.0028
THICKEST_M = 0.055
"""Half the thickness of the thickest hair."""
SURE = 0.6
"""Cover from which a pixel counts as the person's."""
INSIDE = 0.96
"""Cover from which its colour does too: nearer to the edge the background shines through."""
COVER_GAP_M = 0.0025
"""The bust covers what lies so near to one of its splats in the picture."""
SOFT = 0.85
"""Standard deviation of a splat over the distance to the next."""
FLAT = 0.5
OPACITY = 0.93
BACK_SHADE = 0.8
"""How bright the far side is over the near one, whose colours it borrows."""


@dataclass(frozen=True, eq=False)
class Outline:
    """pixels: float32 [H, W, 3] display colours; mask: float32 [H, W], 0..1, where the person is; camera: of both."""

    pixels: np.ndarray
    mask: np.ndarray
    camera: Camera

    @cached_property
    def bled(self) -> np.ndarray:
        """The picture with the person's colours carried over the person's outline, float32 [H, W, 3]."""
        from scipy.ndimage import distance_transform_edt

        well_inside = self.mask > INSIDE
        if not well_inside.any():
            return self.pixels
        nearest = distance_transform_edt(~well_inside, return_distances=False, return_indices=True)
        return self.pixels[nearest[0], nearest[1]]


def hair_splats(outline: Outline, bust_points: np.ndarray) -> Splats:
    """Splats for the person's pixels that the bust (its splats' means [N, 3], as in the picture) leaves bare.

    The near side has the picture's colours, the far side the same in the shade. Degree 0; may be none at all.
    """
    places, depth = project(bust_points, outline.camera)
    step = max(float(outline.camera.focal[0] * SPACING_M / np.median(depth)), 1.0)
    grid = _grid(outline.camera.size, step)
    covered = read_off(outline.mask[..., None], grid)[:, 0] > SURE
    grid = grid[covered & ~_near_bust(grid, places, outline.camera, float(np.median(depth)))]
    if not len(grid):
        return _splats(np.zeros((0, 3)), np.zeros((0, 3)), outline.camera, 1.0)
    base = _contour_depth(grid, places, depth, step)
    half = _thickness(outline, grid, base)
    colors = read_off(outline.bled, grid)
    near, far = (unproject(grid, base + sign * half, outline.camera) for sign in (-1, 1))
    size = SOFT * SPACING_M
    points = np.concatenate([near, far])
    return _splats(points, np.concatenate([colors, colors * BACK_SHADE]), outline.camera, size)


def _grid(size: tuple[int, int], step: float) -> np.ndarray:
    """Pixels [n, 2] that lie a step apart, every other row between those of the one before."""
    rows = np.arange(step / 2, size[1], step * np.sqrt(3) / 2)
    columns = np.arange(step / 2, size[0] - step / 2, step)
    x = columns[None, :] + (np.arange(len(rows)) % 2)[:, None] * step / 2
    return np.stack([x, np.broadcast_to(rows[:, None], x.shape)], axis=-1).reshape(-1, 2)


def _near_bust(grid: np.ndarray, places: np.ndarray, camera: Camera, depth: float) -> np.ndarray:
    from scipy.spatial import cKDTree

    gap = camera.focal[0] * COVER_GAP_M / depth
    return np.isfinite(cKDTree(places).query(grid, distance_upper_bound=gap)[0])


def _contour_depth(grid: np.ndarray, places: np.ndarray, depth: np.ndarray, step: float) -> np.ndarray:
    """How deep the bust's outline lies next to each pixel, smoothed: where hair begins."""
    from scipy.spatial import cKDTree

    size = tuple(int(side) for side in np.ceil(np.maximum(places.max(0), grid.max(0)) + 1))
    front = nearest_depth(places, depth, step, size)
    rows, columns = np.nonzero(np.isfinite(front))
    away, near = cKDTree(np.stack([columns, rows], 1)).query(grid / step - 0.5, 12)
    weight = 1 / (away + 1)
    return (front[rows, columns][near] * weight).sum(1) / weight.sum(1)


def _thickness(outline: Outline, grid: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Half the thickness in metres: a circle's, at its distance from the outline."""
    from scipy.ndimage import distance_transform_edt

    person = np.pad(outline.mask > SURE, 1)
    # The picture's own edge is no outline: the person goes on beyond it.
    person[:, [0, -1]], person[[0, -1]] = person[:, [1, -2]], person[[1, -2]]
    inside = distance_transform_edt(person)[1:-1, 1:-1].astype(np.float32)
    metres = read_off(inside[..., None], grid)[:, 0] * depth / outline.camera.focal[0]
    part = np.clip(metres / THICKEST_M, 0, 1)
    return THICKEST_M * np.sqrt(part * (2 - part))


def _splats(points: np.ndarray, colors: np.ndarray, camera: Camera, size: float) -> Splats:
    from ..quats import from_axes

    count = len(points)
    right, up, back = camera.to_camera[:3, :3]
    turn = from_axes(right[:, None], up[:, None], back[:, None]).T
    sizes = np.log(np.array([size, size, size * FLAT]))
    return Splats(
        points.astype(np.float32),
        np.repeat(turn, count, axis=0).astype(np.float32),
        np.repeat(sizes[None], count, axis=0).astype(np.float32),
        np.full(count, np.log(OPACITY / (1 - OPACITY)), np.float32),
        ((colors - 0.5) / SH_DC)[:, None].astype(np.float32),
    )

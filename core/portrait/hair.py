"""What of a person the bust lacks, hair, a hat, a wide coat: its silhouette, blown up round, as splats.

Igarashi et al. 1999 (Teddy) blow outlines up likewise: the further inside, the thicker. Hair stands in the plane of the
ears, and where it hangs down beside a face it goes on behind the neck.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..splat.render import Camera
from ..splat.types import SH_DC, Splats
from .seeing import nearest_depth, project, read_off, unproject
from .strands import strands

SPACING_M = 0.0028
THICKEST_M = 0.05
"""Half the thickness of the thickest hair."""
CLOTH_M = 0.02
"""The same of clothes."""
SURE = 0.6
"""Cover from which a pixel counts as the person's."""
INSIDE = 0.96
"""Cover from which its colour does too: nearer to the edge the background shines through."""
COVER_GAP_M = 0.0035
"""The bust covers what lies so near to one of its splats in the picture."""
LEAST_PATCH_M2 = 3e-4
"""Smaller patches that the bust leaves bare are no hair, but a landmark's error."""
SOFT = 0.85
"""Standard deviation of a splat over the distance to the next."""
FLAT = 0.5
OPACITY = 0.93
EDGE_OPACITY = 0.4
"""The same at the outline, so that hair ends softly."""
BACK_SHADE = 0.8
"""How bright the far side is over the near one, whose colours it borrows."""
STREAKS = 0.12
"""Standard deviation of the brightness of strands behind the neck."""
HANGING_M, ENOUGH = 0.05, 4
"""How far below the ears hair must hang, and of how many splats a row of it, to go round."""
WIDEST_M = 0.13
ROWS_SMOOTH = 4.0
"""Over how many rows its width and colour are smoothed."""
HIGH_M, NARROW_M = 0.06, 0.085
"""From how far above the ears it goes round, and how far from the middle it must hang at the least."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Bare:
    """The bust as it stands, for what it leaves bare.

    points: float32 [N, 3], its splats, in the chest's axes. body: bool [N], which are neck and chest.
    ears: [3], the middle between the ears; forward: [3], where the face looks; back: metres from there to the back of
    the skull. hair, skin, cloth: [3], their colours.
    """

    points: np.ndarray
    body: np.ndarray
    ears: np.ndarray
    forward: np.ndarray
    back: float
    hair: np.ndarray
    skin: np.ndarray
    cloth: np.ndarray


def bare_splats(outline: Outline, bare: Bare) -> tuple[Splats, np.ndarray]:
    """Splats for the person's pixels that the bust leaves bare, and which of them are hair, bool [n].

    The near side has the picture's colours, the far side the same in the shade. Degree 0; may be none at all.
    """
    grid = _left_bare(outline, bare)
    if not len(grid):
        return _splats(np.zeros((0, 3)), np.zeros((0, 3)), outline.camera, np.zeros(0)), np.zeros(0, bool)
    colors, hairy = read_off(outline.bled, grid), _is_hair(outline, bare, grid)
    base = np.where(hairy, _ear_depth(grid, bare, outline.camera), _contour_depth(grid, bare, outline.camera))
    half, edge = _thickness(outline, grid, base)
    half = np.where(hairy, half, np.minimum(half, CLOTH_M))
    near, far = (unproject(grid, base + sign * half, outline.camera) for sign in (-1, 1))
    sides = _splats(
        np.concatenate([near, far]), np.concatenate([colors, colors * BACK_SHADE]), outline.camera, np.tile(edge, 2)
    )
    behind = _behind(near[hairy], colors[hairy], bare, outline.camera)
    count = len(behind)
    return _joined(sides, behind), np.concatenate([np.tile(hairy, 2), np.ones(count, bool)])


def _left_bare(outline: Outline, bare: Bare) -> np.ndarray:
    """Pixels [n, 2], a step apart, of the person's that no splat of the bust covers."""
    from scipy.ndimage import label
    from scipy.spatial import cKDTree

    places, depth = project(bare.points, outline.camera)
    scale = outline.camera.focal[0] / float(np.median(depth))
    step = max(SPACING_M * scale, 1.0)
    grid, shape = _grid(outline.camera.size, step)
    left = read_off(outline.mask[..., None], grid)[:, 0] > SURE
    left[left] = ~np.isfinite(cKDTree(places).query(grid[left], distance_upper_bound=COVER_GAP_M * scale)[0])
    patches, count = label(left.reshape(shape))
    sizes = np.bincount(patches.ravel(), minlength=count + 1) * SPACING_M**2
    sizes[0] = 0
    return grid[sizes[patches.ravel()] > LEAST_PATCH_M2]


def _grid(size: tuple[int, int], step: float) -> tuple[np.ndarray, tuple[int, int]]:
    """Pixels [n, 2] that lie a step apart, every other row between those of the one before; rows and columns."""
    rows = np.arange(step / 2, size[1], step * np.sqrt(3) / 2)
    columns = np.arange(step / 2, size[0] - step / 2, step)
    x = columns[None, :] + (np.arange(len(rows)) % 2)[:, None] * step / 2
    return np.stack([x, np.broadcast_to(rows[:, None], x.shape)], axis=-1).reshape(-1, 2), x.shape


def _is_hair(outline: Outline, bare: Bare, grid: np.ndarray) -> np.ndarray:
    """Which pixels are hair, bool [n]: those next to the skull, and lower down those of the hair's colour."""
    from scipy.spatial import cKDTree

    places, _ = project(bare.points, outline.camera)
    beside = bare.body[cKDTree(places).query(grid)[1]]
    colors = read_off(outline.bled, grid)
    to_hair, to_skin, to_cloth = (np.square(colors - color).sum(1) for color in (bare.hair, bare.skin, bare.cloth))
    high = unproject(grid, _ear_depth(grid, bare, outline.camera), outline.camera)[:, 1] > bare.ears[1]
    return np.where(beside, to_hair < to_cloth, high | (to_hair < to_skin))


def _ear_depth(grid: np.ndarray, bare: Bare, camera: Camera) -> np.ndarray:
    """How deep pixels [n, 2] lie in the plane through both ears and the crown."""
    start = camera.place
    rays = unproject(grid, np.ones(len(grid)), camera) - start
    return ((bare.ears - start) @ bare.forward) / np.minimum(rays @ bare.forward, -1e-3)


def _contour_depth(grid: np.ndarray, bare: Bare, camera: Camera) -> np.ndarray:
    """How deep the body's outline lies next to each pixel, smoothed: where clothes begin."""
    from scipy.spatial import cKDTree

    places, depth = project(bare.points[bare.body] if bare.body.any() else bare.points, camera)
    step = max(SPACING_M * camera.focal[0] / float(np.median(depth)), 1.0)
    size = tuple(int(side) for side in np.ceil(np.maximum(places.max(0), grid.max(0)) + 1))
    front = nearest_depth(places, depth, step, size)
    rows, columns = np.nonzero(np.isfinite(front))
    away, near = cKDTree(np.stack([columns, rows], 1)).query(grid / step - 0.5, 12)
    weight = 1 / (away + 1)
    return (front[rows, columns][near] * weight).sum(1) / weight.sum(1)


def _thickness(outline: Outline, grid: np.ndarray, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half the thickness in metres: a circle's, at its distance from the outline; and how far inside it is, 0..1."""
    from scipy.ndimage import distance_transform_edt

    # The picture's own edge is no outline: the person goes on beyond it.
    person = np.pad(np.pad(outline.mask > SURE, 1, mode="edge"), 1, constant_values=True)
    inside = distance_transform_edt(person)[2:-2, 2:-2].astype(np.float32) if not person.all() else outline.mask * 1e3
    metres = read_off(inside[..., None], grid)[:, 0] * depth / outline.camera.focal[0]
    part = np.clip(metres / THICKEST_M, 0, 1)
    return THICKEST_M * np.sqrt(part * (2 - part)), np.clip(metres / (2 * SPACING_M), 0, 1)


def _behind(near: np.ndarray, colors: np.ndarray, bare: Bare, camera: Camera) -> Splats:
    """Hair behind the neck, round from the outer edge of what hangs down on one side to that on the other.

    near: [n, 3], hair in the chest's axes; colors: [n, 3].
    """
    up = np.array([0.0, 1.0, 0.0])
    right = np.cross(up, bare.forward) / max(float(np.linalg.norm(np.cross(up, bare.forward))), 1e-9)
    low, side = (near - bare.ears) @ up, (near - bare.ears) @ right
    nothing = _splats(np.zeros((0, 3)), np.zeros((0, 3)), camera, np.zeros(0))
    if low.min(initial=0) > -HANGING_M or np.abs(side[low < -HANGING_M / 2]).max(initial=0) < NARROW_M:
        return nothing
    rows = _rows(low, side, colors)
    if not len(rows):
        return nothing
    points, shades = [], []
    for height, reach, *ends in rows:
        turns = np.arange(0.02, np.pi, SPACING_M / reach)
        round_back = reach * np.cos(turns)[:, None] * right - bare.back * np.sin(turns)[:, None] * bare.forward
        points.append(bare.ears + height * up + round_back)
        share = ((1 - np.cos(turns)) / 2)[:, None]
        mixed = np.array(ends[:3]) * (1 - share) + np.array(ends[3:]) * share
        shades.append(mixed * (1 - (1 - BACK_SHADE) * np.sin(turns))[:, None])
    points, shades = np.concatenate(points), np.concatenate(shades)
    streaks = 1 + STREAKS * strands(points - bare.ears)
    return _splats(points, np.clip(shades * streaks[:, None], 0, 1), camera, np.ones(len(points)))


def _rows(low: np.ndarray, side: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Rows of hanging hair from above the ears down, smoothed: how high over the ears, how far it reaches from the
    middle, metres, and its colours on either side, [rows, 8].
    """
    from scipy.ndimage import gaussian_filter1d

    found = []
    for height in np.arange(min(HIGH_M, float(low.max())), low.min(), -SPACING_M):
        own = np.abs(low - height) < SPACING_M
        if own.sum() >= ENOUGH:
            ends = [colors[own & (sign * side > 0)] for sign in (1, -1)]
            means = [end.mean(0) if len(end) else colors[own].mean(0) for end in ends]
            found.append([height, min(float(np.quantile(np.abs(side[own]), 0.9)), WIDEST_M), *means[0], *means[1]])
    rows = np.array(found).reshape(-1, 8)
    if len(rows):
        rows[:, 1:] = gaussian_filter1d(rows[:, 1:], ROWS_SMOOTH, axis=0, mode="nearest")
    return rows


def _joined(one: Splats, other: Splats) -> Splats:
    names = ("means", "quats", "log_scales", "logits", "sh")
    return Splats(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))


def _splats(points: np.ndarray, colors: np.ndarray, camera: Camera, edge: np.ndarray) -> Splats:
    """Gaussians that face the camera; edge: [n], how far inside the outline each is, 0..1."""
    from ..quats import from_axes

    count = len(points)
    right, up, back = camera.to_camera[:3, :3]
    turn = from_axes(right[:, None], up[:, None], back[:, None]).T
    size = SOFT * SPACING_M
    opacity = EDGE_OPACITY + (OPACITY - EDGE_OPACITY) * edge
    return Splats(
        points.astype(np.float32),
        np.repeat(turn, count, axis=0).astype(np.float32),
        np.repeat(np.log(np.array([size, size, size * FLAT]))[None], count, axis=0).astype(np.float32),
        np.log(opacity / (1 - opacity)).astype(np.float32),
        ((colors - 0.5) / SH_DC)[:, None].astype(np.float32),
    )

"""Any coloured triangle mesh with shapes as a head of splats: flat Gaussians spread over its surface.

Where they lie is decided by area, by how much detail each part asks for, and by a low-discrepancy sequence instead of
chance, so that the same mesh gives the same head.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..arrays import check
from ..errors import SettingError
from ..quats import from_axes
from ..rig.arkit import ARKIT_52
from .deltas import no_deltas
from .head import Binding, Bones, Ceiling, SplatHead, Template
from .types import SH_DC

FLATNESS = 0.12
"""Thickness of a Gaussian over the smaller of its other two sizes."""
OVERLAP, STRAND_OVERLAP = 2.2, 1.6
"""Standard deviation of a Gaussian over that of the piece of surface it stands for, on a sheet and on a strand: less
leaves holes, more blurs. A strand is a thin tube, whose sides cover for each other."""
PLASTIC = 1.32471795724474602596
"""The number whose powers spread points in a square most evenly. Source: Roberts 2018, the R2 sequence."""
MOST_EVEN = 12
"""Splats of one triangle that are spread by hand, not by the sequence."""
LEAST_AREA = 1e-12
"""Square metres; triangles smaller than this carry no splat of their own."""
NO_CEILINGS: tuple[Ceiling, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """image: float32 [H, W, 3], display colours, top row first; uvs: float32 [F, 3, 2] by corner, v upwards."""

    image: np.ndarray
    uvs: np.ndarray

    def __post_init__(self) -> None:
        check("Texture.image", self.image, ("H", "W", 3))
        check("Texture.uvs", self.uvs, ("F", 3, 2))

    def colors(self, triangles: np.ndarray, corners: np.ndarray) -> np.ndarray:
        """Display colours [n, 3] at places of triangles [n], corners: barycentric [n, 3]; between pixels, repeating."""
        height, width = self.image.shape[:2]
        u, v = np.einsum("nk,nkd->dn", corners, self.uvs[triangles])
        x, y = (u % 1) * width - 0.5, (1 - v % 1) * height - 0.5
        left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        right, low = (x - left)[:, None], (y - top)[:, None]
        rows, columns = (top % height, (top + 1) % height), (left % width, (left + 1) % width)
        upper, lower = (self.image[row, columns[0]] * (1 - right) + self.image[row, columns[1]] * right for row in rows)
        return upper * (1 - low) + lower * low


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A mesh to be sampled, in metres and the axes of Splats.

    template: points, triangles and shapes. colors: float32 [V, 3] in display space, or a Texture.
    detail:  float32 [F], splats an area gets over what it gets at 1; 0 gets none.
    opacity: float32 [F], of the splats of each triangle, above 0 and below 1.
    strands: bool [F], whether a triangle is part of a thin tube, a hair or a lash, that splats must not outgrow.
    names, pivots, shares: the bones, as in Bones. weights: float32 [V, B].
    """

    template: Template
    colors: np.ndarray | Texture
    detail: np.ndarray
    opacity: np.ndarray
    strands: np.ndarray
    bones: tuple[tuple[str, ...], np.ndarray, tuple[float, ...]]
    weights: np.ndarray

    def __post_init__(self) -> None:
        count, vertices = len(self.template.triangles), len(self.template.points)
        check("Surface.detail", self.detail, (count,))
        check("Surface.opacity", self.opacity, (count,))
        check("Surface.strands", self.strands, (count,), np.bool_)
        check("Surface.weights", self.weights, (vertices, len(self.bones[0])))
        if isinstance(self.colors, Texture):
            check("Texture.uvs", self.colors.uvs, (count, 3, 2))
        else:
            check("Surface.colors", self.colors, (vertices, 3))
        if not ((self.opacity > 0) & (self.opacity < 1)).all() or not (self.detail >= 0).all():
            raise SettingError("A surface needs opacities between 0 and 1 and details of 0 or more.")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """n places on a surface: triangles int32 [n], rising; corners float64 [n, 3], barycentric; share float64 [n], how
    many splats a place's triangle was to have.
    """

    triangles: np.ndarray
    corners: np.ndarray
    share: np.ndarray


def splat_head(
    surface: Surface, count: int, ceilings: tuple[Ceiling, ...] = NO_CEILINGS, facts: dict[str, str] | None = None
) -> SplatHead:
    """A head of count splats sampled from a surface; degree 0, no correctives, no clips.

    Raises SettingError when the surface has nothing to sample or count is below 1.
    """
    samples = sampled(surface, count)
    color = surface_colors(surface, samples)
    opacity = surface.opacity[samples.triangles]
    names, pivots, shares = surface.bones
    return SplatHead(
        surface.template,
        bound(surface, samples),
        Bones(names, pivots, shares, _mixed(surface, surface.weights, samples)),
        np.log(opacity / (1 - opacity)).astype(np.float32),
        ((color - 0.5) / SH_DC)[:, None].astype(np.float32),
        no_deltas(),
        np.zeros((0, len(ARKIT_52)), np.float32),
        ceilings,
        {},
        facts or {},
    )


def sampled(surface: Surface, count: int) -> Samples:
    """Spread count places over a surface, in the order of its triangles."""
    template = surface.template
    a, b, c = (template.points[template.triangles[:, k]].astype(np.float64) for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    wanted = np.where(area > LEAST_AREA, area * surface.detail, 0.0)
    if count < 1 or not wanted.sum() > 0:
        raise SettingError("A head needs at least one splat and a mesh with an area to put it on.")
    share = wanted * (count / wanted.sum())
    triangles = np.searchsorted(np.cumsum(share), np.arange(count) + 0.5).clip(0, len(share) - 1)
    order = np.arange(count) - np.searchsorted(triangles, triangles)  # a splat's place among its triangle's own
    return Samples(triangles.astype(np.int32), _spread(triangles, order), share[triangles])


def _spread(triangles: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Barycentric corners [n, 3], even within each triangle and different from one triangle to the next."""
    together = np.bincount(triangles)[triangles]
    corners = _folded((order + 1) / PLASTIC, (order + 1) / PLASTIC**2)
    for count in range(1, MOST_EVEN + 1):
        own = together == count
        corners[own] = _even(count)[order[own]]
    # Turning the pattern from one triangle to the next keeps neighbours from lining up.
    return corners[np.arange(len(corners))[:, None], (np.arange(3) + triangles[:, None]) % 3]


def _folded(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Points of a square (its period 1) as barycentric corners [n, 3], the far half folded back."""
    u, v = u % 1, v % 1
    far = u + v > 1
    u, v = np.where(far, 1 - u, u), np.where(far, 1 - v, v)
    return np.stack([1 - u - v, u, v], axis=1)


@lru_cache(maxsize=MOST_EVEN)
def _even(count: int) -> np.ndarray:
    """Barycentric corners [count, 3] of points that share a triangle fairly: each in the middle of what is nearest."""
    k = np.arange(2000) + 1
    field = _folded(k / PLASTIC, k / PLASTIC**2)
    points = field[: 3 * count : 3].copy()
    for _ in range(40):
        # Distances between barycentric corners are distances in an equilateral triangle.
        nearest = ((field[:, None] - points[None]) ** 2).sum(-1).argmin(1)
        points = np.stack([field[nearest == point].mean(0) for point in range(count)])
    return points


def surface_colors(surface: Surface, samples: Samples) -> np.ndarray:
    """Display colours [n, 3] of samples."""
    if isinstance(surface.colors, Texture):
        return surface.colors.colors(samples.triangles, samples.corners)
    return _mixed(surface, surface.colors, samples)


def _mixed(surface: Surface, values: np.ndarray, samples: Samples) -> np.ndarray:
    """Per-vertex values [V, k] at samples, float32 [n, k]."""
    corners = surface.template.triangles[samples.triangles]
    return np.einsum("nk,nkd->nd", samples.corners, values[corners].astype(np.float64)).astype(np.float32)


def bound(surface: Surface, samples: Samples) -> Binding:
    """Flat Gaussians at samples, each as long and as wide as the piece of triangle it stands for."""
    template = surface.template
    points = template.points[template.triangles[samples.triangles]].astype(np.float64)
    first, second = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    # The triangle in its own plane: first edge along x.
    length = np.linalg.norm(first, axis=1)
    along = first / length[:, None]
    x = (second * along).sum(1)
    y = np.linalg.norm(second - x[:, None] * along, axis=1)
    strands = surface.strands[samples.triangles]
    sizes, angle = _pieces((length, x, y), np.where(strands, np.maximum(samples.share, 1.0), samples.share))
    sizes *= np.where(strands, STRAND_OVERLAP, OVERLAP)[:, None]
    zero = np.zeros_like(angle)
    axis, across = np.stack([np.cos(angle), np.sin(angle), zero]), np.stack([-np.sin(angle), np.cos(angle), zero])
    quats = from_axes(axis, across, np.stack([zero, zero, zero + 1])).T
    thick = FLATNESS * sizes.min(1, keepdims=True)
    return Binding(
        samples.triangles,
        samples.corners[:, 1:].astype(np.float32),
        np.zeros((len(angle), 3), np.float32),
        quats.astype(np.float32),
        np.log(np.concatenate([sizes, thick], axis=1)).astype(np.float32),
    )


def _pieces(flat: tuple[np.ndarray, np.ndarray, np.ndarray], share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviations [n, 2] of the pieces that triangles (0, 0), (length, 0), (x, y) fall into, and the angle [n]
    of the longer one; share: pieces a triangle falls into, or below 1, the part of a piece that it is.
    """
    length, x, y = flat
    # A uniform triangle's covariance is a twelfth of the sum of its corners' about their mean.
    corners = np.stack([np.stack([0 * x, length, x], 1), np.stack([0 * x, 0 * x, y], 1)], 1)  # [n, 2, 3]
    away = corners - corners.mean(2, keepdims=True)
    spread = away @ away.transpose(0, 2, 1) / 12
    values, vectors = np.linalg.eigh(spread)
    short, long = np.sqrt(np.maximum(values, 1e-16)).T
    # Pieces are cut off along the longer side until they are as wide as long, then both ways; triangles smaller than a
    # piece are put together likewise, side by side first.
    even = np.sqrt(long * short / share)
    cut = share >= 1
    longer = np.where(cut, np.maximum(long / share, even), np.maximum(long, even))
    shorter = np.where(cut, np.minimum(short, even), np.minimum(short / share, even))
    return np.stack([longer, shorter], axis=1), np.arctan2(vectors[:, 1, 1], vectors[:, 0, 1])

"""The judge of every faster renderer: splats to a picture in NumPy, exactly, slowly and readably.

Elliptical weighted averaging as in Kerbl et al. 2023: each Gaussian is projected by the Jacobian of the camera at its
middle, widened by a third of a pixel, and blended from front to back in display (sRGB) space.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import SettingError
from ..quats import matrices
from .rotate_sh import seen_colors
from .types import Splats

DILATION = 0.3
"""Pixels squared added to each axis of a projected Gaussian, so that none is thinner than a pixel."""
LEAST_ALPHA = 1 / 255
"""What covers less of a pixel than this is left out."""
MOST_ALPHA = 0.99
"""No Gaussian hides what is behind it altogether."""
WIDE = 1.3
"""Beyond this multiple of the field of view the Jacobian no longer grows."""
TILE = 16
BLOCK = 1024
"""Splats blended at a time within a tile."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a picture is taken from; the camera looks along its own -z, +y is up in the picture.

    to_camera: float [4, 4], set axes to camera axes, rigid.
    focal: pixels across and down; for an orthographic camera pixels per metre.
    center: where the axis meets the picture, pixels from its upper left corner.
    size: width and height, pixels. near: metres; what is nearer is left out.
    smooth: keep the light of Gaussians thinner than a pixel true by lowering their opacity (Mip-Splatting's filter).
    """

    to_camera: np.ndarray
    focal: tuple[float, float]
    center: tuple[float, float]
    size: tuple[int, int]
    near: float = 0.01
    orthographic: bool = False
    smooth: bool = False

    def __post_init__(self) -> None:
        check("Camera.to_camera", self.to_camera, (4, 4), np.float64)
        if min(self.size) < 1 or min(self.focal) <= 0:
            raise SettingError(f"A picture needs a size and a focal length above 0, but has {self.size}, {self.focal}.")

    @property
    def place(self) -> np.ndarray:
        """The camera's place in the set's axes, [3]."""
        return -self.to_camera[:3, :3].T @ self.to_camera[:3, 3]


@dataclass(frozen=True, slots=True)
class Picture:
    """color: float64 [height, width, 3], display space, over black; alpha: [height, width], 0..1.

    depth: mean distance along the camera's axis of what is seen; median: where half of the light is gone; both metres,
    inf where nothing is seen (median: where less than half is covered).
    """

    color: np.ndarray
    alpha: np.ndarray
    depth: np.ndarray
    median: np.ndarray

    def over(self, background: tuple[float, float, float]) -> np.ndarray:
        """The picture before a plain background, [height, width, 3]."""
        return self.color + (1 - self.alpha[..., None]) * np.array(background)


@dataclass(frozen=True, slots=True)
class Projected:
    """Gaussians in the picture, nearest first.

    middles: float64 [M, 2] pixels; conics: [M, 3], the inverse covariance's xx, xy, yy; reach: [M, 2], half the box
    outside which alpha is below LEAST_ALPHA; opacity, depth: [M]; colors: [M, 3].
    """

    middles: np.ndarray
    conics: np.ndarray
    reach: np.ndarray
    opacity: np.ndarray
    depth: np.ndarray
    colors: np.ndarray


def look_at(place: np.ndarray, target: np.ndarray, size: tuple[int, int], degrees: float) -> Camera:
    """An upright perspective camera. place, target: [3], metres; degrees: how much it sees from top to bottom."""
    back = np.asarray(place, np.float64) - target
    back /= np.linalg.norm(back)
    right = np.cross([0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    to_camera = np.eye(4)
    to_camera[:3, :3] = np.stack([right, np.cross(back, right), back])
    to_camera[:3, 3] = -to_camera[:3, :3] @ place
    focal = size[1] / 2 / np.tan(np.radians(degrees) / 2)
    return Camera(to_camera, (focal, focal), (size[0] / 2, size[1] / 2), size)


def render(splats: Splats, camera: Camera) -> Picture:
    """Draw splats as a camera sees them."""
    seen = project(splats, camera)
    width, height = camera.size
    planes = np.zeros((height, width, 6))  # red, green, blue, transmittance, weighted depth, median
    planes[..., 3], planes[..., 5] = 1, np.inf
    for rows, columns, chosen in _tiles(seen, camera.size):
        x, y = np.meshgrid(np.arange(width)[columns] + 0.5, np.arange(height)[rows] + 0.5)
        for start in range(0, len(chosen), BLOCK):
            _blend(planes[rows, columns], seen, chosen[start : start + BLOCK], (x, y))
    alpha = 1 - planes[..., 3]
    depth = np.where(alpha > 0, planes[..., 4] / np.maximum(alpha, 1e-300), np.inf)
    return Picture(planes[..., :3], alpha, depth, planes[..., 5])


def project(splats: Splats, camera: Camera) -> Projected:
    """Splats as Gaussians in the picture, nearest first; those behind or too faint are gone."""
    turn, means = camera.to_camera[:3, :3], splats.means.astype(np.float64)
    x, y, z = (means @ turn.T + camera.to_camera[:3, 3]).T * np.array([[1], [-1], [-1]])  # z forward, y down
    opacity = 1 / (1 + np.exp(-splats.logits.astype(np.float64)))
    front = np.nonzero((z > camera.near) & (opacity >= LEAST_ALPHA))[0]
    front = front[np.argsort(z[front], kind="stable")]
    x, y, z, opacity = x[front], y[front], z[front], opacity[front]
    jacobian = _jacobian(camera, (x, y, z)) * np.array([1.0, -1.0, -1.0])  # back from z forward, y down
    spread = _covariances(splats, front)
    flat = jacobian @ turn
    cov = flat @ spread @ flat.transpose(0, 2, 1)  # [M, 2, 2]
    thin = np.maximum(cov[:, 0, 0] * cov[:, 1, 1] - cov[:, 0, 1] ** 2, 0.0)
    xx, xy, yy = cov[:, 0, 0] + DILATION, cov[:, 0, 1], cov[:, 1, 1] + DILATION
    area = xx * yy - xy * xy
    if camera.smooth:
        opacity = opacity * np.sqrt(thin / area)
    sigmas = np.sqrt(2 * np.log(np.maximum(opacity / LEAST_ALPHA, 1.0)))
    scale = np.ones(len(front)) if camera.orthographic else 1 / z
    middles = np.stack([x * scale * camera.focal[0], y * scale * camera.focal[1]], 1) + camera.center
    return Projected(
        middles,
        np.stack([yy, -xy, xx], 1) / area[:, None],
        np.sqrt(np.stack([xx, yy], 1)) * sigmas[:, None],
        opacity,
        z,
        _colors(splats, camera, front),
    )


def _covariances(splats: Splats, chosen: np.ndarray) -> np.ndarray:
    """Covariances [M, 3, 3] in the set's axes, square metres."""
    axes = (
        matrices(splats.quats[chosen].astype(np.float64))
        * np.exp(splats.log_scales[chosen].astype(np.float64))[:, None]
    )
    return axes @ axes.transpose(0, 2, 1)


def _jacobian(camera: Camera, place: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """How pixels move when a point before the camera (x right, y down, z forward; [M] each) does; [M, 2, 3]."""
    x, y, z = place
    out = np.zeros((len(z), 2, 3))
    if camera.orthographic:
        out[:, 0, 0], out[:, 1, 1] = camera.focal
        return out
    for axis, along in enumerate((x, y)):
        limit = WIDE * 0.5 * camera.size[axis] / camera.focal[axis]
        out[:, axis, axis] = camera.focal[axis] / z
        out[:, axis, 2] = -camera.focal[axis] * np.clip(along / z, -limit, limit) / z
    return out


def _colors(splats: Splats, camera: Camera, chosen: np.ndarray) -> np.ndarray:
    rows = Splats(*(getattr(splats, name)[chosen] for name in ("means", "quats", "log_scales", "logits", "sh")))
    if camera.orthographic:
        away = np.repeat(-camera.to_camera[None, 2, :3], len(chosen), 0)
    else:
        away = rows.means - camera.place
    return seen_colors(rows, away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-12))


def _tiles(seen: Projected, size: tuple[int, int]) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Every tile of the picture that shows something: its rows, its columns, and the splats in it, nearest first."""
    width, height = size
    low, high = seen.middles - seen.reach, seen.middles + seen.reach
    for top in range(0, height, TILE):
        in_row = np.nonzero((low[:, 1] < top + TILE) & (high[:, 1] > top))[0]
        for left in range(0, width, TILE):
            chosen = in_row[(low[in_row, 0] < left + TILE) & (high[in_row, 0] > left)]
            if len(chosen):
                yield slice(top, min(top + TILE, height)), slice(left, min(left + TILE, width)), chosen


def _blend(planes: np.ndarray, seen: Projected, chosen: np.ndarray, pixels: tuple[np.ndarray, np.ndarray]) -> None:
    """Add splats behind what a tile (planes [h, w, 6], changed in place) already shows."""
    dx = pixels[0][None] - seen.middles[chosen, 0, None, None]  # [M, h, w]
    dy = pixels[1][None] - seen.middles[chosen, 1, None, None]
    xx, xy, yy = seen.conics[chosen].T[..., None, None]
    alpha = seen.opacity[chosen, None, None] * np.exp(-0.5 * (xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy))
    alpha = np.where(alpha < LEAST_ALPHA, 0.0, np.minimum(alpha, MOST_ALPHA))
    after = planes[None, ..., 3] * np.cumprod(1 - alpha, axis=0)
    before = np.concatenate([planes[None, ..., 3], after[:-1]])
    weight = alpha * before
    planes[..., :3] += np.einsum("mhw,mc->hwc", weight, seen.colors[chosen])
    planes[..., 4] += np.einsum("mhw,m->hw", weight, seen.depth[chosen])
    crossing = (before > 0.5) & (after <= 0.5)
    depths = np.where(crossing, seen.depth[chosen, None, None], np.inf).min(0)
    planes[..., 5] = np.minimum(planes[..., 5], depths)
    planes[..., 3] = after[-1]

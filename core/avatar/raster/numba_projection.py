"""Gaussians into the picture and gradients back out of it, one at a time, compiled by numba.

Forward: core.splat.render.project. Backward: the chain rule through t = J W R S (so that the flat covariance is t tT),
as in Kerbl et al. 2023, appendix A, and Ye and Kanazawa 2023 (Mathematical Supplement for the gsplat Library), §4.
Arithmetic is float64, storage float32.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from ...splat.render import DILATION, LEAST_ALPHA, WIDE, Camera
from .reference import THINNEST

Vector = tuple[float, float, float]
Rows = tuple[Vector, ...]


class View(NamedTuple):
    """A camera as the kernels read it: turn [3, 3] and shift [3] to x right, y down, z forward; the rest by axis."""

    turn: np.ndarray
    shift: np.ndarray
    focal: tuple[float, float]
    center: tuple[float, float]
    limits: tuple[float, float]
    near: float
    orthographic: bool
    smooth: bool


class Solid(NamedTuple):
    """float32 rows of Gaussians, or of their gradients: means [N, 3], quats [N, 4], scales [N, 3], opacities [N]."""

    means: np.ndarray
    quats: np.ndarray
    scales: np.ndarray
    opacities: np.ndarray


class Flat(NamedTuple):
    """float32 rows in the picture, or their gradients: middles [N, 2], conics [N, 3], opacities [N], depths [N]."""

    middles: np.ndarray
    conics: np.ndarray
    opacities: np.ndarray
    depths: np.ndarray


def view_of(camera: Camera) -> View:
    """A camera for the kernels."""
    pose = camera.to_camera * np.array([1.0, -1.0, -1.0, 1.0])[:, None]
    limits = tuple(WIDE * 0.5 * size / focal for size, focal in zip(camera.size, camera.focal, strict=True))
    focal, center = tuple(map(float, camera.focal)), tuple(map(float, camera.center))
    turn, shift = np.ascontiguousarray(pose[:3, :3]), pose[:3, 3].copy()
    return View(turn, shift, focal, center, limits, float(camera.near), camera.orthographic, camera.smooth)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _mix(a: Vector, s: float, b: Vector, t: float) -> Vector:
    """a s + b t."""
    return a[0] * s + b[0] * t, a[1] * s + b[1] * t, a[2] * s + b[2] * t


@njit(cache=True, nogil=True, error_model="numpy")
def _axes(quat: np.ndarray) -> Rows:
    """A quaternion's rotation matrix, by rows."""
    w, x, y, z = _unit(quat)
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _unit(quat: np.ndarray) -> tuple[float, float, float, float]:
    w, x, y, z = float(quat[0]), float(quat[1]), float(quat[2]), float(quat[3])
    length = max(math.sqrt(w * w + x * x + y * y + z * z), 1e-12)
    return w / length, x / length, y / length, z / length


@njit(cache=True, nogil=True, error_model="numpy")
def _turned(view: View, mean: np.ndarray) -> Vector:
    """A mean before the camera."""
    x, y, z = float(mean[0]), float(mean[1]), float(mean[2])
    turn, shift = view.turn, view.shift
    return (
        turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] * z + shift[0],
        turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] * z + shift[1],
        turn[2, 0] * x + turn[2, 1] * y + turn[2, 2] * z + shift[2],
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _slopes(view: View, axis: int, along: float, z: float) -> tuple[float, float]:
    """How a pixel's place along an axis moves with the mean's along that axis, and with its depth."""
    if view.orthographic:
        return view.focal[axis], 0.0
    limit = view.limits[axis]
    return view.focal[axis] / z, -view.focal[axis] * min(max(along / z, -limit), limit) / z


@njit(cache=True, nogil=True, error_model="numpy")
def _row(view: View, axis: int, slopes: tuple[float, float]) -> Vector:
    """A row of J W."""
    turn = view.turn
    return _mix(
        (turn[axis, 0], turn[axis, 1], turn[axis, 2]), slopes[0], (turn[2, 0], turn[2, 1], turn[2, 2]), slopes[1]
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _spread(row: Vector, axes: Rows, scales: np.ndarray) -> Vector:
    """A row of t = J W R S from one of J W."""
    return (
        (row[0] * axes[0][0] + row[1] * axes[1][0] + row[2] * axes[2][0]) * scales[0],
        (row[0] * axes[0][1] + row[1] * axes[1][1] + row[2] * axes[2][1]) * scales[1],
        (row[0] * axes[0][2] + row[1] * axes[1][2] + row[2] * axes[2][2]) * scales[2],
    )


@njit(cache=True, nogil=True, error_model="numpy")
def project(solid: Solid, view: View, flat: Flat, reach: np.ndarray) -> None:
    """Fill flat, and reach float64 [N, 3]: half a box across and down in pixels, and the depth before it is rounded.

    A Gaussian behind the camera or too faint has a reach of -1.
    """
    for n in range(len(solid.means)):
        place = _turned(view, solid.means[n])
        opacity = float(solid.opacities[n])
        reach[n] = -1.0
        if not (place[2] > view.near and opacity >= LEAST_ALPHA):
            continue
        axes = _axes(solid.quats[n])
        across = _spread(_row(view, 0, _slopes(view, 0, place[0], place[2])), axes, solid.scales[n])
        down = _spread(_row(view, 1, _slopes(view, 1, place[1], place[2])), axes, solid.scales[n])
        xx, xy, yy = _dot(across, across) + DILATION, _dot(across, down), _dot(down, down) + DILATION
        area = xx * yy - xy * xy
        if view.smooth:
            thin = (xx - DILATION) * (yy - DILATION) - xy * xy
            opacity *= math.sqrt(max(thin, THINNEST) / area)
        sigmas = math.sqrt(2 * math.log(max(opacity / LEAST_ALPHA, 1.0)))
        scale = 1.0 if view.orthographic else 1 / place[2]
        for axis in range(2):
            flat.middles[n, axis] = place[axis] * scale * view.focal[axis] + view.center[axis]
        flat.conics[n, 0], flat.conics[n, 1], flat.conics[n, 2] = yy / area, -xy / area, xx / area
        flat.opacities[n], flat.depths[n] = opacity, place[2]
        reach[n, 0], reach[n, 1], reach[n, 2] = math.sqrt(xx) * sigmas, math.sqrt(yy) * sigmas, place[2]


@njit(cache=True, nogil=True, error_model="numpy")
def project_back(solid: Solid, view: View, reach: np.ndarray, given: Flat, out: Solid) -> None:
    """Gradients of a loss by flat rows (given) into those by Gaussians (out, zeros before)."""
    for n in range(len(solid.means)):
        if reach[n, 0] < 0:
            continue
        place, axes = _turned(view, solid.means[n]), _axes(solid.quats[n])
        slopes_x, slopes_y = _slopes(view, 0, place[0], place[2]), _slopes(view, 1, place[1], place[2])
        row_x, row_y = _row(view, 0, slopes_x), _row(view, 1, slopes_y)
        across, down = _spread(row_x, axes, solid.scales[n]), _spread(row_y, axes, solid.scales[n])
        by_xx, by_xy, by_yy, by_opacity = _by_spread(
            (_dot(across, across), _dot(across, down), _dot(down, down)),
            (float(given.conics[n, 0]), float(given.conics[n, 1]), float(given.conics[n, 2])),
            (float(solid.opacities[n]), float(given.opacities[n])),
            view.smooth,
        )
        out.opacities[n] = by_opacity
        by_across, by_down = _mix(across, 2 * by_xx, down, 2 * by_xy), _mix(across, 2 * by_xy, down, 2 * by_yy)
        _by_shape(solid, n, axes, (row_x, row_y, by_across, by_down), out)
        middle = (float(given.middles[n, 0]), float(given.middles[n, 1]))
        side = _by_side(view, 0, place, middle[0], _by_row(axes, solid.scales[n], by_across))
        rise = _by_side(view, 1, place, middle[1], _by_row(axes, solid.scales[n], by_down))
        deep = side[1] + rise[1] + given.depths[n]
        for k in range(3):
            out.means[n, k] = view.turn[0, k] * side[0] + view.turn[1, k] * rise[0] + view.turn[2, k] * deep


@njit(cache=True, nogil=True, error_model="numpy")
def _by_spread(
    cov: Vector, conic: Vector, opacity: tuple[float, float], smooth: bool
) -> tuple[float, float, float, float]:
    """Gradients by the entries of the flat covariance (xy: of either of its two) and by the Gaussian's opacity.

    cov: before widening; conic: gradients; opacity: of the Gaussian, and the gradient by what the picture sees of it.
    """
    xx, xy, yy = cov[0] + DILATION, cov[1], cov[2] + DILATION
    area = xx * yy - xy * xy
    a, b, c = yy / area, -xy / area, xx / area
    g, h, k = conic[0], conic[1] / 2, conic[2]
    ag, ah, bg, bh = a * g + b * h, a * h + b * k, b * g + c * h, b * h + c * k  # rows of X G
    by_xx, by_xy, by_yy = -(ag * a + ah * b), -(ag * b + ah * c), -(bg * b + bh * c)
    if not smooth:
        return by_xx, by_xy, by_yy, opacity[1]
    thin = cov[0] * cov[2] - xy * xy
    kept = math.sqrt(max(thin, THINNEST) / area)
    by_area = -0.5 * kept / area * opacity[0] * opacity[1]
    by_thin = 0.5 * kept / thin * opacity[0] * opacity[1] if thin > THINNEST else 0.0
    by_xx += by_area * yy + by_thin * cov[2]
    by_xy -= (by_area + by_thin) * xy
    by_yy += by_area * xx + by_thin * cov[0]
    return by_xx, by_xy, by_yy, opacity[1] * kept


@njit(cache=True, nogil=True, error_model="numpy")
def _by_row(axes: Rows, scales: np.ndarray, by: Vector) -> Vector:
    """Gradients by a row of J W from those by a row of t."""
    scaled = (by[0] * scales[0], by[1] * scales[1], by[2] * scales[2])
    return _dot(axes[0], scaled), _dot(axes[1], scaled), _dot(axes[2], scaled)


@njit(cache=True, nogil=True, error_model="numpy")
def _by_side(view: View, axis: int, place: Vector, middle: float, by: Vector) -> tuple[float, float]:
    """Gradients by the mean's place along an axis of the picture and by its depth. by: those by the row of J W."""
    focal, along, z = view.focal[axis], place[axis], place[2]
    if view.orthographic:
        return focal * middle, 0.0
    turn = view.turn
    by_own = _dot(by, (turn[axis, 0], turn[axis, 1], turn[axis, 2]))
    by_deep = _dot(by, (turn[2, 0], turn[2, 1], turn[2, 2]))
    limit = view.limits[axis]
    tilt = along / z
    held = min(max(tilt, -limit), limit)
    by_along = focal / z * middle
    by_z = (-focal * tilt * middle - focal / z * by_own + focal * held / z * by_deep) / z
    if tilt == held:
        by_along -= focal / (z * z) * by_deep
        by_z += focal * tilt / (z * z) * by_deep
    return by_along, by_z


@njit(cache=True, nogil=True, error_model="numpy")
def _by_shape(solid: Solid, n: int, axes: Rows, rows: Rows, out: Solid) -> None:
    """Gradients by scales and quaternion. rows: those of J W across and down, and gradients by those of t."""
    across, down, by_across, by_down = rows
    w, x, y, z = _unit(solid.quats[n])
    scales, by_scales = solid.scales[n], out.scales[n]
    g = (
        _mix(by_across, across[0], by_down, down[0]),
        _mix(by_across, across[1], by_down, down[1]),
        _mix(by_across, across[2], by_down, down[2]),
    )  # by R S
    for k in range(3):
        by_scales[k] = g[0][k] * axes[0][k] + g[1][k] * axes[1][k] + g[2][k] * axes[2][k]
    a, b, c = g[0][0] * scales[0], g[0][1] * scales[1], g[0][2] * scales[2]  # by R
    d, e, f = g[1][0] * scales[0], g[1][1] * scales[1], g[1][2] * scales[2]
    h, i, j = g[2][0] * scales[0], g[2][1] * scales[1], g[2][2] * scales[2]
    by_w = 2 * (z * (d - b) + y * (c - h) + x * (i - f))
    by_x = 2 * (y * (b + d) + z * (c + h) + w * (i - f) - 2 * x * (e + j))
    by_y = 2 * (x * (b + d) + z * (f + i) + w * (c - h) - 2 * y * (a + j))
    by_z = 2 * (x * (c + h) + y * (f + i) + w * (d - b) - 2 * z * (a + e))
    along = w * by_w + x * by_x + y * by_y + z * by_z
    quat, by_quat = solid.quats[n], out.quats[n]
    length = max(math.sqrt(float(quat[0]) ** 2 + quat[1] ** 2 + quat[2] ** 2 + quat[3] ** 2), 1e-12)
    by_quat[0], by_quat[1] = (by_w - along * w) / length, (by_x - along * x) / length
    by_quat[2], by_quat[3] = (by_y - along * y) / length, (by_z - along * z) / length

"""Splats, cameras and comparisons for the tests of drawing."""

from __future__ import annotations

import numpy as np
from mouthpiece.addon.bridge.splat_scene import Seen
from mouthpiece.addon.drawing.views import View, orthographic_of, projection_of
from mouthpiece.core.quats import from_axes, multiply
from mouthpiece.core.splat.render import Camera, look_at
from mouthpiece.core.splat.rotate_sh import turned_sh
from mouthpiece.core.splat.types import SH_COEFFICIENTS, Splats

CLIP = 0.01, 100.0


def cloud(count: int, degree: int, seed: int = 0) -> Splats:
    """Splats of all shapes and sizes about the origin."""
    rng = np.random.default_rng(seed)
    quats = rng.normal(size=(count, 4))
    sh = rng.normal(size=(count, SH_COEFFICIENTS[degree], 3)) * 0.2
    sh[:, 0] *= 5
    parts = (
        rng.normal(0, 0.1, (count, 3)),
        quats / np.linalg.norm(quats, axis=1, keepdims=True),
        rng.normal(-4.5, 0.6, (count, 3)),
        rng.normal(0, 2, count),
        sh,
    )
    return Splats(*(part.astype(np.float32) for part in parts))


def shown(splats: Splats, matrix: np.ndarray | None = None, key: str = "a", selected: bool = False) -> Seen:
    """Splats as a scene shows them."""
    return Seen((key,), 1, splats, np.eye(4) if matrix is None else matrix, selected, False, 0)


def camera(
    place: tuple[float, float, float], size: tuple[int, int], orthographic: bool = False, smooth: bool = False
) -> Camera:
    """A camera that looks at the origin."""
    seen = look_at(np.array(place), np.zeros(3), size, 40)
    focal = (1.6 * size[1],) * 2 if orthographic else seen.focal
    return Camera(seen.to_camera, focal, seen.center, size, CLIP[0], orthographic, smooth)


def view_of(seen: Camera) -> View:
    """The same camera in Blender's terms."""
    projection = (orthographic_of if seen.orthographic else projection_of)(seen.focal, seen.size, CLIP)
    return View(seen.to_camera, projection, seen.size, seen.near, seen.orthographic)


def placed(splats: Splats, matrix: np.ndarray) -> Splats:
    """What an object's matrix makes of splats, slowly: covariances are carried and taken apart again."""
    rows = [transformed(splats, k, matrix[:3, :3].astype(np.float64)) for k in range(len(splats))]
    axes, scales = (np.stack(part) for part in zip(*rows, strict=True))
    left, _, right = np.linalg.svd(matrix[:3, :3])
    turn = left @ right
    if np.linalg.det(turn) < 0:
        raise ValueError("Coefficients of mirrored splats are not turned here.")
    means = splats.means @ matrix[:3, :3].T + matrix[:3, 3]
    quats = from_axes(*(axes[:, :, k].T for k in range(3))).T
    parts = (means, quats, np.log(scales), splats.logits, turned_sh(splats.sh, turn[None]))
    return Splats(*(np.ascontiguousarray(part, np.float32) for part in parts))


def transformed(splats: Splats, k: int, linear: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axes [3, 3] and scales [3] of one splat under a linear map."""
    from mouthpiece.core.quats import matrices

    own = linear @ matrices(splats.quats[k].astype(np.float64)) @ np.diag(np.exp(splats.log_scales[k]))
    axes, scales, _ = np.linalg.svd(own)
    return axes * np.array([1, 1, np.linalg.det(axes)]), scales


def turned_quat(axis: int, degrees: float) -> np.ndarray:
    """A turn about a coordinate axis."""
    out = np.zeros(4)
    out[0], out[1 + axis] = np.cos(np.radians(degrees) / 2), np.sin(np.radians(degrees) / 2)
    return multiply(out, np.array([1.0, 0, 0, 0]))


def decibels(got: np.ndarray, wanted: np.ndarray) -> float:
    """Peak signal to noise of numbers about 1."""
    return float(-10 * np.log10(np.mean((got.astype(np.float64) - wanted) ** 2) + 1e-30))

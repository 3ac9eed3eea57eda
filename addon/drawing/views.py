"""From where splats are seen, in the terms of Blender's matrices and of core.splat.render.Camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import check
from ...core.splat.render import WIDE


@dataclass(frozen=True, slots=True)
class View:
    """A camera as Blender describes it.

    to_camera: float64 [4, 4], world to camera, rigid; the camera looks along its own -z, +y is up in the picture.
    projection: float64 [4, 4], camera to clip space as OpenGL has it (-1 to 1).
    size: width and height, pixels. near: metres along the axis; what is nearer is left out.
    slopes: the slopes x / z and y / z beyond which a splat's shape no longer changes; None: WIDE times what the picture
    shows. A part of a picture (crop, tile, lens shift) needs those of the whole to look the same.
    """

    to_camera: np.ndarray
    projection: np.ndarray
    size: tuple[int, int]
    near: float = 0.01
    orthographic: bool = False
    slopes: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        check("View.to_camera", self.to_camera, (4, 4), np.float64)
        check("View.projection", self.projection, (4, 4), np.float64)

    @property
    def focal(self) -> tuple[float, float]:
        """Pixels across and up per slope; for an orthographic camera pixels per metre."""
        return self.projection[0, 0] * self.size[0] / 2, self.projection[1, 1] * self.size[1] / 2

    @property
    def center(self) -> tuple[float, float]:
        """Where the axis meets the picture, pixels from its lower left corner."""
        column, sign = (3, 1) if self.orthographic else (2, -1)
        x, y = (1 + sign * self.projection[axis, column] for axis in (0, 1))
        return x * self.size[0] / 2, y * self.size[1] / 2

    @property
    def limits(self) -> tuple[float, float]:
        """The slopes beyond which a splat's shape no longer changes."""
        if self.slopes is not None:
            return self.slopes
        return WIDE * 0.5 * self.size[0] / self.focal[0], WIDE * 0.5 * self.size[1] / self.focal[1]

    @property
    def window(self) -> tuple[float, float, float, float]:
        """The four numbers that make depth in the window of z in camera axes: (a z + b) / (c z + d)."""
        p = self.projection
        return p[2, 2], p[2, 3], p[3, 2], p[3, 3]

    def window_depth(self, distance: np.ndarray) -> np.ndarray:
        """Distances along the axis (metres, inf where there is nothing) as depth in the window, float32, 0 to 1."""
        a, b, c, d = self.window
        z = -np.minimum(np.asarray(distance, np.float64), 1e12)
        depth = 0.5 + 0.5 * (a * z + b) / (c * z + d)
        return np.where(np.isfinite(distance), depth, 1.0).astype(np.float32)


def seen_from(to_camera: np.ndarray, projection: np.ndarray, size: tuple[int, int]) -> View:
    """The view of a pair of Blender's matrices (view_matrix and window_matrix, calc_matrix_camera)."""
    projection = np.array(projection, np.float64)
    orthographic = bool(projection[3, 3] == 1.0)
    a, b = projection[2, 2], projection[2, 3]
    near = (1 + b) / a if orthographic else b / (a - 1)
    return View(np.array(to_camera, np.float64), projection, size, float(near), orthographic)


def projection_of(focal: tuple[float, float], size: tuple[int, int], clip: tuple[float, float]) -> np.ndarray:
    """A perspective projection [4, 4] whose axis is in the picture's middle. clip: near and far, metres."""
    near, far = clip
    out = np.zeros((4, 4))
    out[0, 0], out[1, 1] = 2 * focal[0] / size[0], 2 * focal[1] / size[1]
    out[2, 2], out[2, 3], out[3, 2] = -(far + near) / (far - near), -2 * far * near / (far - near), -1
    return out


def orthographic_of(focal: tuple[float, float], size: tuple[int, int], clip: tuple[float, float]) -> np.ndarray:
    """An orthographic projection [4, 4]. focal: pixels per metre."""
    near, far = clip
    out = np.eye(4)
    out[0, 0], out[1, 1] = 2 * focal[0] / size[0], 2 * focal[1] / size[1]
    out[2, 2], out[2, 3] = -2 / (far - near), -(far + near) / (far - near)
    return out

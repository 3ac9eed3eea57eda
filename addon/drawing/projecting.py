"""The first pass: each splat of each object into the picture, once, into textures that the other passes read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gpu
import numpy as np
from gpu.types import Buffer, GPUFrameBuffer, GPUTexture, GPUUniformBuf

from ...core.errors import SettingError
from .passes import fill, target
from .shaders import INPUTS, project_shader
from .stock import Loaded
from .textures import WIDTH
from .views import View

if TYPE_CHECKING:
    from ..bridge.splat_scene import Seen


@dataclass(frozen=True, slots=True)
class Projected:
    """Gaussians in the picture, one texel each.

    middles: pixels from the lower left, distance along the axis, opacity (0: not seen); spreads: covariance xx, xy, yy
    and the object's number; shown: colour, and 1 for selected plus 2 for active.
    """

    middles: GPUTexture
    spreads: GPUTexture
    shown: GPUTexture


def project(seen: Sequence[Seen], loaded: Sequence[Loaded], view: View, smooth: bool) -> Projected:
    """All objects, each from the row where the one before ended.

    Raises: SettingError when they are too many.
    """
    height = sum(one.rows for one in loaded)
    if height > gpu.capabilities.max_texture_size_get():
        raise SettingError(f"{height * WIDTH:,} splats at once do not fit on the graphics card; hide some.")
    textures = [target((WIDTH, height)) for _ in range(3)]
    frame = GPUFrameBuffer(color_slots=tuple(textures))
    row = 0
    for number, (one, its) in enumerate(zip(seen, loaded, strict=True)):
        shader = project_shader()
        shader.bind()
        shader.uniform_int("span", (WIDTH, row, len(its.splats), WIDTH))
        shader.uniform_int("harmonics", (its.splats.degree, its.color_width))
        shader.uniform_float("marks", (float(number), float(one.selected), float(one.active), float(view.orthographic)))
        block = GPUUniformBuf(Buffer("FLOAT", 40, sight(one.matrix, view, smooth)))  # lives until it was drawn with
        shader.uniform_block("sight", block)
        rows = (2 * row / height - 1, 2 * (row + its.rows) / height - 1)
        inputs = {name: getattr(its, name) for name in INPUTS}
        fill(shader, frame, inputs, rows)
        row += its.rows
    return Projected(*textures)


def sight(matrix: np.ndarray, view: View, smooth: bool) -> np.ndarray:
    """The uniform block Sight of shaders.py, float32 [40]; matrices column by column."""
    to_camera = view.to_camera @ matrix
    turn = np.eye(4)
    turn[:3, :3] = rotation_part(matrix).T @ view.to_camera[:3, :3].T
    lens = np.concatenate([view.focal, view.center])
    bounds = np.array([*view.limits, view.near, smooth])
    return np.concatenate([to_camera.T.ravel(), turn.T.ravel(), lens, bounds]).astype(np.float32)


def rotation_part(matrix: np.ndarray) -> np.ndarray:
    """The turn [3, 3] in a matrix that also scales, shears or mirrors: the nearest orthogonal one."""
    left, _, right = np.linalg.svd(np.asarray(matrix, np.float64)[:3, :3])
    return left @ right

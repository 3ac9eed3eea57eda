"""What a scene's camera sees in a render: matrices, pixels and the part of the picture that is wanted."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.errors import SettingError


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """to_camera: float64 [4, 4], world to camera, rigid, looking along its own -z; projection: float64 [4, 4], to clip
    space; size: the whole picture's pixels; near, far: metres between which things are seen.
    """

    to_camera: np.ndarray
    projection: np.ndarray
    size: tuple[int, int]
    near: float
    far: float
    orthographic: bool


def camera_of(scene: bpy.types.Scene) -> bpy.types.Object:
    """A scene's camera. Raises: SettingError when there is none that splats can be seen through."""
    camera = scene.camera
    if camera is None:
        raise SettingError(f"{scene.name} has no camera; add one, or choose one in the scene's properties.")
    if camera.type != "CAMERA":
        raise SettingError(f"{camera.name} is the scene's camera but is no camera object; choose one that is.")
    if camera.data.type not in ("PERSP", "ORTHO"):
        raise SettingError(f"{camera.name} is panoramic; splats are drawn by perspective and orthographic cameras.")
    return camera


def lens_of(
    camera: bpy.types.Object, depsgraph: bpy.types.Depsgraph, size: tuple[int, int], aspect: tuple[float, float]
) -> Lens:
    """What a camera as it is now in a depsgraph sees. camera: any copy of it; aspect: width and height of a pixel."""
    seen = camera.evaluated_get(depsgraph)
    projection = seen.calc_matrix_camera(depsgraph, x=size[0], y=size[1], scale_x=aspect[0], scale_y=aspect[1])
    return Lens(
        np.array(seen.matrix_world.normalized().inverted_safe(), np.float64),
        np.array(projection, np.float64),
        size,
        seen.data.clip_start,
        seen.data.clip_end,
        seen.data.type == "ORTHO",
    )


def region_of(size: tuple[int, int], render: bpy.types.RenderSettings) -> tuple[slice, slice]:
    """Rows from below and columns of a picture that are rendered: all, or those in the border, as Blender rounds."""
    width, height = size
    if not render.use_border:
        return slice(0, height), slice(0, width)
    left, right = (int(np.float32(edge) * np.float32(width)) for edge in (render.border_min_x, render.border_max_x))
    low, high = (int(np.float32(edge) * np.float32(height)) for edge in (render.border_min_y, render.border_max_y))
    return slice(low, max(high, low + 1)), slice(left, max(right, left + 1))

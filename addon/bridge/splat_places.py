"""What a mesh has at places of its triangles: maps, colour attributes, pixels."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.splat.film import encoded
from ...core.splat.light import linear_light
from ...core.splat.sample_mesh import Texture


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """n places on a mesh. triangles: int [n], of mesh.loop_triangles; corners: float64 [n, 3], barycentric."""

    mesh: bpy.types.Mesh
    triangles: np.ndarray
    corners: np.ndarray

    def __len__(self) -> int:
        return len(self.triangles)

    def texture(self, image: bpy.types.Image, layer: str) -> np.ndarray | None:
        """Linear colours and opacity [n, 4] of an image; None without pixels or a map to find them by."""
        uvs, pixels = _uvs(self.mesh, layer), pixels_of(image)
        if uvs is None or pixels is None:
            return None
        corners = uvs[corners_of(self.mesh, "loops")]
        color = Texture(pixels[..., :3], corners).colors(self.triangles, self.corners)
        if image.colorspace_settings.name == "Non-Color":
            color = encoded(color)
        alpha = np.ones(len(self))
        if pixels.shape[2] == 4:
            alpha = Texture(np.repeat(pixels[..., 3:], 3, axis=2), corners).colors(self.triangles, self.corners)[:, 0]
        return np.column_stack([linear_light(color), alpha])

    def attribute(self, name: str) -> np.ndarray | None:
        """Linear colours and opacity [n, 4] of a colour attribute, the active one for no name; None without one."""
        found = self.mesh.color_attributes.get(name) if name else self.mesh.color_attributes.active_color
        if found is None or not len(found.data):
            return None
        out = np.empty((len(found.data), 4), np.float32)
        found.data.foreach_get("color", out.ravel())
        rows = corners_of(self.mesh, "vertices" if found.domain == "POINT" else "loops")[self.triangles]
        return np.einsum("nk,nkc->nc", self.corners, out[rows].astype(np.float64))


def corners_of(mesh: bpy.types.Mesh, what: str) -> np.ndarray:
    """The "vertices" or "loops" of a mesh's triangles, int32 [F, 3]."""
    out = np.empty((len(mesh.loop_triangles), 3), np.int32)
    mesh.loop_triangles.foreach_get(what, out.ravel())
    return out


def pixels_of(image: bpy.types.Image) -> np.ndarray | None:
    """Display colours and opacity float32 [H, W, 3 or 4], top row first; None for an image without pixels."""
    width, height = image.size
    channels = image.channels
    if not width or not height or channels < 3:
        return None
    rows = np.empty(width * height * channels, np.float32)
    image.pixels.foreach_get(rows)
    grid = rows.reshape(height, width, channels)[::-1]
    if image.is_float:
        grid = np.concatenate([encoded(grid[..., :3]), grid[..., 3:]], axis=2)
    return np.ascontiguousarray(grid, np.float32)


def _uvs(mesh: bpy.types.Mesh, layer: str) -> np.ndarray | None:
    """Of each loop, float32 [L, 2], or None without a map."""
    chosen = mesh.uv_layers.get(layer) if layer else None
    chosen = chosen or next((each for each in mesh.uv_layers if each.active_render), mesh.uv_layers.active)
    if chosen is None:
        return None
    out = np.empty((len(mesh.loops), 2), np.float32)
    chosen.uv.foreach_get("vector", out.ravel())
    return out

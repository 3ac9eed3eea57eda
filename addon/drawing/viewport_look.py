"""What a viewport's own settings say about drawing in it: outlines, the camera's frame, the render region."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np

from .composite import EVERYWHERE, Box, Look


def look_of(context: bpy.types.Context, size: tuple[int, int], look: Look) -> Look:
    """A look with everything that the viewport in a context asks for. size: of its region, pixels."""
    space, overlay = context.space_data, context.space_data.overlay
    frame = camera_frame(context, size)
    look = replace(look, border=border_of(context, size, frame))
    camera = space.camera.data if frame and space.camera and space.camera.type == "CAMERA" else None
    if camera and overlay.show_overlays and camera.show_passepartout:
        look = replace(look, frame=frame, outside=1.0 - camera.passepartout_alpha)
    if overlay.show_overlays and overlay.show_outline_selected and context.mode == "OBJECT":
        theme = context.preferences.themes[0].view_3d
        width = max(1, round(context.preferences.system.pixel_size * theme.outline_width))
        look = replace(look, width=width, selected=tuple(theme.object_selected), active=tuple(theme.object_active))
    return look


def border_of(context: bpy.types.Context, size: tuple[int, int], frame: Box | None) -> Box:
    """The part of a region that is rendered: in rendered shading within the render region, else all of it."""
    space, render = context.space_data, context.scene.render
    if space.shading.type != "RENDERED":
        return EVERYWHERE
    if frame:
        shares = render.border_min_x, render.border_min_y, render.border_max_x, render.border_max_y
        return part(shares, frame) if render.use_border else EVERYWHERE
    shares = space.render_border_min_x, space.render_border_min_y, space.render_border_max_x, space.render_border_max_y
    return part(shares, (0.0, 0.0, *map(float, size))) if space.use_render_border else EVERYWHERE


def part(shares: Box, box: Box) -> Box:
    """A box in a box, given as shares of it."""
    left, lower, right, upper = box
    across, up = right - left, upper - lower
    return left + shares[0] * across, lower + shares[1] * up, left + shares[2] * across, lower + shares[3] * up


def camera_frame(context: bpy.types.Context, size: tuple[int, int]) -> Box | None:
    """Where a viewport that looks through a camera shows what the camera sees; None for other viewports."""
    space, data = context.space_data, context.region_data
    if data.view_perspective != "CAMERA" or space.camera is None or space.camera.type != "CAMERA":
        return None
    camera = space.camera.evaluated_get(context.evaluated_depsgraph_get())
    corners = [camera.matrix_world @ corner for corner in camera.data.view_frame(scene=context.scene)]
    seen = np.array([[*corner, 1.0] for corner in corners]) @ np.array(data.perspective_matrix).T
    if (seen[:, 3] <= 0).any():
        return None
    places = (seen[:, :2] / seen[:, 3:] + 1) / 2 * size
    return *places.min(0).tolist(), *places.max(0).tolist()

"""Whose splats are under the mouse."""

from __future__ import annotations

import bpy
import numpy as np
from bpy_extras.view3d_utils import region_2d_to_origin_3d, region_2d_to_vector_3d
from mathutils import Vector

from ..bridge.splat_scene import seen
from .canvas import Painter, Wish
from .parts import part_of
from .stock import Stock
from .views import View, seen_from

NEAR = 2
"""Pixels around the mouse that are looked at."""


def owner_at(context: bpy.types.Context, place: tuple[int, int], stock: Stock) -> int | None:
    """The session_uid of the object whose splats a viewport shows at a pixel of its region; None for none.

    Only what covers more than half of a pixel counts, and only what no mesh hides.
    """
    size = context.region.width, context.region.height
    if not (0 <= place[0] < size[0] and 0 <= place[1] < size[1]):
        return None
    depsgraph = context.evaluated_depsgraph_get()
    shown = [one for one in seen(depsgraph, context.space_data) if len(one.splats)]
    if not shown:
        return None
    view = seen_from(context.region_data.view_matrix, context.region_data.window_matrix, size)
    rows, columns = (slice(max(place[k] - NEAR, 0), min(place[k] + NEAR + 1, size[k])) for k in (1, 0))
    got = Painter(stock).paint(shown, part_of(view, (rows, columns)), Wish(median=True, exact=False)).read()
    if not np.isfinite(got.median).any():
        return None
    nearest = np.unravel_index(np.argmin(got.median), got.median.shape)
    if mesh_distance(context, place, view) < got.median[nearest]:
        return None
    return shown[got.owner[nearest]].owner


def mesh_distance(context: bpy.types.Context, place: tuple[int, int], view: View) -> float:
    """How far along the view's axis the nearest mesh is at a pixel, metres; inf without one."""
    region, data = context.region, context.region_data
    origin, ray = region_2d_to_origin_3d(region, data, place), region_2d_to_vector_3d(region, data, place)
    hit, where, *_ = context.scene.ray_cast(context.evaluated_depsgraph_get(), origin, ray)
    return float(-(view.to_camera @ np.array([*Vector(where), 1.0]))[2]) if hit else np.inf

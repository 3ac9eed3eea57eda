"""Whether anything else can lie between splats: only then their depths must be known splat by splat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy
import numpy as np

from ..bridge.splat_scene import Seen

SOLID = frozenset({"MESH", "CURVE", "CURVES", "SURFACE", "META", "FONT", "VOLUME", "GREASEPENCIL"})
WIDE = 3.5
"""Standard deviations to which a splat is seen."""

Box = tuple[np.ndarray, np.ndarray]
"""The least and the largest corner, float64 [3] each, world axes."""


def mesh_between(depsgraph: bpy.types.Depsgraph, space: bpy.types.SpaceView3D, shown: Sequence[Seen]) -> bool:
    """Whether the box of something solid touches that of splats.

    A surface between two splats of a pixel lies on a line between two places of their box, and so within it.
    """
    boxes = [splat_box(one) for one in shown]
    return any(
        touches(carried(np.array(each.object.bound_box), np.array(each.matrix_world)), boxes)
        for each in depsgraph.object_instances
        if each.object.type in SOLID and each.show_self
    )


def splat_box(one: Seen) -> Box:
    """The box around an object's splats in the world."""
    means = one.splats.means
    if not len(means):
        return np.full(3, np.inf), np.full(3, -np.inf)
    margin = WIDE * float(np.exp(one.splats.log_scales.max()))
    low, high = means.min(0) - margin, means.max(0) + margin
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    return carried(corners, one.matrix)


def carried(corners: np.ndarray, matrix: np.ndarray) -> Box:
    """The box in the world of a box's corners [8, 3]."""
    world = corners @ matrix[:3, :3].T + matrix[:3, 3]
    return world.min(0), world.max(0)


def touches(box: Box, others: Iterable[Box]) -> bool:
    """Whether two boxes have a place in common."""
    return any((box[0] <= high).all() and (low <= box[1]).all() for low, high in others)

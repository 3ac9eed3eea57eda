"""The meshes of a render that hide the splats behind them, with every modifier, shape and instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np

HIDING = {"MESH", "CURVE", "SURFACE", "FONT", "META"}


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """points: float32 [V, 3], the object's own space; triangles: int32 [F, 3]; matrix: float64 [4, 4] to world."""

    points: np.ndarray
    triangles: np.ndarray
    matrix: np.ndarray


def solids_of(depsgraph: bpy.types.Depsgraph) -> tuple[Solid, ...]:
    """Every surface that a depsgraph shows to cameras; what is shown twice is read once."""
    return tuple(_solids(depsgraph))


def _solids(depsgraph: bpy.types.Depsgraph) -> Iterator[Solid]:
    read: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for instance in depsgraph.object_instances:
        shown = instance.object
        if shown.type not in HIDING or not instance.show_self or not shown.visible_camera:
            continue
        key = shown.as_pointer()
        if key not in read:
            read[key] = _surface(shown)
        points, triangles = read[key]
        if len(triangles):
            yield Solid(points, triangles, np.array(instance.matrix_world, np.float64))


def _surface(shown: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    mesh = shown.data if shown.type == "MESH" else shown.to_mesh()
    if mesh is None:
        return np.empty((0, 3), np.float32), np.empty((0, 3), np.int32)
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    mesh.calc_loop_triangles()
    corners = np.empty(3 * len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    if shown.type != "MESH":
        shown.to_mesh_clear()
    return points.reshape(-1, 3), corners.reshape(-1, 3)

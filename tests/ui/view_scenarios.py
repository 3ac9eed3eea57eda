"""What a user sees of splats in a viewport: they are drawn, hidden by meshes, clicked, turned around and hidden."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Quaternion, Vector
from stage import EXTENSION, note, viewport

# Here, because it takes clicks as soon as it is there.
bpy.context.preferences.view.show_splash = False

WAIT = 12
"""Ticks in which Blender draws what is there."""


def see_splats() -> Iterator[None]:
    """A ball of splats, a cube through it, and a cube beside."""
    ports = importlib.import_module(f"{EXTENSION}.addon.drawing.viewport").VIEWPORTS
    for each in list(bpy.data.objects):
        bpy.data.objects.remove(each)
    ball = _ball()
    beside = _cube("Beside", (0.8, 0, 0), 0.3)
    area = viewport()["area"]
    data = area.spaces.active.region_3d
    data.view_location, data.view_distance, data.view_rotation = (0.3, 0, 0), 3.0, Quaternion((1, 0, 0), 0.6)
    yield from drawn()
    region = ports.regions[viewport()["region"].as_pointer()]
    note(cover=_cover(region), kept=_kept(region, area))
    yield from drawn()
    note(same=region.canvas is found_canvas[0])
    yield from _click(ball, False)
    note(clicked=_selected())
    yield from _click(beside, True)
    note(both=_selected())
    yield from _click(ball, False)
    note(alone=_selected(), outlined=float(region.canvas.read().facts[..., 2].max()))
    _cube("Through", (0, 0, 0.45), 0.7)
    area.spaces.active.shading.type = "SOLID"
    yield from drawn()
    note(through=_cover(region))
    ball.hide_set(True)
    yield from drawn()
    note(hidden=len(region.shown))


def shade_splats() -> Iterator[None]:
    """Shading that goes through the scene's view transform."""
    for each in list(bpy.data.objects):
        bpy.data.objects.remove(each)
    _ball()
    area = viewport()["area"]
    bpy.context.scene.eevee.taa_samples = 1
    area.spaces.active.shading.type = "MATERIAL"
    yield from drawn()
    tables = importlib.import_module(f"{EXTENSION}.addon.drawing.view_table").TABLES
    note(table=tables._made is not None, transform=bpy.context.scene.view_settings.view_transform)


found_canvas: list = []


def drawn() -> Iterator[None]:
    """Until Blender has drawn."""
    viewport()["area"].tag_redraw()
    for _ in range(WAIT):
        yield


def _ball() -> bpy.types.Object:
    cloud = importlib.import_module(f"{EXTENSION}.addon.bridge.splat_cloud")
    splats = importlib.import_module(f"{EXTENSION}.core.splat.types").Splats
    rng = np.random.default_rng(0)
    around = rng.normal(size=(1000, 3))
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    still = np.tile(np.array([1, 0, 0, 0], np.float32), (len(around), 1))
    parts = 0.4 * around, still, np.full((1000, 3), -3.2), np.full(1000, 3.0), rng.normal(size=(1000, 1, 3))
    made = splats(*(part.astype(np.float32) for part in parts))
    points = cloud.new_points("Ball", len(made))
    cloud.write_cloud(points, made)
    ball = bpy.data.objects.new("Ball", points)
    bpy.context.scene.collection.objects.link(ball)
    return ball


def _cube(name: str, place: tuple[float, float, float], size: float) -> bpy.types.Object:
    with bpy.context.temp_override(**viewport()):
        bpy.ops.mesh.primitive_cube_add(size=size, location=place)
        made = bpy.context.object
        bpy.ops.object.select_all(action="DESELECT")
    made.name = name
    return made


def _cover(region: object) -> float:
    """How many pixels splats cover."""
    return float(region.canvas.read().alpha.sum())


def _kept(region: object, area: bpy.types.Area) -> int:
    """Remember the picture, to see whether it is kept."""
    found_canvas[:] = [region.canvas]
    area.tag_redraw()
    return len(region.shown)


def _click(what: bpy.types.Object, shift: bool) -> Iterator[None]:
    here = viewport()
    data = here["area"].spaces.active.region_3d
    place = location_3d_to_region_2d(here["region"], data, Vector(what.location))
    x, y = (int(at) for at in (here["region"].x + place.x, here["region"].y + place.y))
    here["window"].event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
    yield
    for value in ("PRESS", "RELEASE"):
        here["window"].event_simulate(type="LEFTMOUSE", value=value, x=x, y=y, shift=shift)
        yield
    yield from drawn()


def _selected() -> list[str]:
    return sorted(each.name for each in bpy.context.view_layer.objects if each.select_get())

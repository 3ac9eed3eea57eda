"""What viewports need around the picture: what may lie between splats, view transforms, clicks, and being told off."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mouthpiece.addon import ops_splat_select
from mouthpiece.addon.bridge.splat_cloud import new_points, write_cloud
from mouthpiece.addon.bridge.splat_scene import seen
from mouthpiece.addon.drawing import boxes, view_table
from mouthpiece.addon.drawing.canvas import Wish, draw
from mouthpiece.addon.drawing.composite import Look, composite
from mouthpiece.addon.drawing.passes import target
from mouthpiece.addon.drawing.textures import cube, read_back
from mouthpiece.addon.drawing.viewport import VIEWPORTS, Region, Viewports, painted, signature_of
from mouthpiece.addon.drawing.viewport_look import part
from on_card import on_card
from splat_views import camera, cloud, decibels, shown, view_of

SIZE = 48, 40


def put(name: str, place: tuple[float, float, float]) -> bpy.types.Object:
    """A small set of splats in the scene."""
    splats = cloud(50, 0)
    points = new_points(name, len(splats))
    write_cloud(points, splats)
    made = bpy.data.objects.new(name, points)
    made.location = place
    bpy.context.collection.objects.link(made)
    return made


@pytest.mark.parametrize(("place", "between"), (((0, 0, 0), True), ((5, 0, 0), False), ((0.3, 0.2, 0), True)))
def test_meshes_that_reach_into_splats_are_noticed(place, between):
    put("Splats", (0, 0, 0))
    bpy.ops.mesh.primitive_cube_add(size=0.1, location=place)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert boxes.mesh_between(depsgraph, None, seen(depsgraph)) is between


def test_a_box_holds_its_splats_however_they_stand():
    matrix = np.array([[0, -2, 0, 3], [1.5, 0, 0, -1], [0, 0, 1, 0.5], [0, 0, 0, 1]], np.float64)
    one = shown(cloud(200, 0), matrix)
    low, high = boxes.splat_box(one)
    world = one.splats.means @ matrix[:3, :3].T + matrix[:3, 3]
    assert (low < world.min(0)).all()
    assert (world.max(0) < high).all()


@pytest.mark.parametrize("transform", ("Standard", "AgX", "Filmic"))
def test_a_table_is_what_blender_makes_of_colours(transform):
    """Measured against a picture of other colours that goes the same way."""
    scene = bpy.context.scene
    scene.view_settings.view_transform = transform
    fine = view_table.viewed_grid(scene, 17)
    counts = len(bpy.data.scenes), len(bpy.data.images)
    coarse = view_table.viewed_grid(scene, 9)
    assert np.abs(coarse - fine[::2, ::2, ::2]).max() < 1e-4
    assert (len(bpy.data.scenes), len(bpy.data.images)) == counts
    steps = np.linspace(0, 1, 9)
    unchanged = np.abs(coarse[..., 0] - steps).max() < 1e-3
    assert unchanged is np.bool_(view_table.changes_nothing(scene.view_settings)) is np.bool_(transform == "Standard")


def test_settings_that_change_colours_are_told_apart():
    settings = bpy.context.scene.view_settings
    settings.view_transform = "Standard"
    assert view_table.changes_nothing(settings)
    before = view_table.signature_of(settings)
    settings.exposure = 0.5
    assert view_table.signature_of(settings) != before
    assert not view_table.changes_nothing(settings)


def test_a_table_is_made_when_the_view_settings_ask_for_one():
    """Not while drawing: the first time there is none yet, and none at all for Standard or solid shading."""
    scene, tables = bpy.context.scene, view_table.Tables()
    context = SimpleNamespace(scene=scene, space_data=SimpleNamespace(shading=SimpleNamespace(type="MATERIAL")))

    def work():
        scene.view_settings.view_transform = "Standard"
        plain = tables.table(context)
        assert (plain.width, tables.waits) == (1, False)
        scene.view_settings.view_transform = "AgX"
        assert tables.table(context) is plain
        assert tables.waits
        tables._make()
        assert not tables.waits
        made = tables.table(context)
        assert made.width == view_table.SIDE
        assert tables.table(context) is made
        context.space_data.shading.type = "SOLID"
        assert tables.table(context) is plain

    on_card(work)


def composed(look: Look, depth: float = 1.0) -> np.ndarray:
    """A canvas over a grey target with a depth of its own, float32 [h, w, 4]."""
    from gpu.types import GPUFrameBuffer, GPUTexture

    def work():
        canvas = draw([shown(cloud(900, 0), selected=True)], view_of(camera((0.3, 0.2, 0.6), SIZE)))
        out, depths = target(SIZE), GPUTexture(SIZE, format="DEPTH_COMPONENT32F")
        frame = GPUFrameBuffer(depth_slot=depths, color_slots=(out,))
        with frame.bind():
            frame.clear(color=(0.2, 0.2, 0.2, 1.0), depth=depth)
            composite(canvas, look)
        return read_back(out), canvas.read()

    return on_card(work)


def stored(colors: np.ndarray) -> np.ndarray:
    """What must lie in a viewport for a colour to be seen."""
    from mouthpiece.addon.compat import overlay_gamma

    gamma = overlay_gamma()
    if gamma:
        return colors**gamma
    return np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)


def table():
    return on_card(lambda: cube(1))


def test_a_canvas_lies_over_the_viewport():
    got, read = composed(Look(table(), tested=False))
    alpha = read.alpha[..., None]
    colors = np.clip(read.color / np.maximum(alpha, 1e-6), 0, None)
    wanted = stored(colors) * alpha + 0.2 * (1 - alpha)
    wanted = np.where(alpha < 1 / 255, 0.2, wanted)
    assert decibels(got[..., :3], wanted) > 60


def test_meshes_before_it_hide_it():
    got, _ = composed(Look(table(), tested=True), depth=0.0)
    assert np.allclose(got[..., :3], 0.2)


def test_the_render_region_and_the_frame():
    got, read = composed(Look(table(), tested=False, border=(0, 0, 20, 40), frame=(0, 0, 10, 40), outside=0.0))
    assert np.allclose(got[:, 20:, :3], 0.2)
    solid = read.alpha[:, 10:20] > 0.999
    assert solid.any()
    assert got[:, 10:20, :3][solid].max() < 0.01
    assert part((0.25, 0.5, 0.75, 1.0), (10, 10, 50, 30)) == (20, 20, 40, 30)


def test_what_is_selected_has_an_outline():
    plain, read = composed(Look(table(), tested=False))
    got, _ = composed(Look(table(), tested=False, width=1, selected=(1, 0, 1), active=(0, 1, 0)))
    line = np.abs(got - plain).max(2) > 0.01
    assert np.allclose(got[line][:, :3], stored(np.array([1.0, 0, 1])), atol=1e-3)
    inside = read.facts[..., 1] >= 0.5
    assert line.any()
    assert not (line & inside).any()


def test_a_viewport_paints_only_what_changed(monkeypatch):
    from mouthpiece.addon.drawing.canvas import Painter
    from mouthpiece.addon.drawing.stock import Stock

    view = view_of(camera((0.3, 0.2, 0.6), SIZE))
    one = shown(cloud(100, 0))

    def work():
        region = Region(Painter(Stock()))
        region.shown = (one,)
        first = painted(region, view, None)
        assert painted(region, view, None) is first
        region.shown = (shown(one.splats, selected=True),)
        second = painted(region, view, None)
        assert second is not first
        assert painted(region, view_of(camera((0.3, 0.3, 0.6), SIZE)), None) is not second

    on_card(work)
    assert signature_of([one]) == signature_of([shown(one.splats)])


def test_viewports_forget():
    ports = Viewports()
    for pointer in range(40):
        ports.region(pointer)
    assert len(ports.regions) <= 16
    assert ports.region(39) is ports.region(39)
    ports.forget()
    assert not ports.regions
    assert not ports.shows_splats()
    ports.stop()


def test_without_a_window_nothing_is_drawn_into_viewports(registered):
    assert VIEWPORTS.handle is None


def test_a_blender_that_draws_splats_draws_them_alone(monkeypatch):
    from mouthpiece.addon.bridge import splat_heads
    from mouthpiece.addon.drawing import viewport

    made = put("Splats", (0, 0, 0))
    assert not splat_heads.reads_attributes(made)
    assert not viewport.draws_splats()
    for module in (splat_heads, viewport):
        monkeypatch.setattr(module, "draws_splats", lambda: True)
    assert splat_heads.reads_attributes(made)
    ports = Viewports()
    ports.start()
    assert ports.handle is None


def test_clicks_select_as_blender_does(registered):
    first, second = put("First", (0, 0, 0)), put("Second", (1, 0, 0))
    layer = bpy.context.view_layer
    for found, extend, selected, active in (
        (first, False, {first}, first),
        (second, False, {second}, second),
        (first, True, {first, second}, first),
        (first, True, {second}, first),
    ):
        ops_splat_select.select(bpy.context, found, extend)
        assert {each for each in layer.objects if each.select_get()} == selected
        assert layer.objects.active == active


def test_splats_say_whom_a_click_selects():
    made = put("Splats", (0, 0, 0))
    (one,) = seen(bpy.context.evaluated_depsgraph_get())
    assert one.owner == made.session_uid
    got = on_card(lambda: draw([one], view_of(camera((0.3, 0.2, 0.6), SIZE)), Wish(median=True)).read())
    assert (got.owner == 0).any()

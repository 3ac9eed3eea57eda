"""The panels around renders of splats name properties and operators that exist, and draw in every state."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest
from filmed import stage
from mouthpiece.addon import panels_film
from mouthpiece.addon.engine import ENGINE

pytestmark = pytest.mark.usefixtures("registered")


class Sheet:
    """A layout that only checks and notes what is asked of it."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def prop(self, owner: bpy.types.bpy_struct, name: str, **_: object) -> None:
        assert name in owner.bl_rna.properties, f"{owner} has no {name}"
        self.noted.append(name)

    def operator(self, idname: str, **_: object) -> SimpleNamespace:
        room, name = idname.split(".")
        assert name in dir(getattr(bpy.ops, room)), idname
        self.noted.append(idname)
        return SimpleNamespace()

    def label(self, text: str, **_: object) -> None:
        self.noted.append(text)

    def column(self, **_: object) -> Sheet:
        return self

    row = column


def drawn(panel: type) -> list[str]:
    sheet = Sheet()
    scene = bpy.context.scene
    here = SimpleNamespace(scene=scene, view_layer=scene.view_layers[0], engine=scene.render.engine)
    panel.draw(SimpleNamespace(layout=sheet), here)
    if hasattr(panel, "draw_header"):
        panel.draw_header(SimpleNamespace(layout=sheet), here)
    return sheet.noted


def test_every_panel_draws() -> None:
    stage()
    for panel in panels_film.CLASSES:
        assert drawn(panel)
    assert panels_film.MOUTHPIECE_PT_film.poll(SimpleNamespace(engine=ENGINE))
    assert not panels_film.MOUTHPIECE_PT_film.poll(SimpleNamespace(engine="CYCLES"))


def test_the_background_is_offered_where_the_world_keeps_it() -> None:
    scene = stage()
    scene.render.film_transparent = False
    scene.world = bpy.data.worlds.new("World")
    expected = "default_value" if bpy.app.version >= (5, 0) else "color"
    assert expected in drawn(panels_film.MOUTHPIECE_PT_film)
    scene.render.film_transparent = True
    assert expected not in drawn(panels_film.MOUTHPIECE_PT_film)


def test_a_view_that_changes_colours_is_told_and_mended() -> None:
    scene = stage()
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.exposure = 1
    assert "AgX changes the colours" in drawn(panels_film.MOUTHPIECE_PT_film)
    scene.view_settings.view_transform = "Standard"
    assert "Exposure changes the colours" in drawn(panels_film.MOUTHPIECE_PT_film)
    bpy.ops.mouthpiece.standard_view()
    assert scene.view_settings.view_transform == "Standard"
    assert scene.view_settings.exposure == 0
    assert "mouthpiece.standard_view" not in drawn(panels_film.MOUTHPIECE_PT_film)


def test_the_engine_is_one_button() -> None:
    scene = bpy.context.scene
    bpy.ops.mouthpiece.use_splat_engine()
    assert scene.render.engine == ENGINE
    assert scene.view_settings.view_transform == "Standard"

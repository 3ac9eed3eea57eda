"""Switching the extension off and on leaves Blender as it was."""

from __future__ import annotations

import bpy
import mouthpiece


def _known() -> tuple[set[str], set[str], dict[str, int]]:
    handlers = {
        name: len(found) for name in dir(bpy.app.handlers) if isinstance(found := getattr(bpy.app.handlers, name), list)
    }
    operators = {name for name in dir(bpy.ops.mouthpiece) if not name.startswith("__")}
    return {name for name in dir(bpy.types) if "mouthpiece" in name.lower()}, operators, handlers


def test_register_unregister_register() -> None:
    before = _known()
    assert not before[0]
    for _ in range(5):
        mouthpiece.register()
        during = _known()
        assert len(during[0]) >= 10
        assert during[2]["load_pre"] == before[2]["load_pre"] + 1
        assert hasattr(bpy.types.Scene, "mouthpiece")
        mouthpiece.unregister()
        assert _known() == before
        assert not hasattr(bpy.types.Scene, "mouthpiece")


def test_everything_has_a_tooltip(registered: None) -> None:
    settings = bpy.context.scene.mouthpiece
    for prop in settings.bl_rna.properties:
        if prop.identifier not in ("rna_type", "name"):
            assert prop.description, prop.identifier
    for name in dir(bpy.ops.mouthpiece):
        if not name.startswith("__"):
            assert getattr(bpy.ops.mouthpiece, name).get_rna_type().description, name


def test_the_handler_survives_loading(registered: None) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    assert any(handler.__module__.startswith("mouthpiece") for handler in bpy.app.handlers.load_pre)

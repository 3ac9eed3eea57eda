"""What differs between Blender 4.5, 5.0, 5.1 and 5.2, in one place."""

from __future__ import annotations

from collections.abc import Callable

import bpy

# A path of this kind may start with // for the folder of the .blend; older versions have no word for it.
RELATIVE_PATH: set[str] = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()


def sequencer_scene(context: bpy.types.Context, scene: bpy.types.Scene) -> bpy.types.Scene:
    """The scene whose sequencer the user sees: chosen in the workspace since 5.0, the animated one before."""
    workspace = getattr(context, "workspace", None)
    return getattr(workspace, "sequencer_scene", None) or scene


def exit_handlers() -> list[Callable] | None:
    """The handlers that run before Blender quits (5.1 and later), or None."""
    return getattr(bpy.app.handlers, "exit_pre", None)

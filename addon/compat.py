"""What differs between Blender 4.5, 5.0, 5.1 and 5.2, in one place."""

from __future__ import annotations

from collections.abc import Callable

import bpy


def sequencer_scene(context: bpy.types.Context, scene: bpy.types.Scene) -> bpy.types.Scene:
    """The scene whose sequencer the user sees: chosen in the workspace since 5.0, the animated one before."""
    workspace = getattr(context, "workspace", None)
    return getattr(workspace, "sequencer_scene", None) or scene


def exit_handlers() -> list[Callable] | None:
    """The handlers that run before Blender quits (5.1 and later), or None."""
    return getattr(bpy.app.handlers, "exit_pre", None)


def show_sequencer(context: bpy.types.Context, scene: bpy.types.Scene) -> None:
    """Let a workspace that shows no scene in its sequencer (5.0 and later) show this one."""
    workspace = getattr(context, "workspace", None)
    if workspace and getattr(workspace, "sequencer_scene", scene) is None:
        workspace.sequencer_scene = scene


def strip_start(strip: bpy.types.Strip) -> int:
    """The frame at which a strip's content begins; the name changed in 5.1."""
    return round(strip.content_start if hasattr(strip, "content_start") else strip.frame_start)


def strip_span(strip: bpy.types.Strip) -> tuple[int, int]:
    """The first frame of a strip and the one behind its last; the names changed in 5.1."""
    if hasattr(strip, "left_handle"):
        return round(strip.left_handle), round(strip.right_handle)
    return strip.frame_final_start, strip.frame_final_end

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


def modifier_input(modifier: bpy.types.NodesModifier, name: str) -> bpy.types.bpy_struct | None:
    """What holds the value of a named input of a nodes modifier since 5.2; None before, where the modifier holds it."""
    return getattr(modifier.properties.inputs, _identifier(modifier, name)) if _has_inputs(modifier) else None


def get_modifier_input(modifier: bpy.types.NodesModifier, name: str) -> object:
    """The value of a named input of a nodes modifier; where it lies changed in 5.2."""
    place = modifier_input(modifier, name)
    return place.value if place else modifier[_identifier(modifier, name)]


def set_modifier_input(modifier: bpy.types.NodesModifier, name: str, value: object) -> None:
    """Set a named input of a nodes modifier; where it lies changed in 5.2."""
    place = modifier_input(modifier, name)
    if place:
        place.value = value
    else:
        modifier[_identifier(modifier, name)] = value
    modifier.id_data.update_tag()


def _has_inputs(modifier: bpy.types.NodesModifier) -> bool:
    return hasattr(getattr(modifier, "properties", None), "inputs")


def _identifier(modifier: bpy.types.NodesModifier, name: str) -> str:
    items = modifier.node_group.interface.items_tree
    return next(item.identifier for item in items if item.item_type == "SOCKET" and item.name == name)


def overlay_gamma() -> float:
    """How a viewport shows what is drawn over it: by this gamma since 5.0 (seen in 5.2), by sRGB's curve before (0)."""
    return 2.2 if bpy.app.version >= (5, 0, 0) else 0.0


def draws_splats() -> bool:
    """Whether Blender draws splats itself: point clouds have a type since 5.3 (Blender 5.3, IO_gsplat)."""
    return "type" in bpy.types.PointCloud.bl_rna.properties

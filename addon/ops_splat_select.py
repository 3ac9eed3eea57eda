"""Clicking splats: Blender itself cannot tell which object what an add-on draws belongs to."""

from __future__ import annotations

import bpy

from .drawing.picking import owner_at
from .drawing.viewport import VIEWPORTS


class MOUTHPIECE_OT_select_splats(bpy.types.Operator):
    """Select the object whose splats are under the mouse; where there are none, select as Blender does"""

    bl_idname = "mouthpiece.select_splats"
    bl_label = "Select Splats"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    extend: bpy.props.BoolProperty(
        name="Extend",
        description="Add to what is selected, or take it away again",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return context.mode == "OBJECT" and context.region_data is not None and VIEWPORTS.shows_splats()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Called by Blender: the click goes on to Blender's own selection where there are no splats."""
        uid = owner_at(context, (event.mouse_region_x, event.mouse_region_y), VIEWPORTS.stock)
        self.extend = self.extend or event.shift
        found = next((each for each in context.view_layer.objects if each.session_uid == uid), None)
        if found is None:
            return {"PASS_THROUGH"}
        select(context, found, self.extend)
        return {"FINISHED"}


def select(context: bpy.types.Context, found: bpy.types.Object, extend: bool) -> None:
    """As a click does: alone, or with the others; with them a second click takes it away."""
    layer = context.view_layer
    again = extend and found.select_get() and layer.objects.active == found
    if not extend:
        for each in context.selected_objects:
            each.select_set(False)
    found.select_set(not again)
    if not again:
        layer.objects.active = found


KEYS = (({"shift": False}, False), ({"shift": True}, True))
_items: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def add_keys() -> None:
    """The mouse's select button in Object Mode; without a window there are no keys."""
    keys = bpy.context.window_manager.keyconfigs.addon
    if keys is None:
        return
    keymap = keys.keymaps.new(name="Object Mode")
    for modifiers, extend in KEYS:
        item = keymap.keymap_items.new(MOUTHPIECE_OT_select_splats.bl_idname, "LEFTMOUSE", "CLICK", **modifiers)
        item.properties.extend = extend
        _items.append((keymap, item))


def remove_keys() -> None:
    """Take the keys back."""
    for keymap, item in _items:
        keymap.keymap_items.remove(item)
    _items.clear()

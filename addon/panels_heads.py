"""The panel for heads that are learned from video: what from, how far it is, and what to do with it."""

from __future__ import annotations

import bpy

from ..core.learned import HeadFolder, Stand, stand_of
from .desk import DESK
from .head_preview import PREVIEW
from .panels import write_text
from .props_heads import MOUTHPIECE_PG_heads, folder_of, heads_of
from .sidebar import SidebarTab

PICTURE_UNITS = 5.5
"""Side of each of the two pictures, so that both fit into the sidebar as it opens."""


class MOUTHPIECE_PT_heads(SidebarTab, bpy.types.Panel):
    """A head of splats from the film of one person talking"""

    bl_label = "Learned Heads"
    bl_parent_id = "MOUTHPIECE_PT_video"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        layout, settings = self.layout, heads_of(context)
        folder = folder_of(settings)
        stand = stand_of(folder) if folder else Stand()
        _draw_settings(layout, settings, stand)
        row = layout.row(align=True)
        row.operator("mouthpiece.prepare_head", icon="VIEWZOOM")
        row.operator("mouthpiece.open_head_report", text="", icon="URL")
        if DESK.busy:
            _draw_progress(layout, context)
        else:
            row = layout.row()
            row.scale_y = 1.4
            going = stand.is_learned and not stand.is_done
            row.operator("mouthpiece.learn_head", text="Go On Learning" if going else "Learn", icon="MODIFIER")
        if folder:
            _draw_pictures(layout, context, folder)
            # While it learns, the bar knows better than the checkpoint.
            for sentence in () if DESK.busy else stand.sentences():
                write_text(layout, context, sentence, "BLANK1")
        _draw_use(layout, context, settings)
        for sentence in filter(None, dict.fromkeys((stand.judged, settings.told))):
            write_text(layout, context, sentence, "INFO")


def _draw_settings(layout: bpy.types.UILayout, settings: MOUTHPIECE_PG_heads, stand: Stand) -> None:
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(settings, "film")
    column.prop(settings, "face")
    column.prop(settings, "folder")
    # What was begun one way goes on that way; only its length may change.
    begun = column.column()
    begun.enabled = not stand.is_learned
    begun.prop(settings, "config", text="Kind")
    begun.prop(settings, "size")
    column.prop(settings, "length")
    column.prop(settings, "device")


def _draw_progress(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The bar, and in full what does not fit on it."""
    left, found, doing = DESK.text.rpartition(" left: ")
    row = layout.row(align=True)
    row.scale_y = 1.4
    row.progress(factor=DESK.value, text=f"{DESK.value:.0%}, {left} left" if found else doing)
    row.operator("mouthpiece.cancel", text="", icon="CANCEL")
    if found:
        write_text(layout, context, doing[:1].upper() + doing[1:], "BLANK1")


def _draw_pictures(layout: bpy.types.UILayout, context: bpy.types.Context, folder: HeadFolder) -> None:
    found = PREVIEW.show(folder.newest)
    if found is None:
        return
    newest, icons = found
    row = layout.row()
    for title, icon in zip(("Film", "Learned"), icons, strict=True):
        column = row.column()
        column.label(text=title)
        column.template_icon(icon_value=icon, scale=PICTURE_UNITS)
    write_text(layout, context, f"{newest.sentence()}.", "BLANK1")


def _draw_use(layout: bpy.types.UILayout, context: bpy.types.Context, settings: MOUTHPIECE_PG_heads) -> None:
    row = layout.row(align=True)
    row.operator("mouthpiece.bake_head", icon="IMPORT")
    row.operator("mouthpiece.evaluate_head", icon="CHECKMARK")
    column = layout.column()
    column.prop(settings, "recording", text="")
    column.row().prop(settings, "way", expand=True)
    column.operator("mouthpiece.drive_head", icon="PLAY")


CLASSES = (MOUTHPIECE_PT_heads,)

"""The panel for films and portraits."""

from __future__ import annotations

import bpy

from ..core.layers.regions import GROUPS
from .panels import write_text
from .props_video import VIDEO
from .sidebar import SidebarTab
from .workshop import why_no_engine


class MOUTHPIECE_PT_video(SidebarTab, bpy.types.Panel):
    """Films of faces, and heads made of a picture or a film"""

    bl_label = "Film and Portrait"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        layout, settings = self.layout, getattr(context.scene, VIDEO)
        why = why_no_engine()
        if why:
            write_text(layout, context, why, "INFO")
        layout.operator("mouthpiece.make_portrait", icon="USER")
        layout.prop(settings, "film", text="")
        layout.prop(settings, "face")
        column = layout.column(align=True)
        column.label(text="From the film, else from its sound:")
        for group in GROUPS:
            column.prop(settings, group, slider=True)
        layout.prop(settings, "as_sure")
        row = layout.row()
        row.prop(settings, "ranged")
        reach = row.row()
        reach.active = settings.ranged
        reach.prop(settings, "reach", text="", slider=True)
        layout.operator("mouthpiece.perform_film", icon="PLAY")
        if settings.told:
            write_text(layout, context, settings.told, "TIME")

"""Several recordings at once, beside viewport and sequencer: who says what, the buttons, and what came of it."""

from __future__ import annotations

import bpy

from .desk import DESK
from .panels import write_text
from .props_batch import BATCH


class _Batch:
    """What both panels share."""

    bl_region_type = "UI"
    bl_category = "Mouthpiece"
    bl_label = "Several Recordings"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        batch, layout = getattr(context.scene, BATCH), self.layout
        _draw_cast(layout, batch)
        if DESK.busy:
            row = layout.row(align=True)
            row.progress(factor=DESK.value, text=DESK.text)
            row.operator("mouthpiece.cancel", text="", icon="CANCEL")
        else:
            layout.operator("mouthpiece.animate_strips", icon="SEQ_SEQUENCER")
            column = layout.column(align=True)
            column.prop(batch, "folder", text="")
            column.prop(batch, "gap_s")
            column.operator("mouthpiece.animate_folder", icon="FILE_FOLDER")
        summary, *rest = batch.report.split("\n")
        if summary:
            write_text(layout, context, summary, "INFO")
        if DESK.told:
            layout.operator("mouthpiece.save_report", icon="FILE_TICK")
        for message in rest:
            write_text(layout, context, message, "ERROR")


class MOUTHPIECE_PT_batch(_Batch, bpy.types.Panel):
    """Beside the viewport"""

    bl_space_type = "VIEW_3D"
    bl_options = {"DEFAULT_CLOSED"}


class MOUTHPIECE_PT_batch_strips(_Batch, bpy.types.Panel):
    """Beside the sequencer, where strips are selected"""

    bl_space_type = "SEQUENCE_EDITOR"


def _draw_cast(layout: bpy.types.UILayout, batch: bpy.types.PropertyGroup) -> None:
    """A row for each rule; without any, all is the panel's character's."""
    column = layout.column(align=True)
    for place, rule in enumerate(batch.rules):
        row = column.row(align=True)
        row.prop(rule, "channel", text="")
        row.prop(rule, "pattern", text="", placeholder="any name")
        row.prop(rule, "character", text="")
        row.operator("mouthpiece.remove_cast_rule", text="", icon="X").index = place
    column.operator("mouthpiece.add_cast_rule", icon="ADD")

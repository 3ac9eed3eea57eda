"""The panel of a live camera: what to look at, what it sees, and the buttons that record it."""

from __future__ import annotations

import time

import bpy

from .live import LIVE
from .live_preview import LIVE_PREVIEW
from .panels import write_text
from .panels_video import MOUTHPIECE_PT_video
from .props_live import MOUTHPIECE_PG_live, live_settings
from .sidebar import SidebarTab

PICTURE_UNITS = 8.0
"""Side of the square that the camera's picture is shown in."""


class MOUTHPIECE_PT_live(SidebarTab, bpy.types.Panel):
    """A face before a camera, on the character as it moves"""

    bl_label = "Live Camera"
    bl_parent_id = MOUTHPIECE_PT_video.__name__
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        layout, settings = self.layout, live_settings(context.scene)
        _draw_settings(layout, settings)
        layout.prop(settings, "play")
        row = layout.row(align=True)
        row.scale_y = 1.4
        if not LIVE.running:
            row.operator("mouthpiece.start_live", icon="OUTLINER_DATA_CAMERA")
            if LIVE.fault:
                write_text(layout, context, LIVE.fault, "INFO")
            return
        recording = LIVE.recording is not None
        label = "End Take" if recording else "Record"
        row.operator("mouthpiece.record_live", text=label, icon="REC", depress=recording)
        row.operator("mouthpiece.calibrate_live", text="", icon="USER")
        row.operator("mouthpiece.stop_live", text="", icon="CANCEL")
        if LIVE_PREVIEW.icon:
            layout.template_icon(LIVE_PREVIEW.icon, scale=PICTURE_UNITS)
        _draw_state(layout, context)


def _draw_settings(layout: bpy.types.UILayout, settings: MOUTHPIECE_PG_live) -> None:
    """What may only be chosen before it starts."""
    column = layout.column()
    column.enabled = not LIVE.running
    column.use_property_split = True
    column.use_property_decorate = False
    column.row().prop(settings, "source", expand=True)
    column.prop(settings, "camera" if settings.source == "CAMERA" else "film")
    column.prop(settings, "smoothing")
    column.prop(settings, "mirrored")


def _draw_state(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How it goes, in a line or two."""
    moment = LIVE.moment
    if moment is None:
        layout.label(text="Starting the camera", icon="SORTTIME")
        return
    if LIVE.quiet:
        write_text(layout, context, "The camera gives no pictures just now.", "ERROR")
    elif LIVE.calibrated < 1:
        layout.progress(factor=LIVE.calibrated, text="Look calmly at the camera")
    elif not LIVE.ready:
        layout.label(text="Measuring your face", icon="SORTTIME")
    elif moment["seen"]:
        layout.label(text=f"Face seen, {moment['confidence']:.0%} sure", icon="CHECKMARK")
    else:
        layout.label(text="No face is seen", icon="ERROR")
    if LIVE.ready and moment["restless"]:
        write_text(layout, context, "You moved while calibrating; hold still and press the face button.", "INFO")
    column = layout.column(align=True)
    column.scale_y = 0.8
    column.label(text=f"{moment['fps']:.0f} of {moment['camera_fps']:.0f} pictures a second", icon="CAMERA_DATA")
    if LIVE.ready:
        calm = moment["filter_ms"]
        column.label(text=f"{1000 * LIVE.shown_lag_s + calm:.0f} ms late, {calm:.0f} of it smoothing", icon="TIME")
    if LIVE.recording:
        seconds = min(time.monotonic(), LIVE.recording.ended_s) - LIVE.recording.begun_s
        layout.label(text=f"Recording {seconds:.1f} s", icon="REC")


CLASSES = (MOUTHPIECE_PT_live,)

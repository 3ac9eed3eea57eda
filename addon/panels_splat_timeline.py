"""Splats over time and as surfaces, below the Splats panel; and what this adds to File > Import and Export."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from .bridge.splat_cloud import is_splats
from .bridge.splat_course import FRAME as COURSE_FRAME
from .bridge.splat_course import course_of
from .bridge.splat_nodes import MODIFIER, surfaces_of
from .bridge.splat_sequence import FRAME as FILE_FRAME
from .bridge.splat_sequence import REELS, SEQUENCE
from .bridge.splat_store import head_of
from .ops_splat_surfaces import MOUTHPIECE_OT_splat_surfaces
from .panels import write_text
from .sidebar import SidebarTab


class MOUTHPIECE_PT_splat_timeline(SidebarTab, bpy.types.Panel):
    """The chosen splats over time, as files, and as surfaces that EEVEE and Cycles light"""

    bl_label = "Timeline and Surfaces"
    bl_parent_id = "MOUTHPIECE_PT_splats"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        chosen, layout = context.active_object, self.layout
        row = layout.row(align=True)
        row.operator("mouthpiece.import_splat_sequence", text="Import Sequence", icon="RENDER_ANIMATION")
        row.operator("mouthpiece.export_splats", text="Export", icon="EXPORT")
        if chosen is None or chosen.type != "POINTCLOUD" or not is_splats(chosen.data):
            return
        for sentence in timeline_faults(chosen):
            write_text(layout, context, sentence, "ERROR")
        if head_of(chosen.data):
            _draw_course(layout, chosen)
        elif FILE_FRAME in chosen:
            layout.prop(chosen, f'["{FILE_FRAME}"]', text="File")
        _draw_surfaces(layout, context, chosen)


def timeline_faults(chosen: bpy.types.Object) -> Iterator[str]:
    """What hinders a baked head or an animated cloud, a sentence each."""
    course = course_of(chosen)
    if isinstance(course, str):
        yield f"{course} Until then its sliders move it."
    if SEQUENCE in chosen and chosen.session_uid in REELS.faults:
        yield REELS.faults[chosen.session_uid]


def _draw_course(layout: bpy.types.UILayout, chosen: bpy.types.Object) -> None:
    row = layout.row(align=True)
    row.operator("mouthpiece.bake_splats", text="Bake", icon="REC")
    if COURSE_FRAME in chosen:
        row.operator("mouthpiece.free_splats", text="Free", icon="X")
        layout.prop(chosen, f'["{COURSE_FRAME}"]', text="Baked Frame")


def _draw_surfaces(layout: bpy.types.UILayout, context: bpy.types.Context, chosen: bpy.types.Object) -> None:
    shown = surfaces_of(chosen)
    name = MOUTHPIECE_OT_splat_surfaces.bl_idname
    if shown:
        layout.operator(name, text="Stop Showing as Surfaces", icon="X")
        write_text(layout, context, f"Size, reach and material are in the modifier {MODIFIER}.", "INFO")
        return
    row = layout.row(align=True)
    row.label(text="Surfaces", icon="MATERIAL")
    for light in ("SHINING", "RELIT"):
        row.operator(name, text=light.capitalize()).light = light


def draw_import_sequence(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Sequences in File > Import."""
    menu.layout.operator("mouthpiece.import_splat_sequence", text="Gaussian Splat Sequence (numbered files)")


def draw_export_splats(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Splats in File > Export."""
    menu.layout.operator("mouthpiece.export_splats", text="Gaussian Splats (.ply .splat .spz .glb .usd)")

"""The Splats panel, and what Mouthpiece adds to File > Import and to the Add menu."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import bpy

from ..core.rig.arkit import ARKIT_52
from ..core.rig.targets import HEAD_CURVES
from ..core.splat.head import SplatHead
from ..core.splat.types import SH_COEFFICIENTS
from .bridge.inventory import property_path
from .bridge.splat_cloud import held_coefficients, is_splats
from .bridge.splat_heads import SPLATS, reads_attributes
from .bridge.splat_sliders import clip_name, slider_names
from .bridge.splat_store import fault_of, head_of, stored_bytes
from .panels import write_text
from .sidebar import SidebarTab

_PARTS = (("Brows", "brow"), ("Eyes", "eye"), ("Cheeks and Nose", "cheek nose"), ("Jaw", "jaw"), ("Mouth", "mouth"))

_OPEN = ("Head", "Jaw", "Mouth")


class MOUTHPIECE_PT_splats(SidebarTab, bpy.types.Panel):
    """Gaussian splats: the chosen cloud or head, and how it is kept"""

    bl_label = "Splats"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        chosen, layout = context.active_object, self.layout
        row = layout.row(align=True)
        row.operator("mouthpiece.import_splats", text="Import", icon="IMPORT")
        row.operator_menu_enum("mouthpiece.add_splat_head", "head", text="Add Head", icon="ADD")
        if chosen and chosen.type in {"MESH", "ARMATURE"}:
            layout.operator("mouthpiece.make_splat_head", icon="OUTLINER_OB_POINTCLOUD")
        if chosen is None or chosen.type != "POINTCLOUD" or not is_splats(chosen.data):
            write_text(layout, context, "Select an object of splats to see what it holds.", "INFO")
            return
        head = head_of(chosen.data)
        _draw_facts(layout, chosen, head)
        for sentence in warnings_of(chosen, context.scene):
            write_text(layout, context, sentence, "ERROR")
        if getattr(chosen, SPLATS, None):
            layout.prop(getattr(chosen, SPLATS), "write_attributes")
        if head:
            row = layout.row(align=True)
            row.operator("mouthpiece.rest_splat_head", icon="LOOP_BACK")
            row.operator("mouthpiece.follow_shapes", icon="DRIVER")


class MOUTHPIECE_PT_splat_sliders(SidebarTab, bpy.types.Panel):
    """What moves the chosen head of splats: custom properties of its object"""

    bl_label = "Sliders"
    bl_parent_id = "MOUTHPIECE_PT_splats"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        chosen = context.active_object
        return bool(chosen and chosen.type == "POINTCLOUD" and head_of(chosen.data))

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        chosen, layout = context.active_object, self.layout
        layout.use_property_split = False
        for title, names in _groups(head_of(chosen.data)):
            here = [name for name in names if name in chosen]
            if not here:
                continue
            header, body = layout.panel(f"mouthpiece_sliders_{title}", default_closed=title not in _OPEN)
            header.label(text=title)
            if body:
                column = body.column(align=True)
                for name in here:
                    column.prop(chosen, property_path(name), text=name, slider=True)


class MOUTHPIECE_MT_add(bpy.types.Menu):
    """What Mouthpiece can add to the scene"""

    bl_label = "Mouthpiece"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        layout = self.layout
        layout.operator_context = "EXEC_REGION_WIN"
        layout.operator_menu_enum("mouthpiece.add_splat_head", "head", text="Splat Head", icon="OUTLINER_OB_POINTCLOUD")
        layout.operator_menu_enum("mouthpiece.add_demo_character", "character", text="Character", icon="USER")


def warnings_of(chosen: bpy.types.Object, scene: bpy.types.Scene) -> Iterator[str]:
    """What hinders an object of splats, a sentence each."""
    fault = fault_of(chosen.data)
    if fault:
        yield fault
    if head_of(chosen.data) is None:
        return
    if chosen.library:
        yield f"{chosen.name} is linked from another file; make a library override to move its sliders."
    if reads_attributes(chosen):
        if chosen.data.library:
            yield "Its point cloud is linked, so attributes stay at rest; make it local or override it."
        elif not scene.render.use_lock_interface:
            yield "In a render its attributes move only with Render > Lock Interface."


def draw_import(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Splats in File > Import."""
    menu.layout.operator("mouthpiece.import_splats", text="Gaussian Splats (.ply .splat .spz .glb .usd .splathead)")


def draw_add(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Mouthpiece in the viewport's Add menu."""
    menu.layout.menu("MOUTHPIECE_MT_add", icon="USER")


def _draw_facts(layout: bpy.types.UILayout, chosen: bpy.types.Object, head: SplatHead | None) -> None:
    cloud = chosen.data
    degree = SH_COEFFICIENTS.index(held_coefficients(cloud))
    column = layout.column(align=True)
    column.label(text=f"{len(cloud.points):,} splats of degree {degree}", icon="OUTLINER_OB_POINTCLOUD")
    if head:
        words = ", ".join(filter(None, (head.facts.get("name", "Head"), head.facts.get("license", ""))))
        column.label(text=f"{words}: {stored_bytes(cloud) / 1e6:.1f} MB in the file", icon="USER")
        column.label(text=f"{len(slider_names(head))} shapes, {len(head.clips)} clips", icon="BLANK1")


def _groups(head: SplatHead) -> Iterable[tuple[str, list[str]]]:
    """Sliders in the order of a face from above, then the head's own."""
    yield "Head", list(HEAD_CURVES)
    rest = list(ARKIT_52)
    for title, starts in _PARTS:
        own = [name for name in rest if name.startswith(tuple(starts.split()))]
        rest = [name for name in rest if name not in own]
        yield title, own
    yield "Tongue", rest
    yield "Own", [name for name in slider_names(head) if name not in ARKIT_52]
    yield "Clips", [clip_name(clip) for clip in head.clips]

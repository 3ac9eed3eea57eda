"""The Export panel, and Mouthpiece in File > Export."""

from __future__ import annotations

import bpy

from .sidebar import SidebarTab

_CHARACTER = (
    ("mouthpiece.export_fbx", "FBX"),
    ("mouthpiece.export_gltf", "glTF"),
    ("mouthpiece.export_usd", "USD"),
)


class MOUTHPIECE_PT_export(SidebarTab, bpy.types.Panel):
    """Where it goes"""

    bl_label = "Export"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        column = self.layout.column(align=True)
        column.label(text="Curves")
        column.operator("mouthpiece.export_curves", text="For an Engine or Program", icon="GRAPH")
        column = self.layout.column(align=True)
        column.label(text="Animated Character")
        row = column.row(align=True)
        for operator, text in _CHARACTER:
            row.operator(operator, text=text)


class MOUTHPIECE_MT_export(bpy.types.Menu):
    """Curves of the face, or the animated character"""

    bl_label = "Mouthpiece"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        self.layout.operator_context = "INVOKE_DEFAULT"
        self.layout.operator("mouthpiece.export_curves", text="Face Curves")
        self.layout.separator()
        for operator, text in _CHARACTER:
            self.layout.operator(operator, text=f"Character as {text}")
        self.layout.separator()
        self.layout.operator("mouthpiece.export_splats", text="Splats (.ply, .spz, .glb, .usd ...)")
        self.layout.operator("mouthpiece.export_splat_head", text="Splat Head (.splathead)")


def draw_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Mouthpiece's own menu in File > Export."""
    menu.layout.menu("MOUTHPIECE_MT_export")

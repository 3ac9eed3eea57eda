"""Where a render of splats is set up: Blender's own panels that also hold for our engine, and ours."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from .bridge.world import seen_background
from .engine import ENGINE
from .props_film import film_of
from .sidebar import SidebarTab

BUILT_IN = "BLENDER_RENDER"
"""What Blender's panels for engines like ours name among their engines."""
NOT_FOR_US = ("FREESTYLE", "VIEWLAYER_PT_freestyle", "RENDER_PT_freestyle", "gpencil", "grease", "stereo")
OURS = ("RENDER_PT", "VIEWLAYER_PT", "WORLD_PT", "DATA_PT")


class FilmPanel:
    """Mixin for panels of our engine."""

    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "render"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return context.engine == ENGINE


class MOUTHPIECE_PT_film(FilmPanel, bpy.types.Panel):
    """Background, meshes and what colours mean"""

    bl_label = "Splats"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        layout, scene = self.layout, context.scene
        layout.use_property_split = True
        film = film_of(scene)
        if film.main:
            layout.prop(film, "main")
        layout.prop(scene.render, "film_transparent", text="Transparent")
        if not scene.render.film_transparent and scene.world:
            draw_background(layout, scene.world)
        layout.prop(film, "meshes")
        if film.meshes == "HIDE":
            layout.prop(film, "edge_steps")
        changing = changes_colors(scene.view_settings)
        if changing:
            row = layout.row()
            row.label(text=f"{changing} changes the colours", icon="INFO")
            row.operator("mouthpiece.standard_view", text="Use Standard")


def changes_colors(view: bpy.types.ColorManagedViewSettings) -> str:
    """What of a scene's display shows splats otherwise than they were learnt, or nothing."""
    if view.view_transform != "Standard":
        return view.view_transform
    if view.look not in ("None", ""):
        return "A look"
    return "Exposure" if view.exposure else "Gamma" if view.gamma != 1 else ""


def draw_background(layout: bpy.types.UILayout, world: bpy.types.World) -> None:
    """The one colour behind splats, wherever the world keeps it."""
    node = seen_background(world)
    if node is None:
        layout.prop(world, "color", text="Background")
    elif not node.inputs["Color"].links:
        layout.prop(node.inputs["Color"], "default_value", text="Background")


class MOUTHPIECE_PT_film_motion(FilmPanel, bpy.types.Panel):
    """Motion blur, with Blender's own settings of the shutter"""

    bl_label = "Motion Blur"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        self.layout.prop(context.scene.render, "use_motion_blur", text="")

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        layout, render = self.layout, context.scene.render
        layout.use_property_split = True
        layout.active = render.use_motion_blur
        layout.prop(film_of(context.scene), "motion_steps")
        layout.prop(render, "motion_blur_position", text="Position")
        layout.prop(render, "motion_blur_shutter")


class MOUTHPIECE_PT_film_passes(FilmPanel, bpy.types.Panel):
    """Which passes are kept besides the picture and its alpha"""

    bl_label = "Passes"
    bl_context = "view_layer"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        layout, layer = self.layout, context.view_layer
        layout.use_property_split = True
        column = layout.column(heading="Data")
        column.prop(layer, "use_pass_z", text="Depth")
        column.prop(layer, "use_pass_object_index")


class MOUTHPIECE_PT_film_setup(SidebarTab, bpy.types.Panel):
    """Rendering splats, alone or among meshes"""

    bl_label = "Render"
    bl_parent_id = "MOUTHPIECE_PT_splats"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        column = self.layout.column()
        column.operator("mouthpiece.use_splat_engine", icon="RENDER_STILL")
        column.operator("mouthpiece.merge_splats", icon="NODE_COMPOSITING")
        column.operator("mouthpiece.unmerge_splats", icon="X")


def join_panels() -> None:
    """Offer Blender's panels of size, format, frames, cameras and colours for our engine too."""
    for panel in _built_in():
        panel.COMPAT_ENGINES.add(ENGINE)


def leave_panels() -> None:
    """Take that back."""
    for panel in _built_in():
        panel.COMPAT_ENGINES.discard(ENGINE)


def _built_in() -> Iterator[type]:
    for panel in bpy.types.Panel.__subclasses__():
        fits = BUILT_IN in getattr(panel, "COMPAT_ENGINES", ())
        if fits and panel.__name__.startswith(OURS) and not any(word in panel.__name__ for word in NOT_FOR_US):
            yield panel


CLASSES = (MOUTHPIECE_PT_film, MOUTHPIECE_PT_film_motion, MOUTHPIECE_PT_film_passes, MOUTHPIECE_PT_film_setup)

"""What the buttons around renders of splats do: choose the engine, merge with meshes, keep colours."""

from __future__ import annotations

import bpy

from ..core.errors import SettingError
from .bridge.merge_setup import followers, set_up, take_down
from .engine import ENGINE
from .operator_base import SentenceOperator


class MOUTHPIECE_OT_use_splat_engine(SentenceOperator, bpy.types.Operator):
    """Render this scene with Mouthpiece Splats, its colours shown as they were learnt; meshes only hide splats"""

    bl_idname = "mouthpiece.use_splat_engine"
    bl_label = "Render Splats Alone"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> None:
        """Choose the engine and the display transform that changes nothing."""
        context.scene.render.engine = ENGINE
        context.scene.view_settings.view_transform = "Standard"


class MOUTHPIECE_OT_standard_view(SentenceOperator, bpy.types.Operator):
    """Show colours of splats as they were learnt: view transform Standard, no look"""

    bl_idname = "mouthpiece.standard_view"
    bl_label = "Use Standard"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> None:
        """Set what changes colours to what leaves them."""
        view = context.scene.view_settings
        view.view_transform = "Standard"
        view.look, view.exposure, view.gamma = "None", 0, 1


class MOUTHPIECE_OT_merge_splats(SentenceOperator, bpy.types.Operator):
    """Render meshes with EEVEE or Cycles and splats with Mouthpiece Splats, in one picture; your compositor stays"""

    bl_idname = "mouthpiece.merge_splats"
    bl_label = "Merge with Meshes"
    bl_options = {"REGISTER", "UNDO"}

    way: bpy.props.EnumProperty(
        name="Merge",
        description="Who decides what is in front",
        items=(
            ("HIDE", "Splat by Splat", "Meshes hide each splat behind them; soft edges stay soft"),
            ("DEPTH", "By Depth Passes", "The compositor compares depths; also for hair, displacement and volumes"),
        ),
    )

    def run(self, context: bpy.types.Context) -> None:
        """Set up, and say where the splats joined."""
        merged = set_up(context.scene, self.way == "DEPTH")
        self.report({"INFO"}, f"{merged.splats.name} joins the picture behind {merged.behind}.")


class MOUTHPIECE_OT_unmerge_splats(SentenceOperator, bpy.types.Operator):
    """Remove the scene and the nodes that merge splats with meshes; all other nodes stay"""

    bl_idname = "mouthpiece.unmerge_splats"
    bl_label = "Remove Merge"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        there = bool(context.scene and followers(context.scene))
        if not there:
            cls.poll_message_set("No splats are merged into this scene's picture")
        return there

    def run(self, context: bpy.types.Context) -> None:
        """Take it down."""
        if not take_down(context.scene):
            raise SettingError(f"No splats are merged into the picture of {context.scene.name}.")


CLASSES = (
    MOUTHPIECE_OT_use_splat_engine,
    MOUTHPIECE_OT_standard_view,
    MOUTHPIECE_OT_merge_splats,
    MOUTHPIECE_OT_unmerge_splats,
)

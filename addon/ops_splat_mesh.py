"""Operators between meshes and heads of splats: sampled from one, or following its shapes."""

from __future__ import annotations

import bpy

from ..core.errors import RigError
from .bridge.splat_following import follow, is_following, unfollow
from .bridge.splat_heads import heads_among
from .operator_base import SentenceOperator


class MOUTHPIECE_OT_follow_shapes(SentenceOperator, bpy.types.Operator):
    """Let the sliders of the active head of splats follow the shape keys of the other selected character; press again
    to stop"""

    bl_idname = "mouthpiece.follow_shapes"
    bl_label = "Follow Mesh"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        active = context.active_object
        found = any(heads_among([active] if active else []))
        if not found:
            cls.poll_message_set("Make a head of splats the active object")
        return found

    def run(self, context: bpy.types.Context) -> None:
        """Add the drivers, or take them away."""
        made, head = next(heads_among([context.active_object]))
        if is_following(made):
            unfollow(made)
            return
        leaders = [each for each in context.selected_objects if each != made]
        if not leaders:
            raise RigError(f"Select the character that {made.name} is to follow too, and press again.")
        count = follow(made, head, leaders[0])
        self.report({"INFO"}, f"{count} sliders of {made.name} follow {leaders[0].name}")

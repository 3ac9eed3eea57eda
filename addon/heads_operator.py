"""What operators on heads of splats share."""

from __future__ import annotations

import bpy

from .bridge.splat_heads import heads_among
from .operator_base import SentenceOperator


class HeadsOperator(SentenceOperator):
    """Mixin of operators on the selected heads of splats."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        found = any(heads_among(context.selected_objects))
        if not found:
            cls.poll_message_set("Select a head of splats")
        return found

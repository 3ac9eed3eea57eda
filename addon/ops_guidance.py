"""What the buttons among the sliders do."""

from __future__ import annotations

import bpy

from ..core.speech.direction import PARAMETERS
from .operator_base import SentenceOperator
from .props import settings_of


class MOUTHPIECE_OT_reset_direction(SentenceOperator, bpy.types.Operator):
    """Set strengths, style and the rest of the direction back to what was heard"""

    bl_idname = "mouthpiece.reset_direction"
    bl_label = "Reset Direction"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> None:
        """Unset every slider; what lives by itself is left as it is."""
        for parameter in PARAMETERS:
            settings_of(context).direction.property_unset(parameter.name)

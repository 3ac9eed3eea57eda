"""What the buttons among the sliders do."""

from __future__ import annotations

import bpy

from ..core.speech.direction import PARAMETERS
from ..core.speech.wishes import KEYABLE
from .guidance import FEELING, SPEAKS, own_root
from .operator_base import SentenceOperator
from .props import chosen_object, settings_of


class MOUTHPIECE_OT_reset_direction(SentenceOperator, bpy.types.Operator):
    """Set strengths, style and the rest of the direction back to what was heard"""

    bl_idname = "mouthpiece.reset_direction"
    bl_label = "Reset Direction"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> None:
        """Unset every slider that is shown; what lives by itself is left as it is, and keys are."""
        root = own_root(chosen_object(context), SPEAKS)
        for parameter in PARAMETERS:
            own = root is not None and parameter.name in KEYABLE
            group = getattr(root, FEELING) if own else settings_of(context).direction
            group.property_unset(parameter.name)

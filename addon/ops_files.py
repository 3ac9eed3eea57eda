"""Operators that bring in what comes with the extension."""

from __future__ import annotations

import bpy

from ..core.errors import AudioError
from .bridge.demo import append_character
from .operator_base import SentenceOperator
from .places import CHARACTERS, SAMPLE
from .props import settings_of


class MOUTHPIECE_OT_add_demo_character(SentenceOperator, bpy.types.Operator):
    """Add a ready character with all 52 ARKit shapes to the scene, and choose it"""

    bl_idname = "mouthpiece.add_demo_character"
    bl_label = "Add Demo Character"
    bl_options = {"REGISTER", "UNDO"}

    character: bpy.props.EnumProperty(
        name="Character",
        description="Which of the characters that come with Mouthpiece",
        items=(("WOMAN", "Woman", "A woman's head and shoulders"), ("MAN", "Man", "A man's head and shoulders")),
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave the current mode first; characters are added in Object Mode")
        return context.mode == "OBJECT"

    def run(self, context: bpy.types.Context) -> None:
        """Append it, choose it and show its face."""
        character = append_character(CHARACTERS[self.character], context)
        settings_of(context).character = character
        if context.area and context.area.type == "VIEW_3D":
            # Characters face -Y, so this is face to face.
            bpy.ops.view3d.view_axis(type="FRONT")
            bpy.ops.view3d.view_selected()


class MOUTHPIECE_OT_use_sample(SentenceOperator, bpy.types.Operator):
    """Choose the line of speech that comes with Mouthpiece, to try it out"""

    bl_idname = "mouthpiece.use_sample"
    bl_label = "Use the Sample Line"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> None:
        """Choose it."""
        if not SAMPLE.is_file():
            raise AudioError(f"The sample {SAMPLE.name} is missing; install Mouthpiece again.")
        settings_of(context).recording = str(SAMPLE)

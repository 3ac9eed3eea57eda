"""Operators that bring in a demo character and write out curves."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from ..core.errors import AudioError, RigError
from ..core.formats import write_performance
from .bridge.demo import append_character
from .bridge.takes import read_take, takes_of
from .operator_base import SentenceOperator
from .ops_takes import find_take
from .places import CHARACTERS, SAMPLE
from .props import character_of, settings_of
from .request import rate_of


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


class MOUTHPIECE_OT_export_curves(SentenceOperator, ExportHelper, bpy.types.Operator):
    """Write the curves of a take, with your changes, as Live Link Face CSV, JSON or NumPy archive"""

    bl_idname = "mouthpiece.export_curves"
    bl_label = "Export Curves"

    filter_glob: bpy.props.StringProperty(default="*.csv;*.json;*.npz", options={"HIDDEN"})
    format: bpy.props.EnumProperty(
        name="Format",
        description="What the file is made for",
        items=(
            (".csv", "Live Link Face", "CSV take that Unreal Engine, MotionBuilder and other add-ons read"),
            (".json", "JSON", "Names, values and head angles as text"),
            (".npz", "NumPy", "Names, values and head angles as arrays"),
        ),
    )
    action: bpy.props.StringProperty(
        name="Take", description="Name of the take's action; empty for the last one", options={"SKIP_SAVE", "HIDDEN"}
    )

    @property
    def filename_ext(self) -> str:
        """The ending ExportHelper keeps the name at."""
        return self.format

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        try:
            if takes_of(character_of(context)):
                return True
            cls.poll_message_set("This character has no take; animate it first")
        except RigError as error:
            cls.poll_message_set(str(error).rstrip("."))
        return False

    def run(self, context: bpy.types.Context) -> None:
        """Read the take back from its curves and write it."""
        character = character_of(context)
        take = find_take(takes_of(character), self.action)
        path = Path(bpy.path.abspath(self.filepath)).with_suffix(self.format)
        write_performance(path, read_take(character, take, rate_of(context.scene)))
        self.report({"INFO"}, f"Wrote {path.name}")

"""What the buttons for several recordings do."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from ..core.batch.report import write_report
from ..core.errors import FormatError
from ..core.formats.atomic import check_place
from ..core.paths import shown
from .batch import Line, lines_of_folder, lines_of_strips
from .bridge.strips import selected_sounds
from .compat import sequencer_scene
from .desk import DESK
from .modal_batch import BatchOperator
from .operator_base import SentenceOperator
from .props import settings_of
from .props_batch import BATCH

_BUSY = "A performance is being made; wait for it or cancel it"


class MOUTHPIECE_OT_animate_strips(BatchOperator, bpy.types.Operator):
    """Animate the selected sound strips of the sequencer one after another, each where it plays"""

    bl_idname = "mouthpiece.animate_strips"
    bl_label = "Animate Selected Strips"
    # No undo step of its own: mouthpiece.write_take makes one for each take.
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        why = _BUSY if DESK.busy else None
        if not why and not selected_sounds(sequencer_scene(context, context.scene)):
            why = "No sound strip is selected; select some in the sequencer"
        if why:
            cls.poll_message_set(why)
        return why is None

    def lines(self, context: bpy.types.Context) -> tuple[Line, ...]:
        """The selected strips in order of time."""
        return lines_of_strips(context)


class MOUTHPIECE_OT_animate_folder(BatchOperator, bpy.types.Operator):
    """Animate the recordings of the folder one after another, one behind another in time"""

    bl_idname = "mouthpiece.animate_folder"
    bl_label = "Animate Folder"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        why = _BUSY if DESK.busy else None
        if not why and not getattr(context.scene, BATCH).folder:
            why = "No folder is chosen; choose one that holds recordings"
        if why:
            cls.poll_message_set(why)
        return why is None

    def lines(self, context: bpy.types.Context) -> tuple[Line, ...]:
        """The recordings in order of their names."""
        return lines_of_folder(context)


class MOUTHPIECE_OT_add_cast_rule(SentenceOperator, bpy.types.Operator):
    """Say whose recordings those on a channel, or of some names, are"""

    bl_idname = "mouthpiece.add_cast_rule"
    bl_label = "Add to Cast"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> None:
        """Add a rule for the character of the panel; the user fills in the rest."""
        rule = getattr(context.scene, BATCH).rules.add()
        rule.character = settings_of(context).character


class MOUTHPIECE_OT_remove_cast_rule(SentenceOperator, bpy.types.Operator):
    """Take this rule out of the cast"""

    bl_idname = "mouthpiece.remove_cast_rule"
    bl_label = "Remove from Cast"
    bl_options = {"REGISTER", "UNDO"}

    index: bpy.props.IntProperty(name="Rule", description="Its place in the cast, from 0", options={"SKIP_SAVE"})

    def run(self, context: bpy.types.Context) -> None:
        """Remove it."""
        getattr(context.scene, BATCH).rules.remove(self.index)


class MOUTHPIECE_OT_save_report(SentenceOperator, ExportHelper, bpy.types.Operator):
    """Save what came of the last recordings: a page with pictures, and beside it the same as JSON"""

    bl_idname = "mouthpiece.save_report"
    bl_label = "Save Report"
    bl_options = {"REGISTER"}

    filename_ext = ".html"
    filter_glob: bpy.props.StringProperty(default="*.html", options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if DESK.told is None:
            cls.poll_message_set("Nothing was animated yet; animate strips or a folder first")
        return DESK.told is not None

    def run(self, context: bpy.types.Context) -> None:
        """Write both. Raises: FormatError where they cannot be written, or the JSON would go over another file."""
        page = Path(bpy.path.abspath(self.filepath)).with_suffix(self.filename_ext)
        # Blender has asked about the page only.
        if not page.exists() and page.with_suffix(".json").exists():
            raise FormatError(
                f"{shown(page.with_suffix('.json'))} is there already; choose another name for the report."
            )
        check_place(page)
        write_report(page.with_suffix(""), DESK.told)
        self.report({"INFO"}, f"Saved {page.name} and {page.with_suffix('.json').name}.")

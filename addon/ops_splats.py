"""Operators that bring splats in, take them out, and put heads of splats into the scene."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ..core.errors import CoreError, FormatError, SettingError
from ..core.splat.files import AXES
from ..core.splat.head_files import ENDING
from .bridge.splat_files import ENDINGS, export_head, import_file
from .bridge.splat_heads import heads_among
from .bridge.splat_sliders import rest
from .heads_operator import HeadsOperator
from .operator_base import SentenceOperator
from .places import SPLAT_HEADS

DROPPED = (".ply", ".splat", ".spz", ENDING)
"""Endings that are taken when dropped; meshes and scenes of glTF and USD are left to Blender's own importers."""
_AXES = {
    "right-up-back": "+x right, +y up, +z toward the viewer, as in glTF and SPZ",
    "right-down-front": "+x right, +y down, +z away, as trainers write PLY",
    "left-down-back": "+x left, +y down, +z toward the viewer",
    "left-up-front": "+x left, +y up, +z away",
}
AXES_ITEMS = (
    ("FORMAT", "As Usual", "The axes that files of this format usually have"),
    *((axes, axes.replace("-", " ").title(), _AXES[axes]) for axes in AXES),
)
_FILTER = ";".join(f"*{ending}" for ending in ENDINGS)


class MOUTHPIECE_OT_import_splats(SentenceOperator, bpy.types.Operator, ImportHelper):
    """Bring in Gaussian splats, or a head of splats, as objects that are moved, saved and rendered like any other"""

    bl_idname = "mouthpiece.import_splats"
    bl_label = "Import Splats"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    filter_glob: bpy.props.StringProperty(default=_FILTER, options={"HIDDEN"})
    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: bpy.props.CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})
    axes: bpy.props.EnumProperty(
        name="Axes",
        description="Which way the axes of the file point; if it lies upside down, try others",
        items=AXES_ITEMS,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave the current mode first; splats are added in Object Mode")
        return context.mode == "OBJECT"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Called by Blender: a drop brings its files along, a menu opens the browser."""
        if self.directory and self.files:
            return self.execute(context)
        return ImportHelper.invoke(self, context, event)

    def run(self, context: bpy.types.Context) -> None:
        """Import each file; what cannot be read is told and does not hinder the others."""
        made, mended, refused = [], [], []
        for path in self._paths():
            try:
                found, repairs = import_file(path, "" if self.axes == "FORMAT" else self.axes, context.collection)
            except CoreError as error:
                refused.append(str(error))
                continue
            made.append(found)
            if repairs:
                mended.append(f"{path.name} was mended: {repairs}.")
        if not made:
            raise FormatError(" ".join(refused) or "No file was chosen; choose a splat file.")
        select_only(made, context)
        if refused or mended:
            self.report({"WARNING"}, " ".join((*refused, *mended)))
        else:
            self.report({"INFO"}, f"Imported {sum(len(each.data.points) for each in made):,} splats")

    def _paths(self) -> list[Path]:
        folder = Path(bpy.path.abspath(self.directory)) if self.directory else None
        names = [row.name for row in self.files if row.name]
        if folder and names:
            return [folder / name for name in names]
        return [Path(bpy.path.abspath(self.filepath))] if self.filepath else []


class MOUTHPIECE_FH_splats(bpy.types.FileHandler):
    """Takes splat files that are dropped on the 3D viewport"""

    bl_idname = "MOUTHPIECE_FH_splats"
    bl_label = "Gaussian Splats (Mouthpiece)"
    bl_import_operator = MOUTHPIECE_OT_import_splats.bl_idname
    bl_file_extensions = ";".join(DROPPED)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return context.area is not None and context.area.type == "VIEW_3D"


class MOUTHPIECE_OT_export_splat_head(HeadsOperator, bpy.types.Operator, ExportHelper):
    """Write the chosen head of splats itself, with its shapes and all it can do, for other files and programs"""

    bl_idname = "mouthpiece.export_splat_head"
    bl_label = "Export Splat Head"
    bl_options = {"REGISTER"}

    filename_ext = ENDING
    filter_glob: bpy.props.StringProperty(default=f"*{ENDING}", options={"HIDDEN"})

    def run(self, context: bpy.types.Context) -> None:
        """Write the file."""
        given = Path(bpy.path.abspath(self.filepath))
        path = given if given.suffix.lower() == ENDING else given.with_name(given.name + ENDING)
        count = export_head(path, context.selected_objects)
        self.report({"INFO"}, f"Wrote {path.name}: {count:,} splats")


class MOUTHPIECE_OT_add_splat_head(SentenceOperator, bpy.types.Operator):
    """Add a ready head of splats with all 52 ARKit shapes, and choose it as the character"""

    bl_idname = "mouthpiece.add_splat_head"
    bl_label = "Add Splat Head"
    bl_options = {"REGISTER", "UNDO"}

    head: bpy.props.EnumProperty(
        name="Head",
        description="Which of the heads that come with Mouthpiece",
        items=(("WOMAN", "Woman", "A woman's head and shoulders"), ("MAN", "Man", "A man's head and shoulders")),
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave the current mode first; heads are added in Object Mode")
        return context.mode == "OBJECT"

    def run(self, context: bpy.types.Context) -> None:
        """Add it where the 3D cursor stands and choose it."""
        path = SPLAT_HEADS[self.head]
        if not path.is_file():
            raise SettingError(f"The head {path.name} is missing; install Mouthpiece again, or run build.py templates.")
        made, _ = import_file(path, "", context.collection)
        made.name, made.location = self.head.title(), context.scene.cursor.location
        select_only([made], context)
        context.scene.mouthpiece.character = made


class MOUTHPIECE_OT_rest_splat_head(HeadsOperator, bpy.types.Operator):
    """Put all sliders of the selected heads of splats back to rest; keys stay as they are"""

    bl_idname = "mouthpiece.rest_splat_head"
    bl_label = "Rest Pose"

    def run(self, context: bpy.types.Context) -> None:
        """Do so."""
        for each, head in heads_among(context.selected_objects):
            rest(each, head)


def select_only(made: list[bpy.types.Object], context: bpy.types.Context) -> None:
    """Select some objects and nothing else, the last of them active."""
    for other in context.selected_objects:
        other.select_set(False)
    for each in made:
        each.select_set(True)
    context.view_layer.objects.active = made[-1]

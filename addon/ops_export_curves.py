"""Curves of the face for every engine and program, from File > Export and the panel."""

from __future__ import annotations

import bpy

from ..core.convert import in_rig
from ..core.errors import RigError
from ..core.formats import FORMATS, FileFormat, Placing, write_performance
from ..core.types import Performance
from .bridge.export_curves import seen, taken
from .bridge.takes import takes_of
from .export_operator import RIG_ITEMS, ExportOperator
from .props import character_of

_AS_MADE = "AUTO"
_WITH_NODES = ("unity", "godot")
_WITH_SKELETON = "unreal"


class MOUTHPIECE_OT_export_curves(ExportOperator, bpy.types.Operator):
    """Write the curves of the face for an engine or a program: Unreal, Unity, Godot, VRM, Live Link Face, tables"""

    bl_idname = "mouthpiece.export_curves"
    bl_label = "Export Face Curves"

    filter_glob: bpy.props.StringProperty(
        default=";".join(dict.fromkeys(f"*{form.ending}" for form in FORMATS.values())), options={"HIDDEN"}
    )
    format: bpy.props.EnumProperty(
        name="Format",
        description="What the file is made for",
        items=tuple((form.name, form.title, form.description) for form in FORMATS.values()),
        default="livelink",
    )
    rig: bpy.props.EnumProperty(
        name="Curves",
        description="Whose controls the file holds",
        items=((_AS_MADE, "As the Format Wants", "Those the format is made for, else ARKit's 52"), *RIG_ITEMS),
    )
    source: bpy.props.EnumProperty(
        name="Of",
        description="What is written",
        items=(
            ("TAKE", "The Take", "The keys of the take, with your edits, whatever else moves the face"),
            ("SEEN", "What Is Seen", "What the face shows: all takes, layers, drivers and other animation together"),
        ),
    )
    face: bpy.props.StringProperty(
        name="Face Path", description="Path of the node that carries the shapes in the engine", default=Placing().face
    )
    head: bpy.props.StringProperty(
        name="Head Path", description="Path of the node that turns, empty for none", default=Placing().head
    )
    skeleton: bpy.props.StringProperty(
        name="Skeleton", description="Skeleton asset that a new sequence is made for", default=Placing().skeleton
    )

    @property
    def filename_ext(self) -> str:
        """The ending ExportHelper keeps the name at."""
        return FORMATS[self.format].ending

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

    def draw_own(self, layout: bpy.types.UILayout) -> None:
        """Format, controls and where they go."""
        for name in ("format", "rig", "source"):
            layout.prop(self, name)
        for name in ("face", "head") if self.format in _WITH_NODES else ():
            layout.prop(self, name)
        if self.format == _WITH_SKELETON:
            layout.prop(self, "skeleton")

    def run(self, context: bpy.types.Context) -> None:
        """Read the performance and write it."""
        path, form, take = self.place(), FORMATS[self.format], self.take(context)
        placing = Placing("", self.start_frame, self.face, self.head, self.skeleton)
        span = self.span(context.scene, take)
        character = character_of(context)
        shown = self.source == "SEEN"
        performance = seen(character, take, span, context) if shown else taken(character, take, span)
        write_performance(path, _for(performance, form, self.rig), form, placing)
        self.report({"INFO"}, f"Wrote {path.name}: {span.rows} frames at {span.fps:.6g} fps")


def _for(performance: Performance, form: FileFormat, rig: str) -> Performance:
    """The performance in the words that were asked for, else in those the format takes."""
    if rig != _AS_MADE:
        return in_rig(performance, rig)
    return performance if form.takes(performance.curves.names) else in_rig(performance, form.rigs[0])

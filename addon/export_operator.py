"""What all exports share: Blender's file browser and presets, the frames, the name."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from ..core.errors import FormatError, RigError
from ..core.formats import WRITTEN_RIGS
from ..core.formats.atomic import check_place
from .bridge.takes import TakeInfo, takes_of
from .operator_base import SentenceOperator
from .ops_takes import find_take
from .props import character_of
from .props_export import SpanChoice

_RIG_NAMES = {
    "arkit52": "ARKit 52",
    "metahuman": "MetaHuman Board",
    "metahuman251": "MetaHuman Raw",
    "metahuman174": "MetaHuman Board, 174",
    "flame": "FLAME",
    "visemes": "Visemes",
}
RIG_ITEMS = tuple((rig, _RIG_NAMES.get(rig, rig), f"The controls named {rig}") for rig in WRITTEN_RIGS)


class ExportOperator(SpanChoice, SentenceOperator, ExportHelper):
    """Mixin of all exports: Blender's file browser, presets and question before a file is replaced."""

    bl_options = {"REGISTER", "PRESET"}

    action: bpy.props.StringProperty(
        name="Take",
        description="Name of the take's action; empty for the last one",
        options={"SKIP_SAVE", "HIDDEN", "SKIP_PRESET"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        try:
            return bool(character_of(context))
        except RigError as error:
            cls.poll_message_set(str(error).rstrip("."))
        return False

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Called by Blender: propose the take's name, beside the file."""
        take = self.take(context)
        if take and not self.filepath:
            self.filepath = str(Path(bpy.path.abspath("//")) / f"{bpy.path.clean_name(take.name)}{self.filename_ext}")
        return ExportHelper.invoke(self, context, event)

    def check(self, context: bpy.types.Context) -> bool:
        """Called by Blender when a choice changes: the name keeps the ending of what is written."""
        kept = Path(self.filepath).with_suffix(self.filename_ext) if Path(self.filepath).name else None
        if kept is None or str(kept) == self.filepath:
            return False
        self.filepath = str(kept)
        return True

    def place(self) -> Path:
        """The file to write, with the right ending. Raises: FormatError unless it can be written."""
        given = Path(bpy.path.abspath(self.filepath))
        if not given.name:
            raise FormatError("The file has no name; type one.")
        path = given if given.suffix.lower() == self.filename_ext else given.with_suffix(self.filename_ext)
        check_place(path)
        return path

    def take(self, context: bpy.types.Context) -> TakeInfo | None:
        """The take to write, or None. Raises: RigError for one that is named and gone."""
        takes = takes_of(character_of(context))
        return find_take(takes, self.action) if takes or self.action else None

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        self.draw_own(self.layout)
        self.draw_span(self.layout)

    def draw_own(self, layout: bpy.types.UILayout) -> None:
        """The rows that only this file needs."""

"""Operators for films and portraits; their work runs in the engine environment (addon/workshop.py)."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ImportHelper

from ..core.errors import CoreError, FormatError, RigError
from .bridge.keys import check_closed
from .desk import DESK
from .filming import FilmDelivery, FilmRequest, wishes_of
from .head_delivery import HeadDelivery, HeadRequest
from .job import Job
from .modal_job import JobOperator
from .operator_base import SentenceOperator
from .props import character_of, chosen_object, request_for
from .props_video import FILM_ENDINGS, PICTURE_ENDINGS, VIDEO
from .request import Reference, Request
from .workshop import why_no_engine, workshop_command

_BUSY = "Something is being made; wait for it or cancel it"


class WorkshopOperator(JobOperator):
    """Mixin: the worker runs in the engine environment; what it says at the end is told."""

    def _open(self, context: bpy.types.Context) -> Job:
        return DESK.open(workshop_command(), self.delivery(context))

    def _finish(self) -> set[str]:
        said = self._job.progress.said
        done = super()._finish()
        if said:
            self.report({"INFO"}, said)
        return done


class MOUTHPIECE_OT_perform_film(WorkshopOperator, bpy.types.Operator):
    """Read the performance off the film, blend it with what its sound makes of the face, and key it on new tracks"""

    bl_idname = "mouthpiece.perform_film"
    bl_label = "Animate from Film"
    # No undo step of its own: mouthpiece.write_take makes the one there is.
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        why = why_no_film(context)
        if why:
            cls.poll_message_set(why)
        return why is None

    def request(self, context: bpy.types.Context) -> Request:
        """What the panel says now."""
        return film_request(context)

    def delivery(self, context: bpy.types.Context) -> FilmDelivery:
        """As of any recording, and the panel tells how sound and picture stood."""
        return FilmDelivery(self.request(context))


class MOUTHPIECE_OT_drop_film(SentenceOperator, bpy.types.Operator):
    """Perform a film dropped on the 3D viewport with the active character"""

    bl_idname = "mouthpiece.drop_film"
    bl_label = "Animate Face from Film"
    bl_options = {"INTERNAL"}

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: bpy.props.CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})

    def run(self, context: bpy.types.Context) -> None:
        """Take the first file as the film; animate at once when nothing else is missing."""
        if not self.files:
            raise FormatError("No film was dropped.")
        getattr(context.scene, VIDEO).film = str(Path(self.directory) / self.files[0].name)
        why = why_no_film(context)
        if why:
            self.report({"WARNING"}, f"The film is set, but nothing was animated yet. {why}.")
        else:
            bpy.ops.mouthpiece.perform_film("INVOKE_DEFAULT")


class MOUTHPIECE_OT_make_portrait(WorkshopOperator, bpy.types.Operator, ImportHelper):
    """Make a head of splats from one picture of a face, or several of one person, the one from the front first"""

    bl_idname = "mouthpiece.make_portrait"
    bl_label = "Head from Portrait"
    bl_options = {"REGISTER"}

    filter_glob: bpy.props.StringProperty(
        default=";".join(f"*{ending}" for ending in PICTURE_ENDINGS), options={"HIDDEN"}
    )
    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: bpy.props.CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})
    face: bpy.props.IntProperty(
        name="Face", description="Which of several faces, counted from the left; 0 for the only one", min=0, max=64
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return head_poll(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Called by Blender: a drop brings its file along, a menu opens the browser."""
        if self.directory and self.files:
            return self.execute(context)
        return ImportHelper.invoke(self, context, event)

    def delivery(self, context: bpy.types.Context) -> HeadDelivery:
        """What the browser or the drop says."""
        named = [row.name for row in self.files if row.name]
        given = str(Path(self.directory) / named[0]) if self.directory and named else self.filepath
        if not given:
            raise FormatError("No picture was chosen; choose one of a face from the front.")
        more = [str(Path(self.directory) / name) for name in named[1:]]
        return HeadDelivery(head_request("portrait", given, context, {"face": self.face, "more": more}))


class MOUTHPIECE_FH_film(bpy.types.FileHandler):
    """Takes films that are dropped on the 3D viewport"""

    bl_idname = "MOUTHPIECE_FH_film"
    bl_label = "Animate Face from Film (Mouthpiece)"
    bl_import_operator = MOUTHPIECE_OT_drop_film.bl_idname
    bl_file_extensions = ";".join(FILM_ENDINGS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return context.area is not None and context.area.type == "VIEW_3D"


class MOUTHPIECE_FH_portrait(bpy.types.FileHandler):
    """Takes pictures that are dropped on the 3D viewport, beside Blender's own ways"""

    bl_idname = "MOUTHPIECE_FH_portrait"
    bl_label = "Head from Portrait (Mouthpiece)"
    bl_import_operator = MOUTHPIECE_OT_make_portrait.bl_idname
    bl_file_extensions = ";".join(PICTURE_ENDINGS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return context.area is not None and context.area.type == "VIEW_3D" and why_no_engine() is None


def why_no_film(context: bpy.types.Context) -> str | None:
    """Why a film cannot be performed now, or None."""
    if DESK.busy:
        return _BUSY
    try:
        request = _film_base(context)
        if not request.recording.is_file():
            return f'There is no film "{request.recording.name}"; choose one that exists'
        check_closed(character_of(context))
    except CoreError as error:
        return str(error).rstrip(".")
    return (why_no_engine() or "").rstrip(".") or None


def film_request(context: bpy.types.Context) -> FilmRequest:
    """The film and what is asked of it. Raises: CoreError."""
    base = _film_base(context)
    plain = {each.name: getattr(base, each.name) for each in fields(Request)}
    settings = getattr(context.scene, VIDEO)
    reach = settings.reach if settings.ranged else None
    return FilmRequest(**plain, wishes=wishes_of(context.scene, base.start), face=settings.face, reach=reach)


def _film_base(context: bpy.types.Context) -> Request:
    film = getattr(context.scene, VIDEO).film
    if not film:
        raise FormatError("No film is chosen; choose one of a face, or drop one on the 3D viewport.")
    chosen = chosen_object(context)
    if chosen is None:
        raise RigError("No character is chosen; select its face, its armature or its root object.")
    return request_for(context, Path(bpy.path.abspath(film)), chosen)


def head_poll(operator: type, context: bpy.types.Context) -> bool:
    """Whether a head can be made and added now; Blender is told why not."""
    why = _BUSY if DESK.busy else why_no_engine()
    if not why and context.mode != "OBJECT":
        why = "Leave the current mode first; heads are added in Object Mode"
    if why:
        operator.poll_message_set(why)
    return why is None


def head_request(
    task: str, given: str, context: bpy.types.Context, asked: dict[str, Any], needed: bool = True
) -> HeadRequest:
    """A head to be made of a file, for this scene and at the 3D cursor."""
    place = tuple(context.scene.cursor.location)
    source = Path(bpy.path.abspath(given)) if given else Path()
    return HeadRequest(task, source, Reference.to(context.scene), place, asked, needed)

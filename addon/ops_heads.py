"""Operators on heads that are learned from video; their work runs in the engine environment (addon/workshop.py)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import CoreError, RigError, SettingError
from ..core.learned import HeadFolder, Stand, stand_of
from .bridge.character import find_character
from .bridge.keys import check_closed
from .delivery import Delivery
from .head_delivery import ClipDelivery, HeadDelivery, HeadRequest, ToldDelivery
from .operator_base import SentenceOperator
from .ops_video import WorkshopOperator, head_poll, head_request
from .props import chosen_object, request_for
from .props_heads import folder_of, heads_of
from .request import Request, rate_of

PATIENCE_S = 30.0
"""Seconds that a stopped worker has to keep what it has learned."""


class HeadDeed(WorkshopOperator):
    """Mixin: work in the folder that the panel names. deed: its name in the worker's protocol."""

    deed = ""
    bl_options = {"REGISTER"}
    stopped = "Stopped; what was done is kept in the folder, and the same button goes on."

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if not head_poll(cls, context):
            return False
        folder = folder_of(heads_of(context))
        why = "Choose a folder first" if folder is None else cls.why_not(context, stand_of(folder))
        if why:
            cls.poll_message_set(why)
        return not why

    @classmethod
    def why_not(cls, context: bpy.types.Context, stand: Stand) -> str | None:
        """Why a head that stands so cannot be worked on, or None."""
        return None

    def _request(self, context: bpy.types.Context, source: str, needed: bool = True) -> HeadRequest:
        settings = heads_of(context)
        folder = folder_of(settings)
        if folder is None:
            raise SettingError("No folder is chosen; a head is learned in one, so that it can go on after a stop.")
        asked: dict[str, Any] = {"deed": self.deed, "folder": str(folder.path), "patience": PATIENCE_S}
        asked |= {name: getattr(settings, name) for name in ("config", "size", "length", "device", "face")}
        return head_request("head", source, context, asked, needed)


class MOUTHPIECE_OT_prepare_head(HeadDeed, bpy.types.Operator):
    """Find and follow the face in the film, and cut it out; a page with pictures then tells how well that went"""

    bl_idname = "mouthpiece.prepare_head"
    bl_label = "Prepare"
    deed = "prepare"

    def delivery(self, context: bpy.types.Context) -> ToldDelivery:
        """What the panel says."""
        return ToldDelivery(self._request(context, _film(context)))


class MOUTHPIECE_OT_learn_head(HeadDeed, bpy.types.Operator):
    """Learn a head of splats from the film of one person talking, or go on learning, and add it; Esc stops and keeps"""

    bl_idname = "mouthpiece.learn_head"
    bl_label = "Learn Head from Film"
    deed = "learn"

    def delivery(self, context: bpy.types.Context) -> HeadDelivery:
        """What the panel says; a prepared folder needs no film."""
        folder = folder_of(heads_of(context))
        prepared = folder is not None and stand_of(folder).is_prepared
        given = heads_of(context).film if prepared else _film(context)
        return HeadDelivery(self._request(context, given, needed=not prepared))


class LearnedDeed(HeadDeed):
    """Mixin: work on what is learned."""

    @classmethod
    def why_not(cls, context: bpy.types.Context, stand: Stand) -> str | None:
        """Something must be learned."""
        return None if stand.is_learned else "Nothing is learned in this folder yet"


class MOUTHPIECE_OT_bake_head(LearnedDeed, bpy.types.Operator):
    """Add the head as far as it is learned; no network runs in Blender"""

    bl_idname = "mouthpiece.bake_head"
    bl_label = "Bake and Import"
    deed = "bake"

    def delivery(self, context: bpy.types.Context) -> HeadDelivery:
        """What lies in the folder."""
        return HeadDelivery(self._request(context, heads_of(context).film, needed=False))


class MOUTHPIECE_OT_evaluate_head(LearnedDeed, bpy.types.Operator):
    """Judge the head by the last eleventh of the film, which it never learned from"""

    bl_idname = "mouthpiece.evaluate_head"
    bl_label = "Evaluate"
    deed = "evaluate"

    def delivery(self, context: bpy.types.Context) -> ToldDelivery:
        """What lies in the folder."""
        return ToldDelivery(self._request(context, heads_of(context).film, needed=False))


class MOUTHPIECE_OT_drive_head(LearnedDeed, bpy.types.Operator):
    """Let the head say the recording: by curves on the chosen character, or exactly through its field as a new head"""

    bl_idname = "mouthpiece.drive_head"
    bl_label = "Drive with Recording"

    @classmethod
    def why_not(cls, context: bpy.types.Context, stand: Stand) -> str | None:
        """There must be a head, a recording, and for curves somebody who says it."""
        settings, why = heads_of(context), super().why_not(context, stand)
        if why:
            return why
        if not Path(bpy.path.abspath(settings.recording)).is_file():
            return "Choose a recording for the head to say"
        if settings.way == "CURVES":
            try:
                take = take_of(context)
                check_closed(find_character(take.character.find(bpy.data.objects), take.head_choice()))
            except CoreError as error:
                return str(error).rstrip(".")
        return None

    def delivery(self, context: bpy.types.Context) -> Delivery | ClipDelivery:
        """Keys for the character, or a head of its own."""
        settings = heads_of(context)
        if settings.way == "CURVES":
            take = take_of(context)
            own = {each.name: getattr(take, each.name) for each in fields(Request)}
            return Delivery(PersonRequest(**own, folder=folder_of(settings)))
        take = take_of(context, anybody=True)
        request = self._request(context, settings.recording)
        asked = request.asked | {"deed": "clip", "fps": rate_of(context.scene)}
        return ClipDelivery(replace(request, asked=asked), take)


class MOUTHPIECE_OT_open_head_report(SentenceOperator, bpy.types.Operator):
    """Open the page with pictures that tells how well the face was followed"""

    bl_idname = "mouthpiece.open_head_report"
    bl_label = "Open Report"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        folder = folder_of(heads_of(context))
        there = folder is not None and folder.report.is_file()
        if not there:
            cls.poll_message_set("The report is written when a film has been prepared")
        return there

    def run(self, context: bpy.types.Context) -> None:
        """Hand it to the browser."""
        bpy.ops.wm.url_open(url=folder_of(heads_of(context)).report.as_uri())


@dataclass(frozen=True, slots=True)
class PersonRequest(Request):
    """As Request, said as the person of a learned head moves. folder: where that head is."""

    folder: HeadFolder | None = None

    def order(self) -> dict[str, Any]:
        """The job line for the worker. Raises: CoreError when something is missing from the start."""
        plain = Request.order(self)
        own = {name: plain[name] for name in ("input", "fps", "rig")}
        return own | {"task": "head", "deed": "perform", "folder": str(self.folder.path), "output": "performance.npz"}


def take_of(context: bpy.types.Context, anybody: bool = False) -> Request:
    """The recording of the panel as a take of the chosen character. Raises RigError where nobody is chosen.

    anybody: whether there need be none, because the one who says it is still to be made.
    """
    chosen = chosen_object(context)
    if chosen is None and not anybody:
        raise RigError("No character is chosen; bake the head first, or select a character.")
    recording = Path(bpy.path.abspath(heads_of(context).recording))
    return request_for(context, recording, chosen or context.scene)


def _film(context: bpy.types.Context) -> str:
    given = heads_of(context).film
    if not given:
        raise SettingError("No film is chosen; choose one of a person who talks.")
    return given


CLASSES = (
    MOUTHPIECE_OT_prepare_head,
    MOUTHPIECE_OT_learn_head,
    MOUTHPIECE_OT_bake_head,
    MOUTHPIECE_OT_evaluate_head,
    MOUTHPIECE_OT_drive_head,
    MOUTHPIECE_OT_open_head_report,
)

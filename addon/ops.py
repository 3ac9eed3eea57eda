"""What the buttons do. Each collects its inputs, calls a plain function and reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy

from ..core.errors import CoreError, RigError
from .bridge.keys import check_closed
from .compat import sequencer_scene, show_sequencer
from .desk import DESK
from .guidance import guidance_of
from .modal_job import JobOperator
from .operator_base import SentenceOperator
from .props import RECORDING_ENDINGS, character_of, chosen_object, request_of, settings_of
from .remembering import keep
from .request import Request


def _why_not_animate(context: bpy.types.Context) -> str | None:
    """Why Animate cannot run now, or None."""
    if DESK.busy:
        return "A performance is being made; wait for it or cancel it"
    try:
        request = request_of(context)
        if not request.recording.is_file():
            return f'There is no recording "{request.recording.name}"; choose a sound file that exists'
        check_closed(character_of(context))
    except CoreError as error:
        return str(error).rstrip(".")
    return None


class MOUTHPIECE_OT_animate(JobOperator, bpy.types.Operator):
    """Turn the recording into keys on a new NLA track of the character; nothing that is there is changed"""

    bl_idname = "mouthpiece.animate"
    bl_label = "Animate"
    # No undo step of its own: mouthpiece.write_take makes the one there is.
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        why = _why_not_animate(context)
        if why:
            cls.poll_message_set(why)
        return why is None

    def request(self, context: bpy.types.Context) -> Request:
        """What the panel says now."""
        request = request_of(context)
        return replace(request, guidance=guidance_of(context.scene, request.start, chosen_object(context)))


class MOUTHPIECE_OT_write_take(SentenceOperator, bpy.types.Operator):
    """Show the finished performance on the character"""

    bl_idname = "mouthpiece.write_take"
    bl_label = "Animate Face"
    bl_options = {"UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return DESK.delivery is not None and DESK.delivery.ready

    def run(self, context: bpy.types.Context) -> set[str] | None:
        """Write, and leave at the desk what the operator that asked should report."""
        delivery = DESK.delivery
        scene = delivery.request.scene.find(bpy.data.scenes) or context.scene
        try:
            DESK.warnings = delivery.finish(sequencer_scene(context, scene))
        except CoreError as error:
            DESK.refused = str(error)
            return {"CANCELLED"}
        if delivery.plays:
            show_sequencer(context, scene)
        if delivery.remembers:
            keep(scene.mouthpiece, delivery.request.character.find(bpy.data.objects), scene)
        scene.mouthpiece.heard = DESK.job.progress.heard
        scene.mouthpiece.saved = delivery.saved
        scene.mouthpiece.messages = "\n".join((*DESK.job.progress.warnings, *DESK.warnings))
        return None


class MOUTHPIECE_OT_cancel(bpy.types.Operator):
    """Stop making the performance; nothing of it is written, and what was finished before stays"""

    bl_idname = "mouthpiece.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if not DESK.busy:
            cls.poll_message_set("No performance is being made")
        return DESK.busy

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Called by Blender."""
        DESK.job.cancel()
        return {"FINISHED"}


class MOUTHPIECE_OT_drop_recording(SentenceOperator, bpy.types.Operator):
    """Perform a sound file dropped on the 3D viewport with the active character"""

    bl_idname = "mouthpiece.drop_recording"
    bl_label = "Animate Face from Recording"
    bl_options = {"INTERNAL"}

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: bpy.props.CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})

    def run(self, context: bpy.types.Context) -> None:
        """Take the first file as the recording; animate at once when nothing else is missing."""
        if not self.files:
            raise RigError("No sound file was dropped.")
        settings_of(context).recording = str(Path(self.directory) / self.files[0].name)
        if len(self.files) > 1:
            self.report({"WARNING"}, f"Of {len(self.files)} files only {self.files[0].name} was taken.")
        why = _why_not_animate(context)
        if why:
            self.report({"WARNING"}, f"The recording is set, but nothing was animated yet. {why}.")
        else:
            bpy.ops.mouthpiece.animate("INVOKE_DEFAULT")


class MOUTHPIECE_FH_recording(bpy.types.FileHandler):
    """Takes sound files that are dropped on the 3D viewport; the sequencer has a handler of its own."""

    bl_idname = "MOUTHPIECE_FH_recording"
    bl_label = "Animate Face from Recording"
    bl_import_operator = MOUTHPIECE_OT_drop_recording.bl_idname
    bl_file_extensions = ";".join(RECORDING_ENDINGS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return context.area is not None and context.area.type == "VIEW_3D"

"""Operators for a live camera: start, stop, calibrate, record, and the writing of what was recorded."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import CoreError, FormatError, RigError
from .bridge.keys import check_closed
from .bridge.live_pose import LivePose
from .desk import DESK
from .job import Job
from .live import LIVE
from .live_delivery import TAKE, KeptTake
from .live_playing import PLAYING
from .modal_job import JobOperator, redraw_panels
from .operator_base import SentenceOperator
from .props import character_of, chosen_object, request_for, settings_of
from .props_live import live_settings
from .request import Request, rate_of
from .workshop import why_no_engine, workshop_command

TICK_S = 1 / 60
REDRAW_S = 0.15


class MOUTHPIECE_OT_start_live(SentenceOperator, bpy.types.Operator):
    """Show what the camera sees on the character, live and without keys; look at it calmly for the first second"""

    bl_idname = "mouthpiece.start_live"
    bl_label = "Start"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        why = why_no_live(context)
        if why:
            cls.poll_message_set(why)
        return why is None

    def run(self, context: bpy.types.Context) -> set[str]:
        """Start the worker; without a window, whoever started it calls LIVE.tick()."""
        LIVE.start(workshop_command(), live_order(context), context.scene, LivePose.of(character_of(context)))
        if bpy.app.background or context.window is None:
            return {"FINISHED"}
        self._timer = context.window_manager.event_timer_add(TICK_S, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Called by Blender for each event; all but Escape and timers pass through."""
        if event.type == "ESC" and event.value == "PRESS" and LIVE.running:
            LIVE.leave()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        done = self.guard(lambda: self._tick(context))
        if done != {"PASS_THROUGH"}:
            self._leave(context)
            LIVE.clear()
        return done

    def cancel(self, context: bpy.types.Context) -> None:
        """Called by Blender when the window closes under the operator."""
        self._leave(context)
        LIVE.clear()

    def _tick(self, context: bpy.types.Context) -> set[str]:
        goes_on = LIVE.tick()
        PLAYING.follow(context, LIVE.recording)
        if LIVE.kept and not DESK.busy:
            self._keep()
        if time.monotonic() - self._redrawn_s > REDRAW_S or not goes_on:
            self._redrawn_s = time.monotonic()
            redraw_panels(context)
        if goes_on:
            return {"PASS_THROUGH"}
        if LIVE.fault:
            self.report({"WARNING"}, LIVE.fault)
        return {"FINISHED"}

    def _keep(self) -> None:
        """Have the take written; what is said of it comes as an exception when one operator calls another."""
        try:
            bpy.ops.mouthpiece.keep_live("INVOKE_DEFAULT")
        except RuntimeError as error:
            self.report({"ERROR"}, str(error).removeprefix("Error: ").strip())

    def _leave(self, context: bpy.types.Context) -> None:
        PLAYING.follow(context, None)
        if self._timer:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        redraw_panels(context)

    # Class attributes, for Blender makes the instance.
    _timer: bpy.types.Timer | None = None
    _redrawn_s: float = 0.0


class LiveOperator(SentenceOperator):
    """Mixin for what can be done while a camera runs."""

    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if not LIVE.running:
            cls.poll_message_set("No live camera runs; press Start")
        return LIVE.running


class MOUTHPIECE_OT_stop_live(LiveOperator, bpy.types.Operator):
    """Stop the camera and put the character back as the timeline has it; a take that is being recorded is kept"""

    bl_idname = "mouthpiece.stop_live"
    bl_label = "Stop"

    def run(self, context: bpy.types.Context) -> None:
        """Ask it to end."""
        LIVE.leave()


class MOUTHPIECE_OT_calibrate_live(LiveOperator, bpy.types.Operator):
    """Take the face of the next second for the neutral one: look at the camera, lips closed, eyes open"""

    bl_idname = "mouthpiece.calibrate_live"
    bl_label = "Calibrate"

    def run(self, context: bpy.types.Context) -> None:
        """Ask the worker."""
        LIVE.calibrate()


class MOUTHPIECE_OT_record_live(LiveOperator, bpy.types.Operator):
    """Record a take from the current frame on; press again to end it, and it is keyed on tracks of its own"""

    bl_idname = "mouthpiece.record_live"
    bl_label = "Record"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        why = _why_no_record()
        if why:
            cls.poll_message_set(why)
        return why is None

    def run(self, context: bpy.types.Context) -> None:
        """Begin or end a take."""
        if LIVE.recording:
            LIVE.end_take()
            return
        check_closed(character_of(context))
        LIVE.record(live_request(context), rate_of(context.scene))
        if live_settings(context.scene).play:
            PLAYING.start(context, settings_of(context).extend_end)


class MOUTHPIECE_OT_keep_live(JobOperator, bpy.types.Operator):
    """Write the recorded take as keys, as any other performance"""

    bl_idname = "mouthpiece.keep_live"
    bl_label = "Keep Live Take"
    # No undo step of its own: mouthpiece.write_take makes the one there is.
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return LIVE.kept is not None and not DESK.busy

    def _open(self, context: bpy.types.Context) -> Job:
        """Put the take on the desk. Raises: CoreError where nothing was seen."""
        # Where the head rests is read off the character, which must not be looking about meanwhile.
        LIVE.rest()
        kept, LIVE.kept = LIVE.kept, None
        return DESK.take(KeptTake(kept.request.recording.stem), kept.delivery())


def why_no_live(context: bpy.types.Context) -> str | None:
    """Why no live camera can be started now, or None."""
    if LIVE.running:
        return "A live camera runs already"
    if DESK.busy:
        return "Something is being made; wait for it or cancel it"
    try:
        live_order(context)
        check_closed(character_of(context))
    except CoreError as error:
        return str(error).rstrip(".")
    return (why_no_engine() or "").rstrip(".") or None


def live_order(context: bpy.types.Context) -> dict[str, Any]:
    """The job line for the worker. Raises: FormatError for a film that is not there."""
    settings = live_settings(context.scene)
    asked: dict[str, Any] = {"task": "live", "mirrored": settings.mirrored, "smoothing": settings.smoothing}
    if settings.source == "CAMERA":
        return asked | {"camera": settings.camera}
    if not settings.film:
        raise FormatError("No film is chosen to play in place of a camera; choose one of a face.")
    film = Path(bpy.path.abspath(settings.film))
    if not film.is_file():
        raise FormatError(f'There is no film "{film.name}"; choose one that exists.')
    return asked | {"input": str(film)}


def live_request(context: bpy.types.Context) -> Request:
    """Where a take goes that begins now. Raises: RigError when nobody is chosen."""
    chosen = chosen_object(context)
    if chosen is None:
        raise RigError("No character is chosen; select its face, its armature or its root object.")
    request = request_for(context, Path(TAKE), chosen)
    return replace(request, start=context.scene.frame_current, with_sound=False, in_sync=False)


def _why_no_record() -> str | None:
    if not LIVE.running:
        return "No live camera runs; press Start"
    if LIVE.recording:
        return "The take is being ended" if LIVE.recording.ended else None
    if not LIVE.ready:
        return "Look calmly at the camera until it is calibrated"
    if DESK.busy or LIVE.kept:
        return "Keys are being written; wait for them"
    return None


CLASSES = (
    MOUTHPIECE_OT_start_live,
    MOUTHPIECE_OT_stop_live,
    MOUTHPIECE_OT_calibrate_live,
    MOUTHPIECE_OT_record_live,
    MOUTHPIECE_OT_keep_live,
)

"""Long work behind a living window: a modal operator that listens to the worker ten times a second."""

from __future__ import annotations

import bpy

from ..core.errors import Cancelled, RigError
from .desk import DESK
from .job import Job
from .operator_base import SentenceOperator
from .places import worker_command
from .request import Request

_TICK_S = 0.1


class JobOperator(SentenceOperator):
    """Mixin: subclasses turn the context into a Request; what happens then is the same with and without a window."""

    def request(self, context: bpy.types.Context) -> Request:
        """Read the context, once and only here. Raises: CoreError."""
        raise NotImplementedError

    def run(self, context: bpy.types.Context) -> set[str]:
        """Start the worker; wait for it where there is no window to keep alive."""
        self._job = DESK.open(worker_command(), self.request(context))
        if bpy.app.background or context.window is None:
            return self._wait(context)
        self._timer = context.window_manager.event_timer_add(_TICK_S, window=context.window)
        context.window_manager.modal_handler_add(self)
        self._show(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Called by Blender for each event; all but Escape and our timer pass through."""
        if DESK.job is not self._job:
            self._leave(context)
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS":
            self._job.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if self._job.drain():
            self._show(context)
        if self._job.running:
            return {"PASS_THROUGH"}
        self._leave(context)
        return self.guard(lambda: self._finish(context))

    def cancel(self, context: bpy.types.Context) -> None:
        """Called by Blender when the window closes under the operator."""
        self._leave(context)
        DESK.clear()

    def _wait(self, context: bpy.types.Context) -> set[str]:
        try:
            while self._job.running:
                self._job.drain(wait_s=_TICK_S)
        except KeyboardInterrupt:
            DESK.clear()
            raise Cancelled("Cancelled; nothing was written.") from None
        return self._finish(context)

    def _finish(self, context: bpy.types.Context) -> set[str]:
        """Hand the result to the operator that makes the undo step, and pass on what it has to say."""
        try:
            DESK.output = self._job.progress.result()
            # Only a call that asks for it makes an undo step.
            bpy.ops.mouthpiece.write_take("EXEC_DEFAULT", True)
            refused, warnings = DESK.refused, (*self._job.progress.warnings, *DESK.warnings)
        except Cancelled as stopped:
            self.report({"INFO"}, str(stopped))
            return {"CANCELLED"}
        finally:
            DESK.clear()
        if refused:
            raise RigError(refused)
        for warning in warnings:
            self.report({"WARNING"}, warning)
        return {"FINISHED"}

    def _show(self, context: bpy.types.Context) -> None:
        progress = self._job.progress
        context.workspace.status_text_set(f"Mouthpiece: {progress.text} {progress.value:.0%}    Esc: Cancel")
        redraw_panels(context)

    def _leave(self, context: bpy.types.Context) -> None:
        if self._timer:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
            context.workspace.status_text_set(None)
            redraw_panels(context)

    # Class attributes, for Blender makes the instance.
    _job: Job | None = None
    _timer: bpy.types.Timer | None = None


def redraw_panels(context: bpy.types.Context) -> None:
    """Draw the sidebars again; nothing else shows the progress."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()

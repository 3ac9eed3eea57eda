"""Long work behind a living window: a modal operator that listens to the worker ten times a second."""

from __future__ import annotations

import time
from collections.abc import Iterator

import bpy

from ..core.errors import Cancelled, RigError
from .delivery import Delivery
from .desk import DESK
from .job import Event, Job
from .operator_base import SentenceOperator
from .places import worker_command
from .request import Request

_TICK_S = 0.1
# Of each tick, so that the longest step after it still leaves the window free within 100 ms.
_WRITING_S = 0.03


class JobOperator(SentenceOperator):
    """Mixin: subclasses turn the context into a Request; what happens then is the same with and without a window.

    stopped: what is said after a cancel.
    """

    stopped = "Cancelled; nothing was written."

    def request(self, context: bpy.types.Context) -> Request:
        """Read the context, once and only here. Raises: CoreError."""
        raise NotImplementedError

    def delivery(self, context: bpy.types.Context) -> Delivery:
        """The way of the result into the file. Raises: CoreError."""
        return Delivery(self.request(context))

    def run(self, context: bpy.types.Context) -> set[str]:
        """Start the worker; wait for it where there is no window to keep alive."""
        self._job = self._open(context)
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
        return self.guard(lambda: self._advance(context))

    def cancel(self, context: bpy.types.Context) -> None:
        """Called by Blender when the window closes under the operator."""
        self._leave(context)
        DESK.clear()

    def _open(self, context: bpy.types.Context) -> Job:
        """Start the worker. Raises: CoreError."""
        return DESK.open(worker_command(), self.delivery(context))

    def _wait(self, context: bpy.types.Context) -> set[str]:
        said = {"PASS_THROUGH"}
        try:
            while said == {"PASS_THROUGH"}:
                while self._job.running:
                    self._job.drain(wait_s=_TICK_S)
                said = self._advance(context)
        except KeyboardInterrupt:
            DESK.clear()
            raise Cancelled(self.stopped) from None
        return said

    def _advance(self, context: bpy.types.Context) -> set[str]:
        """The worker is done: write for a moment, or finish. However it ends, nothing half written stays."""
        more = False
        try:
            more = self._write()
            return {"PASS_THROUGH"} if more else self._finish()
        except Cancelled as stopped:
            self.report({"INFO"}, str(stopped))
            return {"CANCELLED"}
        finally:
            if not more:
                self._leave(context)
                DESK.clear()

    def _write(self) -> bool:
        """Write for a moment. Returns: False when all is written and no time was spent on it."""
        if self._job.cancelled:
            raise Cancelled(self.stopped)
        if self._steps is None:
            self._steps = DESK.delivery.steps(self._job.progress.result())
            self._job.progress.take(Event("progress", "Writing keys", 1.0))
        end, wrote = time.monotonic() + _WRITING_S, False
        for _ in self._steps:
            wrote = True
            if time.monotonic() > end:
                break
        return wrote

    def _finish(self) -> set[str]:
        """Let the operator that makes the undo step do its part, and pass on what there is to say."""
        # Only a call that asks for it makes an undo step.
        bpy.ops.mouthpiece.write_take("EXEC_DEFAULT", True)
        if DESK.refused:
            raise RigError(DESK.refused)
        for warning in (*self._job.progress.warnings, *DESK.warnings):
            self.report({"WARNING"}, warning)
        return {"FINISHED"}

    def _show(self, context: bpy.types.Context) -> None:
        context.workspace.status_text_set(f"Mouthpiece: {DESK.text} {DESK.value:.0%}    Esc: Cancel")
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
    _steps: Iterator[None] | None = None


def redraw_panels(context: bpy.types.Context) -> None:
    """Draw the sidebars again; nothing else shows the progress."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "SEQUENCE_EDITOR"}:
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()

"""Several recordings through the one worker's desk, one after another: what fails is told, and the others go on."""

from __future__ import annotations

import time

import bpy

from ..core.errors import Cancelled, CoreError, RigError
from .batch import Line
from .batch_report import Gathering
from .desk import DESK
from .job import Job
from .modal_job import JobOperator
from .places import worker_command
from .props_batch import BATCH
from .request import Reference


class BatchOperator(JobOperator):
    """Mixin: subclasses say which lines; each take is an undo step of its own."""

    stopped = "Cancelled; what was finished stays."

    def lines(self, context: bpy.types.Context) -> tuple[Line, ...]:
        """Read the context, once and only here. Raises: CoreError when there is nothing to do at all."""
        raise NotImplementedError

    def _open(self, context: bpy.types.Context) -> Job:
        """Start on the first line that can be. Raises: CoreError when none can."""
        if DESK.busy:
            raise RigError("Another performance is being made; wait for it or cancel it.")
        self._lines, self._scene = self.lines(context), Reference.to(context.scene)
        self._place, self._done, self._cut, self._failures, self._said = 0, 0, False, [], []
        self._gathering = Gathering(context.scene)
        if not self._next():
            self._conclude()
        return self._job

    def _next(self) -> bool:
        """Start on the next line that can be. Returns: False when none is left."""
        while self._place < len(self._lines):
            line = self._lines[self._place]
            try:
                self._job, self._began_s = DESK.open(worker_command(), line.delivery()), time.monotonic()
                DESK.share = (self._place, len(self._lines))
                return True
            except CoreError as error:
                self._fail(line, error)
            self._place += 1
        return False

    def _fail(self, line: Line, error: CoreError) -> None:
        self._failures.append(f"{line.name}: {error}")
        self._gathering.refused(line, str(error))

    def _advance(self, context: bpy.types.Context) -> set[str]:
        """A worker is done: write for a moment, or go on to the next line."""
        more = False
        try:
            more = self._step()
            return {"PASS_THROUGH"} if more else self._conclude()
        finally:
            if not more:
                self._leave(context)
                DESK.clear()

    def _step(self) -> bool:
        """Returns: False when all lines are done or the user wants no more."""
        line = self._lines[self._place]
        try:
            if self._write():
                return True
            self._finish()
            self._done += 1
            self._said += [f"{line.name}: {text}" for text in (*self._job.progress.warnings, *DESK.warnings)]
            self._gathering.done(line, self._job.progress.entry, time.monotonic() - self._began_s)
        except Cancelled:
            self._cut = True
        except CoreError as error:
            self._fail(line, error)
        DESK.clear()
        self._steps = None
        self._place += 1
        return not self._cut and self._next()

    def _conclude(self) -> set[str]:
        """Say what came of it. Raises: RigError when all lines failed."""
        count, done = len(self._lines), self._done
        summary = f"{done} of {count} recording{'' if count == 1 else 's'} animated."
        summary = f"Cancelled; {summary}" if self._cut else summary
        DESK.told = self._gathering.report()
        scene = self._scene.find(bpy.data.scenes)
        if scene:
            getattr(scene, BATCH).report = "\n".join((summary, *self._failures, *self._said))
        if self._failures and not done and not self._cut:
            raise RigError(f"{summary} {self._failures[0]}")
        self.report({"INFO"}, summary)
        for failure in self._failures:
            self.report({"WARNING"}, failure)
        return {"FINISHED"} if done else {"CANCELLED"}

    # Class attributes, for Blender makes the instance.
    _lines: tuple[Line, ...] = ()
    _scene: Reference | None = None
    _place: int = 0
    _done: int = 0
    _cut: bool = False
    _gathering: Gathering | None = None
    _began_s: float = 0.0

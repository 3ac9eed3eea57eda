"""The live camera that may run: what has come from it, what of it is shown, and the take that is being recorded."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ..core.errors import CoreError, RigError
from ..core.live_lines import CALIBRATE
from ..core.live_take import LiveRows, live_performance
from .bridge.live_pose import LivePose, Place
from .desk import DESK
from .job import Job
from .live_delivery import LiveDelivery, next_name
from .live_preview import LIVE_PREVIEW
from .request import Reference, Request
from .worker_command import WorkerCommand

TAIL_S = 0.6
"""How long after a take its last pictures are waited for: what was seen at its end is solved a little later."""
REMEMBERED_S = 1.0
QUIET_S = 3.0
"""After this long without a picture the panel says so."""

Row = tuple[float, np.ndarray, np.ndarray]
"""A second of our own clock (time.monotonic), weights [52] and head [3]."""


@dataclass(slots=True)
class Recording:
    """A take that is being recorded. request: where it goes; begun_s, ended_s: our clock; fps: of the scene then."""

    request: Request
    begun_s: float
    fps: float
    rows: list[Row] = field(default_factory=list)
    ended_s: float = math.inf

    @property
    def ended(self) -> bool:
        return self.ended_s < math.inf

    @property
    def whole(self) -> bool:
        """Whether all pictures up to its end have come, or have been waited for long enough."""
        came = bool(self.rows) and self.rows[-1][0] >= self.ended_s
        return self.ended and (came or time.monotonic() > self.ended_s + TAIL_S)

    def delivery(self) -> LiveDelivery:
        """The take on its way into the file. Raises: CoreError where nothing was seen."""
        rows = LiveRows.of(self.rows)
        return LiveDelivery(self.request, live_performance(rows, self.begun_s, self.ended_s, self.fps))


@dataclass(slots=True)
class Live:
    """The one live camera that may run at a time.

    moment: the newest line of the worker, see core.live_lines. shown_lag_s: from the picture's moment to what was
    shown of it last. kept: a take that waits to be written. leaving: whether it ends once that is done. fault: why it
    ended by itself.
    """

    job: Job | None = None
    pose: LivePose | None = None
    scene: Reference | None = None
    moment: dict[str, Any] | None = None
    recording: Recording | None = None
    kept: Recording | None = None
    leaving: bool = False
    fault: str = ""
    shown_lag_s: float = 0.0
    _zero_s: float | None = None
    _heard_s: float = 0.0
    _recent: list[Row] = field(default_factory=list)
    _values: dict[Place, float] | None = None

    @property
    def running(self) -> bool:
        return self.job is not None

    @property
    def calibrated(self) -> float:
        """How far calibrating is, 0..1."""
        return self.moment["calibrated"] if self.moment else 0.0

    @property
    def ready(self) -> bool:
        """Whether there are answers to record."""
        return bool(self._recent)

    @property
    def quiet(self) -> bool:
        """Whether no picture came for long."""
        return self.moment is not None and time.monotonic() - self._heard_s > QUIET_S

    def start(self, command: WorkerCommand, order: dict[str, Any], scene: bpy.types.Scene, pose: LivePose) -> None:
        """Start a camera for a scene's character. Raises: CoreError where one runs."""
        if self.job:
            raise RigError("A live camera runs already; stop it first.")
        self.stop()
        self.job, self.pose, self.scene = Job(command, order), pose, Reference.to(scene)
        self.fault, self.leaving = "", False

    def calibrate(self) -> None:
        """Ask for the face of the next second as the neutral one."""
        self.job.ask(CALIBRATE)

    def record(self, request: Request, fps: float) -> None:
        """Begin a take."""
        begun_s = time.monotonic()
        self.recording = Recording(replace(request, recording=request.recording.with_name(next_name())), begun_s, fps)
        self.recording.rows.extend(self._recent)

    def end_take(self, at_s: float = math.inf) -> None:
        """The take ends now, or ended at_s; it is kept when its last pictures have come."""
        if self.recording and not self.recording.ended:
            self.recording.ended_s = min(at_s, time.monotonic())

    def leave(self) -> None:
        """End when the take that is being recorded is kept, or at once."""
        self.end_take()
        self.leaving = True

    def tick(self) -> bool:
        """Take what has come and show it. Returns: whether the camera goes on or a take waits to be written."""
        if self.job is None:
            return False
        fresh = self.job.drain() and self._take_moments()
        if not self.job.running:
            self._end_by_itself()
        if self.recording and self.recording.whole:
            self.kept, self.recording = self.recording, None
        if self.leaving and not self.recording and not self.kept:
            self.clear()
            return False
        if fresh or self._paused:
            self.show()
        return True

    def show(self) -> None:
        """Show the newest moment. While keys are written or a take waits, the character is at rest instead; while a
        picture renders, which reads it from a thread of its own, it is left alone."""
        if self._values is None or self.pose is None or bpy.app.is_job_running("RENDER"):
            return
        if self._paused:
            self.rest()
            return
        try:
            self.pose.write(self._values)
        except CoreError as error:
            self.fault = str(error)
            self.recording, self.leaving = None, True

    def rest(self) -> None:
        """Put the character back as the timeline has it, until the next moment comes."""
        if self._values is not None and self.pose:
            self._values = None
            self.pose.put_back(self._scene())

    def clear(self) -> None:
        """End the camera and put the character back."""
        self.rest()
        self.stop()

    def stop(self) -> None:
        """The same without a look at the file, for when Blender may have closed it already."""
        job, self.job = self.job, None
        self.pose = self.scene = self.moment = self.recording = self.kept = self._values = self._zero_s = None
        self._recent, self.leaving, self.shown_lag_s = [], False, 0.0
        LIVE_PREVIEW.clear()
        if job:
            job.close()

    @property
    def _paused(self) -> bool:
        return DESK.busy or self.kept is not None

    def _take_moments(self) -> bool:
        """Note what has come. Returns: whether there is something new to show."""
        moments, self.job.progress.moments = self.job.progress.moments, []
        for moment in moments:
            if self._zero_s is None:
                # Both sides read the same wall clock once; from there on ours alone counts, which nobody sets.
                self._zero_s = time.monotonic() - (time.time() - moment["began"])
            self.moment, self._heard_s = moment, time.monotonic()
            if moment["values"] is not None:
                row = self._zero_s + moment["time_s"], np.array(moment["values"]), np.array(moment["head"])
                self._recent.append(row)
                if self.recording and row[0] > self._last_recorded:
                    self.recording.rows.append(row)
        # After a long wait only the newest picture is worth its while.
        previews = [moment["preview"] for moment in moments if "preview" in moment]
        if previews:
            LIVE_PREVIEW.show(previews[-1])
        if not moments or not self._recent:
            return False
        newest = self._recent[-1]
        self._recent = [row for row in self._recent if row[0] > newest[0] - REMEMBERED_S]
        self._values = self.pose.values(newest[1], newest[2])
        self.shown_lag_s = time.monotonic() - newest[0]
        return True

    @property
    def _last_recorded(self) -> float:
        return self.recording.rows[-1][0] if self.recording.rows else -math.inf

    def _end_by_itself(self) -> None:
        """The film is over, or the worker has ended with a sentence; what was recorded up to here is kept."""
        error = self.job.progress.error
        self.fault = error.text if error else self.fault or "The film is over."
        self.leave()
        if self.recording:
            last = self.recording.rows[-1][0] if self.recording.rows else self.recording.ended_s
            self.recording.ended_s = max(min(self.recording.ended_s, last), self.recording.begun_s)

    def _scene(self) -> bpy.types.Scene | None:
        return self.scene.find(bpy.data.scenes) if self.scene else None


LIVE = Live()


@persistent
def show_live(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """After a change of frame, whose curves have just moved the face: the camera goes before them."""
    here = LIVE.running and LIVE.scene and LIVE.scene.uid == scene.session_uid
    if here and depsgraph.mode == "VIEWPORT":
        LIVE.show()


@persistent
def rest_live(*_: object) -> None:
    """Before the file is saved: it holds what the timeline says, not what a camera happens to see."""
    LIVE.rest()

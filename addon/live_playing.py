"""The timeline that plays while a live take is recorded: in time, without starting over, and as it was afterwards."""

from __future__ import annotations

import time
from dataclasses import dataclass

import bpy

from .live import LIVE, Recording
from .request import Reference

AHEAD_S, STEP_S = 20.0, 60.0
"""How far before the scene's end it is moved on, and how far, so that playing does not start over in a slow window."""
ENDLESS = 1_000_000


@dataclass(slots=True)
class Playing:
    """What was changed for the time of a recording.

    scene: whose timeline plays, None while none does for us. sync, end: what its playback and end were. extends:
    whether the take may go on beyond the end.
    """

    scene: Reference | None = None
    sync: str = ""
    end: int = 0
    extends: bool = True
    seen: bool = False

    def start(self, context: bpy.types.Context, extends: bool) -> None:
        """Play from the current frame on, where there is a window."""
        if context.screen is None or bpy.app.background:
            return
        scene = context.scene
        self.scene, self.sync, self.end, self.extends = Reference.to(scene), scene.sync_mode, scene.frame_end, extends
        self.seen = False
        if scene.sync_mode == "NONE":
            # Every frame shown would be slower than the face that is recorded.
            scene.sync_mode = "FRAME_DROP"
        if not context.screen.is_animation_playing:
            bpy.ops.screen.animation_play()

    def follow(self, context: bpy.types.Context, recording: Recording | None) -> None:
        """Keep playing while a take is recorded, and stop with it; a user who stops playing ends the take."""
        scene = self.scene.find(bpy.data.scenes) if self.scene else None
        if scene is None:
            self.scene = None
            return
        playing = bool(context.screen and context.screen.is_animation_playing)
        self.seen = self.seen or playing
        if recording is None or recording.ended:
            self._stop(scene, playing)
        elif self.seen and not playing:
            LIVE.end_take()
        else:
            self._go_on(scene, recording)

    def _go_on(self, scene: bpy.types.Scene, recording: Recording) -> None:
        last_s = recording.begun_s + (scene.frame_end - recording.request.start) / recording.fps
        left_s = last_s - time.monotonic()
        if self.extends and left_s < AHEAD_S:
            scene.frame_end = min(scene.frame_end + round((STEP_S - left_s) * recording.fps), ENDLESS)
        elif not self.extends and left_s <= 0:
            LIVE.end_take(max(last_s, recording.begun_s))

    def _stop(self, scene: bpy.types.Scene, playing: bool) -> None:
        if playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
        scene.sync_mode, scene.frame_end = self.sync, self.end
        self.scene = None


PLAYING = Playing()

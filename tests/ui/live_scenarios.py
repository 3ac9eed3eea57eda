"""A live camera in a real window: a worker that tells a known face stands in for the engine."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
from stage import DESK, EXTENSION, SHORT, actions, found, note, stage, viewport

ops_live = importlib.import_module(f"{EXTENSION}.addon.ops_live")
LIVE = importlib.import_module(f"{EXTENSION}.addon.live").LIVE
WorkerCommand = importlib.import_module(f"{EXTENSION}.addon.worker_command").WorkerCommand
STAND_IN = Path(__file__).resolve().parents[1] / "addon" / "live_engine.py"
TAKE_S, LIMIT_S = 1.5, 20


def live() -> Iterator[None]:
    """Start, record while the timeline plays, end the take, undo it, and leave with Escape."""
    stage("")
    command = WorkerCommand((), STAND_IN, Path(SHORT).parent, sys.executable)
    ops_live.workshop_command, ops_live.why_no_engine = (lambda: command), (lambda: None)
    scene = bpy.context.scene
    bpy.data.objects["Body"].data.shape_keys.key_blocks["eyeBlinkLeft"].value = 0.0
    settings = scene.mouthpiece_live
    settings.source, settings.film = "FILM", SHORT
    yield
    with bpy.context.temp_override(**viewport()):
        note(said=list(bpy.ops.mouthpiece.start_live("INVOKE_DEFAULT", True)))
    note(pid=LIVE.job.pid)
    yield from _until(lambda: LIVE.ready)
    with bpy.context.temp_override(**viewport()):
        scene.frame_set(1)
        bpy.ops.mouthpiece.record_live("INVOKE_DEFAULT")
    end = time.monotonic() + TAKE_S
    played = set()
    while time.monotonic() < end:
        played.add(scene.frame_current)
        yield
    body = bpy.data.objects["Body"].data.shape_keys.key_blocks
    note(frames=len(played), moved=body["eyeBlinkLeft"].value)
    bpy.ops.mouthpiece.record_live()
    yield from _until(lambda: actions() and not DESK.busy and not LIVE.kept)
    note(actions=actions(), sync=scene.sync_mode)
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo()
    note(after_undo=actions())
    viewport()["window"].event_simulate(type="ESC", value="PRESS", x=400, y=400)
    yield from _until(lambda: not LIVE.running)
    note(rest=bpy.data.objects["Body"].data.shape_keys.key_blocks["eyeBlinkLeft"].value)


def leave_live() -> Iterator[None]:
    """Quit while the camera runs."""
    steps = live()
    while not LIVE.ready:
        next(steps)
        yield
    note(pid=LIVE.job.pid)
    bpy.ops.wm.quit_blender()
    yield


def _until(done: Callable[[], object]) -> Iterator[None]:
    end = time.monotonic() + LIMIT_S
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(str(found))
        yield

"""What the scenarios share: the user's viewport, a staged character, and a note of what was seen."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.mouthpiece"
mouthpiece = importlib.import_module(EXTENSION)
DESK = importlib.import_module(f"{EXTENSION}.addon.desk").DESK
delivery = importlib.import_module(f"{EXTENSION}.addon.delivery")

# The cast asks the package by the name it has in the other tests.
sys.modules["mouthpiece"] = mouthpiece
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "addon"))
from cast import build_character, perform  # noqa: E402

SCENARIO, RESULT, SHORT, LONG = sys.argv[sys.argv.index("--") + 1 :]
TICK_S = 0.01
# What our code takes of the window's thread; what drawing takes beside it is Blender's own affair.
found: dict = {"held_s": [0.0]}


def note(**facts: object) -> None:
    """Write down facts at once: the next step may end this process."""
    found.update(facts)
    Path(RESULT).write_text(json.dumps(found))


def viewport() -> dict:
    """The context of a user whose mouse is over the 3D viewport."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    return {"window": window, "area": area, "region": next(r for r in area.regions if r.type == "WINDOW")}


def stage(recording: str) -> None:
    """A character and a recording, with the sidebar open on our tab."""
    settings = bpy.context.scene.mouthpiece
    settings.character = build_character()
    settings.recording = recording
    with bpy.context.temp_override(**viewport()):
        area = bpy.context.area
        area.spaces.active.show_region_ui = True
        bpy.ops.ed.undo_push(message="Staged")


def press_animate() -> object:
    with bpy.context.temp_override(**viewport()):
        return timed(bpy.ops.mouthpiece.animate)("INVOKE_DEFAULT", True)


def timed(function: Callable) -> Callable:
    """The same function, with the time each call takes written down."""

    def call(*arguments: object) -> object:
        began = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            found["held_s"].append(round(time.perf_counter() - began, 4))

    return call


def working() -> Iterator[None]:
    """Until the worker tells its first progress."""
    while DESK.busy and DESK.job.progress.value == 0:
        yield
    note(pid=DESK.job.pid if DESK.busy else 0)


def done() -> Iterator[None]:
    """Until the job has ended."""
    while DESK.busy:
        yield
    yield


def actions() -> list[str]:
    return [action.name for action in bpy.data.actions]


def bags() -> list[bpy.types.ActionChannelbag]:
    return list(bpy.data.actions[0].layers[0].strips[0].channelbags)


def ten_minutes() -> object:
    """A performance as long as a scene of a film."""
    return perform(10 * 60 * 24)

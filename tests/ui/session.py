"""Runs inside a Blender with a window and the installed extension: acts one scenario and notes what happened.

blender --enable-event-simulate --python session.py -- SCENARIO RESULT.json SHORT.wav LONG.wav
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.mouthpiece"
mouthpiece = importlib.import_module(EXTENSION)
DESK = importlib.import_module(f"{EXTENSION}.addon.desk").DESK

# The cast asks the package by the name it has in the other tests.
sys.modules["mouthpiece"] = mouthpiece
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "addon"))
from cast import build_character  # noqa: E402

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


def spoil_shape(name: str) -> None:
    """Leave the character without one of its shapes."""
    bpy.data.objects["Body"].data.shape_keys.key_blocks[name].name = "Spoilt"


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


def animate() -> Iterator[None]:
    stage(SHORT)
    yield
    note(said=list(press_animate()), busy=DESK.busy)
    yield from done()
    note(actions=actions(), strips=len(bpy.context.scene.sequence_editor.strips))
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo()
    note(after_undo=actions())
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.redo()
    note(after_redo=actions())


def drop() -> Iterator[None]:
    stage("")
    yield
    with bpy.context.temp_override(**viewport()):
        bpy.ops.mouthpiece.drop_recording(
            "INVOKE_DEFAULT", directory=str(Path(SHORT).parent), files=[{"name": Path(SHORT).name}]
        )
    note(busy=DESK.busy)
    yield from done()
    note(actions=actions())


def escape() -> Iterator[None]:
    stage(LONG)
    yield
    press_animate()
    yield from working()
    window = viewport()["window"]
    window.event_simulate(type="ESC", value="PRESS", x=400, y=400)
    began = time.perf_counter()
    yield from done()
    note(actions=actions(), took_s=time.perf_counter() - began)


def cancel() -> Iterator[None]:
    stage(LONG)
    yield
    press_animate()
    yield from working()
    bpy.ops.mouthpiece.cancel()
    yield from done()
    note(actions=actions())


def delete() -> Iterator[None]:
    stage(SHORT)
    yield
    press_animate()
    for name in ("Rig", "Body"):
        bpy.data.objects.remove(bpy.data.objects[name])
    yield from done()
    note(actions=actions(), sounds=len(bpy.data.sounds))


def undo() -> Iterator[None]:
    """The user works on, and undoes it, while the job runs."""
    stage(SHORT)
    yield
    bpy.data.objects["Body"].location.x = 3
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo_push(message="Moved")
    press_animate()
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo()
    yield from done()
    note(actions=actions(), x=bpy.data.objects["Body"].location.x)


def load() -> Iterator[None]:
    stage(LONG)
    yield
    press_animate()
    yield from working()
    bpy.ops.wm.read_homefile(use_empty=False)
    note(busy=DESK.busy, actions=actions())
    yield


def disable() -> Iterator[None]:
    stage(LONG)
    yield
    press_animate()
    yield from working()
    bpy.ops.preferences.addon_disable(module=EXTENSION)
    note(busy=DESK.busy)
    for _ in range(20):
        yield
    bpy.ops.preferences.addon_enable(module=EXTENSION)
    yield
    note(back=hasattr(bpy.context.scene, "mouthpiece"))


def leave() -> Iterator[None]:
    stage(LONG)
    yield
    press_animate()
    yield from working()
    bpy.ops.wm.quit_blender()


def kill() -> Iterator[None]:
    stage(LONG)
    yield
    press_animate()
    yield from working()
    os.kill(os.getpid(), signal.SIGKILL)


def panels() -> Iterator[None]:
    """Every state of the sidebar is drawn; a fault in one would show as a traceback."""
    settings = bpy.context.scene.mouthpiece
    with bpy.context.temp_override(**viewport()):
        area = bpy.context.area
        area.spaces.active.show_region_ui = True
    for _ in range(30):
        yield
    sidebar = next(region for region in area.regions if region.type == "UI")
    sidebar.active_panel_category = "Mouthpiece"
    states = (
        lambda: setattr(settings, "recording", "/nowhere/a.wav"),
        lambda: stage(LONG),
        lambda: bpy.data.objects["Body"].shape_key_remove(
            bpy.data.objects["Body"].data.shape_keys.key_blocks["tongueOut"]
        ),
        lambda: setattr(settings, "head_mode", "CHOSEN"),
        lambda: setattr(settings, "head_object", bpy.data.objects["Rig"]),
        lambda: setattr(settings, "head_mode", "AUTO"),
        lambda: setattr(settings, "start_at", "FRAME"),
        lambda: press_animate(),
        lambda: DESK.job.cancel(),
        lambda: setattr(settings, "recording", SHORT),
        lambda: press_animate(),
        lambda: setattr(settings, "messages", "One thing.\nAnother thing that takes far more room than a line has."),
    )
    for change in states:
        change()
        sidebar.tag_redraw()
        for _ in range(30):
            yield
    yield from done()
    note(category=sidebar.active_panel_category)


def act() -> None:
    """Run the scenario tick by tick from a timer, as Blender stays in charge of its window."""
    steps = globals()[SCENARIO]()

    def tick() -> float | None:
        try:
            next(steps)
            return TICK_S
        except StopIteration:
            note(ended=True)
        except Exception as error:  # noqa: BLE001  (a test must always come back)
            note(fault=repr(error))
        bpy.ops.wm.quit_blender()
        return None

    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)


OPERATOR = importlib.import_module(f"{EXTENSION}.addon.ops").MOUTHPIECE_OT_animate
_modal = timed(OPERATOR.modal)


# Blender counts a method's arguments, so they must be spelt out.
def modal(self: bpy.types.Operator, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
    return _modal(self, context, event)


OPERATOR.modal = modal
act()

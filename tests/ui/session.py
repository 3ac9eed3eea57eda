"""Runs inside a Blender with a window and the installed extension: acts one scenario and notes what happened.

blender --enable-event-simulate --python session.py -- SCENARIO RESULT.json SHORT.wav LONG.wav
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

# Blender runs this file as a script, so its own folder is not searched.
sys.path.insert(0, str(Path(__file__).resolve().parent))
from head_scenarios import learn_heads  # noqa: F401  (a scenario)
from live_scenarios import leave_live, live  # noqa: F401  (scenarios)
from splat_scenarios import drop_splats  # noqa: F401  (a scenario)
from stage import (
    DESK,
    EXTENSION,
    LONG,
    SCENARIO,
    SHORT,
    TICK_S,
    actions,
    bags,
    delivery,
    done,
    found,
    note,
    press_animate,
    stage,
    ten_minutes,
    timed,
    viewport,
    working,
)
from view_scenarios import see_splats, shade_splats  # noqa: F401  (scenarios)


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


def several() -> Iterator[None]:
    """Two strips, and one between them whose recording is gone."""
    stage("")
    yield
    scene = bpy.context.scene
    strips = scene.sequence_editor_create().strips
    for channel, frame in enumerate((10, 150, 300), 1):
        # Strips of one file share its sound, and the one in the middle is to lose its own.
        strips.new_sound(f"Line {channel}", LONG if channel == 2 else SHORT, channel, frame).select = True
    strips["Line 2"].sound.filepath = "/nowhere/a.wav"
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo_push(message="Strips")
        note(said=list(bpy.ops.mouthpiece.animate_strips("INVOKE_DEFAULT", True)), busy=DESK.busy)
    yield from done()
    note(actions=actions(), strips=len(strips), report=scene.mouthpiece_batch.report)
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo()
    note(after_undo=actions())


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


def writing() -> Iterator[None]:
    """A short recording, but a result of ten minutes; until half of its keys are written."""
    delivery.read_performance = lambda path: ten_minutes()
    stage(SHORT)
    yield
    press_animate()
    yield from working()
    found["held_s"].clear()
    while DESK.busy and not (bpy.data.actions and len(bags()[0].fcurves) > 10):
        yield


def long_result() -> Iterator[None]:
    yield from writing()
    note(users=bpy.data.actions[0].users)
    yield from done()
    note(curves=sum(len(bag.fcurves) for bag in bags()))
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo()
    note(after_undo=actions())


def escape_writing() -> Iterator[None]:
    yield from writing()
    note(begun=actions())
    viewport()["window"].event_simulate(type="ESC", value="PRESS", x=400, y=400)
    yield from done()
    note(actions=actions(), sounds=len(bpy.data.sounds))


def undo_writing() -> Iterator[None]:
    yield from writing()
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo_push(message="Moved")
        bpy.ops.ed.undo()
    note(begun=actions())
    yield from done()
    note(actions=actions(), curves=sum(len(bag.fcurves) for bag in bags()))


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


def watch_modal(operator: type[bpy.types.Operator]) -> None:
    """Time what an operator takes of the window's thread."""
    held = timed(operator.modal)

    # Blender counts a method's arguments, so they must be spelt out.
    def modal(self: bpy.types.Operator, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return held(self, context, event)

    operator.modal = modal


watch_modal(importlib.import_module(f"{EXTENSION}.addon.ops").MOUTHPIECE_OT_animate)
watch_modal(importlib.import_module(f"{EXTENSION}.addon.ops_live").MOUTHPIECE_OT_start_live)
watch_modal(importlib.import_module(f"{EXTENSION}.addon.ops_batch").MOUTHPIECE_OT_animate_strips)
act()

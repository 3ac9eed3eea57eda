"""Heads that are learned in a real window: a worker that learns nothing but answers stands in for the engine."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
from stage import DESK, EXTENSION, RESULT, found, note, timed, viewport

ops_heads = importlib.import_module(f"{EXTENSION}.addon.ops_heads")
ops_video = importlib.import_module(f"{EXTENSION}.addon.ops_video")
panels_heads = importlib.import_module(f"{EXTENSION}.addon.panels_heads")
panels_video = importlib.import_module(f"{EXTENSION}.addon.panels_video")
PREVIEW = importlib.import_module(f"{EXTENSION}.addon.head_preview").PREVIEW
learned = importlib.import_module(f"{EXTENSION}.core.learned")
WorkerCommand = importlib.import_module(f"{EXTENSION}.addon.worker_command").WorkerCommand
STAND_IN = Path(__file__).resolve().parents[1] / "addon" / "stand_in_engine.py"
DRAWN, LIMIT_S = 25, 20


def learn_heads() -> Iterator[None]:
    """With the panel open: learn until pictures come, leave with Escape, go on to the end, judge, and undo."""
    folder = _staged()
    yield from _open_panel()
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo_push(message="Staged")
        note(said=list(bpy.ops.mouthpiece.learn_head("INVOKE_DEFAULT", True)))
    yield from _until(lambda: DESK.job.progress.picture and "After 5 " in DESK.job.progress.picture.text)
    yield from _drawn()
    note(shown=PREVIEW.newest.step, icons=[PREVIEW.icons[name].icon_id > 0 for name in ("filmed", "drawn")])
    viewport()["window"].event_simulate(type="ESC", value="PRESS", x=400, y=400)
    yield from _until(lambda: not DESK.busy)
    yield from _drawn()
    note(stopped=learned.stand_of(folder).step, objects=len(bpy.data.pointclouds))
    for deed in (bpy.ops.mouthpiece.learn_head, bpy.ops.mouthpiece.evaluate_head):
        with bpy.context.temp_override(**viewport()):
            deed("INVOKE_DEFAULT", True)
        yield from _until(lambda: not DESK.busy)
        yield from _drawn()
    note(learned=learned.stand_of(folder).step, made=[made.name for made in bpy.data.pointclouds])
    note(told=bpy.context.scene.mouthpiece_heads.told, newest=PREVIEW.newest.step)
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo()
        bpy.ops.ed.undo()
    yield from _drawn()
    note(after_undo=len(bpy.data.objects) - found["before"])


def _staged() -> learned.HeadFolder:
    """The stand-in in place of the engine, a film that goes on until it is stopped, and what will be handed out."""
    # What the extension is called in tests, the stage says; so it comes first.
    from mouthpiece.core.splat.head_files import write_head
    from splat_cast import small_head

    command = WorkerCommand((), STAND_IN, Path(RESULT).parent)
    ops_video.workshop_command, ops_video.why_no_engine = (lambda: command), (lambda: None)
    folder = learned.HeadFolder(Path(RESULT).parent / "head")
    folder.path.mkdir()
    write_head(small_head(), folder.path / "ready.splathead")
    film = Path(RESULT).parent / "slow.mp4"
    film.write_bytes(b"film")
    settings = bpy.context.scene.mouthpiece_heads
    settings.film, settings.folder = str(film), str(folder.path)
    operator = ops_heads.MOUTHPIECE_OT_learn_head
    held = timed(operator.modal)

    # Blender counts a method's arguments, so they must be spelt out.
    def modal(self: bpy.types.Operator, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return held(self, context, event)

    operator.modal = modal
    note(before=len(bpy.data.objects))
    return folder


def _open_panel() -> Iterator[None]:
    """Show the sidebar on our tab with the panel open, which only a new registration does."""
    panels = (panels_video.MOUTHPIECE_PT_video, panels_heads.MOUTHPIECE_PT_heads)
    for panel in reversed(panels):
        bpy.utils.unregister_class(panel)
    for panel in panels:
        panel.bl_options = set()
        bpy.utils.register_class(panel)
    with bpy.context.temp_override(**viewport()):
        area = bpy.context.area
        area.spaces.active.show_region_ui = True
    yield from _drawn()
    next(region for region in area.regions if region.type == "UI").active_panel_category = "Mouthpiece"
    yield from _drawn()


def _drawn() -> Iterator[None]:
    for _ in range(DRAWN):
        yield


def _until(ready: Callable[[], object]) -> Iterator[None]:
    end = time.monotonic() + LIMIT_S
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"It never came so far; what was seen: {found}")
        yield

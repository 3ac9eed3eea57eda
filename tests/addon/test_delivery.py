"""A result reaches the file in small steps, all of it or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import bpy
import pytest
from cast import build_armature, build_mesh, perform, shape_value
from mouthpiece.addon.bridge.draft import Draft
from mouthpiece.addon.delivery import Delivery
from mouthpiece.addon.desk import DESK
from mouthpiece.addon.request import Reference, Request
from mouthpiece.core.formats import write_performance
from mouthpiece.core.rig.arkit import ARKIT_52

# Each in its layer and once at rest.
CURVES = 2 * (52 + 4 + 2 + 4)


def while_writing(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object], after: int = 30) -> None:
    """Do something in the file between two steps, when some curves are written."""
    write, count = Draft._write_next, [0]

    def write_and_do(self: Draft) -> bool:
        more = write(self)
        count[0] += 1
        if count[0] == after:
            deed()
        return more

    monkeypatch.setattr(Draft, "_write_next", write_and_do)


def content() -> dict[str, list[str]]:
    """The names of everything in the file, and the tracks of all that moves."""
    kinds = [kind for kind in dir(bpy.data) if isinstance(getattr(bpy.data, kind), bpy.types.bpy_prop_collection)]
    names = {kind: sorted(datablock.name for datablock in getattr(bpy.data, kind)) for kind in kinds}
    owners = [*bpy.data.objects, *bpy.data.shape_keys]
    return names | {f"tracks of {owner.name}": tracks(owner) for owner in owners}


def tracks(owner: bpy.types.ID) -> list[str]:
    return [track.name for track in owner.animation_data.nla_tracks] if owner.animation_data else []


def curves() -> int:
    return sum(len(bag.fcurves) for action in bpy.data.actions for bag in action.layers[0].strips[0].channelbags)


def test_no_step_of_ten_minutes_takes_long(recording: Path, tmp_path: Path) -> None:
    rig = build_armature()
    rig.pose.bones["head"].rotation_mode = "XYZ"
    for number in range(7):
        build_mesh(f"Part {number}", ARKIT_52 if number == 0 else ARKIT_52[:: number + 2]).parent = rig
    output = tmp_path / "performance.npz"
    write_performance(output, perform(10 * 60 * 24))
    delivery = Delivery(Request(recording, Reference.to(bpy.context.scene), Reference.to(rig), start=1))
    times, steps = [], delivery.steps(output)
    # The processor's time: other programs on the machine must not fail the test.
    began = time.thread_time()
    for _ in steps:
        times.append(time.thread_time() - began)
        began = time.thread_time()
    assert bpy.data.actions[0].users == 0
    began = time.thread_time()
    delivery.finish()
    times.append(time.thread_time() - began)
    assert max(times) < sum(times) / 5
    assert len(times) > curves()


def test_cancelled_while_writing(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    before, seen = content(), []
    monkeypatch.setattr("mouthpiece.addon.modal_job._WRITING_S", 0.0)
    while_writing(monkeypatch, lambda: seen.append((curves(), bpy.ops.mouthpiece.cancel())))
    assert bpy.ops.mouthpiece.animate() == {"CANCELLED"}
    assert seen == [(30, {"FINISHED"})]
    assert content() == before
    assert scene.frame_end == 10
    assert not DESK.busy


def test_interrupted_while_writing(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    before = content()
    while_writing(monkeypatch, interrupt)
    with pytest.raises(RuntimeError, match="nothing was written"):
        bpy.ops.mouthpiece.animate()
    assert content() == before
    assert not DESK.busy


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (lambda: bpy.data.objects.remove(bpy.data.objects["Rig"]), "Rig was deleted"),
        (lambda: bpy.data.objects.remove(bpy.data.objects["Teeth"]), "Rig was changed while its keys"),
        (lambda: setattr(bpy.context.scene.render, "fps", 60), "frame rate of Scene was changed"),
    ],
)
def test_spoilt_while_writing(
    scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch, deed: Callable, words: str
) -> None:
    while_writing(monkeypatch, deed)
    with pytest.raises(RuntimeError, match=words):
        bpy.ops.mouthpiece.animate()
    assert not bpy.data.actions
    assert not bpy.data.sounds
    assert not any(tracks(owner) for owner in (*bpy.data.objects, *bpy.data.shape_keys))
    assert not DESK.busy


def work_on_and_undo() -> None:
    """A step that holds half of the curves, one that holds none, and back to the half."""
    bpy.data.objects["Body"].location.x = 3
    bpy.ops.ed.undo_push(message="Moved")
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()


@pytest.mark.parametrize("deed", [lambda: bpy.ops.ed.undo(), work_on_and_undo])
def test_undone_while_writing(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch, deed: Callable) -> None:
    bpy.data.objects["Body"].location.y = 1
    bpy.ops.ed.undo_push(message="Before")
    while_writing(monkeypatch, deed)
    assert bpy.ops.mouthpiece.animate("EXEC_DEFAULT", True) == {"FINISHED"}
    assert (len(bpy.data.actions), curves()) == (1, CURVES)
    frames = range(5, 29)
    assert max(shape_value(bpy.data.objects["Body"], "jawOpen", frame) for frame in frames) > 0
    bpy.ops.ed.undo()
    assert not any(tracks(owner) for owner in (*bpy.data.objects, *bpy.data.shape_keys))


def test_another_file_while_writing(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mouthpiece.addon.modal_job._WRITING_S", 0.0)
    while_writing(monkeypatch, lambda: bpy.ops.wm.read_homefile(use_empty=True))
    assert bpy.ops.mouthpiece.animate() == {"CANCELLED"}
    assert not bpy.data.actions
    assert not DESK.busy


def test_the_undo_step_takes_all_back(scene: bpy.types.Scene) -> None:
    before = content()
    bpy.ops.mouthpiece.animate("EXEC_DEFAULT", True)
    assert content() != before
    bpy.ops.ed.undo()
    assert content() == before
    bpy.ops.ed.redo()
    assert curves() == CURVES

"""The operators as scripts and buttons call them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import build_mesh, shape_value
from mouthpiece.addon.desk import DESK
from mouthpiece.addon.job import Job
from mouthpiece.addon.props import start_of
from mouthpiece.core.rig.arkit import ARKIT_52

pytestmark = pytest.mark.usefixtures("registered")


def actions() -> list[str]:
    return [action.name for action in bpy.data.actions]


def during(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Do something in the file while the worker runs."""
    drain, done = Job.drain, []

    def drain_and_do(self: Job, wait_s: float | None = None) -> bool:
        if not done:
            done.append(True)
            deed()
        return drain(self, wait_s)

    monkeypatch.setattr(Job, "drain", drain_and_do)


def test_animate(scene: bpy.types.Scene, recording: Path) -> None:
    assert bpy.ops.mouthpiece.animate() == {"FINISHED"}
    (action,) = bpy.data.actions
    assert action.name == f"Mouthpiece: {recording.stem}"
    assert tuple(action.frame_range) == (5, 28)
    assert scene.frame_end == 28
    assert scene.frame_current == 5
    (strip,) = scene.sequence_editor.strips
    assert strip.sound.filepath == str(recording)
    assert scene.sync_mode == "NONE"
    assert scene.mouthpiece.messages == ""
    assert not DESK.busy
    body = bpy.data.objects["Body"]
    assert max(shape_value(body, "jawOpen", frame) for frame in range(5, 29)) > 0


def test_one_undo_step(scene: bpy.types.Scene) -> None:
    uid = scene.mouthpiece.character.session_uid
    # True is what a button does; a script's call makes no undo step unless it asks.
    bpy.ops.mouthpiece.animate("EXEC_DEFAULT", True)
    bpy.ops.ed.undo()
    scene = bpy.context.scene
    assert actions() == []
    assert scene.frame_end == 10
    assert not scene.sequence_editor or not scene.sequence_editor.strips
    assert scene.mouthpiece.character.session_uid == uid
    bpy.ops.ed.redo()
    assert len(actions()) == 1


def test_start_frames(scene: bpy.types.Scene) -> None:
    settings = scene.mouthpiece
    settings.start_frame = -100
    frames = {}
    for item in ("CURRENT", "SCENE", "FRAME"):
        settings.start_at = item
        frames[item] = start_of(scene, settings)
    assert frames == {"CURRENT": 5, "SCENE": 1, "FRAME": -100}
    bpy.ops.mouthpiece.animate()
    assert bpy.data.actions[0].frame_range[0] == -100
    assert scene.frame_end == 10


def test_frame_rate_of_the_scene(scene: bpy.types.Scene) -> None:
    scene.render.fps, scene.render.fps_base = 30, 1.001
    bpy.ops.mouthpiece.animate()
    keys = bpy.data.actions[0].layers[0].strips[0].channelbags[0].fcurves[0].keyframe_points
    frames = np.array([key.co[0] for key in keys])
    assert np.array_equal(frames, np.round(frames))
    assert bpy.data.actions[0].frame_range[1] == 5 + 30 - 1


def test_options(scene: bpy.types.Scene) -> None:
    settings = scene.mouthpiece
    settings.with_sound, settings.extend_end, settings.in_sync, settings.head_mode = False, False, True, "NONE"
    bpy.ops.mouthpiece.animate()
    assert scene.frame_end == 10
    assert scene.sequence_editor is None or not scene.sequence_editor.strips
    assert scene.sync_mode == "AUDIO_SYNC"
    assert not any("Head" in slot.name_display for slot in bpy.data.actions[0].slots)


def test_missing_shapes_are_reported(scene: bpy.types.Scene) -> None:
    scene.mouthpiece.character = build_mesh("Face", tuple(name for name in ARKIT_52 if name != "tongueOut"))
    bpy.ops.mouthpiece.animate()
    assert "Face: 51 of 52 ARKit shapes were found; missing: tongueOut." in scene.mouthpiece.messages


def test_the_active_object_stands_in(scene: bpy.types.Scene) -> None:
    scene.mouthpiece.character = None
    bpy.context.view_layer.objects.active = bpy.data.objects["Teeth"]
    bpy.ops.mouthpiece.animate()
    assert bpy.data.objects["Body"].data.shape_keys.animation_data


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda s: setattr(s, "recording", ""), "No recording is chosen"),
        (lambda s: setattr(s, "recording", "/nowhere/a.wav"), 'no recording "a.wav"'),
        (lambda s: setattr(s, "character", build_mesh("Box", (), basis=False)), "Box has no shape keys"),
        (lambda s: setattr(s, "head_mode", "CHOSEN"), "no object is"),
    ],
)
def test_a_button_that_cannot_run_says_why(scene: bpy.types.Scene, spoil: Callable, words: str) -> None:
    spoil(scene.mouthpiece)
    assert not bpy.ops.mouthpiece.animate.poll()
    with pytest.raises(RuntimeError, match=words):
        bpy.ops.mouthpiece.animate()
    assert actions() == []


@pytest.mark.parametrize("content", [b"", b"RIFF", b"text in a wav"])
def test_the_workers_sentence_reaches_the_user(scene: bpy.types.Scene, tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(content)
    scene.mouthpiece.recording = str(broken)
    with pytest.raises(RuntimeError, match=r"broken\.wav"):
        bpy.ops.mouthpiece.animate()
    assert actions() == []
    assert not bpy.data.sounds
    assert not DESK.busy


def test_a_character_deleted_meanwhile(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    during(monkeypatch, lambda: bpy.data.objects.remove(bpy.data.objects["Rig"]))
    with pytest.raises(RuntimeError, match="Rig was deleted while its performance was being made; nothing was written"):
        bpy.ops.mouthpiece.animate()
    assert actions() == []
    assert scene.frame_end == 10


def test_a_character_renamed_meanwhile(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    during(monkeypatch, lambda: setattr(bpy.data.objects["Rig"], "name", "Ada"))
    assert bpy.ops.mouthpiece.animate() == {"FINISHED"}
    assert len(actions()) == 1


def test_undo_meanwhile(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bpy.data.objects["Body"].location.x = 3
    bpy.ops.ed.undo_push(message="Moved")
    during(monkeypatch, lambda: bpy.ops.ed.undo())
    assert bpy.ops.mouthpiece.animate() == {"FINISHED"}
    assert len(actions()) == 1
    assert bpy.data.objects["Body"].location.x == 0


def test_the_frame_rate_changed_meanwhile(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    during(monkeypatch, lambda: setattr(bpy.context.scene.render, "fps", 60))
    bpy.ops.mouthpiece.animate()
    assert bpy.data.actions[0].frame_range[1] == 5 + 60 - 1


def test_another_file_ends_the_job(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = []
    start = Job._start

    def remember(self: Job, command: object) -> object:
        process = start(self, command)
        pids.append(process)
        return process

    monkeypatch.setattr(Job, "_start", remember)
    during(monkeypatch, lambda: bpy.ops.wm.read_homefile(use_empty=True))
    assert bpy.ops.mouthpiece.animate() == {"CANCELLED"}
    assert pids[0].poll() is not None
    assert not DESK.busy
    assert actions() == []


def test_cancel(scene: bpy.types.Scene, long_recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.mouthpiece.recording = str(long_recording)
    assert not bpy.ops.mouthpiece.cancel.poll()
    during(monkeypatch, lambda: bpy.ops.mouthpiece.cancel())
    assert bpy.ops.mouthpiece.animate() == {"CANCELLED"}
    assert actions() == []
    assert not DESK.busy


def test_a_second_job_has_to_wait(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    during(monkeypatch, lambda: seen.append(bpy.ops.mouthpiece.animate.poll()))
    bpy.ops.mouthpiece.animate()
    assert seen == [False]


def test_drop(scene: bpy.types.Scene, recording: Path) -> None:
    scene.mouthpiece.recording = ""
    files = [{"name": recording.name}]
    bpy.ops.mouthpiece.drop_recording(directory=str(recording.parent), files=files)
    assert scene.mouthpiece.recording == str(recording)
    assert len(actions()) == 1


def test_drop_without_a_character(registered: None, recording: Path) -> None:
    settings = bpy.context.scene.mouthpiece
    bpy.ops.mouthpiece.drop_recording(directory=str(recording.parent), files=[{"name": recording.name}])
    assert settings.recording == str(recording)
    assert actions() == []


@pytest.mark.parametrize("name", ["WOMAN", "MAN"])
def test_demo_characters(registered: None, name: str) -> None:
    from mouthpiece.addon.places import CHARACTERS

    if not CHARACTERS[name].is_file():
        pytest.skip("not built")
    bpy.ops.mouthpiece.add_demo_character(character=name)
    chosen = bpy.context.scene.mouthpiece.character
    assert chosen.type == "ARMATURE"
    assert chosen == bpy.context.object

    from mouthpiece.addon.bridge.character import find_character

    character = find_character(chosen)
    assert character.match.missing == ()
    assert character.head.bone == "head"
    # Any other driver would ask the user to trust scripts.
    animated = [part.key.animation_data for part in character.parts if part.key.animation_data]
    drivers = [curve.driver for animation in animated for curve in animation.drivers]
    assert all(driver.is_simple_expression for driver in drivers)

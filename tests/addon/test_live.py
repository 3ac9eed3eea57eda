"""A live camera inside Blender: shown without keys, recorded as any take, put back, and never left behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import bpy
import live_engine
import mouthpiece
import numpy as np
import pytest
from cast import bone_turn, build_character, build_mesh, perform, shape_value
from mathutils import Matrix
from mouthpiece.addon import ops_live
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.keys import Take, write_take
from mouthpiece.addon.bridge.splat_heads import add_head
from mouthpiece.addon.desk import DESK
from mouthpiece.addon.live import LIVE
from mouthpiece.addon.live_preview import LIVE_PREVIEW
from mouthpiece.addon.places import SPLAT_HEADS
from mouthpiece.addon.props_live import live_settings
from mouthpiece.addon.worker_command import WorkerCommand
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.splat.head_files import read_head

pytestmark = pytest.mark.usefixtures("registered")
JAW, BLINK = ARKIT_52.index("jawOpen"), ARKIT_52.index("eyeBlinkLeft")
HELD_S = 0.03


@pytest.fixture
def stage(registered, monkeypatch, tmp_path):
    """A character, a film in place of a camera, and a worker that tells a known face."""
    command = WorkerCommand((), Path(live_engine.__file__), tmp_path, sys.executable)
    monkeypatch.setattr(ops_live, "workshop_command", lambda: command)
    monkeypatch.setattr(ops_live, "why_no_engine", lambda: None)
    scene = bpy.context.scene
    scene.mouthpiece.character = build_character()
    for name in ("Body", "Teeth", "Lashes"):
        for key in bpy.data.objects[name].data.shape_keys.key_blocks:
            key.value = 0.0  # some versions begin at 1
    settings = live_settings(scene)
    settings.source, settings.film = "FILM", film_called(tmp_path, "me.mp4")
    scene.frame_set(5)
    bpy.ops.ed.undo_push(message="Start")
    yield scene
    LIVE.clear()


def film_called(folder, name):
    path = folder / name
    path.write_bytes(b"")
    return str(path)


def run_until(done, limit_s=20.0):
    """Tick as the window's timer would. Returns how long each tick held it, seconds."""
    held, end = [], time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < end, "nothing came"
        began = time.perf_counter()
        LIVE.tick()
        held.append(time.perf_counter() - began)
        time.sleep(0.005)
    return held


def start():
    assert bpy.ops.mouthpiece.start_live() == {"FINISHED"}
    run_until(lambda: LIVE.ready)


def shown(name="Body", key="jawOpen"):
    """What the depsgraph shows now."""
    keys = bpy.data.objects[name].data.shape_keys
    return keys.evaluated_get(bpy.context.evaluated_depsgraph_get()).key_blocks[key].value


def gone(pid):
    for _ in range(50):
        try:
            os.kill(pid, 0)
            if b") Z" in Path(f"/proc/{pid}/stat").read_bytes():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.1)
    return False


def record(seconds):
    """A take of so many seconds, written. Returns its begin on the clock of the worker."""
    assert bpy.ops.mouthpiece.record_live() == {"FINISHED"}
    begun = LIVE.recording.begun_s - LIVE._zero_s
    run_until(lambda: time.monotonic() - LIVE.recording.begun_s > seconds)
    assert bpy.ops.mouthpiece.record_live() == {"FINISHED"}
    run_until(lambda: LIVE.kept)
    assert bpy.ops.mouthpiece.keep_live("EXEC_DEFAULT", True) == {"FINISHED"}
    return begun


def test_the_stand_in_names_arkits_columns():
    assert (JAW, BLINK, len(ARKIT_52)) == (live_engine.JAW, live_engine.BLINK, live_engine.SHAPES)


def test_the_face_moves_without_keys_and_is_put_back(stage):
    bpy.data.objects["Body"].data.shape_keys.key_blocks["jawOpen"].value = 0.7
    start()
    values = set()
    held = run_until(lambda: values.add(round(shown(), 3)) or len(values) > 8)
    assert shown(key="eyeBlinkLeft") == pytest.approx(0.25) == shown("Lashes", "eyeBlinkLeft")
    assert shown("Teeth") == shown()
    assert np.median(held) < HELD_S
    assert not bpy.data.actions
    assert not bone_turn_is_none("Rig")
    assert bpy.ops.mouthpiece.stop_live() == {"FINISHED"}
    run_until(lambda: not LIVE.running)
    assert shown() == pytest.approx(0.7, abs=1e-6) and shown(key="eyeBlinkLeft") == 0
    assert bone_turn_is_none("Rig")


def bone_turn_is_none(rig):
    frame = bpy.context.scene.frame_current
    return np.allclose(bone_turn(bpy.data.objects[rig], "head", frame), Matrix.Identity(3), atol=1e-4)


def test_a_take_is_what_was_streamed(stage):
    start()
    begun = record(1.0)
    (action,) = bpy.data.actions
    assert action.name == "Mouthpiece: Live 1"
    first, last = (int(frame) for frame in action.frame_range)
    assert first == 5 and 24 <= last - first <= 40
    for frame in range(first, last):
        wanted = live_engine.jaw_at(begun + (frame - 5) / 24)
        assert shape_value(bpy.data.objects["Body"], "jawOpen", frame) == pytest.approx(wanted, abs=0.02)
    assert shape_value(bpy.data.objects["Body"], "eyeBlinkLeft", 10) == pytest.approx(0.25, abs=0.01)
    assert not stage.sequence_editor or not stage.sequence_editor.strips
    assert stage.frame_end >= last


def test_the_next_take_has_the_next_name_and_rests_on_the_same_pose(stage):
    start()
    record(0.3)
    stage.frame_set(60)
    record(0.3)
    assert {action.name for action in bpy.data.actions} == {"Mouthpiece: Live 1", "Mouthpiece: Live 2"}
    bases = [tuple(action["mouthpiece"]["head_base"]) for action in bpy.data.actions]
    np.testing.assert_allclose(bases, [(1, 0, 0, 0)] * 2, atol=1e-6)


def test_one_undo_step(stage):
    start()
    record(0.3)
    LIVE.clear()
    bpy.ops.ed.undo()
    assert not bpy.data.actions
    assert shown() == 0
    bpy.ops.ed.redo()
    assert len(bpy.data.actions) == 1


def test_it_goes_before_the_timeline_and_gives_it_back(stage):
    character = find_character(bpy.data.objects["Body"])
    write_take(character, Take("Line", "line.wav", 1, perform(40)))
    stage.frame_set(12)
    there = shown()
    start()
    for frame in (14, 20):
        run_until(lambda: shown(key="eyeBlinkLeft") == pytest.approx(0.25))
        stage.frame_set(frame)
        assert shown(key="eyeBlinkLeft") == pytest.approx(0.25)
    bpy.ops.mouthpiece.stop_live()
    run_until(lambda: not LIVE.running)
    stage.frame_set(12)
    assert shown() == pytest.approx(there)


def test_a_splat_head_follows(stage):
    head = add_head(read_head(SPLAT_HEADS["WOMAN"]), "Woman", stage.collection)
    stage.mouthpiece.character = head
    start()
    values = set()
    run_until(lambda: values.add(round(bpy.data.objects["Woman"]["jawOpen"], 3)) or len(values) > 4)
    assert bpy.data.objects["Woman"]["headPitch"] == pytest.approx(0.1)
    record(0.3)
    assert len(bpy.data.actions) == 1
    LIVE.clear()
    assert bpy.data.objects["Woman"].animation_data.nla_tracks


def test_saving_meanwhile_keeps_the_timelines_face(stage, tmp_path):
    start()
    run_until(lambda: shown() > 0.05)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"), copy=True)
    LIVE.stop()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert bpy.data.objects["Body"].data.shape_keys.key_blocks["jawOpen"].value == 0


def test_calibrating_is_asked_of_the_worker(stage):
    start()
    assert LIVE.calibrated == 1
    assert bpy.ops.mouthpiece.calibrate_live() == {"FINISHED"}
    run_until(lambda: LIVE.calibrated < 1)


def test_the_panel_has_a_picture(stage):
    start()
    run_until(lambda: LIVE_PREVIEW.icons)
    icon = LIVE_PREVIEW.icons["live"]
    assert LIVE_PREVIEW.icon == icon.icon_id and tuple(icon.image_size) == (16, 12)
    assert np.allclose(icon.image_pixels_float[1:4], (10 / 255, 20 / 255, 1), atol=0.01)


@pytest.mark.parametrize(
    ("name", "said"), [("none.mp4", "There is no camera 7"), ("gone.mp4", "gives no more pictures")]
)
def test_what_goes_wrong_is_a_sentence(stage, tmp_path, name, said):
    live_settings(stage).film = film_called(tmp_path, name)
    assert bpy.ops.mouthpiece.start_live() == {"FINISHED"}
    pid = LIVE.job.pid
    run_until(lambda: not LIVE.running)
    assert said in LIVE.fault and gone(pid)
    assert shown() == 0


def test_a_camera_that_goes_away_leaves_the_take_so_far(stage, tmp_path):
    live_settings(stage).film = film_called(tmp_path, "gone.mp4")
    start()
    bpy.ops.mouthpiece.record_live()
    run_until(lambda: LIVE.kept)
    assert bpy.ops.mouthpiece.keep_live() == {"FINISHED"}
    assert bpy.data.actions[0].frame_range[1] > 10
    run_until(lambda: not LIVE.running)


def test_nothing_is_recorded_before_it_is_calibrated(stage):
    assert bpy.ops.mouthpiece.start_live() == {"FINISHED"}
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.mouthpiece.record_live()
    run_until(lambda: LIVE.ready)
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.mouthpiece.start_live()


def test_a_deleted_character_stops_it(stage):
    start()
    for name in ("Body", "Teeth", "Lashes", "Rig"):
        bpy.data.objects.remove(bpy.data.objects[name])
    for key in list(bpy.data.meshes):
        bpy.data.meshes.remove(key)
    run_until(lambda: not LIVE.running)
    assert "was deleted" in LIVE.fault


def test_a_take_open_for_editing_is_protected(stage):
    character = find_character(bpy.data.objects["Body"])
    write_take(character, Take("Line", "line.wav", 1, perform(12)))
    start()
    bpy.ops.mouthpiece.edit_take(action=bpy.data.actions[0].name)
    with pytest.raises(RuntimeError, match="open for editing"):
        bpy.ops.mouthpiece.record_live()


@pytest.mark.parametrize("how", ["load", "disable"])
def test_no_process_is_left(stage, how):
    start()
    pid = LIVE.job.pid
    if how == "load":
        bpy.ops.wm.read_homefile(use_empty=True)
    else:
        mouthpiece.unregister()
        mouthpiece.register()
    assert not LIVE.running and gone(pid)
    assert not DESK.busy


def test_a_film_must_be_there(stage):
    live_settings(stage).film = "nothing.mp4"
    assert "There is no film" in ops_live.why_no_live(bpy.context)
    live_settings(stage).source, live_settings(stage).camera = "CAMERA", 3
    assert ops_live.live_order(bpy.context)["camera"] == 3


def test_shapes_without_a_head_bone_follow_too(stage):
    stage.mouthpiece.character = build_mesh("Face", ARKIT_52)
    start()
    seen = set()
    run_until(lambda: seen.add(round(shown("Face"), 3)) or len(seen) > 3)

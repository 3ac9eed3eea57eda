"""Buttons of learned heads with the real engine at tiny size: to the end, and with all that goes wrong on the way."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import bpy
import pytest
from cast import build_mesh
from mouthpiece.addon import ops_heads
from mouthpiece.addon.bridge.splat_cloud import is_splats
from mouthpiece.addon.bridge.splat_store import head_of
from mouthpiece.addon.desk import DESK
from mouthpiece.addon.props_heads import folder_of, heads_of
from mouthpiece.addon.workshop import VARIABLE
from mouthpiece.core.learned import read_newest, stand_of
from mouthpiece.core.rig.arkit import ARKIT_52

pytestmark = pytest.mark.usefixtures("registered")
ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / ".venvs" / "main" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SEES = "import mediapipe, cv2, torch, numba, av, yaml, scipy"
CORE_TESTS = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests' / 'core')!r}]\n"
FILMS = """
from pathlib import Path
import numpy as np
from filmed_faces import talking, turn_film, write_film
folder, frames = Path(sys.argv[1]), talking(55, 256)
wall = np.full_like(frames[0], 90)
write_film(folder / "talk.mp4", frames, sound=True)
write_film(folder / "silent.mp4", frames)
write_film(folder / "slow.mp4", frames[::5], fps=5, sound=True)
write_film(folder / "lost.mp4", [*frames[:25], *[wall] * 25, *frames[25:]], sound=True)
write_film(folder / "two.mp4", [np.concatenate([one, one[:, ::-1]], 1) for one in frames], sound=True)
turned = [np.ascontiguousarray(np.rot90(frame, 1)) for frame in frames]
turn_film(write_film(folder / "turned.mp4", turned, sound=True), 90)
write_film(folder / "nobody.mp4", [np.full((96, 96, 3), 128, np.uint8)] * 60, sound=True)
(folder / "text.mp4").write_bytes(b"no film at all")
(folder / "cut.mp4").write_bytes((folder / "talk.mp4").read_bytes()[:20_000])
"""
BALL = "from pathlib import Path\nfrom talking_ball import ball_video\nball_video(Path(sys.argv[1]), 14)\n"
TINY = """
name: {name}
keep: {keep}
splats: {{count: 200, mesh: {mesh}}}
shapes: {{count: {shapes}}}
field: {field}
translator: {{steps: 5}}
stages: {{static: {static}, deform: 6, lips: 2}}
"""
newest = pytest.mark.skipif(
    bpy.app.version < (5, 2),
    reason="the engine does not know which Blender asks; its faults are tried under the newest",
)
PLAIN = {"name": "plain", "keep": 60, "mesh": "true", "shapes": 2, "field": "{grid: none, torso: false}", "static": 12}
FIELD = PLAIN | {"name": "field", "mesh": "false", "shapes": 0}
FIELD |= {"field": "{grid: planes, canonical: true, options: {base: 8, channels: 4}}"}
FAULTY = (
    CORE_TESTS
    + """
import errno, os, runpy
from pathlib import Path
import torch
from core.avatar.raster.cpu import CpuRasteriser
fault, real_write, real_render, drawn = sys.argv[1], Path.write_bytes, CpuRasteriser.render, []
def write_bytes(path, data):
    if len(drawn) > 30 and path.parent.name == "training":
        real_write(path, data[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return real_write(path, data)
def render(*words):
    drawn.append(1)
    if len(drawn) > 30 and fault == "card":
        raise torch.OutOfMemoryError("CUDA out of memory.")
    return real_render(*words)
CpuRasteriser.render = render
if fault == "disk":
    Path.write_bytes = write_bytes
main = sys.argv[-1]
sys.argv = [main]
runpy.run_path(main, run_name="__main__")
"""
)


@pytest.fixture(scope="module")
def engine():
    if not ENGINE.is_file() or subprocess.run([ENGINE, "-c", SEES], capture_output=True, check=False).returncode:
        pytest.skip("no environment with mediapipe and torch here; build.py test makes one")
    return ENGINE


@pytest.fixture(scope="module")
def films(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    subprocess.run([engine, "-c", CORE_TESTS + FILMS, str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def ball(engine, tmp_path_factory):
    """The video folder of a speaker so small that a head of it is learned in seconds."""
    folder = tmp_path_factory.mktemp("ball") / "video"
    subprocess.run([engine, "-c", CORE_TESTS + BALL, str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture
def settings(engine, registered, monkeypatch, tmp_path):
    """The panel with a folder, small pictures, and a tiny configuration wherever the panel asks for one."""
    monkeypatch.setenv(VARIABLE, str(engine))
    use_config(monkeypatch, tmp_path, PLAIN)
    made = heads_of(bpy.context)
    made.folder, made.size = str(tmp_path / "head"), 64
    return made


def use_config(monkeypatch, tmp_path, words):
    path = tmp_path / f"{words['name']}.yaml"
    path.write_text(TINY.format(**words))
    real = ops_heads.HeadDeed._request

    def request(operator, *given, **more):
        made = real(operator, *given, **more)
        made.asked["config"] = str(path)
        return made

    monkeypatch.setattr(ops_heads.HeadDeed, "_request", request)


def use_ball(settings, ball):
    folder = folder_of(settings)
    folder.path.mkdir()
    (folder.path / "video").symlink_to(ball, target_is_directory=True)
    return folder


def test_a_film_becomes_a_head_that_says_something_new(settings, films, recording):
    settings.film = str(films / "talk.mp4")
    assert bpy.ops.mouthpiece.learn_head() == {"FINISHED"}
    made, folder = bpy.data.objects["talk"], folder_of(settings)
    assert is_splats(made.data) and len(head_of(made.data)) >= 200
    assert "after 20 steps" in settings.told and "dB between baked and learned" in settings.told
    assert folder.report.is_file() and stand_of(folder).pictures == 55
    newest = read_newest(folder.newest)
    assert newest.step == 20 and newest.decibels > 8
    assert bpy.ops.mouthpiece.evaluate_head() == {"FINISHED"}
    assert "5 frames it never learned from" in settings.told == stand_of(folder).judged
    settings.recording = str(recording)
    assert bpy.ops.mouthpiece.drive_head() == {"FINISHED"}
    assert made.animation_data.nla_tracks
    settings.way = "FIELD"
    with pytest.raises(RuntimeError, match="has no field: its curves hold all it knows"):
        bpy.ops.mouthpiece.drive_head()


def test_a_field_is_driven_exactly_as_a_head_with_a_clip(settings, ball, recording, monkeypatch, tmp_path):
    use_ball(settings, ball)
    use_config(monkeypatch, tmp_path, FIELD)
    assert bpy.ops.mouthpiece.learn_head() == {"FINISHED"}
    line = tmp_path / "line.wav"
    line.write_bytes(recording.read_bytes())
    settings.recording, settings.way = str(line), "FIELD"
    assert bpy.ops.mouthpiece.drive_head() == {"FINISHED"}
    made = bpy.context.scene.mouthpiece.character
    assert set(head_of(made.data).clips) == {"video", "line"}
    assert made.animation_data.nla_tracks and "clip line" in made
    face = build_mesh("Face", ARKIT_52)
    bpy.context.scene.mouthpiece.character, settings.way = face, "CURVES"
    assert bpy.ops.mouthpiece.drive_head() == {"FINISHED"}
    assert face.data.shape_keys.animation_data.nla_tracks


@newest
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("silent", "has no sound"),
        ("slow", "5 pictures a second"),
        ("lost", "is lost for 1.0 s"),
        ("two", "shows several faces"),
        ("turned", "55 pictures of"),
    ],
)
def test_a_poor_film_is_prepared_with_a_word_about_it(settings, films, name, words):
    settings.film = str(films / f"{name}.mp4")
    assert bpy.ops.mouthpiece.prepare_head() == {"FINISHED"}
    assert words in settings.told and stand_of(folder_of(settings)).is_prepared
    assert bpy.ops.mouthpiece.open_head_report.poll()


@newest
@pytest.mark.parametrize(
    ("name", "words"),
    [("nobody", "No face"), ("text", "is no film that can be read"), ("cut", "is no film that can be read")],
)
def test_what_is_no_film_of_a_face_is_one_sentence(settings, films, name, words):
    settings.film = str(films / f"{name}.mp4")
    for deed in (bpy.ops.mouthpiece.prepare_head, bpy.ops.mouthpiece.learn_head):
        with pytest.raises(RuntimeError, match=words):
            deed()
    assert not bpy.data.objects and not list(Path(settings.folder).rglob("*.part"))


@newest
@pytest.mark.skipif(os.name == "nt", reason="the faulty engine is started by a shell")
@pytest.mark.parametrize(
    ("fault", "words"), [("disk", 'disk of "training" is full'), ("card", "graphics card's memory")]
)
def test_what_runs_out_is_one_sentence_and_the_button_goes_on(settings, ball, monkeypatch, tmp_path, fault, words):
    folder = use_ball(settings, ball)
    use_config(monkeypatch, tmp_path, PLAIN | {"keep": 0})
    faulty, python = tmp_path / "faulty.py", tmp_path / "engine"
    faulty.write_text(FAULTY)
    python.write_text(f'#!/bin/sh\nexec "{ENGINE}" -I "{faulty}" {fault} "$@"\n')
    python.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv(VARIABLE, str(python))
        with pytest.raises(RuntimeError, match=words):
            bpy.ops.mouthpiece.learn_head()
    stopped = stand_of(folder).step
    assert 0 < stopped < 20 and not list(folder.path.rglob("*.part")) and not bpy.data.objects
    assert bpy.ops.mouthpiece.learn_head() == {"FINISHED"}
    assert stand_of(folder).is_done and is_splats(bpy.data.objects["head"].data)


@newest
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_stopped_or_killed_in_the_middle_it_goes_on(settings, ball, monkeypatch, tmp_path, how):
    folder = use_ball(settings, ball)
    use_config(monkeypatch, tmp_path, PLAIN | {"static": 400, "keep": 0 if how == "killed" else 60})
    deed = (lambda job: job.cancel()) if how == "stopped" else (lambda job: os.kill(job.pid, 9))
    threading.Thread(target=once_learning, args=(folder, deed, how), daemon=True).start()
    if how == "stopped":
        assert bpy.ops.mouthpiece.learn_head() == {"CANCELLED"}
    else:
        with pytest.raises(RuntimeError, match="stopped unexpectedly"):
            bpy.ops.mouthpiece.learn_head()
    stopped = stand_of(folder)
    assert 0 < stopped.step < stopped.steps == 408 and not bpy.data.objects
    assert bpy.ops.mouthpiece.learn_head() == {"FINISHED"}
    assert stand_of(folder).is_done and bpy.data.objects


def once_learning(folder, deed, how):
    """Do something to the job when it has drawn its first picture, and where it will be killed, kept something."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        job = DESK.job
        if job and job.progress.picture and (how == "stopped" or stand_of(folder).step > 3):
            deed(job)
            return
        time.sleep(0.005)

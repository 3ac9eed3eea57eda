"""Buttons of learned heads, with an engine that learns nothing but answers as the real one does."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import build_mesh
from mouthpiece.addon import modal_job
from mouthpiece.addon.bridge.channels import curves_of
from mouthpiece.addon.bridge.splat_cloud import is_splats
from mouthpiece.addon.bridge.splat_store import head_of
from mouthpiece.addon.desk import DESK
from mouthpiece.addon.head_preview import PREVIEW, icon_pixels
from mouthpiece.addon.props_heads import folder_of, heads_of
from mouthpiece.addon.workshop import VARIABLE
from mouthpiece.core.learned import Newest, stand_of, write_newest
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.splat.deltas import no_deltas
from mouthpiece.core.splat.head import Clip
from mouthpiece.core.splat.head_files import write_head
from splat_cast import small_head

pytestmark = [
    pytest.mark.usefixtures("engine"),
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is started by a shell"),
]
STAND_IN = Path(__file__).with_name("stand_in_engine.py")


@pytest.fixture
def engine(registered, monkeypatch, tmp_path):
    """The stand-in where the engine's Python would be."""
    python = tmp_path / "engine"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}"\n')
    python.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(python))
    yield
    PREVIEW.clear()


@pytest.fixture
def settings(engine, tmp_path):
    """The panel with a folder, and the heads that the stand-in hands out in it."""
    made = heads_of(bpy.context)
    folder = tmp_path / "head"
    folder.mkdir()
    made.folder = str(folder)
    write_head(small_head(), folder / "ready.splathead")
    said = small_head()
    clip = Clip(np.zeros((25, 0), np.float32), 25.0, no_deltas())
    write_head(replace(said, clips=said.clips | {"line": clip}), folder / "said.splathead")
    return made


def film(tmp_path, settings, name):
    path = tmp_path / f"{name}.mp4"
    path.write_bytes(b"film")
    settings.film = str(path)


def stand(settings):
    return stand_of(folder_of(settings))


def test_a_film_is_learned_and_the_head_added(settings, tmp_path):
    film(tmp_path, settings, "anna")
    bpy.context.scene.cursor.location = (1, 2, 3)
    assert bpy.ops.mouthpiece.learn_head() == {"FINISHED"}
    made = bpy.data.objects["anna"]
    assert is_splats(made.data) and tuple(made.location) == (1, 2, 3)
    assert bpy.context.scene.mouthpiece.character == made
    assert settings.told == "50 splats after 40 steps."
    assert stand(settings).is_done and "40 of 40 steps of mouthpiece" in stand(settings).sentences()[1]


def test_pictures_are_shown_as_they_come(settings, tmp_path, monkeypatch):
    film(tmp_path, settings, "anna")
    seen = []
    real = modal_job.Job.drain

    def drain(job, wait_s=None):
        heard = real(job, wait_s)
        if job.progress.picture:
            shown = PREVIEW.show(Path(job.progress.picture.path))
            seen.append((shown[0].step, round(PREVIEW.icons["drawn"].image_pixels_float[0] * 255)))
        return heard

    monkeypatch.setattr(modal_job.Job, "drain", drain)
    bpy.ops.mouthpiece.learn_head()
    assert seen and all(step == bright for step, bright in seen)
    assert PREVIEW.show(folder_of(settings).newest)[0].step == 40


def test_icons_begin_with_the_lowest_row():
    picture = np.zeros((2, 3, 3), np.uint8)
    picture[1, 0] = 255, 51, 0
    assert icon_pixels(picture)[:4].tolist() == pytest.approx([1.0, 0.2, 0.0, 1.0])
    assert icon_pixels(picture)[12:15].tolist() == [0, 0, 0]


def test_a_damaged_picture_is_not_shown(settings, tmp_path):
    path = tmp_path / "newest.safetensors"
    write_newest(path, Newest(np.zeros((2, 4, 4, 3), np.uint8), 3, 21.0))
    assert PREVIEW.show(path)[0].decibels == 21.0
    path.write_bytes(b"cut off in the middle")
    assert PREVIEW.show(path) is None and PREVIEW.show(tmp_path / "nowhere") is None


def test_a_stop_keeps_what_was_learned_and_the_button_goes_on(settings, tmp_path):
    film(tmp_path, settings, "slow")
    before = set(bpy.data.objects.keys())
    threading.Thread(target=stop_at_first_picture, args=(5,), daemon=True).start()
    assert bpy.ops.mouthpiece.learn_head() == {"CANCELLED"}
    assert not DESK.busy and set(bpy.data.objects.keys()) == before
    assert stand(settings).step == 5 and not stand(settings).is_done
    assert bpy.ops.mouthpiece.learn_head() == {"FINISHED"}
    assert stand(settings).step == 40


def stop_at_first_picture(step):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        job = DESK.job
        if job and job.progress.picture and f"After {step} " in job.progress.picture.text:
            job.cancel()
            return
        time.sleep(0.01)


def test_a_file_closed_in_the_middle_keeps_what_was_learned(settings, tmp_path):
    film(tmp_path, settings, "slow")
    folder = folder_of(settings)
    threading.Thread(target=close_at_picture, daemon=True).start()
    bpy.ops.mouthpiece.learn_head()
    deadline = time.monotonic() + 10
    while stand_of(folder).step != 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert stand_of(folder).step == 5


def close_at_picture():
    """What loading another file does to the job: it is closed, not asked."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if DESK.job and DESK.job.progress.picture and "After 5 " in DESK.job.progress.picture.text:
            DESK.job.close()
            return
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("name", "words"), [("full", "is full; make room"), ("card", "graphics card's memory"), ("none", "No face")]
)
def test_what_goes_wrong_is_one_sentence_and_adds_nothing(settings, tmp_path, name, words):
    film(tmp_path, settings, name)
    before = set(bpy.data.objects.keys())
    with pytest.raises(RuntimeError, match=words):
        bpy.ops.mouthpiece.learn_head()
    assert set(bpy.data.objects.keys()) == before and not DESK.busy
    assert stand(settings).step == 20


def test_a_worker_that_is_killed_is_told_and_nothing_is_lost(settings, tmp_path):
    film(tmp_path, settings, "slow")
    threading.Thread(target=kill_at_picture, daemon=True).start()
    with pytest.raises(RuntimeError, match="stopped unexpectedly"):
        bpy.ops.mouthpiece.learn_head()
    assert stand(settings).step == 5


def kill_at_picture():
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if DESK.job and DESK.job.progress.picture and "After 5 " in DESK.job.progress.picture.text:
            os.kill(DESK.job.pid, 9)
            return
        time.sleep(0.01)


def test_buttons_wait_for_what_they_need(settings, tmp_path):
    for deed in (bpy.ops.mouthpiece.bake_head, bpy.ops.mouthpiece.evaluate_head, bpy.ops.mouthpiece.drive_head):
        with pytest.raises(RuntimeError, match="Nothing is learned in this folder yet"):
            deed()
    with pytest.raises(RuntimeError, match="report is written when"):
        bpy.ops.mouthpiece.open_head_report()
    for deed in (bpy.ops.mouthpiece.prepare_head, bpy.ops.mouthpiece.learn_head):
        with pytest.raises(RuntimeError, match="No film is chosen"):
            deed()
    settings.film = str(tmp_path / "nowhere.mp4")
    with pytest.raises(RuntimeError, match=r'no file "nowhere\.mp4"'):
        bpy.ops.mouthpiece.learn_head()
    settings.folder = ""
    with pytest.raises(RuntimeError, match="Choose a folder first"):
        bpy.ops.mouthpiece.learn_head()


@pytest.fixture
def learned(settings, tmp_path):
    film(tmp_path, settings, "anna")
    bpy.ops.mouthpiece.learn_head()
    return settings


def test_a_head_is_prepared_judged_and_baked_again(learned, tmp_path):
    assert bpy.ops.mouthpiece.prepare_head() == {"FINISHED"} and learned.told == "50 pictures."
    assert bpy.ops.mouthpiece.evaluate_head() == {"FINISHED"}
    assert stand(learned).judged == learned.told == "5 frames it never learned from: 30.1 dB."
    learned.film = ""  # no film is needed any more
    assert bpy.ops.mouthpiece.bake_head() == {"FINISHED"}
    assert is_splats(bpy.data.objects["head"].data)
    assert bpy.ops.mouthpiece.learn_head() == {"FINISHED"}


def test_curves_go_to_the_chosen_character(learned, recording):
    learned.recording = str(recording)
    face = build_mesh("Face", ARKIT_52)
    bpy.context.scene.mouthpiece.character = face
    before = set(bpy.data.objects.keys())
    assert bpy.ops.mouthpiece.drive_head() == {"FINISHED"}
    assert face.data.shape_keys.animation_data.nla_tracks
    assert set(bpy.data.objects.keys()) == before
    bpy.context.scene.mouthpiece.character = bpy.data.objects["anna"]
    assert bpy.ops.mouthpiece.drive_head() == {"FINISHED"}
    assert bpy.data.objects["anna"].animation_data.nla_tracks


def test_the_field_comes_as_a_new_head_with_a_clip_beside_its_keys(learned, recording, tmp_path):
    line = tmp_path / "line.wav"
    line.write_bytes(recording.read_bytes())
    learned.recording, learned.way = str(line), "FIELD"
    scene = bpy.context.scene
    scene.frame_set(11)
    assert bpy.ops.mouthpiece.drive_head() == {"FINISHED"}
    made = scene.mouthpiece.character
    assert made.name == "line" and "line" in head_of(made.data).clips
    assert made.animation_data.nla_tracks
    keyed = made.animation_data
    (curve,) = [c for c in curves_of(keyed.action, keyed.action_slot) if "clip line" in c.data_path]
    values = [(round(p.co[0]), round(p.co[1], 3), p.interpolation) for p in curve.keyframe_points]
    assert values == [(10, -1, "CONSTANT"), (11, 0, "LINEAR"), (34, 0.96, "CONSTANT"), (35, -1, "CONSTANT")]
    scene.frame_set(23)
    shown = made.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert shown["clip line"] == pytest.approx(12 / 23 * 0.96, abs=1e-4)
    assert any(strip.sound for strip in scene.sequence_editor.strips)

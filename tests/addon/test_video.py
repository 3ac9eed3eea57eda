"""Films and portraits from inside Blender; the engine environment is the one that core's own tests run in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import build_mesh
from mouthpiece.addon.bridge.splat_cloud import is_splats
from mouthpiece.addon.bridge.splat_store import head_of
from mouthpiece.addon.filming import wishes_of
from mouthpiece.addon.props_video import VIDEO
from mouthpiece.addon.workshop import VARIABLE, engine_python, why_no_engine
from mouthpiece.core.errors import SettingError
from mouthpiece.core.layers.regions import GROUPS
from mouthpiece.core.rig.arkit import ARKIT_52

pytestmark = pytest.mark.usefixtures("registered")
ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / ".venvs" / "main" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PORTRAIT, LINE = ROOT / "samples" / "portrait.jpg", ROOT / "samples" / "line.wav"
SEES = "import mediapipe, cv2, torch, numba, av, PIL"
FILM = """
import sys
import av, numpy as np
from PIL import Image
picture = np.asarray(Image.open(sys.argv[1]).convert("RGB").resize((256, 256)))
with av.open(sys.argv[2], "w") as box:
    stream = box.add_stream("mpeg4", rate=24)
    stream.width = stream.height = 256
    stream.pix_fmt, stream.bit_rate = "yuv420p", 2_000_000
    for number in range(36):
        moved = np.roll(picture, number % 3, axis=1)
        for packet in stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="rgb24")):
            box.mux(packet)
    for packet in stream.encode():
        box.mux(packet)
"""


@pytest.fixture
def engine(registered, monkeypatch):
    """An engine environment, or none here."""
    if not ENGINE.is_file() or subprocess.run([ENGINE, "-c", SEES], capture_output=True, check=False).returncode:
        pytest.skip("no environment with mediapipe and torch here; build.py test makes one")
    monkeypatch.setenv(VARIABLE, str(ENGINE))


@pytest.fixture
def film(engine, tmp_path):
    """A second and a half of a face that hardly moves, without sound."""
    path = tmp_path / "me.mp4"
    subprocess.run([ENGINE, "-c", FILM, str(PORTRAIT), str(path)], check=True, capture_output=True)
    return path


def test_without_an_engine_it_is_said(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert "docs/engine.md" in why_no_engine()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(SettingError, match="no Python at"):
        engine_python()
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.mouthpiece.make_portrait(filepath=str(PORTRAIT))


def test_the_folder_of_an_environment_is_enough(engine, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(ENGINE.parent.parent))
    assert engine_python() == ENGINE


def test_a_portrait_becomes_a_head_that_moves(engine):
    bpy.context.scene.cursor.location = (1, 2, 3)
    assert bpy.ops.mouthpiece.make_portrait(filepath=str(PORTRAIT)) == {"FINISHED"}
    made = bpy.data.objects["portrait"]
    assert is_splats(made.data)
    assert tuple(made.location) == (1, 2, 3)
    assert bpy.context.scene.mouthpiece.character == made
    head = head_of(made.data)
    assert len(head) > 20_000
    assert set(ARKIT_52) <= set(head.sliders)


def test_several_pictures_marked_together_make_one_head(engine, tmp_path):
    for name in ("ada.jpg", "ada_again.jpg"):
        (tmp_path / name).write_bytes(PORTRAIT.read_bytes())
    files = [{"name": "ada.jpg"}, {"name": "ada_again.jpg"}]
    assert bpy.ops.mouthpiece.make_portrait(directory=str(tmp_path), files=files) == {"FINISHED"}
    assert "ada" in bpy.data.objects and "ada_again" not in bpy.data.objects
    (tmp_path / "ada_again.jpg").write_bytes(b"no picture")
    with pytest.raises(RuntimeError, match=r"ada_again\.jpg"):
        bpy.ops.mouthpiece.make_portrait(directory=str(tmp_path), files=files)


def test_what_is_no_portrait_is_one_sentence_and_adds_nothing(engine, tmp_path):
    before = set(bpy.data.objects.keys())
    for name, content in (("text.png", b"no picture"), ("none.png", None)):
        path = tmp_path / name
        if content:
            path.write_bytes(content)
        with pytest.raises(RuntimeError, match=name):
            bpy.ops.mouthpiece.make_portrait(filepath=str(path))
    assert set(bpy.data.objects.keys()) == before


def test_a_film_is_keyed_on_the_character(film):
    face = build_mesh("Face", ARKIT_52)
    scene = bpy.context.scene
    scene.mouthpiece.character = face
    settings = getattr(scene, VIDEO)
    settings.film, settings.as_sure, settings.mouth = str(film), False, 1.0
    assert bpy.ops.mouthpiece.perform_film() == {"FINISHED"}
    tracks = face.data.shape_keys.animation_data.nla_tracks
    assert len(tracks) >= 3
    assert all(strip.action for track in tracks for strip in track.strips)


def test_a_silent_film_cannot_lend_its_voice(film):
    scene = bpy.context.scene
    scene.mouthpiece.character = build_mesh("Face", ARKIT_52)
    getattr(scene, VIDEO).film = str(film)
    with pytest.raises(RuntimeError, match="has no sound"):
        bpy.ops.mouthpiece.perform_film()
    assert not bpy.data.actions


def test_shares_are_read_over_time():
    scene = bpy.context.scene
    settings = getattr(scene, VIDEO)
    for frame, value in ((1, 0.0), (25, 1.0)):
        settings.mouth = value
        settings.keyframe_insert("mouth", frame=frame)
    scene.frame_end = 48
    asked = wishes_of(scene, 1)
    assert set(asked) == set(GROUPS)
    fps = scene.render.fps
    assert np.interp(24 / fps, asked["mouth"].times, asked["mouth"].shares) == pytest.approx(1, abs=1e-3)
    assert asked["mouth"].shares[0] == 0
    assert (asked["eyes"].shares == 1).all() and asked["eyes"].as_sure

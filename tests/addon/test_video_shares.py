"""Shares of film and voice that are keyed: they count when a film is performed, and again when it is performed anew."""

from __future__ import annotations

import subprocess

import bpy
import numpy as np
import pytest
from cast import build_mesh
from mouthpiece.addon.props_video import VIDEO
from mouthpiece.core.rig.arkit import ARKIT_52
from test_video import ENGINE, LINE, PORTRAIT, SEES

pytestmark = pytest.mark.usefixtures("registered")
SECONDS, FPS = 3, 24
TALKIE = """
import sys
import av, numpy as np, soundfile
from PIL import Image
picture = np.asarray(Image.open(sys.argv[1]).convert("RGB").resize((256, 256)))
sound, rate = soundfile.read(sys.argv[2], dtype="int16")
with av.open(sys.argv[3], "w") as box:
    stream, voice = box.add_stream("mpeg4", rate=24), box.add_stream("aac", rate=rate)
    stream.width = stream.height = 256
    stream.pix_fmt, stream.bit_rate, voice.layout = "yuv420p", 2_000_000, "mono"
    for number in range(72):
        moved = np.roll(picture, number % 3, axis=1)
        for packet in stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="rgb24")):
            box.mux(packet)
    frame = av.AudioFrame.from_ndarray(sound[None, : 3 * rate], format="s16", layout="mono")
    frame.rate = rate
    for packet in (*stream.encode(), *voice.encode(frame), *voice.encode()):
        box.mux(packet)
"""


@pytest.fixture
def talkie(registered, monkeypatch, tmp_path):
    """Three seconds of a face that keeps its mouth still while somebody speaks."""
    if not ENGINE.is_file() or subprocess.run([ENGINE, "-c", SEES], capture_output=True, check=False).returncode:
        pytest.skip("no environment with mediapipe and torch here; build.py test makes one")
    monkeypatch.setenv("MOUTHPIECE_ENGINE", str(ENGINE))
    path = tmp_path / "talkie.mp4"
    subprocess.run([ENGINE, "-c", TALKIE, str(PORTRAIT), str(LINE), str(path)], check=True, capture_output=True)
    return path


def keyed(settings, name, *keys):
    for second, value in keys:
        setattr(settings, name, value)
        settings.keyframe_insert(name, frame=1 + round(second * FPS))


def jaw_swing(face):
    """How far the jaw swings before 1.2 s and from 1.8 to 2.4 s, as the scene plays it; then the film nears its end."""
    scene, rows = bpy.context.scene, []
    for frame in range(1, 1 + SECONDS * FPS):
        scene.frame_set(frame)
        rows.append(face.data.shape_keys.key_blocks["jawOpen"].value)
    scene.frame_set(1)
    return np.ptp(rows[: round(1.2 * FPS)]), np.ptp(rows[round(1.8 * FPS) : round(2.4 * FPS)])


def test_keyed_shares_lead_the_mouth_and_lead_it_anew(talkie):
    scene = bpy.context.scene
    scene.render.fps, scene.frame_end = FPS, SECONDS * FPS
    face = build_mesh("Face", ARKIT_52)
    scene.mouthpiece.character = face
    settings = getattr(scene, VIDEO)
    settings.film = str(talkie)
    keyed(settings, "mouth", (0.0, 0.0), (1.4, 0.0), (1.6, 1.0))
    assert bpy.ops.mouthpiece.perform_film() == {"FINISHED"}
    early, late = jaw_swing(face)
    assert early > 0.05 and late < 0.3 * early
    assert "do not tell" in settings.told
    scene.animation_data.action = None
    keyed(settings, "mouth", (0.0, 1.0), (2.4, 1.0), (2.6, 0.0))
    assert bpy.ops.mouthpiece.perform_film() == {"FINISHED"}
    assert max(jaw_swing(face)) < 0.3 * early

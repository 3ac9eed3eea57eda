"""Each test starts in an empty file; nothing it registers outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import bpy
import mouthpiece
import mouthpiece.core.departure
import numpy as np
import pytest
from cast import build_character

os.environ["MOUTHPIECE_RAISE_BUGS"] = "1"


# What draws with OpenGL; Blender ends the process where there is none at all.
DRAWS = ("from on_card import", "from filmed import", "import gpu")
PROBE = """
import os, sys
sys.path[:0] = [sys.argv[1]]
import bpy
from on_card import on_card
bpy.ops.wm.read_factory_settings(use_empty=True)
on_card(lambda: __import__("gpu").platform.renderer_get())
os._exit(0)
"""
PROBE_S = 120

_status: list[int] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what draws where neither a graphics card nor Mesa's software renderer is."""
    drawing = [item for item in items if any(word in item.path.read_text(encoding="utf-8") for word in DRAWS)]
    if drawing and not _can_draw():
        for item in drawing:
            item.add_marker(pytest.mark.skip(reason="no graphics card and no software renderer of OpenGL here"))


def _can_draw() -> bool:
    probe = [sys.executable, "-c", PROBE, str(Path(__file__).parent)]
    try:
        return subprocess.run(probe, capture_output=True, check=False, timeout=PROBE_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def pytest_sessionfinish(exitstatus: int) -> None:
    _status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    config.get_terminal_writer().flush()
    mouthpiece.core.departure.leave(_status[-1] if _status else 1)


@pytest.fixture(autouse=True)
def empty_file() -> Iterator[None]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps = 24
    bpy.context.scene.render.fps_base = 1.0
    yield


@pytest.fixture
def registered(empty_file: None) -> Iterator[None]:
    mouthpiece.register()
    yield
    mouthpiece.unregister()


def write_wav(path: Path, seconds: float, rate: int = 16_000) -> Path:
    """Speech-like noise: loud and soft four times a second."""
    time_s = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(0).normal(0, 0.2, len(time_s)) * np.sin(2 * np.pi * 2 * time_s) ** 2
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(noise, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("sound") / "ein Satz ü.wav", 1.0)


@pytest.fixture(scope="session")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("sound") / "speech.wav", 900.0)


@pytest.fixture
def scene(registered: None, recording: Path) -> bpy.types.Scene:
    """A scene with a character and a recording, ready to animate."""
    scene = bpy.context.scene
    scene.mouthpiece.character = build_character()
    scene.mouthpiece.recording = str(recording)
    scene.frame_start, scene.frame_end = 1, 10
    scene.frame_set(5)
    bpy.ops.ed.undo_push(message="Start")
    return scene

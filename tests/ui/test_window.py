"""A real Blender with a window, driven from within. Set MOUTHPIECE_BLENDER to the command that starts one."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from tools.processes import run as run_program

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COMMAND = os.environ.get("MOUTHPIECE_BLENDER", "")
LIMIT_S = 60
HELD_S = 0.1
USER_FOLDERS = ("extensions", "config", "scripts", "datafiles")

pytestmark = pytest.mark.skipif(not COMMAND, reason="MOUTHPIECE_BLENDER names no Blender with a window")


def command() -> list[str]:
    words = shlex.split(COMMAND)
    screen = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not screen and shutil.which("xvfb-run") and len(words) == 1:
        words = ["xvfb-run", "-a", *words]
    return words


def write_wav(path: Path, seconds: float) -> Path:
    time_s = np.arange(int(seconds * 16_000)) / 16_000
    noise = np.random.default_rng(0).normal(0, 0.2, len(time_s)) * np.sin(2 * np.pi * 2 * time_s) ** 2
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes((np.clip(noise, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("sound")
    return write_wav(folder / "short.wav", 4.0), write_wav(folder / "long.wav", 900.0)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The extension, built and installed as a user would, in user folders of its own."""
    folder = tmp_path_factory.mktemp("user")
    # Spelt out one by one: tests/conftest.py points them elsewhere.
    places = {f"BLENDER_USER_{name.upper()}": str(folder / name) for name in USER_FOLDERS}
    found = {**os.environ, **places, "BLENDER_USER_RESOURCES": str(folder)}
    build = subprocess.run([sys.executable, "build.py", "build"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stdout + build.stderr
    built = max((ROOT / "dist").glob("mouthpiece-*.zip"), key=lambda path: path.stat().st_mtime)
    words = ["-c", "extension", "install-file", "-r", "user_default", "--enable", str(built)]
    install = subprocess.run([*command(), *words], env=found, capture_output=True, text=True, check=False)
    assert install.returncode == 0, install.stdout + install.stderr
    return found


@pytest.fixture
def play(tmp_path: Path, recordings: tuple[Path, Path], environment: dict[str, str]):
    def run(scenario: str) -> dict:
        result = tmp_path / "result.json"
        window = ["--enable-event-simulate", "--window-geometry", "0", "0", "1200", "800", "--python-exit-code", "1"]
        words = [
            *command(),
            *window,
            "--python",
            str(HERE / "session.py"),
            "--",
            scenario,
            str(result),
            *map(str, recordings),
        ]
        words_said = tmp_path / "said.txt"
        with words_said.open("w") as out:
            run_program(words, environment, LIMIT_S, out)  # ends Blender, its screen and its worker whatever happens
        said = words_said.read_text()
        assert result.is_file(), said
        found = json.loads(result.read_text())
        assert "fault" not in found, found
        # Blender draws a trace of its own when there is no Wayland; only Python's is ours.
        assert "Traceback (most recent call last)" not in said, said
        return found

    return run


def gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and ") Z" in status.read_text():
            return True
        time.sleep(0.1)
    return False


def test_animate_is_one_undo_step_and_the_window_stays_alive(play) -> None:
    found = play("animate")
    assert found["said"] == ["RUNNING_MODAL"]
    assert found["busy"]
    assert found["actions"] == found["after_redo"] == ["Mouthpiece: short"]
    assert found["after_undo"] == []
    assert found["strips"] == 1
    assert max(found["held_s"]) < HELD_S


def test_several_recordings_go_on_after_a_fault(play) -> None:
    found = play("several")
    assert found["said"] == ["RUNNING_MODAL"]
    assert found["busy"]
    assert len(found["actions"]) == 2
    assert len(found["after_undo"]) == 1
    assert found["strips"] == 3
    summary, failure = found["report"].split("\n")
    assert summary == "2 of 3 recordings animated."
    assert failure.startswith('Line 2: There is no recording "a.wav"')
    assert max(found["held_s"]) < HELD_S


def test_drop(play) -> None:
    found = play("drop")
    assert found["busy"]
    assert found["actions"] == ["Mouthpiece: short"]


def test_splats_are_dropped(play) -> None:
    found = play("drop_splats")
    assert found["dropped"] == ["cloud", "head"]
    assert found["after_undo"] == found["refused"] == []


def test_splats_are_seen_and_clicked(play) -> None:
    found = play("see_splats")
    assert found["kept"] == 1
    assert found["same"], "a viewport in which nothing moved shows the picture it has"
    assert found["clicked"] == found["alone"] == ["Ball"]
    assert found["both"] == ["Ball", "Beside"]
    assert found["outlined"] > 0.9
    assert 0.05 * found["cover"] < found["through"] < 0.6 * found["cover"]
    assert found["hidden"] == 0


def test_a_head_is_learned_with_pictures_stopped_and_gone_on_with(play) -> None:
    found = play("learn_heads")
    assert found["said"] == ["RUNNING_MODAL"]
    assert found["shown"] == found["stopped"] == 5 and found["icons"] == [True, True]
    assert (found["objects"], found["made"]) == (0, ["slow"])
    assert found["learned"] == found["newest"] == 40
    assert found["told"] == "5 frames it never learned from: 30.1 dB."
    assert found["after_undo"] == 0
    assert max(found["held_s"][:-1]) < HELD_S


def test_splats_go_through_the_view_transform(play) -> None:
    found = play("shade_splats")
    assert found["transform"] == "AgX"
    assert found["table"]


def test_escape(play) -> None:
    found = play("escape")
    assert found["actions"] == []
    assert found["took_s"] < 3
    assert max(found["held_s"]) < HELD_S
    assert gone(found["pid"])


def test_a_long_result_does_not_hold_the_window(play) -> None:
    found = play("long_result")
    assert (found["users"], found["curves"], found["after_undo"]) == (0, 124, [])
    # The last tick holds Blender's own undo step, whose length is not ours.
    assert max(found["held_s"][:-1]) < HELD_S


def test_escape_while_keys_are_written(play) -> None:
    found = play("escape_writing")
    assert found["begun"] == ["Mouthpiece: short"]
    assert (found["actions"], found["sounds"]) == ([], 0)


def test_undo_while_keys_are_written(play) -> None:
    found = play("undo_writing")
    assert found["begun"] == []
    assert (found["actions"], found["curves"]) == (["Mouthpiece: short"], 124)


def test_cancel_button(play) -> None:
    found = play("cancel")
    assert found["actions"] == []
    assert gone(found["pid"])


def test_a_deleted_character(play) -> None:
    found = play("delete")
    assert (found["actions"], found["sounds"]) == ([], 0)


def test_undo_while_it_runs(play) -> None:
    found = play("undo")
    assert (found["actions"], found["x"]) == (["Mouthpiece: short"], 0)


def test_another_file_while_it_runs(play) -> None:
    found = play("load")
    assert (found["busy"], found["actions"]) == (False, [])
    assert gone(found["pid"])


def test_disabled_while_it_runs(play) -> None:
    found = play("disable")
    assert not found["busy"]
    assert found["back"]
    assert gone(found["pid"])


def test_a_live_camera_is_recorded_while_the_timeline_plays(play) -> None:
    found = play("live")
    assert found["said"] == ["RUNNING_MODAL"]
    assert found["frames"] > 1 and abs(found["moved"] - 0.25) < 1e-3
    assert (found["actions"], found["after_undo"]) == (["Mouthpiece: Live 1"], [])
    assert (found["sync"], found["rest"]) == ("NONE", 0)
    assert max(found["held_s"]) < HELD_S
    assert gone(found["pid"])


@pytest.mark.parametrize("end", ["leave", "kill", "leave_live"])
def test_no_orphan(play, end: str) -> None:
    assert gone(play(end)["pid"])


def test_every_state_of_the_sidebar_draws(play) -> None:
    found = play("panels")
    assert found["category"] == "Mouthpiece"

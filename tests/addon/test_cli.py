"""python -m addon: what farms call, with the exit codes they rely on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from cast import build_character, build_mesh, shape_value
from mouthpiece.core.formats import read_performance

ROOT = Path(__file__).resolve().parents[2]


def call(*arguments: object) -> subprocess.CompletedProcess:
    words = [sys.executable, "-m", "addon", *map(str, arguments)]
    # The Blender we run in has set this for itself.
    environment = {name: value for name, value in os.environ.items() if name != "OCIO"}
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A file with one character, at 25 fps from frame 101."""
    build_character()
    build_mesh("Table", (), basis=False)
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 25, 101, 110
    path = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=False)
    return path


def test_help_is_a_page_for_people() -> None:
    ended = call("animate", "--help")
    assert ended.returncode == 0
    for word in ("--blend", "--object", "--start", "--seed", "--csv", "examples:", "IN"):
        assert word in ended.stdout


def test_animate(shot: Path, recording: Path, tmp_path: Path) -> None:
    out, csv = tmp_path / "fertig ü.blend", tmp_path / "curves.csv"
    before = shot.read_bytes()
    ended = call("animate", recording, "--blend", shot, "--object", "Body", "-o", out, "--csv", csv)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"{out}: 25 frames on Rig from frame 101\n"
    assert shot.read_bytes() == before
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert tuple(bpy.data.actions[0].frame_range) == (101, 125)
    assert bpy.context.scene.frame_end == 125
    (strip,) = bpy.context.scene.sequence_editor.strips
    assert Path(bpy.path.abspath(strip.sound.filepath)).resolve() == recording.resolve()
    performance = read_performance(csv)
    body = bpy.data.objects["Body"]
    for row in (0, 11, 24):
        wanted = performance.curves.column("jawOpen")[row]
        assert shape_value(body, "jawOpen", 101 + row) == pytest.approx(wanted, abs=0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.csv", "fertig ü.blend", "shot.blend"]


def test_start_and_seed(shot: Path, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.blend"
    assert call("animate", recording, "--blend", shot, "-o", out, "--start", "-20", "--seed", "7").returncode == 0
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert bpy.data.actions[0].frame_range[0] == -20


def test_in_place_only_when_asked(shot: Path, recording: Path) -> None:
    before = shot.read_bytes()
    ended = call("animate", recording, "--blend", shot, "-o", shot)
    assert ended.returncode == 2
    assert "--in-place" in ended.stderr
    assert shot.read_bytes() == before
    assert call("animate", recording, "--blend", shot, "-o", shot, "--in-place").returncode == 0
    assert shot.read_bytes() != before


FAULTS = {
    "no arguments": (2, (), "COMMAND"),
    "no output": (2, ("animate", "{wav}"), "--output"),
    "no recording": (3, ("animate", "{tmp}/nope.wav", "--blend", "{shot}", "-o", "{out}"), 'no recording "nope.wav"'),
    "broken recording": (3, ("animate", "{text}", "--blend", "{shot}", "-o", "{out}"), "text.wav"),
    "no folder": (4, ("animate", "{wav}", "--blend", "{shot}", "-o", "{tmp}/no/out.blend"), "does not exist"),
    "wrong ending": (4, ("animate", "{wav}", "--blend", "{shot}", "-o", "{tmp}/out.fbx"), ".blend"),
    "wrong csv": (4, ("animate", "{wav}", "--blend", "{shot}", "-o", "{out}", "--csv", "{tmp}/a.xls"), "ending"),
    "no blend": (5, ("animate", "{wav}", "--blend", "{tmp}/no.blend", "-o", "{out}"), 'no file "no.blend"'),
    "not a blend": (5, ("animate", "{wav}", "--blend", "{text}", "-o", "{out}"), "cannot be opened"),
    "no object": (5, ("animate", "{wav}", "--blend", "{shot}", "--object", "Eve", "-o", "{out}"), '"Eve"'),
    "no shapes": (5, ("animate", "{wav}", "--blend", "{shot}", "--object", "Table", "-o", "{out}"), "no shape keys"),
    "bad seed": (2, ("animate", "{wav}", "--blend", "{shot}", "--seed", "-1", "-o", "{out}"), "seed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_say_one_sentence_and_write_nothing(shot: Path, recording: Path, tmp_path: Path, fault: str) -> None:
    code, arguments, words = FAULTS[fault]
    text = tmp_path / "text.wav"
    text.write_text("This is no sound. " * 20)
    before = sorted(tmp_path.iterdir())
    names = {"wav": recording, "tmp": tmp_path, "shot": shot, "text": text, "out": tmp_path / "out.blend"}
    ended = call(*(argument.format(**names) for argument in arguments))
    assert ended.returncode == code, ended.stderr
    assert words.lower() in ended.stderr.lower()
    assert "Traceback" not in ended.stderr
    if "usage:" not in ended.stderr:
        assert ended.stderr.count("\n") == 1
        assert ended.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


def test_several_characters_need_a_name(recording: Path, tmp_path: Path) -> None:
    build_character()
    build_character()
    shot = tmp_path / "two.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    ended = call("animate", recording, "--blend", shot, "-o", tmp_path / "out.blend")
    assert ended.returncode == 5
    assert "Rig, Rig.001" in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_job_writes_nothing(shot: Path, long_recording: Path, tmp_path: Path, number: int) -> None:
    words = [sys.executable, "-m", "addon", "animate", str(long_recording), "--blend", str(shot), "-o"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([*words, str(tmp_path / "out.blend")], cwd=ROOT, **pipes)
    while not _workers_of(process.pid):
        time.sleep(0.1)
        assert process.poll() is None
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, "error: Cancelled; nothing was written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["shot.blend"]


def _workers_of(pid: int) -> list[str]:
    """The workers a process has started, on systems that tell."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        time.sleep(5)
        return ["somewhere"]
    commands = (Path(f"/proc/{child}/cmdline") for child in children.read_text().split())
    return [str(command) for command in commands if b"worker_main" in command.read_bytes()]

"""The worker as the add-on sees it: events, cancel by closing, and no orphan."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waves import spoken_wav

from core.formats import read_performance

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).with_name("stand_in.py")


def start(mode=None):
    """The worker itself, or one with a stand-in for the network."""
    program = [str(ROOT / "worker_main.py"), "--threads", "1"] if mode is None else [str(STAND_IN), mode, "worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, *program], cwd=os.sep, **pipes)


def finish(process, line):
    """Send a job line, keep the input open until the end, and return the exit code and the events."""
    process.stdin.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
    process.stdin.flush()
    events = [json.loads(answer) for answer in process.stdout]
    code = process.wait(timeout=10)
    assert process.stderr.read() == b""
    process.stdin.close()
    return code, events


@pytest.fixture
def job(tmp_path):
    """A job whose input lies in one folder and whose output shall lie in another."""
    (tmp_path / "job").mkdir()
    source = tmp_path / "ü line.wav"
    source.write_bytes(spoken_wav(0.5))
    target = tmp_path / "job" / "performance.npz"
    asked = {"protocol": 2, "task": "animate", "input": str(source), "output": str(target)}
    return asked | {"fps": 24.0, "seed": 3, "rig": "arkit52"}


def written(job):
    return sorted(path.name for path in Path(job["output"]).parent.iterdir())


def assert_error(events, *words):
    *_, error, last = events
    assert last == {"event": "exit"}
    assert error["event"] == "error"
    assert all(word in error["text"] for word in words)
    assert "\n" not in error["text"]
    return error


def test_real_job(job):
    code, events = finish(start(), job)
    assert code == 0
    assert [event["event"] for event in events[-2:]] == ["result", "exit"]
    assert events[-2]["output"] == job["output"]
    assert events[-2]["seconds"] == 0.5
    assert events[-2]["frames"] == len(read_performance(job["output"]).head) == 12
    progress = [event for event in events if event["event"] == "progress"]
    assert [*dict.fromkeys(event["text"] for event in progress)] == ["Listening", "Performing", "Writing"]
    values = [event["value"] for event in progress]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0.0, 1.0)
    assert written(job) == ["performance.npz"]


def test_worker_equals_command_line(job, tmp_path):
    assert finish(start(), job)[0] == 0
    command = [sys.executable, "-m", "core", "animate", job["input"], "-o", str(tmp_path / "b.npz")]
    subprocess.run([*command, "--fps", "24", "--seed", "3"], cwd=ROOT, check=True, capture_output=True)
    assert Path(job["output"]).read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_sites_are_searched(job, tmp_path):
    """A folder of wheels comes before what the interpreter has."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "soxr.py").write_text("raise RuntimeError('found in the site folder')")
    Path(job["input"]).write_bytes(spoken_wav(0.5, 8000))
    command = [sys.executable, str(ROOT / "worker_main.py"), "--site", str(tmp_path / "site")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    code, events = finish(subprocess.Popen(command, **pipes), job)
    assert code == 1
    error = assert_error(events, "fault of its own")
    assert "found in the site folder" in Path(error["log"]).read_text()


def test_silence_is_a_warning(job):
    Path(job["input"]).write_bytes(spoken_wav(0.5)[:44] + bytes(16_000))
    code, events = finish(start("rest"), job)
    assert code == 0
    assert {"event": "warning", "text": "The recording is silent, so the face rests."} in events


def test_printing_does_not_break_the_stream(job):
    code, events = finish(start("noisy"), job)
    assert code == 0
    assert [event["event"] for event in events[-2:]] == ["result", "exit"]


def test_progress_is_throttled(job):
    code, events = finish(start("rest"), job)
    assert code == 0
    assert len(events) < 12


@pytest.mark.parametrize(
    ("changes", "words", "kind"),
    [
        ({"input": "/nowhere/missing.wav"}, ["missing.wav", "does not exist"], "AudioError"),
        ({"output": "/nowhere/a.npz"}, ["does not exist"], "FormatError"),
        ({"output": "/nowhere/a.fbx"}, ["no known ending"], "FormatError"),
        ({"fps": 0}, ["frame rate"], "SettingError"),
        ({"fps": "fast"}, ["job line"], "SettingError"),
        ({"fps": None}, ["job line"], "SettingError"),
        ({"seed": -1}, ["seed"], "SettingError"),
        ({"seed": 1e400}, ["job line"], "SettingError"),
        ({"rig": "puppet"}, ["puppet"], "SettingError"),
        ({"task": "dance"}, ["dance"], "SettingError"),
        ({"protocol": 1}, ["different versions"], "SettingError"),
        ({"input": 3}, ["job line"], "SettingError"),
        ({"text": "hello", "language": "?"}, ["not understood"], "CoreError"),
        ({"emotion": 3}, ["job line"], "SettingError"),
        ({"emotion": {"times": [0], "left": [[2] * 6]}}, ["0 to 1"], "SettingError"),
        ({"direction": {"strength_jaw": 9}}, ["0 to 2"], "SettingError"),
        ({"phones": {"duration_s": 9, "phones": [{"phone": "M", "start_s": 0, "end_s": 9}]}}, ["9.00"], "SettingError"),
    ],
)
def test_errors_are_sentences(job, changes, words, kind):
    code, events = finish(start("rest"), job | changes)
    assert code == 2
    error = assert_error(events, *words)
    assert (error["bug"], error["kind"]) == (False, kind)
    assert written(job) == []


@pytest.mark.parametrize(
    "line", [b"hello\n", b"[]\n", b"{}\n", b"null\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b'"\n']
)
def test_garbage_for_a_job(line):
    code, events = finish(start("rest"), line)
    assert code == 2
    assert assert_error(events)["bug"] is False


def test_bug_leaves_a_log_in_the_job_folder(job):
    code, events = finish(start("bug"), job)
    assert code == 1
    error = assert_error(events, "fault of its own", "RuntimeError")
    assert error["bug"] is True
    assert Path(error["log"]).parent == Path(job["output"]).parent
    assert "the network fell over" in Path(error["log"]).read_text()
    assert written(job) == [Path(error["log"]).name]


def test_lack_of_memory_is_no_bug(job):
    code, events = finish(start("memory"), job)
    assert code == 2
    assert assert_error(events, "memory")["bug"] is False


def test_closing_before_a_job():
    process = start("rest")
    output, errors = process.communicate(b"", timeout=10)
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_closing_cancels(job):
    process = start("slow")
    process.stdin.write(json.dumps(job).encode() + b"\n")
    process.stdin.flush()
    for line in process.stdout:
        if json.loads(line).get("text") == "Performing":
            break
    half = Path(job["output"]).with_name(f".mouthpiece-{process.pid}-0.part")
    half.write_text("half written")
    before_s = time.monotonic()
    process.stdin.close()
    assert process.wait(timeout=3) == 130
    assert time.monotonic() - before_s < 3
    assert written(job) == []
    process.stdout.close()
    process.stderr.close()


def test_death_of_the_other_side_leaves_no_orphan(job):
    """A process that starts a worker and is killed, as a crashing Blender is."""
    program = (
        "import subprocess, sys, time\n"
        "worker = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "worker.stdin.write(sys.argv[1].encode() + b'\\n'); worker.stdin.flush()\n"
        "sys.stdout.write(f'{worker.pid}\\n'); sys.stdout.flush(); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, json.dumps(job), sys.executable, str(STAND_IN), "slow", "worker"]
    blender = subprocess.Popen(command, stdout=subprocess.PIPE)
    worker = int(blender.stdout.readline())
    time.sleep(1.0)
    assert alive(worker)
    blender.kill()
    blender.communicate()
    end_s = time.monotonic() + 3
    while alive(worker) and time.monotonic() < end_s:
        time.sleep(0.05)
    assert not alive(worker)


def alive(pid):
    """Whether a process runs; one that is dead and only not yet collected does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"

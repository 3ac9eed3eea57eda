"""The command line as a farm sees it: exit codes, one sentence, nothing half written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from doors import STAND_IN, beside, run
from waves import spoken_wav

from core.animate import AnimateJob
from core.errors import SettingError
from core.formats import read_performance


@pytest.fixture
def line(tmp_path):
    """A recording in a folder of its own; what else appears beside it was written by the program."""
    path = tmp_path / "line.wav"
    path.write_bytes(spoken_wav(0.5))
    return path


@pytest.mark.parametrize("ending", ["npz", "csv", "json"])
def test_real_performance(line, ending):
    target = line.with_suffix(f".{ending}")
    done = run("animate", line, "-o", target, "--fps", "30", "--seed", "7")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r".*: 15 frames at 30 fps, 0\.50 s of speech in \d+\.\d\d s \(\d+ times real time\)\n", done.stdout
    )
    performance = read_performance(target)
    assert len(performance.head) == 15
    assert performance.curves.fps == 30
    assert 0 <= performance.curves.values.min() <= performance.curves.values.max() <= 1
    assert beside(line) == [target.name]


def test_seed_decides(line):
    heads = []
    for index, seed in enumerate((1, 1, 2)):
        target = line.with_name(f"{index}.npz")
        assert run("animate", line, "-o", target, "--seed", seed).returncode == 0
        heads.append(target.read_bytes())
    assert heads[0] == heads[1]


@pytest.mark.parametrize(("fps", "frames"), [("24000/1001", 12), ("23.976", 12), ("1", 1), ("240", 120), ("59.94", 30)])
def test_frame_rates(line, fps, frames):
    target = line.with_suffix(".npz")
    assert run("animate", line, "-o", target, "--fps", fps, mode="rest").returncode == 0
    assert len(read_performance(target).head) == frames


def test_shortest_recording(line):
    soundfile.write(line, np.zeros(1), 48_000)
    done = run("animate", line, "-o", line.with_suffix(".csv"))
    assert done.returncode == 0
    assert done.stderr == "warning: The recording is silent, so the face rests.\n"
    assert len(read_performance(line.with_suffix(".csv")).head) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["animate"],
        ["animate", "line.wav"],
        ["animate", "line.wav", "-o", "a.csv", "--fps", "fast"],
        ["animate", "line.wav", "-o", "a.csv", "--fps", "0"],
        ["animate", "line.wav", "-o", "a.csv", "--fps", "-24"],
        ["animate", "line.wav", "-o", "a.csv", "--fps", "241"],
        ["animate", "line.wav", "-o", "a.csv", "--fps", "1/0"],
        ["animate", "line.wav", "-o", "a.csv", "--fps", "nan"],
        ["animate", "line.wav", "-o", "a.csv", "--fps", "1e400"],
        ["animate", "line.wav", "-o", "a.csv", "--seed", "-1"],
        ["animate", "line.wav", "-o", "a.csv", "--seed", "x"],
        ["animate", "line.wav", "-o", "a.csv", "--seed", "4294967296"],
        ["animate", "line.wav", "-o", "a.csv", "--rig", "puppet"],
    ],
)
def test_wrong_usage(line, arguments):
    placed = [str(line.parent / word) if word.endswith((".wav", ".csv")) else word for word in arguments]
    done = run(*placed, mode="rest")
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert beside(line) == []


@pytest.mark.parametrize(
    ("source", "target", "code", "words"),
    [
        ("missing.wav", "a.csv", 3, "does not exist"),
        ("", "a.csv", 3, "is a folder"),
        ("bad.wav", "a.csv", 3, "is text"),
        ("-", "a.csv", 3, "does not exist"),
        ("line.wav", "a.fbx", 4, "no known ending"),
        ("line.wav", "line.wav", 4, "no known ending"),
        ("line.wav", "missing/a.csv", 4, "does not exist"),
        ("line.wav", "folder.csv", 4, "is a folder"),
        ("line.wav", "bad.wav/a.csv", 4, "does not exist"),
    ],
)
def test_faults(line, source, target, code, words):
    (line.parent / "bad.wav").write_text("This is no recording.\n")
    (line.parent / "folder.csv").mkdir()
    before = beside(line)
    done = run("animate", line.parent / source, "-o", line.parent / target, mode="rest")
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert beside(line) == before
    assert line.read_bytes() == spoken_wav(0.5)


def test_bug_leaves_one_sentence_and_a_log(line):
    done = run(
        "animate", line, "-o", line.with_suffix(".csv"), mode="bug", env=os.environ | {"TMPDIR": str(line.parent)}
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    log = Path(re.search(r"please report (.*)\.\n", done.stderr)[1])
    assert beside(line) == [log.name]
    text = log.read_text()
    assert "RuntimeError: the network fell over" in text
    assert "Mouthpiece" in text.splitlines()[0]


@pytest.mark.parametrize("mode", ["memory", "nan"])
def test_other_ends(line, mode):
    done = run("animate", line, "-o", line.with_suffix(".csv"), mode=mode)
    assert done.returncode == {"memory": 1, "nan": 5}[mode]
    assert done.stderr.count("\n") == 1
    assert beside(line) == []


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_cancel(line, way, tmp_path_factory):
    started = tmp_path_factory.mktemp("started") / "yes"
    command = [sys.executable, str(STAND_IN), "slow", "cli", "animate", str(line), "-o", str(line.with_suffix(".csv"))]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"STAND_IN_STARTED": str(started)},
        # A shell's background jobs are born deaf to SIGINT; the test is not about that.
        preexec_fn=lambda: signal.signal(way, signal.SIG_DFL),
    )
    until = time.monotonic() + 60
    while not started.exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(way)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "error: Cancelled; nothing was written.\n")
    assert beside(line) == []


def test_progress_only_on_a_terminal(line):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, str(STAND_IN), "rest", "cli", "animate", str(line), "-o", str(line.with_suffix(".csv"))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs)
    process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert process.returncode == 0
    assert "Listening" in shown
    assert shown.endswith("\r\x1b[K")


def test_help_and_version():
    top, animate, version = run("--help"), run("animate", "--help"), run("--version")
    assert {top.returncode, animate.returncode, version.returncode} == {0}
    for words in ("animate", "exit codes", "130"):
        assert words in top.stdout
    for words in ("examples:", ".csv", ".npz", ".json", "--fps", "--seed", "--rig", "24000/1001"):
        assert words in animate.stdout
    assert max(map(len, (top.stdout + animate.stdout).splitlines())) <= 90
    assert re.fullmatch(r"Mouthpiece \d+\.\d+\.\d+\S*\n", version.stdout)


@pytest.mark.parametrize("settings", [{"rig": "x"}, {"fps": 0.5}, {"fps": float("inf")}, {"seed": -1}])
def test_job_checks_itself(settings):
    with pytest.raises(SettingError):
        AnimateJob(Path("a.wav"), Path("a.csv"), **settings)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder(line):
    line.parent.chmod(0o500)
    done = run("animate", line, "-o", line.with_suffix(".csv"), mode="rest")
    line.parent.chmod(0o700)
    assert done.returncode == 4
    assert "permission" in done.stderr

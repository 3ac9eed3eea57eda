"""Batches as a farm sees them: resumed, killed, cancelled, partly refused; nothing half written or written over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from doors import ROOT, run
from waves import LINE, spoken_wav

from core.formats import read_performance


@pytest.fixture
def takes(tmp_path):
    """Three short recordings, one with its words, and one file that is none."""
    folder = tmp_path / "takes"
    (folder / "act1").mkdir(parents=True)
    for name, seconds in (("a", 0.5), ("b", 0.6), ("act1/c", 0.4)):
        (folder / f"{name}.wav").write_bytes(spoken_wav(seconds))
    return folder


def batch(takes, *more, out="faces"):
    return run("batch", takes, "--out", takes.parent / out, *more)


def report(takes, out="faces", name="report"):
    return json.loads((takes.parent / out / f"{name}.json").read_text(encoding="utf-8"))


def statuses(takes, **where):
    return {row["name"]: row["status"] for row in report(takes, **where)["recordings"]}


def written(folder):
    """Every file below a folder but the batch's own memory and reports."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".mouthpiece-batch" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in files if path.stem != "report"}


def test_every_recording_gets_what_it_would_get_alone(takes):
    options = ("--fps", "30", "--seed", "4", "--emotion", "happy=0.5", "--strength", "jaw=1.3", "--no-blinks")
    done = batch(takes, *options, "--format", "npz,csv", "--phones", "json", "--processes", "2")
    assert (done.returncode, done.stderr) == (0, "")
    alone = takes.parent / "alone.npz"
    for name in ("a", "act1/c"):
        run("animate", takes / f"{name}.wav", "-o", alone, *options)
        made = takes.parent / "faces" / f"{name}.npz"
        ours, theirs = read_performance(made), read_performance(alone)
        assert ours.curves.values.tobytes() == theirs.curves.values.tobytes()
        assert ours.head.tobytes() == theirs.head.tobytes()
    files = [f"{name}.{ending}" for name in ("a", "b", "act1/c") for ending in ("csv", "json", "npz")]
    assert set(written(takes.parent / "faces")) == set(files)
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert lines[-1].endswith("s") and "3 recordings (3 done), 0 to look at" in lines[-1]


def test_words_beside_a_recording_are_used(takes):
    (takes / "a.wav").write_bytes(LINE.read_bytes())
    (takes / "a.txt").write_text(LINE.with_suffix(".txt").read_text())
    assert batch(takes, "--format", "json", "--fps", "10").returncode == 0
    row = next(row for row in report(takes)["recordings"] if row["name"] == "a")
    assert row["words"] == str(takes / "a.txt")
    spoken = [phone.symbol for phone in read_performance(takes.parent / "faces" / "a.json").phones.phones]
    assert "".join(symbol for symbol in spoken if symbol != "sil").endswith("WEYKDHAHMAHP")


def test_resuming_does_only_what_is_left(takes):
    assert batch(takes).returncode == 0
    before = written(takes.parent / "faces")
    (takes / "d.wav").write_bytes(spoken_wav(0.3))
    (takes / "a.wav").write_bytes(spoken_wav(0.7))
    (takes.parent / "faces" / "act1" / "c.csv").unlink()
    done = batch(takes, "--resume")
    assert done.returncode == 0
    assert statuses(takes) == {"a": "done", "act1/c": "done", "b": "kept", "d": "done"}
    after = written(takes.parent / "faces")
    assert {name for name in after if after[name] != before.get(name)} == {"a.csv", "act1/c.csv", "d.csv"}
    kept = next(row for row in report(takes)["recordings"] if row["name"] == "b")
    assert kept["picture"]["envelope"]


def test_other_settings_or_words_are_other_work(takes):
    assert batch(takes).returncode == 0
    assert batch(takes, "--resume", "--seed", "2").returncode == 0
    assert set(statuses(takes).values()) == {"done"}
    (takes / "b.txt").write_text("When")
    batch(takes, "--resume", "--seed", "2")
    assert statuses(takes)["b"] != "kept"
    assert statuses(takes)["a"] == "kept"


def test_nothing_is_written_over_without_asking(takes):
    faces = takes.parent / "faces"
    faces.mkdir()
    (faces / "a.csv").write_text("mine")
    done = batch(takes)
    assert done.returncode == 2
    assert '"a.csv" is there already; add --resume' in done.stderr
    assert set(written(faces)) == {"a.csv"}
    done = batch(takes, "--resume")
    assert done.returncode == 6
    assert '"a.csv" was not written by a batch or was changed since; move it away or add --overwrite.' in done.stdout
    assert (faces / "a.csv").read_text() == "mine"
    assert statuses(takes) == {"a": "refused", "act1/c": "done", "b": "done"}
    with (faces / "b.csv").open("a") as file:
        file.write("edited by hand\n")
    assert statuses(takes)["b"] == "done"
    assert batch(takes, "--resume").returncode == 6
    assert statuses(takes) == {"a": "refused", "act1/c": "kept", "b": "refused"}
    assert batch(takes, "--overwrite").returncode == 0
    assert (faces / "a.csv").read_text() != "mine"


def test_a_second_batch_into_the_same_folder_is_refused(takes):
    assert batch(takes).returncode == 0
    before = written(takes.parent / "faces")
    done = batch(takes)
    assert done.returncode == 2
    assert "and 3 more files are there already" in done.stderr
    assert written(takes.parent / "faces") == before


def test_bad_recordings_cost_one_sentence_each(takes):
    (takes / "bad.wav").write_text("This is no recording.\n")
    (takes / "cut.wav").write_bytes(spoken_wav(0.5)[:2000])
    (takes / "empty.wav").touch()
    (takes / "b.txt").write_text(" ")
    done = batch(takes)
    assert done.returncode == 6
    assert "Traceback" not in done.stderr
    assert statuses(takes) == {
        "a": "done", "act1/c": "done", "b": "refused", "bad": "refused", "cut": "refused", "empty": "refused",
    }  # fmt: skip
    sentences = {row["name"]: row["sentence"] for row in report(takes)["recordings"] if row["sentence"]}
    assert "is text, not sound" in sentences["bad"]
    assert "is empty" in sentences["empty"]
    assert "transcript is empty" in sentences["b"]
    assert set(written(takes.parent / "faces")) == {"a.csv", "act1/c.csv"}
    assert batch(takes, "--resume", "--forgive").returncode == 0
    (takes / "bad.wav").write_bytes(spoken_wav(0.3))
    batch(takes, "--resume")
    assert statuses(takes)["bad"] == "done"


def test_strict_minds_what_the_report_flags(takes):
    assert batch(takes, "--strict").returncode == 0
    (takes / "a.wav").write_bytes(spoken_wav(0.5)[:44] + bytes(16_000))
    line, rate_hz = soundfile.read(LINE)
    soundfile.write(takes / "loud.wav", np.clip(line * 6, -0.99, 0.99), rate_hz)
    done = batch(takes, "--strict", "--resume")
    assert done.returncode == 7
    found = {row["name"]: [item["code"] for item in row["findings"]] for row in report(takes)["recordings"]}
    assert "clipped_audio" in found["loud"]
    assert "silent" in found["a"]
    assert "loud: done; The recording is clipped" in done.stdout


def test_shares_make_the_whole(takes):
    for share in ("1/2", "2/2"):
        assert batch(takes, "--share", share, "--report", f"part{share[0]}", "--resume").returncode == 0
    assert len(report(takes, name="part1")["recordings"]) == 2
    assert batch(takes, "--resume").returncode == 0
    assert set(statuses(takes).values()) == {"kept"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "docx"), 'no format "docx"'),
        (("--share", "3/2"), "share 3/2"),
        (("--share", "half"), "expected a share"),
        (("--processes", "0"), "number of processes"),
        (("--name", "{stem"), "name pattern"),
        (("--cast", "Ada"), "names no character"),
        (("--report", "../x"), "plain name"),
        (("--emotion", "hapy"), "no emotion"),
        (("--strength", "jaw=9"), "strength_jaw"),
        (("--fps", "0"), "frame rate"),
        (("--name", "same"), "would both be written"),
    ],
)
def test_wrong_usage_does_nothing(takes, arguments, words):
    done = batch(takes, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (takes.parent / "faces").exists()


def test_no_output_takes_the_reports_name(takes):
    (takes / "Report.wav").write_bytes(spoken_wav(0.3))
    done = batch(takes, "--format", "json")
    assert done.returncode == 2
    assert '"Report.json" would be both an output and the report' in done.stderr
    assert batch(takes, "--format", "json", "--report", "summary").returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_no_terminal_should_see(takes):
    odd = "\x1b[2J<b>: 1?.wav"
    (takes / odd).write_bytes(spoken_wav(0.3))
    done = batch(takes)
    assert done.returncode == 0
    assert "\\x1b[2J<b>: 1?: done" in done.stdout
    assert "\x1b" not in done.stdout
    assert (takes.parent / "faces" / odd).with_suffix(".csv").is_file()
    page = (takes.parent / "faces" / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert batch(takes, "--resume").returncode == 0
    assert set(statuses(takes).values()) == {"kept"}


def test_an_output_folder_that_cannot_be(takes):
    (takes.parent / "file").touch()
    done = batch(takes, out="file")
    assert done.returncode == 4
    assert "cannot be made" in done.stderr


def begun(takes, processes):
    """A batch of six long recordings and three short ones under way, its first one done."""
    for place in range(6):
        (takes / f"long{place}.wav").write_bytes(LINE.read_bytes())
    command = [sys.executable, "-m", "core", "batch", str(takes), "--out", str(takes.parent / "faces")]
    process = subprocess.Popen(
        [*command, "--processes", str(processes)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs are born deaf to SIGINT; the tests are not about that.
        preexec_fn=None if os.name == "nt" else lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    process.stdout.readline()
    return process


def settled(folder):
    """Wait until nothing is unfinished any more, and tell what is there."""
    for _ in range(100):
        if not list(folder.rglob("*.part")):
            break
        time.sleep(0.1)
    time.sleep(0.5)
    assert list(folder.rglob("*.part")) == []
    return written(folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("processes", [1, 3])
def test_a_killed_batch_goes_on_where_it_was(takes, processes):
    process = begun(takes, processes)
    process.kill()
    process.wait()
    files = settled(takes.parent / "faces")
    assert 1 <= len(files) < 9
    for name in files:
        read_performance(takes.parent / "faces" / name)
    assert batch(takes, "--resume").returncode == 0
    counted = list(statuses(takes).values())
    assert counted.count("kept") >= 1
    assert counted.count("kept") + counted.count("done") == 9
    assert len(written(takes.parent / "faces")) == 9


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelling_is_clean(takes, number):
    process = begun(takes, 2)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Cancelled; " in errors
    assert "of 9 recordings are through. Add --resume to go on." in errors
    assert "Traceback" not in errors
    assert len(settled(takes.parent / "faces")) < 9
    assert not (takes.parent / "faces" / "report.json").exists()
    assert batch(takes, "--resume").returncode == 0
    assert "kept" in statuses(takes).values()

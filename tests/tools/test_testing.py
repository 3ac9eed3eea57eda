"""The test command: its sum, its exit code, and that nothing outlives it."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tools import testing, windowed
from tools.processes import TIMED_OUT, run
from tools.testing import Count, read_report

REPORT = """<testsuites><testsuite tests="5">
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><failure message="x">no</failure></testcase>
<testcase name="d"><error message="x">no</error></testcase>
<testcase name="e"><skipped message="x">no</skipped></testcase>
</testsuite></testsuites>"""


def test_a_report_is_counted(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    assert read_report(path) == Count(2, 2, 1)


def test_the_last_line_has_its_exact_form():
    assert str(Count(120, 0, 4) + Count(3, 0, 0)) == "123 passed, 0 failed, 4 skipped"


def test_a_suite_that_dies_counts_as_a_failure(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(testing, "run", lambda *_: -11)
    count = testing._pytest(testing.CORE, tmp_path, [], {})
    assert count == Count(failed=1)
    assert "ended with -11" in capsys.readouterr().out


@pytest.mark.parametrize(("total", "code"), [(Count(3), 0), (Count(3, 1), 1), (Count(), 1)])
def test_exit_code_follows_the_sum(monkeypatch, capsys, total, code):
    monkeypatch.setattr(testing, "_run_suite", lambda *_: total)
    assert testing.test("ui") == code
    assert capsys.readouterr().out.splitlines()[-1] == str(total)


def test_exit_code_of_a_program_comes_through():
    assert run([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_a_program_that_hangs_is_stopped():
    started = time.monotonic()
    assert run([sys.executable, "-c", "import time; time.sleep(60)"], timeout_s=0.5) == TIMED_OUT
    assert time.monotonic() - started < 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="process table of Linux")
def test_nothing_outlives_a_program(tmp_path):
    """Not even a grandchild that went into a session of its own."""
    note = tmp_path / "pid"
    child = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    parent = (
        "import subprocess, sys, time, pathlib\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True)\n"
        f"while not pathlib.Path({str(note)!r}).is_file(): time.sleep(0.01)\n"
        "time.sleep(0.2)"
    )
    assert run([sys.executable, "-c", parent]) == 0
    pid = int(note.read_text())
    for _ in range(100):
        if not is_running(pid):
            break
        time.sleep(0.05)
    assert not is_running(pid)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as table:  # noqa: PTH123  (a file of the kernel)
            return table.read().split(")")[-1].split()[0] != "Z"
    except OSError:
        return False


def test_a_named_windowed_blender_is_taken(monkeypatch):
    monkeypatch.setenv("MOUTHPIECE_BLENDER", "some command")
    assert windowed.find_windowed_blender() == "some command"


def test_an_old_or_missing_blender_is_not(monkeypatch):
    monkeypatch.delenv("MOUTHPIECE_BLENDER", raising=False)
    monkeypatch.setattr(windowed.shutil, "which", lambda name: "blender")
    monkeypatch.setattr(windowed, "version_of", lambda command: (4, 5))
    assert windowed.find_windowed_blender() is None
    assert windowed.version_of.__name__ == "<lambda>"


def test_a_program_that_is_no_blender_has_no_version():
    assert windowed.version_of(os.devnull) == (0, 0)

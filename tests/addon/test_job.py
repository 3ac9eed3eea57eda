"""The worker process as the add-on sees it: faults, cancelling, and no orphan whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from mouthpiece.addon.job import Job, WorkerBug
from mouthpiece.addon.worker_command import WorkerCommand, environment, package_folders
from mouthpiece.core.errors import AudioError, Cancelled, ModelError

ROOT = Path(__file__).resolve().parents[2]

# The start of a made-up worker: it reads the job line and can say events.
PRELUDE = """
import json, os, sys, time
job = json.loads(sys.stdin.readline())
def say(event, **rest):
    sys.stdout.write(json.dumps({"event": event, **rest}) + chr(10)); sys.stdout.flush()
"""


@pytest.fixture
def run(tmp_path: Path):
    """Start a made-up worker; every one is closed again."""
    jobs = []

    def start(body: str) -> Job:
        main = tmp_path / "fake.py"
        main.write_text(PRELUDE + textwrap.dedent(body))
        jobs.append(Job(WorkerCommand(("-I",), main, tmp_path / "logs"), {"task": "animate", "input": "x.wav"}))
        return jobs[-1]

    yield start
    for job in jobs:
        job.close()


def finish(job: Job, limit_s: float = 20.0) -> Job:
    end = time.monotonic() + limit_s
    while job.running:
        assert time.monotonic() < end, "the job never ended"
        job.drain(wait_s=0.1)
    return job


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie of ours is gone for all that matters.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and ") Z" in status.read_text())


def wait_gone(pid: int, limit_s: float = 5.0) -> bool:
    end = time.monotonic() + limit_s
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(pid)


def test_a_good_run(run) -> None:
    job = run("""
        assert job["protocol"] == 2 and job["output"].endswith("performance.npz")
        say("progress", value=0.5, text="Performing")
        say("warning", text="Quiet.")
        say("result", output=job["output"], seconds=1.0)
        say("exit")
    """)
    progress = finish(job).progress
    assert (progress.value, progress.text, progress.warnings) == (0.5, "Performing", ["Quiet."])
    assert progress.result() == job.folder / "performance.npz"
    assert wait_gone(job.pid)
    job.close()
    assert not job.folder.exists()


def test_noise_on_the_stream_is_passed_over(run) -> None:
    job = run("""
        os.write(1, b"hello" + bytes(range(256)) + b"\\n[1, 2]\\n{}\\nnull\\n" + b"x" * 3_000_000 + b"\\n")
        os.write(1, b"[" * 100_000 + b"\\n" + b'{"event": "progress", "value": "much"}\\n{"event": "progr\\n')
        say("result", output="there")
    """)
    assert finish(job).progress.result() == Path("there")


@pytest.mark.parametrize(
    "body",
    [
        "os.abort()",
        "os.kill(os.getpid(), 11)",
        "sys.exit(3)",
        "raise RuntimeError('why')",
        "os._exit(0)",
        "import nothing_of_that_name",
    ],
)
def test_a_worker_that_dies_is_told_in_one_sentence(run, body: str) -> None:
    job = finish(run(body))
    with pytest.raises(WorkerBug, match=r"stopped unexpectedly \(exit status .*see .*mouthpiece-worker.log") as caught:
        job.progress.result()
    job.close()
    log = Path(str(caught.value).partition("see ")[2].rstrip("."))
    assert log.is_file()
    if "why" in body:
        assert "RuntimeError: why" in log.read_text()


def test_what_the_worker_refuses_keeps_its_kind(run) -> None:
    job = finish(run('say("error", text="Too short.", bug=False); sys.exit(2)'))
    with pytest.raises(AudioError, match=r"^Too short\.$"):
        job.progress.result()
    job = finish(run('say("error", text="No weights.", bug=False, kind="ModelError"); sys.exit(2)'))
    with pytest.raises(ModelError, match=r"^No weights\.$"):
        job.progress.result()


def test_cancel_returns_at_once_and_ends_the_worker(run) -> None:
    job = run("say('progress', value=0.1, text='Listening'); sys.stdin.read(); sys.exit(130)")
    while not job.drain(wait_s=0.2):
        pass
    began = time.monotonic()
    job.cancel()
    assert time.monotonic() - began < 0.1
    with pytest.raises(Cancelled):
        finish(job).progress.result()
    assert wait_gone(job.pid)


def test_a_deaf_worker_is_killed(run) -> None:
    job = run("time.sleep(60)")
    job.cancel()
    with pytest.raises(Cancelled):
        finish(job, 5).progress.result()
    assert wait_gone(job.pid)


def test_packages_are_found_without_importing_them() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r}); import conftest;"
        "from mouthpiece.addon.worker_command import package_folders; found = package_folders();"
        "assert found; assert not {'soundfile', 'soxr', 'safetensors', 'bpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert all(folder.is_dir() for folder in package_folders())


def test_the_environment_is_free_of_pythons_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert "PYTHONPATH" not in environment()
    assert int(environment()["OMP_NUM_THREADS"]) <= 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_no_orphan_when_the_host_is_killed(long_recording: Path) -> None:
    host = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("host.py")), str(long_recording)],
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = int(host.stdout.readline())
    assert is_alive(pid)
    host.kill()
    host.wait()
    host.stdout.close()
    assert wait_gone(pid)

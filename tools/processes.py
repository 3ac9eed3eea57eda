"""Start programs so that none of them, nor anything they started, outlives the command."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from .paths import ROOT

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
MARK = "MOUTHPIECE_RUN"
TIMED_OUT = 124


def run(
    command: list[str],
    extra: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
    output: IO[str] | None = None,
) -> int:
    """Run a program from the repository root and end whatever it leaves behind.

    extra: environment variables to add.
    output: an open file for all that the program says; None to let it through.
    Returns its exit code; 124 when it ran out of time, minus the signal number when a signal ended it.
    """
    mark = uuid.uuid4().hex
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", MARK: mark, **(extra or {})}
    streams = {"stdout": output, "stderr": subprocess.STDOUT if output else None}
    apart = os.name != "nt"
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=apart, **streams) as process:
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"{Path(command[0]).name} took longer than {timeout_s:.0f} s and was stopped.\n")
            return TIMED_OUT
        finally:
            _end(process, mark)


def one_thread() -> dict[str, str]:
    """Environment variables that hold every numeric library to one thread."""
    return dict.fromkeys(THREADS, "1")


def left_behind(mark: str) -> Iterator[int]:
    """Ids of the processes that carry this mark in their environment (Linux; elsewhere none)."""
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in entry.read_bytes():
                yield int(entry.parent.name)


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    if os.name == "nt":
        if process.poll() is None:
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid in left_behind(mark):
        sys.stderr.write(f"Ending process {pid}, which was left behind.\n")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

"""The worker process, seen from Blender's side. This file knows nothing of bpy.

The worker reads one JSON job line from its stdin and answers in JSON lines on stdout, one object a line with the key
"event": progress (value 0..1, text), warning (text), picture (path, text), moment (moment), error (text, bug, log,
kind), result (output, heard ...), exit. It leaves when its stdin closes, so closing it cancels, and a Blender that
crashes leaves no orphan behind. A job that keeps its work is given the order's "patience", in seconds, to do so.
"""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ..core import errors
from .worker_command import WorkerCommand, environment

PROTOCOL = 2
_LONGEST_LINE = 1 << 20
_GRACE_S = 2.0


class WorkerBug(errors.CoreError):
    """A fault of the worker itself; the sentence names the log."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line from the worker, or one this side makes up when the worker falls silent.

    fault: for an error, the name of its class in core.errors, where the worker tells it.
    heard: for a result, the emotion that the voice suggests, where it was asked for.
    entry: for a result, the recording's part of a report, where it was asked for.
    path: for a picture, where it lies.
    moment: what a live camera shows, see core.live_lines.
    """

    kind: str
    text: str = ""
    value: float = 0.0
    output: str = ""
    path: str = ""
    log: str = ""
    bug: bool = False
    fault: str = ""
    heard: str = ""
    entry: dict[str, Any] | None = None
    moment: dict[str, Any] | None = None


@dataclass(slots=True)
class Progress:
    """What the events so far add up to."""

    value: float = 0.0
    text: str = "Starting"
    warnings: list[str] = field(default_factory=list)
    output: Path | None = None
    heard: str = ""
    entry: dict[str, Any] | None = None
    error: Event | None = None
    picture: Event | None = None
    said: str = ""
    moments: list[dict[str, Any]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Add one event."""
        if event.kind == "progress":
            self.value, self.text = min(max(event.value, 0.0), 1.0), event.text
        elif event.kind == "warning":
            self.warnings.append(event.text)
        elif event.kind == "picture":
            self.picture = event
        elif event.kind == "moment" and event.moment:
            self.moments.append(event.moment)
        elif event.kind == "error":
            self.error = event
        elif event.kind == "result":
            self.output, self.heard, self.entry = Path(event.output), event.heard, event.entry
            self.said = event.text

    def result(self) -> Path:
        """The file the worker wrote. Raises: what the worker raised, or Cancelled when it was stopped."""
        if self.error:
            fault = WorkerBug if self.error.bug else getattr(errors, self.error.fault, errors.AudioError)
            raise fault(self.error.text)
        if self.output is None:
            raise errors.Cancelled("Cancelled; nothing was written.")
        return self.output


class Job:
    """One run of the worker. Its files lie in a private folder that close() removes."""

    def __init__(self, command: WorkerCommand, order: dict[str, Any]) -> None:
        """Start the worker on an order.

        order: task, input, fps, seed and whatever else the protocol names; output, the name of a file, becomes a place
            in the job's own folder.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="mouthpiece-"))
        self.progress = Progress()
        self.running = True
        self._logs = command.logs
        self._patience_s = float(order.get("patience", 0.0))
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._cancelled = False
        self._process = self._start(command)
        output = self.folder / order.get("output", "performance.npz")
        line = {"protocol": PROTOCOL, **order, "output": str(output)}
        threading.Thread(target=self._read, name="mouthpiece-reader", daemon=True).start()
        # A worker that died at once is told by its missing result, not by the broken pipe.
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def cancelled(self) -> bool:
        """Whether cancel() or close() was called; the result is then not wanted, even if there is one."""
        return self._cancelled

    def drain(self, wait_s: float | None = None) -> bool:
        """Take the events that have come, with wait_s after waiting that long for the first.

        Returns: whether there were any.
        """
        heard = False
        with contextlib.suppress(queue.Empty):
            event = self._events.get_nowait() if wait_s is None else self._events.get(timeout=wait_s)
            while True:
                heard = True
                self.progress.take(event)
                self.running = self.running and event.kind != "exit"
                event = self._events.get_nowait()
        return heard

    def ask(self, word: str) -> None:
        """Ask something of a worker that is at work; one that has ended is told by its missing events."""
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(word.encode() + b"\n")
            self._process.stdin.flush()

    def cancel(self) -> None:
        """Ask the worker to stop and return at once; one that does not listen is killed a moment later."""
        if not self._cancelled:
            self._cancelled = True
            threading.Thread(target=self._stop, name="mouthpiece-stopper", daemon=True).start()

    def close(self) -> None:
        """End the worker for good and remove its files; one that keeps its work ends by itself a little later."""
        self.running = False
        self._cancelled = True
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if not self._patience_s:
            if self._process.poll() is None:
                self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, command: WorkerCommand) -> subprocess.Popen:
        with (self.folder / "worker.log").open("wb") as log:
            return subprocess.Popen(
                command.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(),
                # Away from the user's own folder, whose files could shadow modules.
                cwd=self.folder,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )

    def _read(self) -> None:
        """Runs in a thread: turn lines into events, and always end with an exit event."""
        told = False
        for event in _events(self._process.stdout):
            if event.kind != "exit":
                told = told or event.kind in ("result", "error")
                self._events.put(self._keep_log(event) if event.bug else event)
        status = self._process.wait()
        if not told and not self._cancelled:
            log = str(self.folder / "worker.log")
            text = f"The worker stopped unexpectedly (exit status {status}); see {log}."
            self._events.put(self._keep_log(Event("error", text, log=log, bug=True)))
        self._events.put(Event("exit"))

    def _keep_log(self, event: Event) -> Event:
        """Copy the log of a bug out of the private folder, and let the sentence name the copy."""
        kept = self._logs / "mouthpiece-worker.log"
        try:
            self._logs.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(event.log, kept)
        except OSError:
            return event
        return Event("error", event.text.replace(event.log, str(kept)), log=str(kept), bug=True)

    def _stop(self) -> None:
        """Runs in a thread: the worker may be deep in a long step."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_GRACE_S + self._patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _events(stream: IO[bytes]) -> Iterator[Event]:
    """The events on a stream; whatever else reached it is passed over, and an endless line is cut."""
    while line := stream.readline(_LONGEST_LINE):
        try:
            data = json.loads(line)
            yield Event(
                kind=str(data["event"]),
                text=str(data.get("text", "")),
                value=float(data.get("value", 0.0)),
                output=str(data.get("output", "")),
                path=str(data.get("path", "")),
                log=str(data.get("log", "")),
                bug=bool(data.get("bug", False)),
                fault=str(data.get("kind", "")),
                heard=str(data.get("heard", "")),
                entry=data.get("entry"),
                moment=data.get("moment"),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue

"""Serves one job to the process that started this one: a JSON line in, JSON lines out (docs/worker.md).

Closing our standard input is how the other side cancels, and what happens when it crashes.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import errors
from .bug_log import write_bug_log
from .errors import Cancelled, CoreError, SettingError
from .worker_tasks import UPDATE, Work, work_from

PROTOCOL = 2
LONGEST_LINE = 1 << 26
PAUSE_S = 0.1
STDIN, STDOUT = 0, 1
OK, BUG, REFUSED, CANCELLED = 0, 1, 2, 130


class EventStream:
    """The way back: one JSON object a line on what was our standard output.

    The real output is moved aside and its place given to nowhere, so that no library that prints, from
    Python or from C, can write between the events or block on a full pipe.
    """

    def __init__(self) -> None:
        self._out = _move_aside(STDOUT, os.O_WRONLY)
        self._last_s = float("-inf")
        self._last_text = ""
        self.stopping = threading.Event()
        self.asked: queue.SimpleQueue[str] = queue.SimpleQueue()

    def send(self, event: str, **fields: Any) -> None:
        """Send one event at once. Raises Cancelled if nobody listens any more."""
        rest = (json.dumps({"event": event, **fields}) + "\n").encode("ascii")
        try:
            while rest:
                rest = rest[os.write(self._out, rest) :]
        except OSError:
            raise Cancelled("Nobody waits for the result any more; nothing was written.") from None

    def progress(self, value: float, text: str) -> None:
        """Send progress when the text changes, at the end, and else at most ten times a second.

        Raises Cancelled once the other side has closed our input and waits for what is kept.
        """
        if self.stopping.is_set():
            raise Cancelled("Stopped; work so far is kept.")
        now_s = time.monotonic()
        if text != self._last_text or value >= 1.0 or now_s - self._last_s >= PAUSE_S:
            self._last_s, self._last_text = now_s, text
            self.send("progress", value=round(float(value), 4), text=text)

    def warn(self, text: str) -> None:
        """Send a warning."""
        self.send("warning", text=text)

    def show(self, path: Path, text: str) -> None:
        """Send word of a picture of how far the work is, which lies whole at a path."""
        self.send("picture", path=str(path), text=text)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended: the exit code and the last event but one."""

    code: int
    event: str
    fields: dict[str, Any]


def serve() -> int:
    """Read the job line, do the job, send events, and return the exit code of the process."""
    events = EventStream()
    # On Windows a library that looks at its input while it loads would wait for the thread that reads it.
    commands = _move_aside(STDIN, os.O_RDONLY)
    line = _read_line(commands)
    if not line.strip():
        return CANCELLED
    ending = _do(line, commands, events)
    try:
        events.send(ending.event, **ending.fields)
        events.send("exit")
    except Cancelled:
        return CANCELLED
    return ending.code


def _do(line: bytes, commands: int, events: EventStream) -> Ending:
    """Do a job and tell how it ended, whatever happens."""
    folder: Path | None = None
    start_s = time.monotonic()
    try:
        work = _parse(line)
        folder = work.target.parent
        threading.Thread(target=_leave_with_parent, args=(commands, work, events), daemon=True).start()
        made = work.run(events)
    except Cancelled as error:
        return Ending(CANCELLED, "error", {"text": str(error), "bug": False, "kind": _kind(error)})
    except CoreError as error:
        return Ending(REFUSED, "error", {"text": str(error), "bug": False, "kind": _kind(error)})
    except MemoryError:
        sentence = "There is not enough memory for this recording; cut it into shorter ones."
        return Ending(REFUSED, "error", {"text": sentence, "bug": False, "kind": "AudioError"})
    except Exception as error:  # noqa: BLE001  (the one place of this process that may not let anything pass)
        log = write_bug_log(error, folder)
        sentence = f"Mouthpiece stopped because of a fault of its own ({type(error).__name__}); see {log}."
        return Ending(BUG, "error", {"text": sentence, "bug": True, "log": str(log)})
    elapsed_s = round(time.monotonic() - start_s, 4)
    return Ending(OK, "result", {"output": str(work.target), **made, "elapsed_s": elapsed_s})


def _kind(error: CoreError) -> str:
    """The name of an error's class in core.errors, or of the nearest one above it that is there."""
    return next(kind.__name__ for kind in type(error).__mro__ if hasattr(errors, kind.__name__))


def _parse(line: bytes) -> Work:
    """The work a line describes; raises SettingError for a line of another protocol or kind."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        raise SettingError(f"The job line sent to the worker is not JSON; {UPDATE}.") from None
    if not isinstance(asked, dict) or asked.get("protocol") != PROTOCOL:
        raise SettingError(f"The add-on and its worker are of different versions (protocol {PROTOCOL}); {UPDATE}.")
    return work_from(asked)


def _move_aside(descriptor: int, flags: int) -> int:
    """A private copy of a standard descriptor, whose own place is given to nowhere."""
    kept = os.dup(descriptor)
    nowhere = os.open(os.devnull, flags)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return kept


def _read_line(commands: int) -> bytes:
    """The first line of the input, read from the descriptor so that no buffer is left locked."""
    line = bytearray()
    while len(line) < LONGEST_LINE:
        part = os.read(commands, 65_536)
        line += part
        if not part or b"\n" in part:
            break
    return bytes(line).partition(b"\n")[0]


def _leave_with_parent(commands: int, work: Work, events: EventStream) -> None:
    """Hand on what is asked until the input closes, then end this process and leave nothing half written.

    At once, but for work that keeps what it has done: that is told at its next word of progress, and has its patience.
    """
    from .formats.atomic import discard_unfinished

    while part := os.read(commands, 4096):
        for word in part.decode("utf-8", "replace").split():
            events.asked.put(word)
    if work.patience_s:
        events.stopping.set()
        time.sleep(work.patience_s)
    try:
        discard_unfinished(work.target.parent)
    finally:
        os._exit(CANCELLED)

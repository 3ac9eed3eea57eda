"""Progress for people who look at a terminal, and silence for everyone else."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

PAUSE_S = 0.1
CLEAR_LINE = "\r\x1b[K"


class TerminalReporter:
    """Writes progress over one line of a stream if that is a terminal, and removes it at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._last_s = float("-inf")

    def __enter__(self) -> TerminalReporter:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._write(CLEAR_LINE)

    def progress(self, value: float, text: str) -> None:
        """Show value (0..1), at most ten times a second."""
        now_s = time.monotonic()
        if now_s - self._last_s >= PAUSE_S:
            self._last_s = now_s
            self._write(f"{CLEAR_LINE}{text} {value:4.0%}")

    def warn(self, text: str) -> None:
        """Write a warning on a line of its own, terminal or not."""
        self._write(CLEAR_LINE)
        self._stream.write(f"warning: {text}\n")

    def _write(self, text: str) -> None:
        if self._live:
            self._stream.write(text)
            self._stream.flush()

"""Several hands at work: each recording goes to the next free one; one that dies is replaced."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..formats.atomic import MARK

LEAVE_S = 10.0
"""How long a hand may take to leave when it is told to."""
LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Errand:
    """One recording for a hand. number: how it is known; asked: the JSON object it is sent."""

    number: int
    asked: dict[str, Any]


class Hand:
    """One process and the pipe to it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii", errors="replace"
        )

    def do(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What the process answers; a sentence of our own where it died over it."""
        with suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            if (line := self._process.stdout.readline()).endswith("\n"):
                return json.loads(line)
        code = self.leave()
        self._clear(asked)
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        return {"died": True, "sentence": f"The process ended {how} over this recording; is memory short?"}

    def leave(self) -> int:
        """End the process and return its exit code; what it had begun to write is gone then."""
        with suppress(OSError):
            self._process.stdin.close()
        try:
            return self._process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._process.stdout.close()

    def _clear(self, asked: dict[str, Any]) -> None:
        """Remove what a process that was killed has left unfinished."""
        for folder in {Path(target).parent for target in asked.get("targets", ())}:
            for left in folder.glob(f"{MARK}{self._process.pid}-*.part"):
                left.unlink(missing_ok=True)


class Crew:
    """So many hands; use it as a context manager, whose end stops them whatever they are doing."""

    def __init__(self, command: Sequence[str], size: int) -> None:
        self._command, self._size = command, size
        self._errands: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[int, dict[str, Any]]] = queue.SimpleQueue()
        self._hands: list[Hand] = []
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with self._lock:
            hands = list(self._hands)
        for hand in hands:
            hand.leave()
        for thread in self._threads:
            thread.join()

    def answers(self, errands: Sequence[Errand]) -> Iterator[tuple[int, dict[str, Any]]]:
        """The number and answer of each errand, as they come."""
        for errand in errands:
            self._errands.put(errand)
        for _ in range(min(self._size, len(errands))):
            self._errands.put(None)
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()
        for _ in errands:
            yield self._next()

    def _next(self) -> tuple[int, dict[str, Any]]:
        """The next answer; looked for again and again, for a wait without end would not hear Ctrl-C on Windows."""
        while True:
            with suppress(queue.Empty):
                return self._answers.get(timeout=LOOK_S)

    def _work(self) -> None:
        """One hand's day."""
        hand: Hand | None = None
        while (errand := self._errands.get()) and not self._stopped.is_set():
            hand = hand or self._hire()
            if hand is None:
                return
            answer = hand.do(errand.asked)
            if answer.pop("died", False):
                self._dismiss(hand)
                hand = None
            self._answers.put((errand.number, answer))
        if hand and not self._stopped.is_set():
            self._dismiss(hand)
            hand.leave()

    def _hire(self) -> Hand | None:
        with self._lock:
            if self._stopped.is_set():
                return None
            self._hands.append(Hand(self._command))
            return self._hands[-1]

    def _dismiss(self, hand: Hand) -> None:
        with self._lock:
            if hand in self._hands:
                self._hands.remove(hand)

"""A process that does recordings one after another for the process that started it.

A line of JSON in for each recording, a line out: {"entry": ...} when it is done, {"sentence": ...} when it is refused,
{"bug": ..., "log": ...} for a fault of our own. Closing the input ends the process at once, with nothing half written;
that is also what happens when the other side is killed.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from ..errors import CoreError
from ..threads import pin_threads

STDIN, STDOUT = 0, 1
GONE = 130
START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from core.batch.hand import serve; serve(int(sys.argv[2]))"
)
"""What `python -c` starts a hand with: the places to look for modules and the number of threads follow."""


def serve(threads: int) -> None:
    """Do what is asked until nobody asks any more."""
    # Ctrl-C reaches every process of a terminal; the one that started us says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pin_threads(threads)
    answers = _aside(STDOUT, os.O_WRONLY)
    lines: queue.Queue[str] = queue.Queue()
    folders: set[Path] = set()
    threading.Thread(target=_listen, args=(_aside(STDIN, os.O_RDONLY), lines, folders), daemon=True).start()
    while True:
        asked = json.loads(lines.get())
        folders.update(Path(target).parent for target in asked["targets"])
        _send(answers, _answer(asked))


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Do one recording and say what came of it."""
    from ..bug_log import write_bug_log
    from .settings import settings_from
    from .work import Order, do

    transcript = Path(asked["transcript"]) if asked["transcript"] else None
    order = Order(Path(asked["source"]), transcript, tuple(map(Path, asked["targets"])))
    try:
        return {"entry": do(order, settings_from(asked["settings"]))}
    except CoreError as error:
        return {"sentence": str(error)}
    except MemoryError:
        return {"sentence": "There is not enough memory for this recording; cut it into shorter ones."}
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as fault:
        return {"bug": type(fault).__name__, "log": str(write_bug_log(fault))}


def _send(answers: int, members: dict[str, Any]) -> None:
    rest = (json.dumps(members) + "\n").encode("ascii")
    try:
        while rest:
            rest = rest[os.write(answers, rest) :]
    except OSError:
        os._exit(GONE)


def _listen(commands: int, lines: queue.Queue[str], folders: set[Path]) -> None:
    """Pass on what is asked; leave when the input is closed."""
    from ..formats.atomic import discard_unfinished

    with os.fdopen(commands, encoding="ascii") as asked:
        for line in asked:
            lines.put(line)
    try:
        for folder in set(folders):
            discard_unfinished(folder)
    finally:
        os._exit(GONE)


def _aside(descriptor: int, flags: int) -> int:
    """A private copy of a standard descriptor, whose own place is given to nowhere: libraries may print."""
    kept = os.dup(descriptor)
    nowhere = os.open(os.devnull, flags)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return kept


def command(threads: int) -> list[str]:
    """How a hand is started: it finds modules where this process does."""
    from ..version import ROOT

    places = [str(ROOT), *(str(Path(place).absolute()) for place in sys.path)]
    return [sys.executable, "-c", START, json.dumps(places), str(threads)]

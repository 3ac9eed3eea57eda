"""A take that a live camera gave, on the same way into the file as any other performance."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..core.types import Performance
from .bridge.mark import MARK
from .delivery import Delivery
from .job import Progress
from .request import Request

TAKE = "Live"


class LiveDelivery(Delivery):
    """As Delivery, of a performance that is there already and has no sound."""

    plays = False

    def __init__(self, request: Request, performance: Performance) -> None:
        super().__init__(request)
        self._performance = performance

    def read(self, output: Path) -> Performance:
        """The performance, whatever the file."""
        return self._performance


class KeptTake:
    """Where the desk expects a worker: one that is done, for the take is there."""

    running = False

    def __init__(self, name: str) -> None:
        self.progress = Progress(value=1.0, text="Writing keys", output=Path(name))
        self.cancelled = False

    def drain(self, wait_s: float | None = None) -> bool:
        """Nothing comes any more."""
        return False

    def cancel(self) -> None:
        """The take is not wanted."""
        self.cancelled = True

    def close(self) -> None:
        """Nothing runs."""


def next_name() -> str:
    """What the next take is called: "Live 3" after two."""
    used = {str(action[MARK].get("name", "")) for action in bpy.data.actions if MARK in action}
    number = 1
    while f"{TAKE} {number}" in used:
        number += 1
    return f"{TAKE} {number}"

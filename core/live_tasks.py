"""The worker's task that goes on until it is stopped: a camera's face, moment by moment. Engine environment."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from .animate import Reporter
from .engine_needs import check_engine
from .live_lines import STOP, full_line_of


class LiveReporter(Reporter, Protocol):
    """A reporter that also takes events of any kind, and hands on what is asked meanwhile, a word each."""

    asked: queue.SimpleQueue[str]

    def send(self, event: str, **fields: Any) -> None:
        """Send an event at once. Raises Cancelled when nobody listens."""


def live_work(asked: Mapping[str, Any]) -> Callable[[LiveReporter], dict[str, Any]]:
    """A camera's face as events "moment" (core.live_lines.full_line_of), until it is asked to stop or a film is over.

    Members: input, a film, or camera, its number; mirrored; smoothing. Understands core.live_lines.CALIBRATE and STOP.
    """
    source = Path(asked["input"]) if asked.get("input") else int(asked["camera"])
    mirrored, smoothing = asked.get("mirrored") is True, str(asked.get("smoothing", "usual"))

    def run(reporter: LiveReporter) -> dict[str, Any]:
        check_engine("A live camera")
        from .video.camera import CameraWish
        from .video.session import LiveWish, watched

        wish, count = LiveWish(CameraWish(source, mirrored), smoothing, preview=True), 0
        for moment in watched(wish, lambda: _word(reporter.asked)):
            reporter.send("moment", moment=full_line_of(moment))
            count += 1
        return {"frames": count}

    return run


def _word(asked: queue.SimpleQueue[str]) -> str:
    """The last word asked, STOP before all else; "" where nothing was."""
    words = []
    while not asked.empty():
        words.append(asked.get_nowait())
    return STOP if STOP in words else words[-1] if words else ""

"""Make a video ready to learn a head from: see core.avatar.prepared for what comes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def prepare_video(
    video: Path, folder: Path, size: int, say: Callable[[float, str], None], face: str = "largest"
) -> str:
    """Prepare a video, or go on where an earlier run was stopped; say is told of progress, 0..1, and may raise.

    face: which of several, one of core.video.faces.CHOICES. Returns a few sentences for people: what was made, and what
    they should know about it.
    """
    from .run import PrepareJob, prepare

    notes: list[str] = []

    class Notes:
        def progress(self, value: float, text: str) -> None:
            say(value, text)

        def warn(self, text: str) -> None:
            notes.append(text)

    made = prepare(PrepareJob(video, folder, size, face), Notes())
    first = f"{folder}: {len(made)} pictures of {made.size[0]} x {made.size[1]} pixels; report.html shows how they fit."
    return " ".join([first, *notes])

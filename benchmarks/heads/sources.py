"""What heads are learned from: a speaker whose truth is known, prepared folders, and videos that are prepared first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from core.audio.read import read_speech
from core.avatar.prepared import Prepared, read_prepared
from core.avatar.synthetic import Shot, demo_speaker, film_speaker
from core.types import Speech

Say = Callable[[float, str], None]
SYNTHETIC = "synthetic speaker"
SPLATS = 25_000
"""Splats of the speaker that is filmed: with 9,000 a lash is as thick as a lid, and eyes look half shut."""
SIDE, DEGREES = 192, 18.0
"""Pixels that she is filmed at, at least, and the camera's angle, so that her head fills most of the picture."""


def synthetic(folder: Path, recording: Path, shot: Shot, say: Say) -> Prepared:
    """The demo woman saying a recording, filmed by the exact renderer; kept in the folder."""
    if (folder / "prepared.json").is_file():
        return read_prepared(folder)
    speech = read_speech(recording)
    needed = round(shot.count / shot.fps * speech.rate_hz)
    return film_speaker(folder, demo_speaker(count=SPLATS), Speech(speech.samples[:needed], speech.rate_hz), shot, say)


class _Reporter:
    """Passes progress on, and says what people should know."""

    def __init__(self, say: Say) -> None:
        self.say = say

    def progress(self, value: float, text: str) -> None:
        """value: 0..1."""
        self.say(value, text)

    def warn(self, text: str) -> None:
        """text: a sentence."""
        sys.stderr.write(f"{text}\n")


def filmed(folder: Path, video: Path, size: int, say: Say) -> Prepared:
    """A video prepared as python -m core head prepare does, size pixels on its longer side; kept in the folder."""
    if (folder / "prepared.json").is_file():
        return read_prepared(folder)
    from core.avatar.prepare.run import PrepareJob, prepare

    return prepare(PrepareJob(video, folder, size), _Reporter(say))

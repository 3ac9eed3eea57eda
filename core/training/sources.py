"""Where the training material lies, and which of it must never be touched.

docs/training.md says where each part comes from. Layout of the data folder:
  grid/*.mpg                     GRID speaker s1, 1,000 clips of 3 s
  librispeech/**/*.flac          read speech of many voices (LibriSpeech train-clean-100)
  face_landmarker.task           MediaPipe Face Landmarker v2 with blendshapes
  work/                          made here: tracks and encoded speech, so that a stopped run goes on
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError

KEPT_BACK_EVERY = 33
TEST_EVERY, TEST_FIRST = 12, 5


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts of a data folder, all present."""

    clips: tuple[Path, ...]
    readings: tuple[Path, ...]
    task_file: Path
    work: Path


def find_sources(data: Path) -> Sources:
    """Look a data folder over.

    Raises FormatError with one sentence that names every missing part.
    """
    clips = training_clips(sorted((data / "grid").glob("*.mpg")))
    readings = tuple(sorted((data / "librispeech").rglob("*.flac")))
    task_file = data / "face_landmarker.task"
    missing = [
        what
        for what, there in (
            ("grid/*.mpg", clips),
            ("librispeech/**/*.flac", readings),
            ("face_landmarker.task", task_file.is_file()),
        )
        if not there
    ]
    if missing:
        lacking = ", ".join(missing)
        raise FormatError(f"The data folder {data} lacks {lacking}; docs/training.md says where they come from.")
    return Sources(clips, readings, task_file, data / "work")


def training_clips(clips: list[Path]) -> tuple[Path, ...]:
    """Leave out every 33rd clip in sorted order (positions 33, 66, ...): they are kept for others to judge with."""
    return tuple(clip for place, clip in enumerate(clips, start=1) if place % KEPT_BACK_EVERY)


def is_test(place: int) -> bool:
    """Whether the clip at this place among training_clips is our own test material and takes no part in training."""
    return place % TEST_EVERY == TEST_FIRST

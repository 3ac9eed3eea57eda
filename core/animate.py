"""The straight road from a recording to a performance on disk, shared by the command line and the worker."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from .errors import SettingError

RIGS = ("arkit52",)
LOWEST_FPS, HIGHEST_FPS = 1.0, 240.0
HIGHEST_SEED = 2**32 - 1
SILENCE = 1e-4
"""Peak below which nobody speaks: 80 dB under full scale."""
LISTENED, PERFORMED = 0.25, 0.95
"""Where the listening and the performing end on the way from 0 to 1."""


class Reporter(Protocol):
    """Whoever watches: a terminal or the process that started the worker. Either may raise to stop."""

    def progress(self, value: float, text: str) -> None:
        """Take note that value (0..1) of the work is done, and what is being done."""

    def warn(self, text: str) -> None:
        """Take note of something the user should know though the work goes on."""


@dataclass(frozen=True, slots=True)
class AnimateJob:
    """What is to be done.

    fps:  frames per second, 1..240.
    seed: which of many equally good blinks and nods, 0..2**32-1.
    rig:  one of RIGS.
    """

    source: Path
    target: Path
    fps: float = 60.0
    seed: int = 0
    rig: str = "arkit52"

    def __post_init__(self) -> None:
        if self.rig not in RIGS:
            raise SettingError(f'The rig "{self.rig}" is unknown; choose {" or ".join(RIGS)}.')
        if not (math.isfinite(self.fps) and LOWEST_FPS <= self.fps <= HIGHEST_FPS):
            expected = f"{LOWEST_FPS:g} to {HIGHEST_FPS:g}"
            raise SettingError(f"The frame rate must be {expected} frames a second, but is {self.fps:g}.")
        if not 0 <= self.seed <= HIGHEST_SEED:
            raise SettingError(f"The seed must be a whole number from 0 to {HIGHEST_SEED}, but is {self.seed}.")


@dataclass(frozen=True, slots=True)
class AnimateReport:
    """What was done: frames written, length of the recording, time it took."""

    frames: int
    duration_s: float
    elapsed_s: float

    @property
    def real_time_factor(self) -> float:
        return self.duration_s / max(self.elapsed_s, 1e-9)


def animate(job: AnimateJob, reporter: Reporter) -> AnimateReport:
    """Do a job; what would stop it at the end is checked at the start.

    Raises a CoreError for anything the user can mend; then nothing has been written.
    """
    from .audio import read_speech
    from .formats import check_target, write_performance
    from .speech.perform import perform

    started = time.perf_counter()
    check_target(job.target)
    reporter.progress(0.0, "Listening")
    speech = read_speech(job.source, progress=lambda part: reporter.progress(LISTENED * part, "Listening"))
    if float(np.max(np.abs(speech.samples))) < SILENCE:
        reporter.warn("The recording is silent, so the face rests.")
    span = PERFORMED - LISTENED
    performance = perform(
        speech,
        fps=job.fps,
        seed=job.seed,
        progress=lambda part: reporter.progress(LISTENED + span * part, "Performing"),
    )
    reporter.progress(PERFORMED, "Writing")
    write_performance(job.target, performance)
    reporter.progress(1.0, "Writing")
    return AnimateReport(len(performance.head), speech.duration_s, time.perf_counter() - started)

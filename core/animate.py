"""The straight road from a recording to a performance on disk, shared by the command line and the worker."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .errors import FormatError, SettingError
from .guidance import Guidance
from .paths import shown
from .rig.convert import RIGS

if TYPE_CHECKING:
    import numpy as np

    from .rig.targets import Mapping
    from .speech.emotion import EmotionTrack
    from .speech.heard_emotion import HeardEmotion
    from .types import Performance, Speech

LOWEST_FPS, HIGHEST_FPS = 1.0, 240.0
HIGHEST_SEED = 2**32 - 1
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

    fps:        frames per second, 1..240.
    seed:       which of many equally good blinks and nods, 0..2**32-1.
    rig:        one of RIGS.
    guidance:   emotion, direction and what is said.
    phones_out: where the phone track shall be written too.
    suggest:    whether the report shall tell what emotion is heard.
    flame:      the user's own FLAME model and its landmark embedding, for the rig flame.
    judged_by:  what moves the character that it is for, where the report shall judge the performance by that.
    """

    source: Path
    target: Path
    fps: float = 60.0
    seed: int = 0
    rig: str = "arkit52"
    guidance: Guidance = field(default_factory=Guidance)
    phones_out: Path | None = None
    suggest: bool = False
    flame: tuple[Path, Path] | None = None
    judged_by: Mapping | None = None

    def __post_init__(self) -> None:
        if self.rig not in RIGS:
            raise SettingError(f'The rig "{self.rig}" is unknown; choose {" or ".join(RIGS)}.')
        if not (math.isfinite(self.fps) and LOWEST_FPS <= self.fps <= HIGHEST_FPS):
            expected = f"{LOWEST_FPS:g} to {HIGHEST_FPS:g}"
            raise SettingError(f"The frame rate must be {expected} frames a second, but is {self.fps:g}.")
        if not 0 <= self.seed <= HIGHEST_SEED:
            raise SettingError(f"The seed must be a whole number from 0 to {HIGHEST_SEED}, but is {self.seed}.")
        if self.flame and self.rig != "flame":
            raise SettingError(
                f'A FLAME model is of no use to the rig "{self.rig}"; choose the rig flame or leave it out.'
            )
        if self.phones_out and self.phones_out.absolute() == self.target.absolute():
            raise SettingError(f"{shown(self.target)} cannot hold both performance and phones; name two files.")


@dataclass(frozen=True, slots=True)
class AnimateReport:
    """What was done: frames written, length of the recording, time it took; what emotion was heard and what a batch's
    report tells (core.batch.judge), each if asked."""

    frames: int
    duration_s: float
    elapsed_s: float
    suggestion: HeardEmotion | None = None
    entry: dict[str, Any] | None = None

    @property
    def real_time_factor(self) -> float:
        return self.duration_s / max(self.elapsed_s, 1e-9)


def animate(job: AnimateJob, reporter: Reporter) -> AnimateReport:
    """Do a job; what would stop it at the end is checked at the start.

    Raises a CoreError for anything the user can mend; then nothing has been written.
    """
    from .rig.convert import to_rig
    from .speech.brief import Brief
    from .speech.hear import take_in
    from .speech.perform import listen, play

    started = time.perf_counter()
    _check_targets(job)
    expression = _flame_expression(job)
    reporter = _Listening(reporter)
    speech = listen_to(job.source, reporter, 0.0, LISTENED)
    suggestion = _suggestion(job, speech)
    brief = Brief(
        fps=job.fps,
        seed=job.seed,
        emotion=_emotion(job.guidance, suggestion),
        direction=job.guidance.direction,
        script=job.guidance.script_for(speech.duration_s),
        wishes=job.guidance.wishes,
    )
    progress = _part_of(reporter, "Performing", LISTENED, PERFORMED)
    duration_s, sound = speech.duration_s, take_in(speech)
    kept = speech if job.judged_by else None
    del speech  # an hour of it takes 230 MB, of its features 60
    heard = listen(sound, brief, progress=progress)
    del sound
    performance = play(heard, brief, progress=progress)
    del heard
    entry = _judged(job, kept, performance, tuple(reporter.warnings)) if kept else None
    performance = to_rig(performance, job.rig, expression)
    reporter.progress(PERFORMED, "Writing")
    _write(job, performance)
    reporter.progress(1.0, "Writing")
    return AnimateReport(len(performance.head), duration_s, time.perf_counter() - started, suggestion, entry)


class _Listening:
    """A reporter that hands on what it is told and keeps the warnings."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.warnings: list[str] = []

    def progress(self, value: float, text: str) -> None:
        """Hand it on."""
        self._reporter.progress(value, text)

    def warn(self, text: str) -> None:
        """Keep it and hand it on."""
        self.warnings.append(text)
        self._reporter.warn(text)


def _judged(job: AnimateJob, speech: Speech, board: Performance, warnings: tuple[str, ...]) -> dict[str, Any]:
    """What a report tells of it, two voices included."""
    from .audio.doubts import spread
    from .batch.judge import judge
    from .listen import LOOKED_S
    from .speech.voices import TWO_VOICES, sounds_like_two

    if sounds_like_two(spread(speech, LOOKED_S)):
        warnings = (*warnings, TWO_VOICES)
    return judge(speech, board, job.judged_by, warnings, job.guidance.direction.offset_s)


def listen_to(source: Path, reporter: Reporter, start: float = 0.0, end: float = 1.0) -> Speech:
    """Read a recording and warn of what makes its performance doubtful; progress runs from start to end."""
    from .audio import read_speech
    from .audio.doubts import doubts

    reporter.progress(start, "Listening")
    speech = read_speech(source, progress=_part_of(reporter, "Listening", start, end))
    for doubt in doubts(speech):
        reporter.warn(doubt)
    return speech


def _part_of(reporter: Reporter, text: str, start: float, end: float) -> Callable[[float], None]:
    """A progress of 0..1 as the stretch from start to end of the reporter's."""
    return lambda part: reporter.progress(start + (end - start) * part, text)


def _check_targets(job: AnimateJob) -> None:
    from .formats import check_target
    from .speech.phone_files import check_track_target

    check_target(job.target, job.rig)
    if job.phones_out:
        check_track_target(job.phones_out)


def _flame_expression(job: AnimateJob) -> np.ndarray | None:
    """FLAME's expression coefficients of each ARKit shape, float32 [52, 100], where the user gave the model."""
    if not job.flame:
        return None
    from .rig.flame_fit import fit_expression

    return fit_expression(*job.flame).coefficients


def _suggestion(job: AnimateJob, speech: Speech) -> HeardEmotion | None:
    if not (job.suggest or job.guidance.as_heard):
        return None
    from .speech.heard_emotion import hear_emotion

    return hear_emotion(speech.samples)


def _emotion(guidance: Guidance, suggestion: HeardEmotion | None) -> EmotionTrack:
    from .speech.emotion import EmotionTrack

    return EmotionTrack.steady(suggestion.mixture()) if guidance.as_heard and suggestion else guidance.emotion


def _write(job: AnimateJob, performance: Performance) -> None:
    """Write the performance and, if wanted, its phones: both or none."""
    from .formats import write_performance
    from .formats.atomic import replacing
    from .speech.phone_files import FORMATS

    if job.phones_out and performance.phones is None:
        raise FormatError("This performance has no phones to write; leave the phone track out.")
    with replacing(job.phones_out) if job.phones_out else nullcontext() as temporary:
        if job.phones_out:
            text = FORMATS[job.phones_out.suffix.lower()].text(performance.phones)
            temporary.write_text(text, encoding="utf-8", newline="\n")
        write_performance(job.target, performance)

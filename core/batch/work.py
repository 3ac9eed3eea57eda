"""One recording of a batch, from its file to its outputs and its part of the report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..animate import listen_to
from ..audio.doubts import spread
from ..errors import CoreError
from ..formats import format_for, write_performance
from ..guidance import Guidance
from ..listen import LOOKED_S
from ..rig.convert import to_rig
from ..speech.brief import Brief
from ..speech.emotion import EmotionTrack
from ..speech.heard_emotion import hear_emotion
from ..speech.perform import perform
from ..speech.phone_files import write_track
from ..speech.script import Script
from ..speech.voices import TWO_VOICES, sounds_like_two
from ..speech.weights import load_model
from ..types import Performance, Speech
from .judge import judge
from .settings import Settings, named
from .wordfiles import read_words


@dataclass(frozen=True, slots=True)
class Order:
    """What a process is told to do; plain values, for it travels as JSON."""

    source: Path
    transcript: Path | None
    targets: tuple[Path, ...]


class _Notes:
    """A reporter that keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def progress(self, value: float, text: str) -> None:
        """Nobody watches a single recording of a batch."""

    def warn(self, text: str) -> None:
        """Keep it for the report."""
        self.warnings.append(text)


def do(order: Order, settings: Settings) -> dict[str, Any]:
    """Perform a recording, write its outputs, all or none, and tell what came of it as members of a JSON object.

    Raises a CoreError for what the user can mend.
    """
    started, notes = time.perf_counter(), _Notes()
    speech = listen_to(order.source, notes)
    script = read_words(order.transcript, settings.language) if order.transcript else None
    if sounds_like_two(spread(speech, LOOKED_S)):
        notes.warnings.append(TWO_VOICES)
    board = perform(speech, _brief(settings, speech, script), model=load_model())
    performance = to_rig(board, settings.rig)
    goal, offset_s = settings.mapping or settings.rig, settings.guidance.direction.offset_s
    entry = judge(speech, board, goal, tuple(notes.warnings), offset_s)
    _write(order.targets, settings, performance)
    return entry | {"elapsed_s": round(time.perf_counter() - started, 3)}


def _brief(settings: Settings, speech: Speech, script: Script | None) -> Brief:
    """As core.animate makes it, so that a batch gives what one recording alone would."""
    guidance = settings.guidance
    emotion = guidance.emotion
    if guidance.as_heard:
        emotion = EmotionTrack.steady(hear_emotion(speech.samples).mixture())
    if script and script.track:
        script = Guidance(script=script).script_for(speech.duration_s)
    return Brief(settings.fps, settings.seed, emotion, guidance.direction, script, guidance.wishes)


def _write(targets: tuple[Path, ...], settings: Settings, performance: Performance) -> None:
    """Write every output; where one cannot be, those that were not there before are taken back."""
    fresh = [target for target in targets if not target.exists()]
    try:
        for target, name in zip(targets, settings.formats, strict=False):
            form = named(name) or format_for(target, performance.curves.names)
            write_performance(target, performance, form)
        if settings.phones:
            write_track(targets[-1], performance.phones)
    except CoreError:
        for target in fresh:
            target.unlink(missing_ok=True)
        raise

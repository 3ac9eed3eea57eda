"""Closures that are known from what was said: every p, b and m, with its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from core.training.aligned import grid_words, kept_spans
from core.training.judge import SEALED, closed, closures_met

from .clips import Clip
from .methods import RATE_HZ, Method
from .voices import read_spoken

CLOSING = ("p", "b", "m")
OPEN_VOWELS = ("a", "ɑ", "æ", "ɐ", "ɛ", "ɔ", "ʌ", "I", "W", "A")
OPEN_ARPABET = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "EY")
FREE_S = 0.1
"""How far the middle of a vowel must be from any closure: lips close ahead of the sound."""
FPS = 30.0
Spans = list[tuple[float, float]]
Phone = tuple[str, float, float]
"""A symbol, its start and its end in seconds."""


@dataclass(frozen=True, slots=True)
class Line:
    """Speech with its closures and the middles of its free open vowels. kind: the language, or GRID. fps: read so."""

    kind: str
    samples: np.ndarray
    closures: Spans
    vowels: tuple[float, ...]
    fps: float


@dataclass(frozen=True, slots=True)
class Met:
    """Closures of one kind: how many there are, how many were met; vowels likewise, and how many were shut."""

    closures: int
    met: int
    vowels: int
    shut: int


def voice_lines(folder: Path) -> list[Line]:
    """What the synthetic voices say, timed by the voices themselves."""
    lines = []
    for spoken in read_spoken(folder):
        samples, _ = soundfile.read(folder / spoken.file, dtype="float32")
        closures = [(start, end) for phone, start, end in spoken.phones if phone in CLOSING]
        vowels = free_vowels(spoken.phones, closures, OPEN_VOWELS)
        lines.append(Line(spoken.language, samples, closures, vowels, FPS))
    return lines


def grid_lines(clips: list[Clip], word_lists: Path, kept: Path) -> list[Line]:
    """GRID's sentences, timed by forced alignment of their words; a clip that does not align is left out."""
    lines = []
    for clip in clips:
        words = grid_words((word_lists / f"{clip.name}.align").read_text())
        spans = kept_spans(kept / f"{clip.name}.json", clip.samples, words)
        closures = [(start, end) for phone, start, end in spans if phone.lower() in CLOSING]
        vowels = free_vowels(spans, closures, OPEN_ARPABET)
        if closures:
            lines.append(Line("GRID", clip.samples, closures, vowels, clip.fps))
    return lines


def free_vowels(phones: Sequence[Phone], closures: Spans, kinds: tuple[str, ...]) -> tuple[float, ...]:
    """Middles, in seconds, of the vowels of some kinds that no closure is near."""
    middles = [(start + end) / 2 for phone, start, end in phones if phone in kinds]
    return tuple(t for t in middles if all(t < start - FREE_S or t > end + FREE_S for start, end in closures))


def count_closures(lines: list[Line], method: Method) -> dict[str, Met]:
    """How a method keeps the closures of each kind."""
    tally: dict[str, list[Met]] = {}
    for line in lines:
        opening = method(line.samples).opening
        times = np.arange(int(len(opening) / RATE_HZ * line.fps)) / line.fps
        read = np.interp(times, np.arange(len(opening)) / RATE_HZ, opening)
        tally.setdefault(line.kind, []).append(_count(read, line, 0.0))
    return {kind: _sum(rows) for kind, rows in tally.items()}


def count_filmed(lines: list[Line], clips: list[Clip], late_s: float) -> Met:
    """How the filmed lips themselves keep them. late_s: what the pictures trail the sound by."""
    filmed = {clip.samples.tobytes(): clip.opening for clip in clips}
    return _sum([_count(filmed[line.samples.tobytes()], line, late_s) for line in lines])


def _count(opening: np.ndarray, line: Line, late_s: float) -> Met:
    spans = [(start + late_s, end + late_s) for start, end in line.closures]
    middles = np.clip(np.round((np.array(line.vowels) + late_s) * line.fps).astype(int), 0, len(opening) - 1)
    shut = (closed(opening) | (opening <= SEALED))[middles]
    return Met(len(spans), closures_met(opening, line.fps, spans), len(middles), int(shut.sum()))


def _sum(rows: list[Met]) -> Met:
    return Met(*(sum(getattr(row, name) for row in rows) for name in Met.__slots__))

"""Voice and film on one face while a hand is before the mouth for a second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.blend.blend import BlendBrief, blend
from core.blend.filmed import filmed as believed
from core.blend.offset import find_offset
from core.blend.shares import wishes
from core.layers.closures import opening_of
from core.layers.regions import GROUPS, MOUTH, columns_of
from core.rig.convert import to_rig
from core.speech.brief import Brief
from core.speech.perform import perform
from core.types import Performance
from core.video.film import open_film, read_sound
from core.video.types import VideoTrack

from ..machine import describe
from .acting import Filmed, filmed, tracked
from .heads import ENDINGS

FRAMES = 125
COVERED_S = (1.6, 2.6)
HAND = (176, 132, 110)
BELOW, WIDE, HIGH = 1.0, 0.5, 0.38
"""How far below the eyes the hand is, and its half axes, over the distance of the outer eye corners: it does not
follow the mouth that it hides."""
INTRODUCTION = """\
# Voice and film on one face

Made by `python -m benchmarks portrait blend --films DIR`. From {start} to {end} s a patch of the colour of a hand is
painted over the mouth of each film. The truth is what the tracker reads off the film without the patch. "film": the
covered film's track alone; "voice": our performance of its sound alone; "blend": `python -m core blend --mouth auto`
with offset 0, for sound and picture come from one file; "offset": what the lips would have told. Mean distance from the truth of all shapes of the mouth, and of how far it is open, both times
100; the largest step from one frame to the next of the opening tells of jumps.

Hardware: {hardware}.

| film | offset | seen | film | voice | blend | covered second: film | voice | blend | opening: film | voice | blend | step, truth | blend |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""  # noqa: E501


@dataclass(frozen=True, slots=True, eq=False)
class Three:
    """The truth and the three ways, as performances of ARKit of the same frames."""

    truth: Performance
    ways: dict[str, Performance]

    def error(self, name: str, rows: slice) -> float:
        """Mean distance of the mouth's shapes from the truth, times 100."""
        columns = columns_of(self.truth.curves.names, MOUTH)
        away = self.ways[name].curves.values[rows] - self.truth.curves.values[rows]
        return float(100 * np.abs(away[:, columns]).mean())

    def opening_error(self, name: str, rows: slice) -> float:
        """The same of how far the mouth is open."""
        away = opening_of(self.ways[name].curves)[rows] - opening_of(self.truth.curves)[rows]
        return float(100 * np.abs(away).mean())


def measure(films: Path, page: Path) -> int:
    """Measure and write the page; 1 where the folder has no films with sound."""
    rows = [row(path) for path in sorted(films.iterdir()) if path.suffix.lower() in ENDINGS and open_film(path).sound]
    start, end = COVERED_S
    page.write_text(INTRODUCTION.format(start=start, end=end, hardware=describe()) + "".join(rows), encoding="utf-8")
    return 0 if rows else 1


def row(path: Path) -> str:
    """A line of the table."""
    film = filmed(path, FRAMES)
    track = tracked(covered(film), film.track.fps)
    voice = spoken(path, film)
    seen = believed(track.performance, track.parts)
    made = blend(voice, seen, BlendBrief(wishes({"mouth": "auto"}), 0.0))
    three = Three(film.track.performance, {"film": track.performance, "voice": voice, "blend": made.performance})
    fps = film.track.fps
    second = slice(round(COVERED_S[0] * fps), round(COVERED_S[1] * fps))
    whole = slice(0, len(film.pictures))
    cells = [f"{find_offset(voice, seen).seconds:+.3f} s", f"{_seen(track, second):.2f}"]
    cells += [f"{three.error(way, rows):.2f}" for rows in (whole, second) for way in three.ways]
    cells += [f"{three.opening_error(way, second):.1f}" for way in three.ways]
    steps = (np.abs(np.diff(opening_of(p.curves))).max() for p in (three.truth, made.performance))
    return f"| {film.name} | " + " | ".join([*cells, *(f"{step:.3f}" for step in steps)]) + " |\n"


def covered(film: Filmed) -> list[np.ndarray]:
    """The film's pictures with a hand before the mouth for a second."""
    import cv2

    made = []
    for number, picture in enumerate(film.pictures):
        picture = picture.copy()
        if COVERED_S[0] <= number / film.track.fps < COVERED_S[1]:
            marks = film.track.landmarks[number]
            across = marks[263, :2] - marks[33, :2]
            middle = (marks[263, :2] + marks[33, :2]) / 2 + BELOW * np.array([-across[1], across[0]])
            axes = tuple(round(float(np.linalg.norm(across)) * half) for half in (WIDE, HIGH))
            cv2.ellipse(picture, tuple(int(v) for v in middle), axes, 0, 0, 360, HAND, -1, cv2.LINE_AA)
        made.append(picture)
    return made


def spoken(path: Path, film: Filmed) -> Performance:
    """What our speech model makes of the film's sound: as many frames, ARKit."""
    sound = read_sound(open_film(path))
    made = to_rig(perform(sound, Brief(film.track.fps)), "arkit52")
    rows = len(film.pictures)
    values, head = (_fitted(array, rows) for array in (made.curves.values, made.head))
    return Performance(type(made.curves)(made.curves.names, values, made.curves.fps), head)


def _fitted(array: np.ndarray, rows: int) -> np.ndarray:
    """So many rows, the last one held where there are fewer."""
    return np.ascontiguousarray(array[np.minimum(np.arange(rows), len(array) - 1)])


def _seen(track: VideoTrack, rows: slice) -> float:
    """How sure the tracker was of the mouth while it was covered."""
    return float(track.parts[rows, GROUPS.index(MOUTH)].mean())

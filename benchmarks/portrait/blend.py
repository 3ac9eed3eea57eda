"""Voice and film on one face while a hand is before the mouth for a second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.blend.blend import BlendBrief, Blended, blend
from core.blend.filmed import filmed as believed
from core.blend.offset import OWN_SOUND_S
from core.blend.shares import wishes
from core.layers.closures import opening_of
from core.layers.regions import GROUPS, MOUTH, columns_of
from core.rig.convert import to_rig
from core.speech.brief import Brief
from core.speech.perform import perform
from core.types import Performance, RigCurves, Speech
from core.video.faces import FaceFollower
from core.video.film import open_film, read_sound
from core.video.trust import colors_at, covered_parts
from core.video.types import VideoTrack

from ..machine import describe
from .acting import Filmed, filmed, films_in, tracked
from .occluders import COVERED_S, covered_rows, occluded

FRAMES = 125
MAIN, OTHERS = "hand", ("own colour", "fingers", "microphone", "cup", "mask")
LOOKS = 8
"""Pictures of the second in which other things are drawn; medians of five say what lasts in them."""
PLACE = GROUPS.index(MOUTH)
INTRODUCTION = """\
# Voice and film on one face

Made by `python -m benchmarks portrait blend --films DIR` from the first {frames} pictures of each film. A hand of the
face's own colour, drawn with its light and shadow, comes before the mouth from below, stays from {start} to {end} s, and
goes. The truth is what the tracker reads off the film without the hand. "film": the covered film's track alone; "voice":
our performance of its sound alone; "blend": `python -m core blend --mouth auto`. "offset" is what the lips tell of how much
later the pictures run than their own sound, and how sure that is; all is compared in step.

"seen" is how sure the tracker was of the mouth: while it was covered, and the least in the film without the hand. Then the
mean distance from the truth in the covered second, times 100, of all shapes of the mouth and of how far it is open, and the
largest step of the opening from one picture to the next: the truth's own, and the blend's while it hands over.

Hardware: {hardware}.

| film | offset | sure | seen: covered | bare | mouth: film | voice | blend | opening: film | voice | blend | step: truth | blend |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""  # noqa: E501
NOTICED = """
## Other things before a mouth

How covered the mouth was found to be in some pictures of the same second, 0 to 1, mean and least; "bare" is the share
of all pictures of the film without anything in which it was found more than half covered.

| film | {kinds} | bare |
|{lines}|
"""


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """A film, what was made of it with a hand before the mouth, and its voice; all of one rig."""

    film: Filmed
    track: VideoTrack
    voice: Performance
    made: Blended

    @property
    def rows(self) -> slice:
        """The covered second, in frames of the recording."""
        rows, moved = covered_rows(self.film.track.fps), round(self.made.offset.seconds * self.film.track.fps)
        return slice(rows.start - moved, rows.stop - moved)

    def ways(self) -> dict[str, RigCurves]:
        """Truth and the three ways, as frames of the recording."""
        shown = {"truth": self.film.track.weights, "film": self.track.weights}
        moved = {name: self._in_step(curves) for name, curves in shown.items()}
        return moved | {"voice": self.voice.curves, "blend": self.made.performance.curves}

    def _in_step(self, curves: RigCurves) -> RigCurves:
        """What the film shows at each frame of the recording."""
        count = len(self.voice.head)
        places = np.arange(count) + self.made.offset.seconds * curves.fps
        rows = [np.interp(places, np.arange(len(curves.values)), column) for column in curves.values.T]
        return RigCurves(curves.names, np.ascontiguousarray(np.stack(rows, 1), np.float32), curves.fps)


def measure(films: Path, page: Path) -> int:
    """Measure and write the page; 1 where the folder has no films with sound."""
    paths = [path for path in films_in(films) if open_film(path).sound]
    rows, noticed = [], []
    for path in paths:
        film = filmed(path, FRAMES)
        rows.append(row(path, film))
        noticed.append(row_of_others(film))
    start, end = COVERED_S
    text = INTRODUCTION.format(frames=FRAMES, start=start, end=end, hardware=describe()) + "".join(rows)
    text += NOTICED.format(kinds=" | ".join(OTHERS), lines="|".join(["---"] * (len(OTHERS) + 2))) + "".join(noticed)
    page.write_text(text, encoding="utf-8")
    return 0 if rows else 1


def row(path: Path, film: Filmed) -> str:
    """A line of the first table."""
    track = tracked(occluded(film, MAIN), film.track.fps)
    voice = spoken(path, film)
    made = blend(
        voice, believed(track.performance, track.parts), BlendBrief(wishes({MOUTH: "auto"}), most_s=OWN_SOUND_S)
    )
    covered = Covered(film, track, voice, made)
    second = track.parts[covered_rows(film.track.fps), PLACE]
    cells = [f"{made.offset.seconds:+.3f} s", f"{made.offset.sure:.2f}", f"{second.mean():.2f}"]
    cells.append(f"{film.track.parts[:, PLACE].min():.2f}")
    return f"| {film.name} | " + " | ".join(cells + errors(covered) + steps(covered)) + " |\n"


def errors(covered: Covered) -> list[str]:
    """Distances from the truth in the covered second, of the mouth's shapes and of its opening, times 100."""
    ways, rows = covered.ways(), covered.rows
    truth = ways.pop("truth")
    columns = columns_of(truth.names, MOUTH)
    shapes = [np.abs(curves.values[rows] - truth.values[rows])[:, columns].mean() for curves in ways.values()]
    openings = [np.abs(opening_of(curves)[rows] - opening_of(truth)[rows]).mean() for curves in ways.values()]
    return [f"{100 * error:.2f}" for error in shapes] + [f"{100 * error:.1f}" for error in openings]


def steps(covered: Covered) -> list[str]:
    """The largest step of the opening: the truth's anywhere, the blend's while it hands over."""
    ways, share = covered.ways(), covered.made.shares[:, PLACE]
    handing = (share[1:] != share[:-1]) | ((share[1:] > 0) & (share[1:] < 1))
    truth, made = (np.abs(np.diff(opening_of(ways[name]))) for name in ("truth", "blend"))
    return [f"{truth.max():.3f}", f"{made[handing].max():.3f}" if handing.any() else "none"]


def row_of_others(film: Filmed) -> str:
    """A line of the second table: how covered the mouth was found to be by each of OTHERS."""
    bare = np.stack([colors_at(p, marks) for p, marks in zip(film.pictures, film.track.landmarks, strict=True)])
    start, found = covered_rows(film.track.fps).start + 6, np.ones(len(bare), bool)
    rows = slice(start, start + LOOKS)
    cells = []
    for kind in OTHERS:
        colors = bare.copy()
        with FaceFollower() as follower:
            # What the tracker knows of the face runs on into the second.
            before, pictures = film.pictures[start - 3 : start], occluded(film, kind, rows)
            marks = [follower.find(picture) for picture in (*before, *pictures)][3:]
        for number, (picture, mark) in enumerate(zip(pictures, marks, strict=True), start):
            colors[number] = 0 if mark is None else colors_at(picture, mark)
        noticed = covered_parts(colors, found)[MOUTH][start + 2 : rows.stop - 2]
        cells.append(f"{noticed.mean():.2f}, {noticed.min():.2f}")
    cells.append(f"{(covered_parts(bare, found)[MOUTH] > 0.5).mean():.1%}")
    return f"| {film.name} | " + " | ".join(cells) + " |\n"


def spoken(path: Path, film: Filmed) -> Performance:
    """What our speech model makes of the film's sound: as many frames, ARKit."""
    sound, fps = read_sound(open_film(path)), film.track.fps
    heard = Speech(sound.samples[: round(len(film.pictures) / fps * sound.rate_hz)], sound.rate_hz)
    made = to_rig(perform(heard, Brief(fps)), "arkit52")
    rows = np.minimum(np.arange(len(film.pictures)), len(made.head) - 1)
    values, head = (np.ascontiguousarray(array[rows]) for array in (made.curves.values, made.head))
    return Performance(RigCurves(made.curves.names, values, made.curves.fps), head)

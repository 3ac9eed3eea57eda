"""Filmed talking faces to judge by: what was said, and how lips and jaw moved."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.training.labels import filmed_opening, rest_face
from core.training.mouth_measures import filmed_jaw, filmed_width
from core.training.sources import Sources, is_test
from core.training.track import kept_track

VIDEO_ENDINGS = (".mp4", ".mov", ".mpg")
REST_EVERY = 60
"""Which of GRID's training clips tell what the speaker looks like at rest."""
SAME_BROADCAST = {"edtalk_address_450": "address", "lia_address_256": "address"}


@dataclass(frozen=True, slots=True)
class Clip:
    """One film, or one take of recorded curves.

    source: clips of one source share their sound-picture offset. samples: float32 [S] at 16 kHz.
    opening: inner-lip gap over outer-eye distance, width: corner-to-corner distance over the same, jaw: chin below the
    root of the nose, [T] each at fps, even steps from second 0.
    """

    name: str
    source: str
    samples: np.ndarray
    opening: np.ndarray
    width: np.ndarray
    jaw: np.ndarray
    fps: float

    @property
    def times(self) -> np.ndarray:
        return np.arange(len(self.opening)) / self.fps


def grid_clips(sources: Sources) -> list[Clip]:
    """The GRID clips that training set aside."""
    return read_grid([clip for place, clip in enumerate(sources.clips) if is_test(place)], sources)


def training_films(sources: Sources, every: int) -> list[Clip]:
    """Some of the GRID clips that training may see, for rivals to learn from."""
    return read_grid([clip for place, clip in enumerate(sources.clips) if not is_test(place)][::every], sources)


def read_grid(films: list[Path], sources: Sources) -> list[Clip]:
    """GRID clips; they show one speaker, whose face at rest comes from the training clips."""
    seen = [clip for place, clip in enumerate(sources.clips) if not is_test(place)][::REST_EVERY]
    tracks = [find_track(clip, sources) for clip in seen]
    rest = rest_face([track["landmarks"] for track in tracks if track["found"].all()])
    return _read(films, sources, "grid", rest)


def wild_films(folder: Path) -> list[Path]:
    """Every film of a folder."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in VIDEO_ENDINGS)


def wild_clips(folder: Path, sources: Sources) -> list[Clip]:
    """Every film of a folder, each its own source unless two show the same broadcast."""
    return _read(wild_films(folder), sources, None, None)


def _read(films: list[Path], sources: Sources, source: str | None, rest: np.ndarray | None) -> list[Clip]:
    clips = []
    for film in films:
        track = find_track(film, sources)
        seen = track["found"]
        if not seen.any():
            continue
        landmarks = track["landmarks"][seen]
        still = rest_face([landmarks]) if rest is None else rest
        times = track.get("times", np.arange(len(seen)) / float(track["fps"]))
        fps = _nominal_rate(times)
        even = np.arange(round(float(times[-1]) * fps) + 1) / fps
        measured = (filmed_opening(landmarks), filmed_width(landmarks, still), filmed_jaw(landmarks, still))
        curves = [np.interp(even, times[seen], curve) for curve in measured]
        broadcast = source or SAME_BROADCAST.get(film.stem, film.stem)
        clips.append(Clip(film.stem, broadcast, track["samples"], *curves, fps))
    return clips


def _nominal_rate(times: np.ndarray) -> float:
    """Frames per second of an evenly shot film, dropped pictures or not."""
    return float(1 / np.median(np.diff(times)))


def find_track(film: Path, sources: Sources) -> dict[str, np.ndarray]:
    """A film's landmark track, made first if it is not kept."""
    known = sources.work / "tracks" / f"{film.stem}.npz"
    if not known.exists():
        known = sources.work / "judged" / f"{film.stem}-{hashlib.sha256(film.read_bytes()).hexdigest()[:12]}.npz"
    return kept_track(film, known, sources.task_file)

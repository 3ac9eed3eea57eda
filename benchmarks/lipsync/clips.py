"""Filmed talking faces to judge by: what was said, and how far the lips stood open."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.training.labels import filmed_opening
from core.training.sources import Sources, is_test
from core.training.track import kept_track

VIDEO_ENDINGS = (".mp4", ".mov", ".mpg")


@dataclass(frozen=True, slots=True)
class Clip:
    """One film.

    source: clips of one source share their sound-picture offset. samples: float32 [S] at 16 kHz.
    opening: inner-lip gap over outer-eye distance [T] at fps, even steps from second 0.
    """

    name: str
    source: str
    samples: np.ndarray
    opening: np.ndarray
    fps: float

    @property
    def times(self) -> np.ndarray:
        return np.arange(len(self.opening)) / self.fps


def grid_clips(sources: Sources) -> list[Clip]:
    """The GRID clips that training set aside."""
    chosen = (clip for place, clip in enumerate(sources.clips) if is_test(place))
    return _read(list(chosen), sources, "grid")


def wild_clips(folder: Path, sources: Sources) -> list[Clip]:
    """Every film of a folder, each its own source unless two show the same broadcast (same words after 'address')."""
    films = sorted(p for p in folder.iterdir() if p.suffix.lower() in VIDEO_ENDINGS)
    return _read(films, sources, None)


def _read(films: list[Path], sources: Sources, source: str | None) -> list[Clip]:
    clips = []
    for film in films:
        track = _track(film, sources)
        if not track["found"].any():
            continue
        landmarks, opening = track["landmarks"], np.zeros(len(track["found"]))
        seen = track["found"]
        opening[seen] = filmed_opening(landmarks[seen])
        times = track.get("times", np.arange(len(opening)) / float(track["fps"]))
        fps = _nominal_rate(times)
        even = np.arange(round(float(times[-1]) * fps) + 1) / fps
        opening = np.interp(even, times[seen], opening[seen])
        clips.append(Clip(film.stem, source or film.stem, track["samples"], opening, fps))
    return clips


def _nominal_rate(times: np.ndarray) -> float:
    """Frames per second of an evenly shot film, dropped pictures or not."""
    return float(1 / np.median(np.diff(times)))


def _track(film: Path, sources: Sources) -> dict[str, np.ndarray]:
    known = sources.work / "tracks" / f"{film.stem}.npz"
    if not known.exists():
        known = sources.work / "judged" / f"{film.stem}-{hashlib.sha256(film.read_bytes()).hexdigest()[:12]}.npz"
    return kept_track(film, known, sources.task_file)

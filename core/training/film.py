"""GRID's filmed clips as board curves, ready to learn from or to judge by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import labels
from .corpus import resample_goal
from .film_goals import film_board, upper_rest
from .mouth_measures import demo_woman
from .sources import Sources, is_test
from .version_one_training import training_track


@dataclass(frozen=True, slots=True)
class FilmedClip:
    """A clip: its stem, float32 samples [S] at 16 kHz, float32 board curves [T, 185] at fps, filmed lip opening [T]."""

    name: str
    samples: np.ndarray
    board: np.ndarray
    fps: float
    opening: np.ndarray

    def at(self, times: np.ndarray) -> np.ndarray:
        """The curves at other times. times: seconds [N]. Returns float32 [N, 185]."""
        return resample_goal(self.board, self.fps, times)


def filmed_clips(sources: Sources, say: Callable[[str], None]) -> tuple[list[FilmedClip], list[FilmedClip]]:
    """The clips that train and those that are set aside; rest faces are those of the training part for both."""
    tracks = _tracks(sources, False, say)
    rest = labels.rest_face([track["landmarks"] for _, track in tracks[::5]])
    above = upper_rest([track["scores"] for _, track in tracks[::3]])
    person = demo_woman()
    basis = labels.mouth_basis(person.points, person.units)
    parts = []
    for part in (tracks, _tracks(sources, True, say)):
        solved = [labels.solve_curves(track["landmarks"], track["scores"], rest, basis) for _, track in part]
        solved = labels.without_tics(solved)
        parts.append(
            [
                FilmedClip(
                    name,
                    track["samples"],
                    film_board(curves, track["scores"], above),
                    float(track["fps"]),
                    labels.filmed_opening(track["landmarks"]),
                )
                for curves, (name, track) in zip(solved, part, strict=True)
            ]
        )
    return parts[0], parts[1]


def _tracks(sources: Sources, test: bool, say: Callable[[str], None]) -> list[tuple[str, dict[str, np.ndarray]]]:
    found = []
    for place, clip in enumerate(sources.clips):
        if is_test(place) != test:
            continue
        if place % 100 == 0:
            say(f"tracking clip {place} of {len(sources.clips)}")
        track = training_track(clip, sources)
        if track["found"].all():
            found.append((clip.stem, track))
    return found

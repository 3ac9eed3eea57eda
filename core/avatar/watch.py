"""Looks over a training's shoulder: how long it will take, and now and then what it has learned, drawn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..learned import Newest, write_newest
from .preview import held_out_frames, pair_of

if TYPE_CHECKING:
    from pathlib import Path

    from .train import Training

Say = Callable[[float, str], None]
FIRST_S, SHARE = 4.0, 50.0
"""Seconds between two pictures at least, and how many times what one takes."""
BEHIND_S = 30.0
"""How far back the pace is looked at, so that a slower stage is soon noticed."""


class Pace:
    """How long something will take, by how it went in the last half minute.

    The time before the second word of progress counts for nothing: that is loading and compiling, which comes once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = False
        self._told: deque[tuple[float, float]] = deque()

    def left_s(self, part: float) -> float | None:
        """Seconds until all is done, given the part 0..1 that is; None while nobody can know."""
        if not self._begun:
            self._begun = True
            return None
        now = self._clock()
        self._told.append((now, part))
        while len(self._told) > 2 and now - self._told[0][0] > BEHIND_S:
            self._told.popleft()
        then, before = self._told[0]
        if part <= before or now - then < 1.0:
            return None
        return (1 - part) * (now - then) / (part - before)

    def words(self, part: float, text: str) -> str:
        """A text with the time that is left before it."""
        left = self.left_s(part)
        return text if left is None else f"{spoken_time(left)} left: {text}"


def spoken_time(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Watch:
    """Stands between a training and whoever is told of it.

    say: told the part done and words, with the time left; may raise to stop. show: told of a picture's file and words.
    """

    def __init__(
        self, say: Say, show: Callable[[Path, str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._say, self._show, self._clock = say, show, clock
        self._pace = Pace(clock)
        self._due = float("-inf")
        self._shown = ""
        self._drawn = 0
        self.training: Training | None = None

    def __call__(self, part: float, text: str) -> None:
        """What a training says."""
        told = f"{text}, {self._shown}" if self._shown else text
        self._say(part, self._pace.words(part, told))
        if self.training is not None and self._clock() >= self._due:
            self.draw()

    def draw(self) -> None:
        """Draw what is learned so far, and show it; nothing of the training is changed by that."""
        training, begun = self.training, self._clock()
        frames = held_out_frames(training.lesson)
        drawn = [pair_of(training.avatar, training.lesson, training.raster, frame) for frame in frames]
        newest = Newest(
            drawn[self._drawn % len(drawn)][0], training.step, float(np.mean([decibels for _, decibels in drawn]))
        )
        self._drawn += 1
        self._shown = f"{newest.decibels:.1f} dB"
        path = training.folder / "newest.safetensors"
        write_newest(path, newest)
        self._show(path, newest.sentence())
        now = self._clock()
        self._due = now + max(FIRST_S, SHARE * (now - begun))

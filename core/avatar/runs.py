"""A finished or interrupted training opened again, to be baked, driven or judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from ..errors import SettingError
from ..splat.head import SplatHead
from .avatar import Avatar
from .bake import BakeWish, Loss, baked, baking_loss, is_linear
from .checkpoint import Kept, read_checkpoint
from .objective import goal_of
from .prepared import read_prepared
from .raster.protocol import Rasteriser
from .train import Lesson, lesson_of
from .translator import Translator
from .voice import read_translator

MOST_FRAMES = 250
"""Frames a bake looks at."""
JUDGED = 12
"""Frames a bake is judged on."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A training. folder: where it lies; kept: what it holds; translator: None where it has none."""

    folder: Path
    kept: Kept
    translator: Translator | None

    @property
    def avatar(self) -> Avatar:
        """The learned head."""
        return self.kept.avatar

    @property
    def fps(self) -> float:
        """Frames per second of the video."""
        return float(self.kept.facts["fps"])

    def lesson(self, video: Path | None = None) -> Lesson:
        """What it learned from. video: the prepared folder, where it is no longer where it was."""
        prepared = read_prepared(video or Path(str(self.kept.facts["source"])))
        return lesson_of(prepared, self.avatar.settings, torch.device("cpu"), self.kept.still)


def open_run(folder: Path) -> Run:
    """Open a training. Raises FormatError when there is none, SettingError when it has not learned anything yet."""
    kept = read_checkpoint(folder)
    if not kept.step:
        raise SettingError("This training has not learned anything yet; let it go on for a while.")
    return Run(folder, kept, read_translator(folder))


def bake_run(
    run: Run, lesson: Lesson, raster: Rasteriser, wish: BakeWish, facts: dict[str, str]
) -> tuple[SplatHead, Loss]:
    """A training as a SplatHead, and what that costs on frames held out."""
    split, count = lesson.reel.prepared.split, len(lesson.reel)
    center = run.avatar.mesh.center
    moments = []
    if not is_linear(run.avatar):
        every = max(1, split // MOST_FRAMES)
        moments = [lesson.moment(frame, center) for frame in range(0, split, every)]
        head = baked(run.avatar, moments, run.fps / every, wish, facts)
    else:
        head = baked(run.avatar, moments, run.fps, wish, facts)
    frames = range(min(split, count - 1), count, max(1, (count - split) // JUDGED))
    grey = torch.full((3,), 0.5)
    goals = [goal_of(lesson.reel.frame(frame), grey, lesson.lips[frame]) for frame in frames]
    held = [lesson.moment(frame, center) for frame in frames]
    pictures = [(goal.picture, goal.solid) for goal in goals]
    return head, baking_loss((run.avatar, head), held, (raster, lesson.camera), pictures)

"""What the generators learn from: the trunk's frames beside the board curves they should give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..arrays import check
from ..rig.board import BOARD
from .network import DELAY, EMOTION_COUNT, Trunk

GOALS = len(BOARD) + 1
"""Columns of a goal: the board, then the lip seal."""
SEAL = len(BOARD)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of speech with its goal, 50 rows a second.

    hidden: float16 [N, I], what the generator reads. energy: float16 [N], 0..1, loudness.
    goal: float16 [N, 186], NaN where nobody knows.
    """

    hidden: np.ndarray
    energy: np.ndarray
    goal: np.ndarray

    def __post_init__(self) -> None:
        check("Passage.energy", self.energy, (len(self.hidden),), np.float16)
        check("Passage.goal", self.goal, (len(self.hidden), GOALS), np.float16)


@dataclass(frozen=True, slots=True)
class Diet:
    """Passages by kind and how many of each make a batch."""

    passages: tuple[list[Passage], ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Cuts of passages: hidden [B, n, I], energy [B, n], goal [B, n, 186]."""

    hidden: torch.Tensor
    energy: torch.Tensor
    goal: torch.Tensor


def batches(diet: Diet, length: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Random cuts of random passages of every kind together, for ever; short ones are held at their last row."""
    while True:
        rows = [
            _cut(kind[i], length, rng)
            for kind, size in zip(diet.passages, diet.sizes, strict=True)
            for i in rng.integers(0, len(kind), size)
        ]
        yield Batch(*(torch.from_numpy(np.stack(part).astype(np.float32)) for part in zip(*rows, strict=True)))


def _cut(passage: Passage, length: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    start = int(rng.integers(0, max(1, len(passage.hidden) - length + 1)))
    rows = np.minimum(np.arange(start, start + length), len(passage.hidden) - 1)
    goal = passage.goal[rows].copy()
    goal[np.arange(start, start + length) >= len(passage.hidden)] = np.nan
    return passage.hidden[rows], passage.energy[rows], goal


def listen(features: np.ndarray, trunk: Trunk) -> np.ndarray:
    """The trunk's frames of a whole recording. features: float32 [N, 160]. Returns float16 [N, 256]."""
    from ..speech import mel

    padded = np.pad(features, ((0, DELAY), (0, 0)), constant_values=mel.FLOOR)
    with torch.no_grad():
        return trunk(torch.from_numpy(padded)[None])[0, DELAY:].numpy().astype(np.float16)


def random_emotions(size: int, length: int, rng: np.random.Generator) -> torch.Tensor:
    """Emotions to train with, float32 [B, n, 6]: none, one, or two at once; held, or changing along the cut."""
    table = np.zeros((size, length, EMOTION_COUNT), np.float32)
    for row in table:
        for _ in range(rng.choice(3, p=(0.4, 0.42, 0.18))):
            ends = rng.uniform(0, 1, 2) if rng.random() < 0.4 else np.repeat(rng.choice([rng.uniform(), 1.0]), 2)
            row[:, rng.integers(EMOTION_COUNT)] = np.linspace(*ends, length)
    return torch.from_numpy(table)

"""What the generators learn from: speech as it is heard beside the board curves it should give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..arrays import check
from ..rig.board import BOARD
from ..speech import mel
from .diet import Diet
from .lessons import UNKNOWN, spoil
from .network import DELAY, EMOTION_COUNT, FEATURES, Trunk

GOALS = len(BOARD) + 1
"""Columns of a goal: the board, then the lip seal."""
SEAL = len(BOARD)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of speech with its goal, 50 rows a second.

    frames: float16 [N, 160] of mel.features, [N, 384] of the encoder, or [N, 40] of phones, one-hot.
    energy: float16 [N], 0..1, loudness.
    goal: float16 [N, 186], NaN where nobody knows. phones: int8 [N], UNKNOWN where nobody knows.
    """

    frames: np.ndarray
    energy: np.ndarray
    goal: np.ndarray
    phones: np.ndarray

    def __post_init__(self) -> None:
        check("Passage.energy", self.energy, (len(self.frames),), np.float16)
        check("Passage.goal", self.goal, (len(self.frames), GOALS), np.float16)
        check("Passage.phones", self.phones, (len(self.frames),), np.int8)


@dataclass(frozen=True, slots=True)
class Batch:
    """Cuts of passages: frames [B, n, I], energy [B, n], goal [B, n, 186], phones int64 [B, n]."""

    frames: torch.Tensor
    energy: torch.Tensor
    goal: torch.Tensor
    phones: torch.Tensor

    def rows(self, first: int, last: int) -> Batch:
        """Some of the rows."""
        return Batch(*(part[:, first:last] for part in (self.frames, self.energy, self.goal, self.phones)))


def some_frames(diet: Diet) -> np.ndarray:
    """A sample of a diet's frames, for their mean and spread, float32 [n, I]; of its first two kinds, where it is
    mostly speech."""
    return np.concatenate([p.frames[::23] for kind in diet.passages[:2] for p in kind]).astype(np.float32)


def batches(diet: Diet, length: int, lead: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Random cuts of random passages of every kind together, for ever; short ones are held at their last row.

    lead: rows that come before the `length` others of a cut; before a passage there is silence.
    """
    while True:
        rows = [
            _cut(kind[i], length, lead, rng)
            for kind, size in zip(diet.passages, diet.sizes, strict=True)
            for i in rng.integers(0, len(kind), size)
        ]
        frames, energy, goal, phones = (np.stack(part) for part in zip(*rows, strict=True))
        floats = (torch.from_numpy(part.astype(np.float32)) for part in (frames, energy, goal))
        yield Batch(*floats, torch.from_numpy(phones.astype(np.int64)))


def _cut(passage: Passage, length: int, lead: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    start = int(rng.integers(0, max(1, len(passage.frames) - length + 1)))
    places = np.arange(start - lead, start + length)
    rows = np.clip(places, 0, len(passage.frames) - 1)
    outside = (places < 0) | (places >= len(passage.frames))
    goal, phones = passage.goal[rows].copy(), passage.phones[rows].copy()
    goal[outside], phones[outside] = np.nan, UNKNOWN
    frames = passage.frames[rows]
    if frames.shape[1] == FEATURES:
        frames = spoil(frames.astype(np.float32), rng)
        frames[places < 0] = mel.FLOOR
    return frames, passage.energy[rows], goal, phones


def listen(features: np.ndarray, trunk: Trunk) -> np.ndarray:
    """The trunk's frames of a whole recording. features: float32 [N, 160]. Returns float16 [N, 256]."""
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

"""Teach the trunk: a small causal network that hears what a large one hears, 72 ms after it was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .lessons import UNKNOWN, Batch, Lesson, batches
from .network import DELAY, Trunk

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrunkRecipe:
    """Numbers of the trunk's training.

    steps: optimiser steps. size: cuts a batch. length: hops of a cut.
    hidden, controls, phones: weights of the three targets.
    """

    steps: int = 4200
    size: int = 24
    length: int = 256
    rate: float = 2e-3
    hidden: float = 1.0
    controls: float = 12.0
    phones: float = 0.5
    seed: int = 0


class Pupil(nn.Module):
    """The trunk with its three mouths: Whisper's frames, version one's curves, phones."""

    def __init__(self, trunk: Trunk, hidden: int, controls: int, phones: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.hidden = nn.Linear(trunk.shape.width, hidden)
        self.controls = nn.Linear(trunk.shape.width, controls)
        self.phones = nn.Linear(trunk.shape.width, phones)


def teach_trunk(lessons: list[Lesson], phones: int, recipe: TrunkRecipe, say: Say) -> Pupil:
    """Train a trunk on lessons. phones: how many phones there are. Returns it in evaluation mode."""
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    pupil = Pupil(Trunk(), lessons[0].hidden.shape[1], lessons[0].controls.shape[1], phones)
    mean, scale = _spread(lessons)
    optimiser = torch.optim.AdamW(pupil.parameters(), lr=recipe.rate, weight_decay=2e-2)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.steps + 1, pct_start=0.08)
    feed = batches(lessons, recipe.size, recipe.length, DELAY, rng)
    shown = torch.zeros(3)
    for step in range(recipe.steps):
        parts = losses(pupil, next(feed), mean, scale)
        optimiser.zero_grad()
        (parts * torch.tensor([recipe.hidden, recipe.controls, recipe.phones])).sum().backward()
        torch.nn.utils.clip_grad_norm_(pupil.parameters(), 1.0)
        optimiser.step()
        pace.step()
        shown = 0.98 * shown + 0.02 * parts.detach()
        if step % 100 == 99:
            hidden, controls, spoken = (shown / (1 - 0.98 ** (step + 1))).tolist()
            say(f"trunk step {step + 1}: hidden {hidden:.3f}, controls {controls:.4f}, phones {spoken:.3f}")
    return pupil.eval()


def losses(pupil: Pupil, batch: Batch, mean: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Squared error of standardised hidden frames and of curves, cross entropy of phones; float32 [3]."""
    with torch.autocast("cpu", torch.bfloat16):  # twice as fast, and the weights stay float32
        x = pupil.trunk(batch.features)
    x = x.float()
    known = torch.isfinite(batch.hidden[..., 0])
    goal = (batch.hidden[known] - mean) * scale
    hidden = (pupil.hidden(x[known]) - goal).square().mean()
    controls = (torch.sigmoid(pupil.controls(x[known])) - batch.controls[known]).square().mean()
    logits = pupil.phones(x).flatten(0, 1)
    spoken = F.cross_entropy(logits, batch.phones.flatten(), ignore_index=UNKNOWN, label_smoothing=0.05)
    return torch.stack([hidden, controls, torch.nan_to_num(spoken)])


def _spread(lessons: list[Lesson]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and reciprocal deviation of the teacher's frames, float32 [384] each."""
    some = np.concatenate([lesson.hidden[::20] for lesson in lessons]).astype(np.float32)
    return torch.from_numpy(some.mean(axis=0)), torch.from_numpy(1 / (some.std(axis=0) + 1e-3))

"""The training loop: curves, their motion, and above all the gap between the lips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from .corpus import CONTROLS, batches
from .diet import Diet
from .teacher import Decoder, DecoderShape

_SOFT_GAP = 0.004  # lip opening below which a millimetre more or less is hardly seen


@dataclass(frozen=True, slots=True)
class Recipe:
    """Numbers of a training run.

    steps: optimiser steps. rate: peak learning rate. length: frames of a cut.
    motion: weight of frame-to-frame change. lips: weight of the lip opening.
    """

    steps: int = 700
    rate: float = 2e-3
    length: int = 150
    width: int = 192
    dropout: float = 0.3
    motion: float = 2.0
    lips: float = 6.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Lips:
    """Lip opening of the demo head as a linear function of CONTROLS. slopes: float32 [C]; rest: its value at rest."""

    slopes: torch.Tensor
    rest: float

    def opening(self, controls: torch.Tensor) -> torch.Tensor:
        """controls: [..., C]. Returns [...], below 0 where the lips are pressed further than closed."""
        return controls @ self.slopes + self.rest


def fit(diet: Diet, lips: Lips, recipe: Recipe) -> Decoder:
    """Train a decoder.

    Returns it in evaluation mode. The same seed on the same machine gives the same weights.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    decoder = Decoder(DecoderShape(controls=len(CONTROLS), width=recipe.width), recipe.dropout)
    _prepare(decoder, diet)
    weights = _control_weights(diet)
    optimiser = torch.optim.AdamW(decoder.parameters(), lr=recipe.rate, weight_decay=1e-2)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.steps + 1, pct_start=0.1)
    feeds: list[Iterator] = [
        batches(passages, size, recipe.length, rng) for passages, size in zip(diet.passages, diet.sizes, strict=True)
    ]
    decoder.train()
    for _ in range(recipe.steps):
        loss = sum(_loss(decoder(hidden), goal, weights, lips, recipe) for hidden, goal in map(next, feeds))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimiser.step()
        pace.step()
    return decoder.eval()


def _loss(got: torch.Tensor, goal: torch.Tensor, weights: torch.Tensor, lips: Lips, recipe: Recipe) -> torch.Tensor:
    """Squared error of controls, of their motion, and of the root of the lip opening, where small gaps count most."""
    weights = weights * torch.isfinite(goal)
    goal = torch.nan_to_num(goal)
    still = ((got - goal) ** 2 * weights).mean()
    moving = ((got.diff(dim=1) - goal.diff(dim=1)) ** 2 * weights[:, 1:]).mean()
    parted, filmed = _root(lips.opening(got)), _root(lips.opening(goal).clamp(min=0.0))
    return still + recipe.motion * moving + recipe.lips * ((parted - filmed) ** 2).mean()


def _root(opening: torch.Tensor) -> torch.Tensor:
    """Square root of an opening, softened at 0 and going on straight below it, so that no gap is without a slope."""
    soft = _SOFT_GAP**0.5
    above = torch.sqrt(opening.clamp(min=0.0) + _SOFT_GAP) - soft
    return torch.where(opening >= 0, above, opening / (2 * soft))


def _prepare(decoder: Decoder, diet: Diet) -> None:
    """Give the decoder the mean and spread of the speech it will read, and let it begin at the mean of its goals."""
    speech = [passages for passages in diet.passages if any(np.nan_to_num(p.goal).any() for p in passages)]
    some = np.concatenate([p.hidden[::9] for passages in speech for p in passages]).astype(np.float32)
    decoder.mean.copy_(torch.from_numpy(some.mean(axis=0)))
    decoder.scale.copy_(torch.from_numpy(1 / (some.std(axis=0) + 1e-3)))
    goals = np.nan_to_num(np.concatenate([p.goal[::9] for p in speech[0]])).mean(axis=0).clip(0.005, 0.995)
    with torch.no_grad():
        decoder.leave.bias.copy_(torch.from_numpy(np.log(goals / (1 - goals))))


def _control_weights(diet: Diet) -> torch.Tensor:
    """Controls that move little count as much as those that move a lot; float32 [C], mean 1."""
    goals = np.concatenate([p.goal[::5] for p in diet.passages[0]])
    weights = 1 / (np.nan_to_num(goals).std(axis=0) + 0.03)
    weights[np.isnan(goals).all(axis=0)] = weights.mean()
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))

"""Train generators, and tune the trunk to them: board curves, their motion, the lips they make on the demo head, and
how regions agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from ..rig.board import BOARD, LOWS
from ..rig.mapping import JAW_OPEN, LIPS_TOGETHER
from .correlation import STRIDE, WINDOW, Correlation, correlation_loss, random_masks
from .diet import Diet
from .ears import Ears
from .emotion_poses import compose
from .face import Face, root
from .lessons import UNKNOWN
from .network import Generator, GeneratorShape
from .passages import GOALS, SEAL, Batch, batches, random_emotions


@dataclass(frozen=True, slots=True)
class Recipe:
    """Numbers of a training run.

    steps: optimiser steps. rate, ears_rate: peak learning rates of generators and ears. length: frames of a cut.
    curves: weight of the 186 curves, without which lips would be had by whatever moves them. motion: weight of
    frame-to-frame change within it. gap, width: weights of the lips. agree: weight of the correlation model.
    seal: weight of the lip seal's cross entropy. phones: weight of the ears' phones.
    emotions: whether emotions are trained in.
    """

    steps: int = 2000
    rate: float = 2e-3
    ears_rate: float = 2e-3
    length: int = 150
    dropout: float = 0.2
    curves: float = 8.0
    motion: float = 2.0
    gap: float = 6.0
    width: float = 40.0
    agree: float = 0.02
    seal: float = 0.05
    phones: float = 0.1
    emotions: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Judges:
    """What a generator is held against: the demo head, the frozen correlation model, each channel's weight [186]."""

    face: Face
    correlation: Correlation | None
    weights: torch.Tensor


def fit(
    ears: Ears | None,
    diet: Diet,
    judges: Judges,
    recipe: Recipe,
    shapes: dict[str, GeneratorShape],
    begun: dict[str, Generator] | None = None,
) -> dict[str, Generator]:
    """Train generators together, by name.

    ears: tuned along, in place; None for generators that read the frames themselves.
    begun: weights to begin with, by name; without them a generator begins at the mean of its goals.
    Returns them in evaluation mode. The same seed on the same machine gives the same weights.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    signed = torch.from_numpy(np.append(LOWS < 0, False))
    generators = {name: Generator(shape, signed, recipe.dropout) for name, shape in shapes.items()}
    for name, generator in generators.items():
        if begun:
            generator.load_state_dict(begun[name].state_dict())
        else:
            _begin_at_mean(generator, diet)
    optimiser, pace = _optimiser(ears, generators, recipe)
    feed = batches(diet, recipe.length + (ears.delay if ears else 0), ears.lead if ears else 0, rng)
    for _ in range(recipe.steps):
        batch, told = hear(ears, next(feed))
        emotion = random_emotions(*batch.energy.shape, rng) * float(recipe.emotions)
        goal = with_emotion(batch, emotion)
        loss = recipe.phones * told
        for generator in generators.values():
            got = generator(batch.frames, emotion)
            loss = loss + _loss(got, goal, judges, recipe) + recipe.seal * _seal_loss(got, goal)
            loss = loss + _agreement(generator, batch, judges, recipe, rng)
        optimiser.zero_grad()
        loss.backward()
        for part in (*generators.values(), *([ears] if ears else [])):
            torch.nn.utils.clip_grad_norm_(part.parameters(), 1.0)
        optimiser.step()
        pace.step()
    return {name: generator.eval() for name, generator in generators.items()}


def hear(ears: Ears | None, batch: Batch) -> tuple[Batch, torch.Tensor]:
    """A batch as generators read it, and how wrong the ears' phones are; without ears the batch stays as it is."""
    if ears is None:
        return batch, torch.zeros(())
    heard, scores = ears(batch)
    told = F.cross_entropy(scores.flatten(0, 1), heard.phones.flatten(), ignore_index=UNKNOWN)
    return heard, torch.nan_to_num(told)


def _optimiser(
    ears: Ears | None, generators: dict[str, Generator], recipe: Recipe
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    groups = [{"params": generator.parameters(), "lr": recipe.rate} for generator in generators.values()]
    if ears:
        groups.append({"params": ears.parameters(), "lr": recipe.ears_rate})
    optimiser = torch.optim.AdamW(groups, weight_decay=1e-2)
    rates = [group["lr"] for group in groups]
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=recipe.steps + 1, pct_start=0.1)


def with_emotion(batch: Batch, emotion: torch.Tensor) -> torch.Tensor:
    """The goal of a batch with emotions composed into it, [B, n, 186]; what is unknown stays unknown."""
    rows = emotion.abs().amax(dim=(1, 2)) > 0
    board = batch.goal[rows, :, : len(BOARD)]
    unknown = ~torch.isfinite(board)
    posed = compose(torch.nan_to_num(board), emotion[rows], batch.energy[rows])
    goal = batch.goal.clone()
    # A channel nobody knows in neutral speech is known where an emotion sets it.
    goal[rows, :, : len(BOARD)] = torch.where(unknown & (posed == 0), torch.nan, posed)
    return goal


def _loss(got: torch.Tensor, goal: torch.Tensor, judges: Judges, recipe: Recipe) -> torch.Tensor:
    known = torch.isfinite(goal)
    weights = judges.weights * known
    goal = torch.nan_to_num(goal)
    # Whether lips are together says nothing while the jaw is shut.
    weights[..., LIPS_TOGETHER] *= goal[..., JAW_OPEN : JAW_OPEN + 1].clamp(min=0.02) * 5
    still = ((got - goal) ** 2 * weights).mean()
    moving = ((got.diff(dim=1) - goal.diff(dim=1)) ** 2 * weights[:, 1:]).mean()
    curves = recipe.curves * (still + recipe.motion * moving)
    speaking = known[..., JAW_OPEN]
    (gap, width), (true_gap, true_width) = (judges.face.lips(x[..., : len(BOARD)]) for x in (got, goal))
    lips = recipe.gap * (root(gap) - root(true_gap.clamp(min=0.0))) ** 2 + recipe.width * (width - true_width) ** 2
    return curves + (lips * speaking).sum() / speaking.sum().clamp(min=1)


def _seal_loss(got: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the lip seal, which keeps rare closures apart better than squared errors do; 0 if unknown."""
    known = torch.isfinite(goal[..., SEAL])
    if not known.any():
        return torch.zeros(())
    return F.binary_cross_entropy(got[..., SEAL][known].clamp(1e-5, 1 - 1e-5), goal[..., SEAL][known])


def _agreement(
    generator: Generator, batch: Batch, judges: Judges, recipe: Recipe, rng: np.random.Generator
) -> torch.Tensor:
    """The correlation model's verdict on neutral speech; 0 without the model."""
    if judges.correlation is None or not recipe.agree:
        return torch.zeros(())
    hidden = batch.frames[:8, : STRIDE * WINDOW]
    got = generator(hidden, torch.zeros(*hidden.shape[:2], 6))[..., :SEAL]
    goal = torch.nan_to_num(batch.goal[:8, : STRIDE * WINDOW, :SEAL])
    return recipe.agree * correlation_loss(judges.correlation, got, goal, random_masks(len(got), rng))


def channel_weights(diet: Diet) -> torch.Tensor:
    """Channels that move little count as much as those that move a lot; float32 [186], mean 1."""
    goals = np.concatenate([p.goal[::7] for kind in diet.passages for p in kind[::3]]).astype(np.float32)
    spread = np.nanstd(np.where(np.isfinite(goals).any(axis=0), goals, 0.0), axis=0)
    weights = 1 / (spread + 0.04)
    weights[SEAL] *= 12  # one closure that stays open is seen sooner than anything else
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


def _begin_at_mean(generator: Generator, diet: Diet) -> None:
    """Let a generator begin at the mean of its goals; channels that never move begin near rest."""
    goals = np.concatenate([p.goal[::9] for p in diet.passages[0]]).astype(np.float32)
    mean = np.nan_to_num(np.nanmean(np.where(np.isfinite(goals).any(axis=0), goals, 0.0), axis=0))
    signed = generator.signed.numpy()
    mean = np.where(signed, mean.clip(-0.9, 0.9), mean.clip(0.004, 0.996))
    start = np.where(
        signed, np.arctanh(np.where(signed, mean, 0)), np.log(mean / (1 - np.where(signed, 0, mean)) + 1e-9)
    )
    with torch.no_grad():
        generator.leave.bias.copy_(torch.from_numpy(start[:GOALS].astype(np.float32)))
        generator.leave.weight.mul_(0.3)

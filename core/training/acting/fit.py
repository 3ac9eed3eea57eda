"""The network of core.video.reading learned from footage; the same people mirrored, so that no side is preferred."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from ...rig.arkit import ARKIT_52
from ...template.files import head_template
from ...template.marks import OUTER_EYES
from ...video.reading import ANGLE_SIGNS, ANGLES, Reader, mirrored_shapes
from ...video.response import undamped
from .footage import Footage
from .mirror import mirrored_marks

HIDDEN = (96, 64)
STEPS, BATCH, RATE, DECAY = 6000, 256, 1.5e-3, 2e-3
TREMBLE = 0.0025
"""Of landmarks, over the distance of the outer eye corners: what a tracker adds to every picture of a film."""
STRANGE, AMISS = 0.08, 0.012
"""Standard deviations of identity components by which a neutral face is wrong, and of a pose, radians and eye
distances: films of people are harder than drawn ones, and these are the ways in which they are."""
STRESS = 2.0
"""How much more a shape weighs where it is fully on: what is rare is not to be taken for nothing."""
UNSEEN = 0.2
"""What is below 0 is as good as 0, nearly: nobody sees it."""
GEOMETRIC = ("jawOpen", "eyeSquint", "eyeWide")
"""Gaps between lips and lids, which landmarks tell as they are: the fit's alone."""
OPPOSED = ("jaw", "eyeLook", "mouthLeft", "mouthRight")
"""Left and right of these are directions, not sides."""
STRONG, LEAST_FOUND = 0.5, 0.05
SPILL, MOST_SPILL, MOST_GAIN = 0.6, 0.7, 1.2
"""Of what is found on the other side of one-sided shapes, the quantile that is taken back, and limits."""
SEED, EVERY = 5, 500

Say = Callable[[str], None]


class ReadingNetwork(nn.Module):
    """What core.video.reading.Reader computes of one side, for learning; see there."""

    def __init__(self, scale: torch.Tensor) -> None:
        super().__init__()
        self.scale = scale
        sizes = (len(scale), *HIDDEN, len(ARKIT_52))
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs [N, INPUTS] as shapes [N, 52]; may leave 0..1."""
        rest = inputs.clone()
        rest[:, :-ANGLES] = 0
        return self._told(inputs) - self._told(rest)

    def _told(self, inputs: torch.Tensor) -> torch.Tensor:
        rows = inputs / self.scale
        for layer in self.layers[:-1]:
            rows = nn.functional.silu(layer(rows))
        return self.layers[-1](rows)


def fitted_reader(footage: Sequence[Footage], say: Say) -> Reader:
    """Learn from people."""
    torch.manual_seed(SEED)
    inputs, truth = (torch.from_numpy(rows) for rows in _rows(footage))
    network = ReadingNetwork(inputs.std(0).clamp_min(1e-3))
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS)
    marks = mirrored_marks()
    mirror, errors = _mirror(marks), _errors()
    losses = []
    for step in range(STEPS):
        chosen = torch.randint(len(truth), (BATCH,))
        blurred = inputs[chosen] + _disturbed(errors)
        loss = _loss(network, blurred, truth[chosen], mirror if step % 2 else None)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if not (step + 1) % EVERY:
            say(f"step {step + 1} of {STEPS}: {np.mean(losses[-EVERY:]):.5f}")
    layers = [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in network.layers]
    ones = np.ones(len(ARKIT_52), np.float32)
    return Reader(network.scale.numpy(), marks, tuple(layers), ones, ones * 0, ones)


def calibrated(reader: Reader, footage: Sequence[Footage]) -> Reader:
    """A reader with share, spill and gain as people tell that it was not learned from."""
    found, fitted, truth = _answers(reader, footage)
    share, spill, gain = (np.zeros(len(ARKIT_52), np.float32) for _ in range(3))
    sides = mirrored_shapes()
    for k, name in enumerate(ARKIT_52):
        ours, theirs = (max(correlation(rows[:, k], truth[:, k]), 0.0) ** 2 for rows in (found, fitted))
        share[k] = 0 if name.startswith(GEOMETRIC) else ours / max(ours + theirs, 1e-9)
        done = truth[:, k] > STRONG
        gain[k] = np.clip(truth[done, k].mean() / max(found[done, k].mean(), 1e-6), 1, MOST_GAIN) if done.any() else 1
        alone = done & (truth[:, sides[k]] < 0.02) & (found[:, k] > LEAST_FOUND)
        if sides[k] != k and not name.startswith(OPPOSED) and alone.any():
            spill[k] = np.quantile(found[alone, sides[k]] / found[alone, k], SPILL).clip(0, MOST_SPILL)
    spill, share, gain = ((part + part[sides]) / 2 for part in (spill, share, gain))
    return replace(reader, share=share, spill=spill, gain=gain)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's, 0 where either stands still."""
    return float(np.corrcoef(one, other)[0, 1]) if min(one.std(), other.std()) > 1e-6 else 0.0


def _answers(reader: Reader, footage: Sequence[Footage]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network finds, what the fit, and the truth, [N, 52] each."""
    found = np.concatenate([reader.found(one.motions, one.angles) for one in footage])
    fitted = np.concatenate([np.clip(undamped(one.fitted), 0, 1) for one in footage])
    return found, fitted, np.concatenate([one.truth for one in footage])


def scores_of(reader: Reader, footage: Sequence[Footage]) -> Iterator[str]:
    """How well people are read, by shape: correlation, what is found where it is on, what where it is off."""
    found = np.concatenate([reader.read(one.motions, one.angles, one.fitted) for one in footage])
    truth = np.concatenate([one.truth for one in footage])
    for name, ours, theirs in zip(ARKIT_52, found.T, truth.T, strict=True):
        on, off = theirs > 0.5, theirs < 0.02
        r = correlation(ours, theirs)
        share = ours[on].mean() / theirs[on].mean() if on.any() else 0.0
        yield f"{name:20} r {r:5.2f}  found {share:.2f}  where off {ours[off].mean():.3f}"


def _rows(footage: Sequence[Footage]) -> tuple[np.ndarray, np.ndarray]:
    """Inputs float32 [N, INPUTS] and truth float32 [N, 52] of all people."""
    moved = np.concatenate([one.motions for one in footage])
    angles = np.concatenate([one.angles for one in footage])
    return np.hstack([moved.reshape(len(moved), -1), angles]), np.concatenate([one.truth for one in footage])


def _mirror(marks: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Place and sign by which inputs are mirrored, [INPUTS] each."""
    place = np.concatenate([(marks[:, None] * 2 + (0, 1)).ravel(), 2 * len(marks) + np.arange(ANGLES)])
    sign = np.concatenate([np.tile((-1.0, 1.0), len(marks)), ANGLE_SIGNS])
    return torch.from_numpy(place), torch.from_numpy(sign.astype(np.float32))


def _loss(
    network: ReadingNetwork, inputs: torch.Tensor, truth: torch.Tensor, mirror: tuple[torch.Tensor, torch.Tensor] | None
) -> torch.Tensor:
    if mirror:
        inputs, truth = inputs[:, mirror[0]] * mirror[1], truth[:, torch.from_numpy(mirrored_shapes())]
    found = network(inputs)
    away = torch.where((truth <= 0) & (found < 0), UNSEEN * found, found - truth)
    return ((1 + STRESS * truth) * away.square()).mean()


def _errors() -> torch.Tensor:
    """Ways in which a neutral face or a pose may be wrong, as motions of the landmarks, float32 [K, 2 * 478]."""
    template = head_template()
    places = template.at_landmarks(template.points)
    eyes = np.linalg.norm(places[OUTER_EYES[0]] - places[OUTER_EYES[1]])
    x, y, z = ((places - places.mean(0)) / eyes).T
    none = np.zeros_like(x)
    poses = ((x, y), (z, none), (none, z), (y, -x), (none + 1, none), (none, none + 1))
    amiss = np.stack([np.stack(way, 1) for way in poses]) * AMISS
    strange = template.at_landmarks(template.basis)[..., :2] / eyes * STRANGE
    return torch.from_numpy(np.concatenate([amiss, strange]).reshape(len(amiss) + len(strange), -1).astype(np.float32))


def _disturbed(errors: torch.Tensor) -> torch.Tensor:
    """What a tracker adds to a batch, [BATCH, INPUTS]."""
    moved = torch.randn(BATCH, len(errors)) @ errors + TREMBLE * torch.randn(BATCH, errors.shape[1])
    return torch.cat([moved, torch.zeros(BATCH, ANGLES)], 1)

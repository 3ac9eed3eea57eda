"""The speaker-specific motion translator: what everybody hears, as this person moves.

Source: GaussianTalker (Yu et al. 2024, arXiv 2404.14037, §3.2): universal speech features, a speaker's embedding and a
decoder to the parameters of a face. Universal here: the features of our speech encoder and the curves our speech model
gives anybody; the translator begins as the best linear map of both and learns the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..rig.arkit import ARKIT_52, names_of_region
from .fields.conditions import AudioNet

SPOKEN = tuple(ARKIT_52.index(name) for name in names_of_region("jaw", "mouth", "cheek", "tongue"))
"""Columns that speech decides; eyes and brows follow whatever else drives them."""
MOST_GAIN = 1.8
"""By how much motion may be raised to be as lively as the person's."""
RIDGE = 0.005
"""Per frame, of the linear start's distance from anybody's way."""
KEPT, TIMES, HEARD_RIDGE = 128, (2, 4, 6), 1.0
"""Principal components of what is heard, where in a window they are listened to (40 ms before, now, 40 ms after), and
the ridge on them per frame: chosen by cross-validation within the learned part of the weekly address."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What is universal about a recording: features float32 [T, WINDOW, D], curves float32 [T, 52] (anybody's)."""

    features: torch.Tensor
    curves: torch.Tensor


class Translator(nn.Module):
    """Speech to this person's shapes and, if asked for, latent pose; speakers may share one."""

    def __init__(self, features: int, latent: int = 0, speakers: int = 1, width: int = 64) -> None:
        super().__init__()
        self.audio = AudioNet(features, width)
        self.curves = nn.Linear(len(SPOKEN), width)
        self.speaker = nn.Embedding(speakers, width)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 5, 1, 2 * d, dilation=d) for d in (1, 2))
        self.leave = nn.Linear(width, len(SPOKEN) + latent)
        self.linear = nn.Linear(len(SPOKEN), len(SPOKEN) + latent)
        self.listen = nn.Linear(KEPT * len(TIMES), len(SPOKEN) + latent, bias=False)
        nn.init.zeros_(self.listen.weight)
        self.register_buffer("usual", torch.zeros(features))
        self.register_buffer("components", torch.zeros(features, KEPT))
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        self.register_buffer("middle", torch.zeros(len(SPOKEN) + latent))
        self.register_buffer("gain", torch.ones(len(SPOKEN) + latent))

    def forward(self, heard: Heard, speaker: int = 0, dropout: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
        """Shapes [T, len(SPOKEN)], 0..1, and latent pose [T, K]."""
        spoken = heard.curves[:, SPOKEN]
        told = self.audio(F.dropout(heard.features, dropout, self.training))
        x = torch.relu(told + self.curves(spoken) + self.speaker.weight[speaker]).T[None]
        for layer in self.layers:
            x = x + torch.relu(layer(F.dropout(x, dropout, self.training)))
        out = self.linear(spoken) + self.listen(self.heard(heard.features)) + self.leave(x[0].T)
        return out[:, : len(SPOKEN)].clamp(0, 1), out[:, len(SPOKEN) :]

    def listen_to(self, features: torch.Tensor) -> None:
        """Take the principal components of what is heard now in features [T, WINDOW, D]."""
        now = features[:, TIMES[1]]
        usual, spread = now.mean(0), now.std(0).clamp_min(1e-4)
        _, strengths, axes = torch.linalg.svd((now - usual) / spread, full_matrices=False)
        kept = min(KEPT, int((strengths > strengths[0] * 1e-4).sum()))
        scale = len(now) ** 0.5 / strengths[:kept].square().mean().sqrt()
        self.usual.copy_(usual)
        self.components[:, :kept] = axes[:kept].T / spread[:, None] * scale

    def heard(self, features: torch.Tensor) -> torch.Tensor:
        """Principal components of features [T, WINDOW, D] around each frame, [T, KEPT * len(TIMES)], about 1 in all."""
        return ((features[:, TIMES] - self.usual) @ self.components).flatten(1)

    def weights(self, heard: Heard, rest: torch.Tensor, lively: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
        """All 52 weights, those that speech does not decide from rest [T, 52], and the latent pose.

        lively: moving as much as the person does, not as little as is safest where speech leaves it open.
        """
        spoken, latent = self.eval()(heard)
        if lively:
            both = torch.cat([spoken, latent], 1)
            both = self.middle + self.gain * (both - self.middle)
            spoken, latent = both[:, : len(SPOKEN)].clamp(0, 1), both[:, len(SPOKEN) :]
        out = rest.clone()
        out[:, SPOKEN] = spoken
        return out, latent


def fit_translator(
    heard: Heard,
    goals: tuple[torch.Tensor, torch.Tensor | None],
    trusted: torch.Tensor,
    steps: int,
    say: Callable[[float], None],
) -> Translator:
    """Learn how a person moves to speech.

    goals: tracked weights [T, 52] and, or None, the latent pose [T, K] they go with. trusted: [T], 0..1, each frame's
    say. Of every eleven seconds the last is kept aside and decides when to stop, so that a short film is not learned
    by heart.
    """
    shapes, latent = goals[0][:, SPOKEN], goals[1]
    goal = shapes if latent is None else torch.cat([shapes, latent], 1)
    made = Translator(heard.features.shape[2], 0 if latent is None else latent.shape[1])
    _begin_linear(made, heard, goal, trusted)
    aside = (torch.arange(len(goal)) // 25 % 11) == 10
    if not aside.any() or aside.all():
        aside = torch.arange(len(goal)) >= len(goal) * 10 // 11
    spread = goal.std(0).clamp_min(0.02)
    best, kept = float("inf"), {name: value.clone() for name, value in made.state_dict().items()}
    optimiser = torch.optim.AdamW(made.parameters(), 1e-3, weight_decay=1e-2)
    for step in range(steps):
        if step % 25 == 0:
            say(step / steps)
            score = _distance(made.eval(), heard, goal, spread, trusted * aside).item()
            if score < best:
                best, kept = score, {name: value.clone() for name, value in made.state_dict().items()}
        loss = _distance(made.train(), heard, goal, spread, trusted * ~aside, 0.2)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    made.load_state_dict(kept)
    _liven(made.eval(), heard, goal)
    return made


def _distance(
    made: Translator,
    heard: Heard,
    goal: torch.Tensor,
    spread: torch.Tensor,
    trusted: torch.Tensor,
    dropout: float = 0.0,
) -> torch.Tensor:
    """Mean squared distance in units of each number's spread, of values and of their change from frame to frame."""
    with torch.set_grad_enabled(made.training):
        got = torch.cat(made(heard, dropout=dropout), 1)
    share = trusted[:, None] / trusted.sum().clamp_min(1)
    still = (((got - goal) / spread) ** 2 * share).sum()
    moving = (((got.diff(dim=0) - goal.diff(dim=0)) / spread) ** 2 * share[1:]).sum()
    return (still + moving) / goal.shape[1]


def _liven(made: Translator, heard: Heard, goal: torch.Tensor) -> None:
    """Note by how much less than the person the translator moves."""
    with torch.no_grad():
        got = torch.cat(made(heard), 1)
        made.middle.copy_(got.mean(0))
        made.gain.copy_((goal.std(0) / got.std(0).clamp_min(1e-3)).clamp(1.0, MOST_GAIN))


def _begin_linear(made: Translator, heard: Heard, goal: torch.Tensor, trusted: torch.Tensor) -> None:
    """Ridge regression of goals on universal curves and on what is heard, as the network's straight paths; what little
    speech does not tell stays what it is for anybody."""
    made.listen_to(heard.features)
    curves, share = heard.curves[:, SPOKEN], trusted.sqrt()[:, None]
    rows = torch.cat([curves, made.heard(heard.features), torch.ones_like(curves[:, :1])], 1)
    count = curves.shape[1]
    ridge = torch.full((rows.shape[1],), HEARD_RIDGE)
    ridge[:count], ridge[-1] = RIDGE, RIDGE * 1e-4
    weighed = (rows * share).double()
    gram = weighed.T @ weighed + len(rows) * torch.diag(ridge).double()
    anybody = torch.eye(rows.shape[1], goal.shape[1])
    anybody[:, count:] = 0
    anybody[count:] = 0
    left = (goal - rows @ anybody) * share
    solved = anybody + torch.linalg.solve(gram, weighed.T @ left.double()).float()
    with torch.no_grad():
        made.linear.weight.copy_(solved[:count].T)
        made.listen.weight.copy_(solved[count:-1].T)
        made.linear.bias.copy_(solved[-1])


def numpy_of(tensor: torch.Tensor) -> np.ndarray:
    """A tensor as float32, off any device."""
    return tensor.detach().cpu().numpy().astype(np.float32)

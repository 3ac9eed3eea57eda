"""How regions of a face move together: a transformer that learns it from real motion and then supervises.

Source: the facial correlation model of CSTalk (arXiv 2404.18604, §3.1): region tokens, an encoder, masked
reconstruction. A window is a set of tokens, one a region and frame; the encoder fills in the masked ones. Masking whole
regions teaches how one region follows from the others, masking the last frames how motion goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ..rig.board import BOARD, REGIONS

WINDOW = 25
STRIDE = 2
"""The model looks at every second of our 50 frames a second, one second at a time."""
MOVING = tuple(name for name in REGIONS if name not in ("switches", "neck", "tongue"))
"""Regions that film and recorded curves tell about."""


@dataclass(frozen=True, slots=True)
class CorrelationShape:
    """Sizes of the transformer."""

    width: int = 96
    heads: int = 4
    layers: int = 3


class Correlation(nn.Module):
    """The transformer. scale: float32 [185], the spread of each control in real motion."""

    def __init__(self, scale: torch.Tensor, shape: CorrelationShape | None = None) -> None:
        super().__init__()
        shape = shape or CorrelationShape()
        self.register_buffer("scale", scale)
        self.columns = [[i for i, control in enumerate(BOARD) if control.region == region] for region in MOVING]
        self.enter = nn.ModuleList(nn.Linear(len(c), shape.width) for c in self.columns)
        self.leave = nn.ModuleList(nn.Linear(shape.width, len(c)) for c in self.columns)
        self.place = nn.Parameter(torch.randn(len(MOVING), WINDOW, shape.width) * 0.02)
        self.blank = nn.Parameter(torch.randn(shape.width) * 0.02)
        layer = nn.TransformerEncoderLayer(
            shape.width, shape.heads, 4 * shape.width, dropout=0.1, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, shape.layers, enable_nested_tensor=False)

    def forward(self, board: torch.Tensor, masked: torch.Tensor) -> torch.Tensor:
        """Fill in what is masked. board: [B, WINDOW, 185]; masked: bool [B, regions, WINDOW].

        Returns [B, WINDOW, 185] with every moving region's reconstruction; other columns are 0.
        """
        x = board / self.scale
        tokens = torch.stack([enter(x[..., c]) for enter, c in zip(self.enter, self.columns, strict=True)], dim=1)
        tokens = torch.where(masked[..., None], self.blank, tokens) + self.place
        tokens = self.encoder(tokens.flatten(1, 2)).unflatten(1, (len(MOVING), WINDOW))
        out = torch.zeros_like(board)
        for region, (leave, c) in enumerate(zip(self.leave, self.columns, strict=True)):
            out[..., c] = leave(tokens[:, region]) * self.scale[c]
        return out

    def masked_error(self, got: torch.Tensor, goal: torch.Tensor, masked: torch.Tensor) -> torch.Tensor:
        """Mean squared error of masked regions in units of each control's spread. Both [B, WINDOW, 185]."""
        terms = []
        for region, c in enumerate(self.columns):
            error = ((got[..., c] - goal[..., c]) / self.scale[c]).square().mean(dim=2)
            terms.append(error[masked[:, region]])
        return torch.cat(terms).mean()


def random_masks(size: int, rng: np.random.Generator) -> torch.Tensor:
    """Half of the windows lose one or two whole regions, half their last frames; bool [B, regions, WINDOW]."""
    masks = np.zeros((size, len(MOVING), WINDOW), bool)
    for mask in masks:
        if rng.random() < 0.5:
            mask[rng.choice(len(MOVING), rng.integers(1, 3), replace=False)] = True
        else:
            mask[:, WINDOW - int(rng.integers(1, 8)) :] = True
    return torch.from_numpy(masks)


def learn_correlation(motions: list[np.ndarray], steps: int, seed: int, size: int = 32) -> Correlation:
    """Train on real motion and freeze.

    motions: float32 [N, 185] at 50 Hz each, NaN nowhere; size: windows a batch.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    spread = np.concatenate([motion[::5] for motion in motions]).std(axis=0)
    model = Correlation(torch.from_numpy(np.maximum(spread, 0.02).astype(np.float32)))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps + 1)
    for _ in range(steps):
        window = torch.from_numpy(np.stack([_window(motions, rng) for _ in range(size)]))
        masked = random_masks(len(window), rng)
        loss = model.masked_error(model(window, masked), window, masked)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        pace.step()
    return model.eval().requires_grad_(False)


def judge_correlation(model: Correlation, motions: list[np.ndarray], seed: int = 0) -> tuple[float, float]:
    """Masked error on held-out motion, and that of saying each control's mean: (model, mean)."""
    rng = np.random.default_rng(seed)
    window = torch.from_numpy(np.stack([_window(motions, rng) for _ in range(256)]))
    masked = random_masks(len(window), rng)
    mean = window.mean(dim=(0, 1), keepdim=True).expand_as(window)
    with torch.no_grad():
        got = model(window, masked)
        return float(model.masked_error(got, window, masked)), float(model.masked_error(mean, window, masked))


def correlation_loss(model: Correlation, got: torch.Tensor, goal: torch.Tensor, masked: torch.Tensor) -> torch.Tensor:
    """What the generated regions imply for the masked ones, against the real ones; and both read alike by the model.

    got, goal: [B, n, 185] at 50 Hz, n >= STRIDE * WINDOW. Only the first window of each row is looked at.
    """
    got, goal = (x[:, : STRIDE * WINDOW : STRIDE] for x in (got, goal))
    implied = model(got, masked)
    return model.masked_error(implied, goal, masked) + model.masked_error(got, implied.detach(), masked)


def _window(motions: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    motion = motions[rng.integers(len(motions))]
    start = int(rng.integers(0, max(1, len(motion) - STRIDE * WINDOW)))
    rows = np.minimum(np.arange(start, start + STRIDE * WINDOW, STRIDE), len(motion) - 1)
    return motion[rows].astype(np.float32)

"""The torch twin of the speech network in core.speech: same tensor names, same arithmetic, held equal by a test."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TRUNK_DILATIONS = (1, 2, 4, 8, 1, 2, 4, 8, 1, 2)
GENERATOR_DILATIONS = (1, 2, 4)
DELAY = 3
"""Hops that the trunk waits before it speaks of a frame: 60 ms of future."""
FEATURES = 160
EMOTION_COUNT = 6


@dataclass(frozen=True, slots=True)
class TrunkShape:
    """Sizes of the trunk: channels, taps of each convolution, one residual block a dilation."""

    width: int = 256
    kernel: int = 3
    dilations: tuple[int, ...] = TRUNK_DILATIONS


class Trunk(nn.Module):
    """Log-mel hops to what is being said: a causal temporal convolutional network.

    Source: the TCN encoder of CSTalk (arXiv 2404.18604, §3.2); causal residual blocks as in Bai et al. 2018.
    """

    def __init__(self, shape: TrunkShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or TrunkShape()
        self.enter = nn.Conv1d(FEATURES, shape.width, shape.kernel)
        self.blocks = nn.ModuleList(
            nn.Conv1d(shape.width, shape.width, shape.kernel, dilation=d) for d in shape.dilations
        )
        for block in self.blocks:  # a deep sum of untrained branches would start out far too loud
            nn.init.normal_(block.weight, std=(2 / (shape.width * shape.kernel)) ** 0.5 / 2)
            nn.init.zeros_(block.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """features: float32 [B, N, 160], hop by hop. Returns float32 [B, N, 256], row n heard up to hop n only."""
        reach = self.shape.kernel - 1
        x = F.relu(self.enter(F.pad(features.transpose(1, 2), (reach, 0))))  # [B, width, N]
        for block, dilation in zip(self.blocks, self.shape.dilations, strict=True):
            x = x + F.relu(block(F.pad(x, (reach * dilation, 0))))
        return x.transpose(1, 2)


@dataclass(frozen=True, slots=True)
class GeneratorShape:
    """Sizes of a generator.

    inputs: 256 for a trunk's frames, 40 for one-hot phones. causal: whether it may look ahead.
    """

    outputs: int
    inputs: int = 256
    width: int = 160
    kernel: int = 5
    dilations: tuple[int, ...] = GENERATOR_DILATIONS
    causal: bool = False


class Generator(nn.Module):
    """Speech frames and an emotion to control values.

    Source: the decoder of CSTalk (arXiv 2404.18604, §3.2) with its emotion embedding; conditioning by feature-wise
    scale and shift as in Perez et al. 2018 (FiLM).
    """

    def __init__(self, shape: GeneratorShape, signed: torch.Tensor, dropout: float = 0.0) -> None:
        """signed: bool [C], which outputs run from -1 to 1; the others run from 0 to 1."""
        super().__init__()
        self.shape = shape
        self.register_buffer("signed", signed, persistent=False)
        self.enter = nn.Linear(shape.inputs, shape.width)
        self.emotion = nn.Linear(EMOTION_COUNT, 2 * shape.width, bias=False)
        self.blocks = nn.ModuleList(
            nn.Conv1d(shape.width, shape.width, shape.kernel, dilation=d) for d in shape.dilations
        )
        self.leave = nn.Linear(shape.width, shape.outputs)
        self.dropout = dropout

    def forward(self, frames: torch.Tensor, emotion: torch.Tensor) -> torch.Tensor:
        """frames: float32 [B, N, I]; emotion: float32 [B, N, 6]. Returns float32 [B, N, C] in each control's range."""
        x = F.relu(self.enter(F.dropout(frames, self.dropout, self.training)))
        scale, shift = self.emotion(emotion).chunk(2, dim=2)
        x = (x * (1 + scale) + shift).transpose(1, 2)  # [B, width, N]
        for block, dilation in zip(self.blocks, self.shape.dilations, strict=True):
            reach = (self.shape.kernel - 1) * dilation
            before = reach if self.shape.causal else reach // 2
            x = x + F.relu(block(F.pad(F.dropout(x, self.dropout, self.training), (before, reach - before))))
        x = self.leave(x.transpose(1, 2))
        return torch.where(self.signed, torch.tanh(x), torch.sigmoid(x))

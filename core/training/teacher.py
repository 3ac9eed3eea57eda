"""Version one in torch: the lower blocks of Whisper tiny.en and the decoder on top of them, the trunk's teachers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

HEADS = 6
"""Of Whisper tiny's attention."""


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """Sizes of the decoder.

    controls: curves it gives. width: channels inside. dilations: one residual block each.
    """

    controls: int
    inputs: int = 384
    width: int = 192
    kernel: int = 5
    dilations: tuple[int, ...] = (1, 2, 4)


class Decoder(nn.Module):
    """Encoder frames to control values: projection, dilated residual convolutions, sigmoid.

    Source: the temporal convolutional decoder of CSTalk (arXiv 2404.18604, §3.2) reduced to its core.
    """

    def __init__(self, shape: DecoderShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(shape.inputs))
        self.register_buffer("scale", torch.ones(shape.inputs))
        self.enter = nn.Linear(shape.inputs, shape.width)
        reach = shape.kernel // 2
        self.blocks = nn.ModuleList(
            nn.Conv1d(shape.width, shape.width, shape.kernel, padding=reach * d, dilation=d) for d in shape.dilations
        )
        self.leave = nn.Linear(shape.width, shape.controls)
        self.dropout = dropout

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden: float32 [B, N, 384]. Returns control values in 0..1, float32 [B, N, C]."""
        x = (hidden - self.mean) * self.scale
        x = F.gelu(self.enter(F.dropout(x, self.dropout, self.training)), approximate="tanh")
        x = x.transpose(1, 2)  # [B, width, N]
        for block in self.blocks:
            x = x + F.gelu(block(F.dropout(x, self.dropout, self.training)), approximate="tanh")
        return torch.sigmoid(self.leave(x.transpose(1, 2)))


def block_count(weights: dict[str, torch.Tensor]) -> int:
    """How many transformer blocks the weights hold."""
    return len({name.split(".")[2] for name in weights if name.startswith("encoder.blocks.")})


def encode_window(mel: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    """Encode one window as a whole. mel: float32 [N, 80] of mel.log_mel, N <= 3000. Returns float32 [ceil(N / 2), 384].

    Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", §2.2.
    """
    x = mel.T[None]
    for name, stride in (("conv1", 1), ("conv2", 2)):
        x = F.conv1d(x, weights[f"encoder.{name}.weight"], weights[f"encoder.{name}.bias"], stride=stride, padding=1)
        x = F.gelu(x, approximate="tanh")
    x = x[0].T
    x = x + weights["encoder.positions"][: len(x)]
    for block in range(block_count(weights)):
        x = _block(x, weights, f"encoder.blocks.{block}.")
    return x


def _block(x: torch.Tensor, weights: dict[str, torch.Tensor], prefix: str) -> torch.Tensor:
    def part(name: str) -> tuple[torch.Tensor, torch.Tensor]:
        return weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"]

    normed = F.layer_norm(x, x.shape[1:], *part("attention_norm"))
    heads = [
        y.reshape(len(x), HEADS, -1).transpose(0, 1) for y in F.linear(normed, *part("attention_in")).chunk(3, dim=1)
    ]
    attended = F.scaled_dot_product_attention(*heads).transpose(0, 1).reshape(x.shape)
    x = x + F.linear(attended, *part("attention_out"))
    normed = F.layer_norm(x, x.shape[1:], *part("feed_norm"))
    return x + F.linear(F.gelu(F.linear(normed, *part("feed_in")), approximate="tanh"), *part("feed_out"))

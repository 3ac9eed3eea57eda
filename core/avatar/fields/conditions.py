"""What a field is told about a moment: speech, eyes and pose, as short vectors.

Sources: AudioNet and its attention over 8 frames as in AD-NeRF (Guo et al. 2021), which GaussianTalker
(arXiv 2404.16012) takes over, here over our speech features instead of DeepSpeech's; GSTalker's temporal smoothing
(arXiv 2404.19040, §3.3), a learned low-pass over neighbouring frames' conditions.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

REACH = 4
"""Frames before the moment that a condition looks at; after it, one fewer."""
AROUND = 2 * REACH
AUDIO = 32
EYES = 6
"""Numbers that tell how eyes and brows stand: see eye_numbers."""


class AudioNet(nn.Module):
    """A window of speech features to a vector: convolutions that halve the time until nothing is left of it."""

    def __init__(self, inputs: int, width: int = AUDIO) -> None:
        super().__init__()
        sizes = (inputs, 32, 32, 64, 64)
        self.enter = nn.Linear(inputs, sizes[1])
        self.layers = nn.ModuleList(nn.Conv1d(a, b, 3, 2, 1) for a, b in pairwise(sizes[1:]))
        self.leave = nn.Sequential(nn.Linear(64, 64), nn.LeakyReLU(0.02), nn.Linear(64, width))
        for layer in (*self.layers, self.leave[0], self.leave[2]):  # torch's own start lets what is heard die away
            nn.init.kaiming_normal_(layer.weight, 0.02)
            nn.init.zeros_(layer.bias)

    def settle(self, features: torch.Tensor) -> None:
        """Begin with the principal components of what a video lets hear, each about 1; features: [T, WINDOW, D].

        Speech differs in what is small in its features, which a chance start would take long to find.
        """
        heard = F.layer_norm(features, features.shape[-1:]).flatten(0, 1)
        usual = heard.mean(0)
        _, strengths, axes = torch.linalg.svd(heard - usual, full_matrices=False)
        kept = min(len(self.enter.weight), int((strengths > strengths[0] * 1e-4).sum()))
        with torch.no_grad():
            self.enter.weight[:kept] = axes[:kept] * (len(heard) ** 0.5 / strengths[:kept, None])
            self.enter.weight[kept:] = 0
            self.enter.bias.copy_(-self.enter.weight @ usual)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """windows: [B, WINDOW, D]. Returns [B, width]."""
        x = self.enter(F.layer_norm(windows, windows.shape[-1:])).transpose(1, 2)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.02)
        return self.leave(x.mean(2))


class FrameAttention(nn.Module):
    """Frames around a moment, weighed by what they hold (AD-NeRF's attention, which GaussianTalker keeps)."""

    def __init__(self, width: int = AUDIO, around: int = AROUND) -> None:
        super().__init__()
        sizes = (width, 16, 8, 4, 2, 1)
        self.layers = nn.ModuleList(nn.Conv1d(a, b, 3, 1, 1) for a, b in pairwise(sizes))
        self.weigh = nn.Linear(around, around)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """frames: [around, width]. Returns [width]."""
        x = frames.T[None]
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.02)
        return self.weigh(x[0, 0]).softmax(0) @ frames


class Smoothing(nn.Module):
    """Frames around a moment, weighed by how far away they are: a learned low-pass (GSTalker)."""

    def __init__(self, around: int = AROUND) -> None:
        super().__init__()
        distance = (torch.arange(around) - REACH).float()
        self.weights = nn.Parameter(-0.5 * distance**2)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """frames: [around, width]. Returns [width]."""
        return self.weights.softmax(0) @ frames


class Middle(nn.Module):
    """The moment itself and nothing around it."""

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """frames: [around, width]. Returns [width]."""
        return frames[REACH]


SMOOTHINGS = {"attention": FrameAttention, "kernel": Smoothing, "none": Middle}


class Conditions(nn.Module):
    """Everything a field is told: [4, width] tokens, audio, eyes, pose and a learned one that says nothing."""

    def __init__(self, features: int, smoothing: str, width: int) -> None:
        super().__init__()
        self.audio = AudioNet(features)
        self.smooth = SMOOTHINGS[smoothing]()
        self.from_audio = nn.Linear(AUDIO, width)
        self.from_eyes = nn.Sequential(nn.Linear(EYES * 6, width), nn.LeakyReLU(0.02), nn.Linear(width, width))
        self.from_pose = nn.Sequential(nn.Linear(12, width), nn.LeakyReLU(0.02), nn.Linear(width, width))
        self.null = nn.Parameter(torch.randn(width) * 0.1)

    def forward(self, windows: torch.Tensor, eyes: torch.Tensor, affine: torch.Tensor) -> torch.Tensor:
        """windows: [AROUND, WINDOW, D]; eyes: [EYES], 0..1; affine: [3, 4], where the head has gone, decimetres."""
        audio = self.from_audio(self.smooth(self.audio(windows)))
        return torch.stack([audio, self.from_eyes(waves(eyes)), self.from_pose(affine.reshape(-1)), self.null])


def waves(values: torch.Tensor, octaves: int = 3) -> torch.Tensor:
    """Sines and cosines of values [..., k] at rising frequencies, [..., 2 * octaves * k]."""
    turned = torch.cat([values * (torch.pi * 2.0**octave) for octave in range(octaves)], dim=-1)
    return torch.cat([turned.sin(), turned.cos()], dim=-1)


def around(features: torch.Tensor, frame: int) -> torch.Tensor:
    """The windows around a frame, [AROUND, WINDOW, D], held at the ends. features: [T, WINDOW, D]."""
    rows = torch.arange(frame - REACH, frame + REACH, device=features.device).clamp(0, len(features) - 1)
    return features[rows]


def eye_numbers(weights: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """How eyes and brows stand, [T, EYES]. weights: [T, 52]; rows: int64 [EYES, 2], which shapes' means are told."""
    return weights[:, rows].mean(2)

"""What the track got wrong, learned together with the head, so that a shaking track does not blur it.

Only frames that are learned from are corrected; those held out stay as they were tracked. Source: the fine-tuning of
tracked parameters in GaussianAvatars (Qian et al. 2024, §3.4).
"""

from __future__ import annotations

import torch
from torch import nn

from ..rig.arkit import ARKIT_52

TURN, SHIFT, WEIGHT = 0.02, 0.005, 0.1
"""What a stored 1 means: radians, metres, and of a shape's weight."""


class Correction(nn.Module):
    """Small turns, shifts and weights for each of T frames; nothing at first."""

    def __init__(self, frames: int) -> None:
        super().__init__()
        self.poses = nn.Parameter(torch.zeros(frames, 6))
        self.weights = nn.Parameter(torch.zeros(frames, len(ARKIT_52)))

    def affine(self, frame: int, affine: torch.Tensor) -> torch.Tensor:
        """A motion [3, 4] put right: turned a little about where it takes the mesh's center, and shifted."""
        turn, shift = (self.poses[frame, :3] * TURN), (self.poses[frame, 3:] * SHIFT)
        x, y, z = turn.unbind()
        none = torch.zeros_like(x)
        skew = torch.stack([none, -z, y, z, none, -x, -y, x, none]).reshape(3, 3)
        small = torch.linalg.matrix_exp(skew)
        return torch.cat([small @ affine[:, :3], (affine[:, 3] + shift)[:, None]], dim=1)

    def weight(self, frame: int, weights: torch.Tensor) -> torch.Tensor:
        """Weights [52] put right, 0..1; what is at rest in the track stays there."""
        return (weights + self.weights[frame] * WEIGHT * (weights > 0.01)).clamp(0, 1)

    def size(self) -> torch.Tensor:
        """Mean square of everything stored, to be kept small."""
        return self.poses.square().mean() + self.weights.square().mean()

"""How much of the head's motion each place of the torso goes along with, and what the head turns about.

A head that turns about the base of its neck shifts where a tracker looks. Told about the right pivot, the shift that is
left is the body's, and a torso goes along with an even share of it: on 20 s of a filmed address a torso measured by its
own optical flow was 2.1 and 1.5 pixels of 128 off where it stood still, 1.0 and 0.4 with the best shares about the
template's pivot, and 0.26 with the pivot learned too, which came out 4 cm lower.

Source of the idea: GSTalker's torso told of the head's pose (arXiv 2404.19040, §3.4). Shares and a pivot instead of a
free field, because a bone has just those, so that they outlive baking to the last number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import nn

from .bound import Posed, carry
from .fields.conditions import waves

WIDTH = 32
LEAST = 0.02
"""The share of a turn a place that is still begins with, and what one that goes along wholly lacks: from 0 nothing is
learned."""
SHIFTED = 0.3
"""The share of a shift that a place has at least to begin with: bodies lean."""
UNIT = 0.1
"""Metres of the pivot that a stored 1 means."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """turn, shift: [N], 0..1, of the head's turn about its pivot, and of where the pivot itself goes."""

    turn: torch.Tensor
    shift: torch.Tensor


class Follow(nn.Module):
    """Shares of places of the torso, at first those that the template tells; and the pivot, at first the template's."""

    def __init__(self) -> None:
        super().__init__()
        self.away = nn.Parameter(torch.zeros(3))
        self.enter, self.leave = nn.Linear(3 * 7, WIDTH), nn.Linear(WIDTH, 2)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, places: torch.Tensor, carried: torch.Tensor) -> Shares:
        """places: [N, 3], -1..1 in the torso's box; carried: [N], what the template tells."""
        told = self.leave(torch.relu(self.enter(torch.cat([places, waves(places / 2)], 1))))
        first = torch.stack([carried.clamp(least, 1 - LEAST) for least in (LEAST, SHIFTED)], 1)
        return Shares(*torch.sigmoid(torch.logit(first) + told).unbind(1))

    def pivot(self, first: torch.Tensor) -> torch.Tensor:
        """What the head turns about, [3], metres. first: what the template tells."""
        return first + self.away * UNIT


def followed(posed: Posed, shares: Shares, affine: torch.Tensor, pivot: torch.Tensor) -> Posed:
    """Splats that go with the head by their shares.

    affine: [3, 4], rigid, and pivot: [3], metres, both about the mesh's center. Shares of 1 are carry().
    """
    turn = affine[:, :3]
    about = torch.cat([turn, (pivot - turn @ pivot)[:, None]], dim=1)
    out = carry(posed, shares.turn, about)
    shift = turn @ pivot + affine[:, 3] - pivot
    return replace(out, means=out.means + shares.shift[:, None] * shift)

"""Fields that change splats: one for the head, told of speech, eyes and pose, and one for the torso, told of pose.

Sources: GaussianTalker (arXiv 2404.16012, §3.3): heads for place, scale, rotation, opacity and colour on a fused
feature, added to the canonical splats; GSTalker (arXiv 2404.19040, §3.4): a field for the torso told of the head's
pose; TalkingGaussian for the small unit of change in place.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ..bound import ALL, PLACES, WIDTHS
from .conditions import Conditions, waves
from .fusion import FUSIONS
from .grids import HashPlanes, Planes

UNITS = {"offset": 0.01, "turn": 0.3, "log_scale": 0.3, "logit": 1.0, "color": 0.5}
"""What a head's output of 1 means, so that all heads learn at one pace: metres, radians, logarithm, logit, harmonic."""
GRIDS = {"planes": Planes, "hash": HashPlanes}


@dataclass(frozen=True, slots=True)
class FieldShape:
    """grid, fusion, smoothing: names of GRIDS, FUSIONS, SMOOTHINGS. features: D of the speech features.

    width: of fused features. grid_options: sizes of the grid.
    """

    grid: str
    fusion: str
    smoothing: str
    features: int
    width: int = 64
    grid_options: tuple[tuple[str, object], ...] = ()


class Field(nn.Module):
    """What a moment does to each place of a head; nothing at all before it has learned."""

    def __init__(self, shape: FieldShape) -> None:
        super().__init__()
        self.grid = GRIDS[shape.grid](**dict(shape.grid_options))
        self.enter = nn.Linear(self.grid.width, shape.width)
        self.conditions = Conditions(shape.features, shape.smoothing, shape.width)
        self.fusion = FUSIONS[shape.fusion](shape.width)
        self.heads = nn.ModuleDict({name: _head(shape.width, columns) for name, columns in WIDTHS.items()})

    def tokens(self, windows: torch.Tensor, eyes: torch.Tensor, affine: torch.Tensor) -> torch.Tensor:
        """A moment as tokens; see Conditions."""
        return self.conditions(windows, eyes, affine)

    def features(self, places: torch.Tensor) -> torch.Tensor:
        """Features of places [N, 3], -1..1; they do not depend on the moment and may be kept."""
        return self.enter(self.grid(places))

    def forward(self, features: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Changes [N, ALL], offsets in the sitter's axes (not yet in the triangles' frames)."""
        fused = self.fusion(features, tokens)
        return torch.cat([self.heads[name](fused) * UNITS[name] for name in WIDTHS], dim=1)


class Canonical(nn.Module):
    """What splats look like at rest, told by their place: turn, size, opacity and colour (GaussianTalker, §3.2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: _head(width, WIDTHS[name]) for name in WIDTHS if name != "offset"})

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """features: [N, width]. Returns changes [N, ALL] without offsets."""
        still = torch.zeros_like(features[:, : WIDTHS["offset"]])
        return torch.cat([still, *(head(features) * UNITS[name] for name, head in self.heads.items())], dim=1)


class Torso(nn.Module):
    """Where the torso's splats go when the head moves: offsets [N, 3] in the sitter's axes."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3 * 7 + 12, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.leave = nn.Linear(width, 6)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, places: torch.Tensor, affine: torch.Tensor) -> torch.Tensor:
        """places: [N, 3], -1..1; affine: [3, 4], where the head has gone, decimetres. Returns changes [N, ALL]."""
        told = affine.reshape(1, -1).expand(len(places), -1)
        out = self.leave(self.layers(torch.cat([places, waves(places), told], 1)))
        change = torch.zeros(len(places), ALL, dtype=out.dtype, device=out.device)
        change[:, PLACES["offset"]] = out[:, :3] * UNITS["offset"]
        change[:, PLACES["color"]] = out[:, 3:] * UNITS["color"] * 0.1
        return change


def _head(inputs: int, outputs: int) -> nn.Sequential:
    """Two layers whose last begins at nothing."""
    head = nn.Sequential(nn.Linear(inputs, 128), nn.ReLU(), nn.Linear(128, outputs))
    nn.init.zeros_(head[-1].weight)
    nn.init.zeros_(head[-1].bias)
    return head

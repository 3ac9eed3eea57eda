"""Features of places: three planes at several resolutions, as plain grids or as hash tables.

Sources: Fridovich-Keil et al. 2023 (K-planes) as GaussianTalker (Cho et al. 2024, arXiv 2404.16012, §3.2) uses it;
Müller et al. 2022 (instant-ngp), one table for each of three planes as in ER-NeRF and GSTalker (arXiv 2404.19040).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

PAIRS = ((0, 1), (0, 2), (1, 2))
"""The axes of the three planes."""
PRIMES = (1, 2654435761)
"""Factors of the spatial hash. Source: Müller et al. 2022, eq. 4."""


class Planes(nn.Module):
    """Tri-planes: at each level the three planes' features are multiplied, and levels stand side by side."""

    def __init__(self, base: int = 64, levels: tuple[int, ...] = (1, 2), channels: int = 32) -> None:
        """base: cells along an axis at level 1; levels: multiples of it.

        Features begin between 0.7 and 1.3, so that products of three are about 1 and places differ from the first.
        """
        super().__init__()
        self.width = channels * len(levels)
        self.planes = nn.ParameterList(
            nn.Parameter(torch.rand(3, channels, base * level, base * level) * 0.6 + 0.7) for level in levels
        )

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """places: [N, 3], -1..1. Returns [N, width]."""
        at = torch.stack([places[:, pair] for pair in PAIRS])[:, :, None]  # [3, N, 1, 2]
        found = []
        for planes in self.planes:
            each = F.grid_sample(planes, at, align_corners=True, padding_mode="border")  # [3, channels, N, 1]
            found.append(each[..., 0].prod(0).T)
        return torch.cat(found, dim=1)

    def roughness(self) -> torch.Tensor:
        """Mean squared difference of neighbouring cells, to be kept small."""
        parts = [p.diff(dim=2).square().mean() + p.diff(dim=3).square().mean() for p in self.planes]
        return torch.stack(parts).mean()


class HashPlanes(nn.Module):
    """Hash tri-planes: each plane at each of many resolutions is a small table; all features stand side by side."""

    def __init__(
        self, levels: int = 12, channels: int = 1, coarsest: int = 16, finest: int = 256, log2_size: int = 14
    ) -> None:
        """coarsest, finest: cells along an axis at the first and last level; log2_size: of the longest table."""
        super().__init__()
        growth = (finest / coarsest) ** (1 / max(levels - 1, 1))
        sides = [round(coarsest * growth**level) for level in range(levels)]
        self.width = 3 * levels * channels
        rows = [min((side + 1) ** 2, 2**log2_size) for side in sides]
        self.tables = nn.ParameterList(nn.Parameter(torch.empty(3, n, channels).uniform_(-1e-2, 1e-2)) for n in rows)
        self.sides = tuple(sides)

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """places: [N, 3], -1..1. Returns [N, width]."""
        at = torch.stack([places[:, pair] for pair in PAIRS]).clamp(-1, 1) * 0.5 + 0.5  # [3, N, 2]
        found = [_looked_up(table, at * side, side) for table, side in zip(self.tables, self.sides, strict=True)]
        return torch.cat(found, dim=2).transpose(0, 1).flatten(1)

    def roughness(self) -> torch.Tensor:
        """Mean squared feature, to be kept small; tables have no neighbours."""
        return torch.stack([table.square().mean() for table in self.tables]).mean()


def _looked_up(table: torch.Tensor, at: torch.Tensor, side: int) -> torch.Tensor:
    """Bilinear features [3, N, channels] of places at [3, N, 2] in cells."""
    low = at.floor().clamp(max=side - 1)
    part = at - low
    low = low.long()
    total = torch.zeros((*at.shape[:2], table.shape[2]), dtype=table.dtype, device=table.device)
    plane = torch.arange(3, device=table.device)[:, None]
    for dx in (0, 1):
        for dy in (0, 1):
            x, y = low[..., 0] + dx, low[..., 1] + dy
            full = (side + 1) ** 2 <= table.shape[1]
            row = x * (side + 1) + y if full else (x * PRIMES[0] ^ y * PRIMES[1]) % table.shape[1]
            share = (part[..., 0] if dx else 1 - part[..., 0]) * (part[..., 1] if dy else 1 - part[..., 1])
            total = total + share[..., None] * table[plane, row]
    return total

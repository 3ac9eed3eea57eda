"""Which splats come and go while a head is learned: the faint go, those that pictures pull at most are split.

Source: the densification of Kerbl et al. 2023, §5.2, by the mean length of the gradient of each middle in the picture;
a splat's share of splitting is raised around mouth and eyes, as PGSTalker and GaussianTalker spend theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .avatar import SPLATS, Avatar
from .memory import memory_of, optimiser_of, remember, reordered
from .prepared import REGIONS
from .raster.protocol import Drawn
from .settings import Settings
from .start import Start

SHRINK = float(np.log(1.6))
"""What a split splat's size falls by, as a logarithm. Source: Kerbl et al. 2023."""
MORE = {"lips": 2.5, "mouth": 2.5, "teeth": 2.5, "tongue": 2.0, "lids": 2.0, "eyes": 2.0}


@dataclass(slots=True)
class Pull:
    """How hard pictures pulled at each splat since the last change; total [N], times [N]."""

    total: torch.Tensor
    times: torch.Tensor

    @classmethod
    def none(cls, count: int, device: torch.device) -> Pull:
        """No pull at count splats yet."""
        return cls(torch.zeros(count, device=device), torch.zeros(count, device=device))

    def feel(self, drawn: Drawn) -> None:
        """Take note of a picture after its backward."""
        if drawn.middles.grad is not None:
            self.total += drawn.middles.grad.reshape(-1, len(self.total), 2).norm(dim=2).sum(0)
            self.times += drawn.seen

    def mean(self) -> torch.Tensor:
        """The mean pull, [N]."""
        return self.total / self.times.clamp_min(1)


def regrown(
    avatar: Avatar, optimiser: torch.optim.Adam, pull: Pull, settings: Settings, rng: np.random.Generator
) -> torch.optim.Adam:
    """Drop and split splats in place; returns the optimiser of the new parameters with the memory of the old."""
    rows, fresh = _choice(avatar, pull, settings)
    memory = reordered(memory_of(optimiser), rows, fresh)
    start = _split(avatar.start(), rows.cpu().numpy(), fresh.cpu().numpy(), rng)
    device = avatar.offsets.device
    with torch.no_grad():
        for name in SPLATS:
            setattr(avatar, name, torch.nn.Parameter(torch.from_numpy(getattr(start, name)).to(device)))
        if avatar.shapes is not None:
            avatar.shapes.bases = torch.nn.Parameter(avatar.shapes.bases.detach()[:, rows])
    avatar.settle(start)
    made = optimiser_of(avatar, settings.rates)
    remember(made, memory)
    return made


def _choice(avatar: Avatar, pull: Pull, settings: Settings) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows to keep and to add, each split splat twice; and which of them are the second halves."""
    wish = settings.density
    keep = avatar.logits.detach().sigmoid() > wish.fainter
    kept = torch.nonzero(keep)[:, 0]
    room = min(settings.splats.most - len(kept), int(wish.growth * len(kept)))
    regions = torch.from_numpy(avatar.sitter.regions[avatar.triangles].astype(np.int64)).to(keep.device)
    weight = torch.tensor([MORE.get(name, 1.0) for name in REGIONS], device=keep.device)[regions]
    score = (pull.mean() * weight)[kept]
    split = kept[score.topk(max(0, min(room, int((score > 0).sum())))).indices]
    rows = torch.cat([kept, split])
    fresh = torch.zeros(len(rows), dtype=torch.bool, device=keep.device)
    fresh[len(kept) :] = True
    return rows, fresh


def _split(start: Start, rows: np.ndarray, fresh: np.ndarray, rng: np.random.Generator) -> Start:
    """Splats by row; those that come twice are made smaller and moved apart along their longest axis."""
    from ..quats import matrices, unit

    made = start.chosen(rows)
    twice = np.isin(rows, rows[fresh])
    longest = made.log_scales[twice].argmax(1)
    axes = matrices(unit(made.quats[twice]))[np.arange(int(twice.sum())), :, longest]
    size = np.exp(made.log_scales[twice].max(1))
    side = np.where(fresh[twice], 1.0, -1.0) * (0.4 + 0.2 * rng.random(int(twice.sum())))
    made.offsets[twice] += (axes * (size * side)[:, None]).astype(np.float32)
    made.log_scales[twice, longest] -= SHRINK
    return made

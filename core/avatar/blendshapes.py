"""Speaker-specific blendshapes: what one person's splats do beyond the mesh, in a few linear changes.

Sources: the speaker-specific blendshapes of GaussianTalker (Yu et al. 2024, arXiv 2404.14037, §3.3), driven by a latent
pose; the few reduced bases of RGBAvatar (Li et al. 2025). Driven by a matrix instead of a network they are exactly the
correctives of a SplatHead.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from ..rig.arkit import ARKIT_52
from .bound import ALL, WIDTHS

UNITS = {"offset": 0.004, "turn": 0.1, "log_scale": 0.1, "logit": 0.5, "color": 0.2}
"""What a stored 1 means, so that one rate serves all: metres, radians, logarithm, logit, harmonic."""


CALM = 3e-4
"""Mean square of a weight below which the video has not shown enough of a shape."""
MOST_SCALE = 8.0
"""What a direction that hardly moved is scaled up by at most."""


class SpeakerShapes(nn.Module):
    """K changes to N splats and what drives them."""

    def __init__(self, count: int, splats: int, mix: np.ndarray, latent: bool) -> None:
        """mix: float32 [K, 52], how much each is on for each of ARKit's shapes, to begin with; see first_mix."""
        super().__init__()
        self.bases = nn.Parameter(torch.zeros(count, splats, ALL))
        self.mix = nn.Parameter(torch.from_numpy(mix.copy()))
        units = torch.cat([torch.full((WIDTHS[name],), unit) for name, unit in UNITS.items()])
        self.register_buffer("units", units, False)
        self.latent = None
        if latent:
            self.latent = nn.Sequential(nn.Linear(len(ARKIT_52), 64), nn.LeakyReLU(0.02), nn.Linear(64, count))
            nn.init.zeros_(self.latent[-1].weight)
            nn.init.zeros_(self.latent[-1].bias)

    def coefficients(self, weights: torch.Tensor) -> torch.Tensor:
        """How much each change is on, [..., K]: the latent pose. weights: [..., 52]."""
        linear = weights @ self.mix.T
        return linear if self.latent is None else linear + self.latent(weights)

    def forward(self, coefficients: torch.Tensor) -> torch.Tensor:
        """Changes [N, ALL]. coefficients: [K]."""
        count, splats, width = self.bases.shape
        return (coefficients @ self.bases.reshape(count, -1)).reshape(splats, width) * self.units

    def quieten(self, weight: float) -> None:
        """Add to the gradient of the changes that of weight times their mean square.

        Told outright: a graph through millions of numbers takes longer than all the rest of a step.
        """
        if self.bases.grad is not None:
            self.bases.grad.add_(self.bases.detach(), alpha=2 * weight / self.bases.numel())

    def calm(self, weights: torch.Tensor) -> None:
        """Drive the shapes by no more than the video has shown, so that a new performance stays among what was learned.

        weights: [T, 52], those learned from. The same coefficients on them from the smallest matrix that does (ridge):
        what hardly moved in the video hardly counts, and what never did not at all.
        """
        with torch.no_grad():
            rows = weights.to(self.mix).double()
            gram = rows.T @ rows + CALM * len(rows) * torch.eye(rows.shape[1], dtype=rows.dtype, device=rows.device)
            self.mix.copy_(torch.linalg.solve(gram, rows.T @ (rows @ self.mix.double().T)).T.float())

    def changes(self) -> np.ndarray:
        """The K changes themselves, float32 [K, N, ALL]."""
        return (self.bases * self.units).detach().cpu().numpy()


def first_mix(weights: np.ndarray, count: int) -> np.ndarray:
    """The strongest directions in which a face moved, so scaled that each is on by about 1; float32 [count, 52].

    weights: float [T, 52]. Not about a mean, so that a face at rest has no changes.
    """
    _, strengths, directions = np.linalg.svd(weights.astype(np.float64), full_matrices=True)
    scale = np.zeros(len(directions))
    scale[: len(strengths)] = np.sqrt(len(weights)) / np.maximum(strengths, 1e-9) * (strengths > strengths[0] * 1e-4)
    mix = directions * np.minimum(scale, MOST_SCALE)[:, None]
    return mix[:count].astype(np.float32)

"""The noun of the splat room: a set of 3D Gaussians, in one convention whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import FormatError, ShapeError

SH_COEFFICIENTS = (1, 4, 9, 16)
"""Coefficients a colour channel has at spherical-harmonic degree 0, 1, 2, 3."""
SH_DC = 0.28209479177387814
"""The zeroth basis function, 1 / (2 sqrt(pi)). Source: Kerbl et al. 2023, 3D Gaussian Splatting."""


class SplatError(FormatError):
    """A splat file that cannot be read, or splats a file cannot hold."""


@dataclass(frozen=True, slots=True)
class Splats:
    """N Gaussians in right-handed axes, +y up, +z toward the viewer (docs/conventions.md has every file's own).

    means:      float32 [N, 3], metres.
    quats:      float32 [N, 4], w x y z, unit length; turns the Gaussian's own axes into the set's.
    log_scales: float32 [N, 3], natural logarithm of the standard deviations in metres.
    logits:     float32 [N], opacity before the sigmoid.
    sh:         float32 [N, K, 3], K one of SH_COEFFICIENTS; coefficient 0 gives the colour that is seen from every
                side, 0.5 + SH_DC * sh[:, 0], in display (sRGB) space, the others what a side adds.
    """

    means: np.ndarray
    quats: np.ndarray
    log_scales: np.ndarray
    logits: np.ndarray
    sh: np.ndarray

    def __post_init__(self) -> None:
        check("Splats.means", self.means, ("N", 3))
        count = len(self.means)
        check("Splats.quats", self.quats, (count, 4))
        check("Splats.log_scales", self.log_scales, (count, 3))
        check("Splats.logits", self.logits, (count,))
        check("Splats.sh", self.sh, (count, "K", 3))
        if self.sh.shape[1] not in SH_COEFFICIENTS:
            raise ShapeError(f"Splats.sh must hold 1, 4, 9 or 16 coefficients, but holds {self.sh.shape[1]}.")

    def __len__(self) -> int:
        return len(self.means)

    @property
    def degree(self) -> int:
        """The highest spherical-harmonic degree held, 0 to 3."""
        return SH_COEFFICIENTS.index(self.sh.shape[1])

"""What every rasteriser takes and gives, so that a trainer does not know which one it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch

from ...errors import ShapeError
from ...splat.render import Camera

FEWEST = 1e-10
"""The least coverage that depth is divided by."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaussians:
    """N Gaussians as a trainer holds them: in the set's axes, after every activation.

    means:     [N, 3], metres.
    quats:     [N, 4], w x y z, of any length but 0; made unit by the rasteriser.
    scales:    [N, 3], standard deviations in metres, above 0 (not their logarithms).
    opacities: [N], 0..1 (after the sigmoid).
    colors:    [N, 3], display (sRGB) space, as the camera sees them (core.avatar.raster.harmonics for harmonics).
    All of one floating dtype and on one device.
    """

    means: torch.Tensor
    quats: torch.Tensor
    scales: torch.Tensor
    opacities: torch.Tensor
    colors: torch.Tensor

    def __post_init__(self) -> None:
        count = len(self.means)
        for name, shape in (("means", (3,)), ("quats", (4,)), ("scales", (3,)), ("opacities", ()), ("colors", (3,))):
            tensor = getattr(self, name)
            if tuple(tensor.shape) != (count, *shape) or tensor.dtype != self.means.dtype:
                wanted = f"{self.means.dtype}{[count, *shape]}"
                raise ShapeError(f"Gaussians.{name} must be {wanted}, but is {tensor.dtype}{list(tensor.shape)}.")

    def __len__(self) -> int:
        return len(self.means)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture with gradients.

    color:   [H, W, 3], display space, over the background.
    alpha:   [H, W], 0..1, how much of the background is hidden.
    depth:   [H, W], metres along the camera's axis, the mean of what is seen; 0 where nothing is.
    middles: [..., N, 2], pixels, where each Gaussian's middle falls; its grad is kept by backward for density control.
    seen:    bool [N], which Gaussians could reach the picture.
    """

    color: torch.Tensor
    alpha: torch.Tensor
    depth: torch.Tensor
    middles: torch.Tensor
    seen: torch.Tensor


class Rasteriser(Protocol):
    """Draws Gaussians as core.splat.render does, with gradients.

    device: where it works; Gaussians are best kept there.
    """

    device: torch.device

    def render(self, gaussians: Gaussians, camera: Camera, background: torch.Tensor | None = None) -> Drawn:
        """Draw.

        background: [3] or [H, W, 3], display space; None is black. It may ask for gradients too.
        """
        ...


def finished(planes: torch.Tensor, background: torch.Tensor | None, middles: torch.Tensor, seen: torch.Tensor) -> Drawn:
    """A picture from what a blend sums up: [H, W, 5] of red, green, blue, depth, each times its weight, and alpha."""
    color, alpha = planes[..., :3], planes[..., 4]
    if background is not None:
        color = color + (1 - alpha[..., None]) * background.to(planes)
    return Drawn(color, alpha, planes[..., 3] / alpha.clamp_min(FEWEST), middles, seen)

"""Colours set right by looking at the result: what the drawn head lacks of the picture is given back to its splats.

Each round draws the head and gives every splat the mean of what is missing under it, weighted as it was blended: the
simultaneous iterative reconstruction technique (Gilbert 1972), whose two products are a rasteriser's forward and
backward pass.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..splat.head import SplatHead
from ..splat.render import Camera
from ..splat.types import SH_DC, Splats
from .hair import Outline
from .sitting import Freedom, Sitting

if TYPE_CHECKING:
    import torch

    from ..avatar.raster.protocol import Gaussians, Rasteriser

ROUNDS = 6
LONGEST = 512
"""Pixels of the picture that is compared; finer than the splats are, there is nothing to set right."""
EDGE_CARE = 3
"""Power of how far a pixel is up to splats that may change, with which it counts."""
LEAST_WEIGHT = 0.05
"""Splats that the picture shows by less than so many pixels keep their colour."""


def refined(head: SplatHead, sitting: Sitting, free: Freedom, rounds: int = ROUNDS) -> SplatHead:
    """The head with colours that make its picture, as it sat for it, the person's. Degree 0 stays degree 0.

    free: how far each splat may change.
    """
    import torch

    from ..avatar.raster.cpu import CpuRasteriser

    small = smaller(sitting.outline, LONGEST)
    wanted = torch.from_numpy(np.ascontiguousarray(small.bled, np.float32))
    cover = torch.from_numpy(np.ascontiguousarray(small.mask, np.float32))[..., None]
    gaussians, raster = _gaussians(sitting.posed(head)), CpuRasteriser()
    colors, loose = gaussians.colors, torch.from_numpy(free.colors)[:, None]
    counting = torch.from_numpy(free.pixels)[:, None].expand(-1, 3)
    cover = cover * _looseness(raster, replace(gaussians, colors=counting), small.camera)
    for _ in range(rounds):
        missing, share = _missing(raster, replace(gaussians, colors=colors), small.camera, (wanted, cover))
        better = (colors + loose * missing / share.clamp_min(1e-6)).clamp(0, 1)
        colors = torch.where(share > LEAST_WEIGHT, better, colors)
    return replace(head, sh=((colors.numpy() - 0.5) / SH_DC)[:, None].astype(np.float32))


def _looseness(raster: Rasteriser, gaussians: Gaussians, camera: Camera) -> torch.Tensor:
    """How far a pixel's colour is up to splats that may change, [H, W, 1]: what the others lack is not theirs to mend,
    and trying drew bright and dark lines along every edge.
    """
    import torch

    with torch.no_grad():
        return raster.render(gaussians, camera, torch.zeros(3)).color[..., :1].clamp(0, 1) ** EDGE_CARE


def smaller(outline: Outline, longest: int) -> Outline:
    """A picture no longer than so many pixels, its mask and camera alike."""
    import cv2

    width, height = outline.camera.size
    factor = min(1.0, longest / max(width, height))
    if factor == 1.0:
        return outline
    size = (round(width * factor), round(height * factor))
    across, down = size[0] / width, size[1] / height
    camera = replace(
        outline.camera,
        focal=(outline.camera.focal[0] * across, outline.camera.focal[1] * down),
        center=(outline.camera.center[0] * across, outline.camera.center[1] * down),
        size=size,
    )
    pixels, mask = (cv2.resize(array, size, interpolation=cv2.INTER_AREA) for array in (outline.pixels, outline.mask))
    return Outline(pixels, mask, camera)


def _gaussians(posed: Splats) -> Gaussians:
    import torch

    from ..avatar.raster.protocol import Gaussians

    logits = torch.from_numpy(posed.logits.copy())
    colors = np.clip(0.5 + SH_DC * posed.sh[:, 0], 0, 1).astype(np.float32)
    means, quats, sizes = (torch.from_numpy(array.copy()) for array in (posed.means, posed.quats, posed.log_scales))
    return Gaussians(means, quats, sizes.exp(), logits.sigmoid(), torch.from_numpy(colors))


def _missing(
    raster: Rasteriser, gaussians: Gaussians, camera: Camera, wanted: tuple[torch.Tensor, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """For each splat the sum of what is missing under it, [N, 3], and the sum of its weights, [N, 1]."""
    import torch

    picture, cover = wanted
    colors = gaussians.colors.clone().requires_grad_(True)
    drawn = raster.render(replace(gaussians, colors=colors), camera, picture)
    missing = torch.autograd.grad(drawn.color, colors, ((picture - drawn.color) * cover).detach(), retain_graph=True)[0]
    share = torch.autograd.grad(drawn.color, colors, cover.expand_as(picture).contiguous())[0]
    return missing, share[:, :1]


def picture_error(posed: Splats, outline: Outline) -> float:
    """PSNR in dB of the drawn head, as it sat, against the picture, where the person is."""
    from ..splat.render import render

    drawn = render(posed, outline.camera)
    sure = outline.mask > 0.9
    away = (drawn.color + (1 - drawn.alpha[..., None]) * outline.bled - outline.pixels)[sure]
    return float(-10 * np.log10(max(float((away**2).mean()), 1e-12)))

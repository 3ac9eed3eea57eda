"""Colours that depend on the side they are seen from, in torch: the twin of core.splat.rotate_sh.seen_colors."""

from __future__ import annotations

import torch

from ...splat.render import Camera
from ...splat.rotate_sh import harmonics
from ...splat.types import SH_COEFFICIENTS, SH_DC
from .reference import rotations


def seen_colors(
    sh: torch.Tensor, means: torch.Tensor, camera: Camera, turned: torch.Tensor | None = None
) -> torch.Tensor:
    """Display colours [N, 3], 0 and up, as a camera sees them.

    sh: [N, K, 3], K = 1, 4, 9 or 16, in the axes of means [N, 3] (metres). turned: quats [N, 4], w x y z, by which each
    splat has turned since its sh was told; the side seen is turned back instead, which is the same and cheaper.
    """
    place = torch.as_tensor(camera.place, dtype=means.dtype, device=means.device)
    if camera.orthographic:
        away = -torch.as_tensor(camera.to_camera[2, :3], dtype=means.dtype, device=means.device).expand_as(means)
    else:
        away = torch.nn.functional.normalize(means - place, dim=1)
    if turned is not None:
        away = (rotations(turned).transpose(1, 2) @ away[:, :, None])[:, :, 0]
    return (0.5 + torch.einsum("nk,nkc->nc", basis(away, sh.shape[1]), sh)).clamp_min(0)


def basis(directions: torch.Tensor, count: int) -> torch.Tensor:
    """The first count (1, 4, 9, 16) harmonics along unit directions [N, 3]; [N, count]."""
    x, y, z = directions.unbind(-1)
    return torch.stack([torch.full_like(x, SH_DC), *harmonics(x, y, z, SH_COEFFICIENTS.index(count))], -1)

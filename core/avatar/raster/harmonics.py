"""Colours that depend on the side they are seen from, in torch: the twin of core.splat.rotate_sh.seen_colors."""

from __future__ import annotations

import torch

from ...splat.render import Camera
from ...splat.rotate_sh import SH_1, SH_2, SH_3
from ...splat.types import SH_DC


def seen_colors(sh: torch.Tensor, means: torch.Tensor, camera: Camera) -> torch.Tensor:
    """Display colours [N, 3], 0 and up, as a camera sees them.

    sh: [N, K, 3], K = 1, 4, 9 or 16, in the axes of means [N, 3] (metres).
    """
    place = torch.as_tensor(camera.place, dtype=means.dtype, device=means.device)
    if camera.orthographic:
        away = -torch.as_tensor(camera.to_camera[2, :3], dtype=means.dtype, device=means.device).expand_as(means)
    else:
        away = torch.nn.functional.normalize(means - place, dim=1)
    return (0.5 + torch.einsum("nk,nkc->nc", basis(away, sh.shape[1]), sh)).clamp_min(0)


def basis(directions: torch.Tensor, count: int) -> torch.Tensor:
    """The first count (1, 4, 9, 16) harmonics along unit directions [N, 3]; [N, count]."""
    x, y, z = directions.unbind(-1)
    parts = [torch.full_like(x, SH_DC)]
    if count > 1:
        parts += [-SH_1 * y, SH_1 * z, -SH_1 * x]
    if count > 4:
        a, b, c = SH_2
        parts += [a * x * y, -a * y * z, b * (2 * z * z - x * x - y * y), -a * x * z, c * (x * x - y * y)]
    if count > 9:
        parts += _cubic(x, y, z)
    return torch.stack(parts, -1)


def _cubic(x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> list[torch.Tensor]:
    a, b, c, d, e = SH_3
    return [
        -a * y * (3 * x * x - y * y),
        b * x * y * z,
        -c * y * (4 * z * z - x * x - y * y),
        d * z * (2 * z * z - 3 * x * x - 3 * y * y),
        -c * x * (4 * z * z - x * x - y * y),
        e * z * (x * x - y * y),
        -a * x * (x * x - 3 * y * y),
    ]

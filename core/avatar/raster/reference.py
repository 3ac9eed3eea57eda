"""The judge of gradients: core.splat.render once more in torch, tile by tile, every derivative left to autograd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from ...splat.render import DILATION, LEAST_ALPHA, MOST_ALPHA, TILE, WIDE, Camera
from .protocol import Drawn, Gaussians, finished

THINNEST = 1e-12
"""Pixels to the fourth: the least area that Camera.smooth takes a Gaussian to have, where a root has no slope."""


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """Gaussians in the picture, in their own order.

    middles: [N, 2] pixels; conics: [N, 3], inverse covariance xx, xy, yy; reach: [N, 2] pixels, without gradient;
    opacities, depths: [N]; seen: bool [N], before the camera and not too faint.
    """

    middles: torch.Tensor
    conics: torch.Tensor
    reach: torch.Tensor
    opacities: torch.Tensor
    depths: torch.Tensor
    seen: torch.Tensor


class ReferenceRasteriser:
    """Plain torch on the Gaussians' device and in their precision; slow, and exact: nothing is left out early."""

    def __init__(self, device: torch.device | None = None) -> None:
        """device: where its user should keep Gaussians; the processor by default."""
        self.device = torch.device("cpu") if device is None else device

    def render(self, gaussians: Gaussians, camera: Camera, background: torch.Tensor | None = None) -> Drawn:
        """See Rasteriser."""
        flat = project(gaussians, camera)
        if flat.middles.requires_grad:
            flat.middles.retain_grad()
        order = torch.argsort(flat.depths.detach(), stable=True)
        order = order[flat.seen[order]]
        rows = []
        for top in range(0, camera.size[1], TILE):
            tiles = [_blend(flat, gaussians.colors, *tile) for tile in _tiles(flat, order, camera.size, top)]
            rows.append(torch.cat(tiles, 1))
        return finished(torch.cat(rows, 0), background, flat.middles, flat.seen)


def project(gaussians: Gaussians, camera: Camera) -> Flat:
    """Gaussians as a camera sees them; rows behind it hold finite numbers that nobody reads."""
    pose = torch.as_tensor(camera.to_camera, dtype=gaussians.means.dtype, device=gaussians.means.device)
    pose = pose * pose.new_tensor([1, -1, -1, 1])[:, None]  # y down, z forward
    place = gaussians.means @ pose[:3, :3].T + pose[:3, 3]
    seen = (place[:, 2] > camera.near) & (gaussians.opacities >= LEAST_ALPHA)
    x, y, z = torch.where(seen[:, None], place, place.new_tensor([0, 0, 1])).unbind(1)
    flat = _jacobian(camera, x, y, z) @ pose[:3, :3]  # [N, 2, 3]
    axes = rotations(gaussians.quats) * gaussians.scales[:, None]
    cov = flat @ axes @ axes.transpose(1, 2) @ flat.transpose(1, 2)  # [N, 2, 2]
    thin = cov[:, 0, 0] * cov[:, 1, 1] - cov[:, 0, 1] ** 2
    xx, xy, yy = cov[:, 0, 0] + DILATION, cov[:, 0, 1], cov[:, 1, 1] + DILATION
    area = xx * yy - xy * xy
    opacities = gaussians.opacities
    if camera.smooth:
        opacities = opacities * torch.sqrt(thin.clamp_min(THINNEST) / area)
    sigmas = torch.sqrt(2 * torch.log((opacities.detach() / LEAST_ALPHA).clamp_min(1)))
    reach = torch.sqrt(torch.stack([xx, yy], 1).detach()) * sigmas[:, None]
    scale = torch.ones_like(z) if camera.orthographic else 1 / z
    middles = torch.stack([x * scale * camera.focal[0], y * scale * camera.focal[1]], 1)
    middles = middles + middles.new_tensor(camera.center)
    return Flat(middles, torch.stack([yy, -xy, xx], 1) / area[:, None], reach, opacities, z, seen)


def rotations(quats: torch.Tensor) -> torch.Tensor:
    """Quaternions [N, 4], w x y z, of any length, as matrices [N, 3, 3] that act on columns."""
    w, x, y, z = torch.nn.functional.normalize(quats, dim=1).unbind(1)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def _jacobian(camera: Camera, x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """How pixels move when a point before the camera (x right, y down, z forward; [N] each) does; [N, 2, 3]."""
    none, rows = torch.zeros_like(z), []
    for axis, along in enumerate((x, y)):
        focal = camera.focal[axis]
        limit = WIDE * 0.5 * camera.size[axis] / focal
        if camera.orthographic:
            own, deep = torch.full_like(z, focal), none
        else:
            own, deep = focal / z, -focal * (along / z).clamp(-limit, limit) / z
        rows.append(torch.stack([none, own, deep] if axis else [own, none, deep], 1))
    return torch.stack(rows, 1)


def _tiles(
    flat: Flat, order: torch.Tensor, size: tuple[int, int], top: int
) -> Iterator[tuple[torch.Tensor, tuple[int, int, int, int]]]:
    """A row of tiles: who reaches each, nearest first, and its left, top, right and bottom pixel."""
    low, high = (flat.middles - flat.reach).detach(), (flat.middles + flat.reach).detach()
    in_row = order[(low[order, 1] < top + TILE) & (high[order, 1] > top)]
    for left in range(0, size[0], TILE):
        chosen = in_row[(low[in_row, 0] < left + TILE) & (high[in_row, 0] > left)]
        yield chosen, (left, top, min(left + TILE, size[0]), min(top + TILE, size[1]))


def _blend(flat: Flat, colors: torch.Tensor, chosen: torch.Tensor, box: tuple[int, int, int, int]) -> torch.Tensor:
    """What a tile shows, [h, w, 5] as finished() takes it. chosen: int64 [M], nearest first."""
    left, top, right, bottom = box
    x = torch.arange(left, right, device=colors.device).to(colors) + 0.5
    y = torch.arange(top, bottom, device=colors.device).to(colors) + 0.5
    dx = x - flat.middles[chosen, 0, None, None]  # [M, 1, w]
    dy = y[:, None] - flat.middles[chosen, 1, None, None]  # [M, h, 1]
    xx, xy, yy = flat.conics[chosen, :, None, None].unbind(1)
    falls = torch.exp(-0.5 * (xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy))
    alpha = flat.opacities[chosen, None, None] * falls  # [M, h, w]
    alpha = torch.where(alpha < LEAST_ALPHA, 0.0, alpha.clamp_max(MOST_ALPHA))
    through = torch.cumprod(torch.cat([alpha.new_ones(1, *alpha.shape[1:]), 1 - alpha]), 0)
    weight = alpha * through[:-1]
    kept = torch.cat([colors[chosen], flat.depths[chosen, None]], 1)  # [M, 4]
    return torch.cat([torch.einsum("mhw,mc->hwc", weight, kept), 1 - through[-1][..., None]], 2)

"""gsplat 1.5.3's own rasterization where there is no card: its kernels replaced by the torch twins beside them.

Everything above the kernels is gsplat's: what arguments it takes, what it checks, how it stacks colours and depths,
what it returns. Three things are not in the package and are written here, each a few lines: which pixels a Gaussian
meets (the rule of its kernels: 1/255 of opacity at least, at most 0.999, until less than 1e-4 of the light is left),
and the two sums along a ray that it takes from nerfacc.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from types import ModuleType

import torch

LEAST, MOST, ENOUGH = 1 / 255, 0.999, 1e-4


@contextmanager
def gsplat_without_a_card():
    """gsplat.rendering, drawing on the processor; what was imported under that name comes back afterwards."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in ("gsplat", "nerfacc")}
    # A module of kernels that is there keeps gsplat from compiling one, which needs nvcc and minutes.
    sys.modules["gsplat.csrc"] = ModuleType("gsplat.csrc")
    sys.modules["nerfacc"] = nerfacc = ModuleType("nerfacc")
    nerfacc.render_weight_from_alpha, nerfacc.accumulate_along_rays = weights_along, sums_along
    try:
        rendering, twins, wrapper = (
            importlib.import_module(f"gsplat.{name}") for name in ("rendering", "cuda._torch_impl", "cuda._wrapper")
        )
        rendering.fully_fused_projection = projected(twins)
        rendering.isect_tiles = lambda *rows, segmented, packed, n_images, image_ids, gaussian_ids: twins._isect_tiles(
            *rows
        )
        rendering.isect_offset_encode = twins._isect_offset_encode
        rendering.rasterize_to_pixels = lambda *rows, packed, absgrad, **more: twins._rasterize_to_pixels(*rows, **more)
        rendering.spherical_harmonics = lambda degree, ways, rows, masks: twins._spherical_harmonics(degree, ways, rows)
        wrapper.rasterize_to_indices_in_range = met
        yield rendering
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] in ("gsplat", "nerfacc")]:
            del sys.modules[name]
        sys.modules.update(before)


def projected(twins):
    """The twin of the projection, called as the kernel is."""

    def fully_fused_projection(
        means, covars, quats, scales, views, lenses, width, height, packed, sparse_grad, opacities, radius_clip, **more
    ):
        assert covars is None and not packed and not sparse_grad and radius_clip == 0
        covars, _ = twins._quat_scale_to_covar_preci(quats, scales, True, False)
        return twins._fully_fused_projection(means, covars, views, lenses, width, height, **more)

    return fully_fused_projection


def met(first, last, light, middles, conics, opacities, width, height, size, starts, order):
    """gsplat.rasterize_to_indices_in_range: which Gaussians meet which pixels, nearest first; all in one batch."""
    assert first == 0 and len(middles) == 1
    ends = torch.cat([starts.flatten(), torch.tensor([len(order)])])
    found, pixels = [], []
    for tile in range(starts.numel()):
        own = order[ends[tile] : ends[tile + 1]].long()
        top, left = tile // starts.shape[2] * size, tile % starts.shape[2] * size
        y, x = torch.meshgrid(
            torch.arange(top, min(top + size, height)), torch.arange(left, min(left + size, width)), indexing="ij"
        )
        dx, dy = x.flatten() + 0.5 - middles[0, own, :1], y.flatten() + 0.5 - middles[0, own, 1:]
        xx, xy, yy = conics[0, own].T[..., None]
        alpha = (opacities[0, own, None] * torch.exp(-(xx * dx * dx + yy * dy * dy) / 2 - xy * dx * dy)).detach()
        alpha = torch.where(alpha >= LEAST, alpha.clamp_max(MOST), 0)
        after = light[0, y.flatten(), x.flatten()] * torch.cumprod(1 - alpha, 0)
        pixel, splat = torch.nonzero(((alpha > 0) & (after > ENOUGH)).T, as_tuple=True)
        found.append(own[splat])
        pixels.append((y * width + x).flatten()[pixel])
    found, pixels = torch.cat(found), torch.cat(pixels)
    rays = torch.argsort(pixels, stable=True)
    return found[rays], pixels[rays], torch.zeros_like(pixels)


def weights_along(alphas, ray_indices, n_rays):
    """nerfacc.render_weight_from_alpha: what each sample shows, and the light before it; samples by ray, in order."""
    logs = torch.cumsum(torch.log1p(-alphas.double()), 0)
    before = logs - torch.log1p(-alphas.double())
    first = torch.searchsorted(ray_indices, ray_indices)  # where the ray of each sample begins
    light = torch.exp(before - before[first]).to(alphas)
    return alphas * light, light


def sums_along(weights, values, ray_indices, n_rays):
    """nerfacc.accumulate_along_rays."""
    rows = weights[:, None] if values is None else weights[:, None] * values
    return torch.zeros(n_rays, rows.shape[1]).index_add(0, ray_indices, rows)

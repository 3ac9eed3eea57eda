"""Gaussians and cameras that try a rasteriser, and the gradients of a loss that looks at everything drawn."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from core.splat.render import Camera, look_at
from core.splat.types import Splats


def a_set(count=60, seed=0, coefficients=1):
    random = np.random.default_rng(seed)
    quats = random.standard_normal((count, 4))
    return Splats(
        (random.standard_normal((count, 3)) * 0.12).astype(np.float32),
        (quats / np.linalg.norm(quats, axis=1, keepdims=True)).astype(np.float32),
        random.uniform(-5.5, -2.2, (count, 3)).astype(np.float32),
        random.uniform(-3, 6, count).astype(np.float32),
        random.uniform(-1, 1, (count, coefficients, 3)).astype(np.float32),
    )


def a_camera(size=(50, 40), **changes):
    camera = look_at(np.array([0.15, 0.1, 0.8]), np.zeros(3), size, 40)
    return Camera(**{name: getattr(camera, name) for name in Camera.__slots__} | changes)


CAMERAS = {
    "perspective": a_camera(),
    "orthographic": a_camera(orthographic=True, focal=(60.0, 50.0)),
    "smooth": a_camera(smooth=True),
    "among them": a_camera(near=0.75),
    "off centre": a_camera(center=(10.0, 33.0)),
}


def gaussians_of(splats, camera, dtype):
    import torch

    from core.avatar.raster.harmonics import seen_colors
    from core.avatar.raster.protocol import Gaussians

    means, quats, log_scales, logits, sh = (
        torch.from_numpy(getattr(splats, name)).to(dtype) for name in Splats.__slots__
    )
    return Gaussians(means, quats * 1.7, log_scales.exp(), logits.sigmoid(), seen_colors(sh, means, camera))


def gradients(rasteriser, splats, camera, dtype):
    """A picture and, by name, the gradients of a loss that weighs every number of it at random."""
    import torch

    from core.avatar.raster.protocol import Gaussians

    random = torch.Generator().manual_seed(1)
    rows = gaussians_of(splats, camera, dtype)
    leaves = {name: getattr(rows, name).clone().requires_grad_() for name in Gaussians.__slots__}
    leaves["background"] = torch.tensor([0.2, 0.4, 0.6], dtype=dtype, requires_grad=True)
    drawn = rasteriser.render(Gaussians(*(leaves[name] for name in Gaussians.__slots__)), camera, leaves["background"])
    planes = (drawn.color, drawn.alpha, drawn.depth)
    sum((plane * torch.randn(plane.shape, generator=random).to(plane)).sum() for plane in planes).backward()
    found = {name: leaf.grad.double().numpy() for name, leaf in leaves.items()}
    found["middles"] = drawn.middles.grad.double().numpy()
    return SimpleNamespace(drawn=drawn, gradients=found)


def decibels(one, other):
    return -10 * np.log10(np.mean((np.asarray(one) - np.asarray(other)) ** 2) + 1e-30)

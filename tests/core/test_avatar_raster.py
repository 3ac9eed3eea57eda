"""Rasterisers with gradients against the exact picture of core.splat.render and against plain autograd."""

from __future__ import annotations

import numpy as np
import pytest

from core.splat.render import Camera, look_at, render
from core.splat.types import Splats

torch = pytest.importorskip("torch")

from core.avatar.raster.harmonics import seen_colors  # noqa: E402
from core.avatar.raster.protocol import Gaussians  # noqa: E402
from core.avatar.raster.reference import ReferenceRasteriser  # noqa: E402
from core.errors import ShapeError  # noqa: E402

REFERENCE = ReferenceRasteriser()


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


def gaussians_of(splats, camera, dtype=None):
    dtype = dtype or torch.float64
    means, quats, log_scales, logits, sh = (
        torch.from_numpy(getattr(splats, name)).to(dtype) for name in Splats.__slots__
    )
    colors = seen_colors(sh, means, camera)
    return Gaussians(means, quats, log_scales.exp(), logits.sigmoid(), colors)


def decibels(one, other):
    return -10 * np.log10(np.mean((np.asarray(one) - np.asarray(other)) ** 2) + 1e-30)


@pytest.mark.parametrize("name", CAMERAS)
def test_the_reference_draws_what_the_judge_draws(name):
    splats, camera = a_set(coefficients=9), CAMERAS[name]
    want, got = render(splats, camera), REFERENCE.render(gaussians_of(splats, camera), camera)
    assert want.alpha.max() > 0.5
    assert np.allclose(got.color, want.color, atol=1e-9)
    assert np.allclose(got.alpha, want.alpha, atol=1e-9)
    assert np.allclose(got.depth, np.where(want.alpha > 0, want.depth, 0), atol=1e-8)


def test_backgrounds_lie_behind():
    splats, camera = a_set(), a_camera()
    gaussians = gaussians_of(splats, camera)
    plain = REFERENCE.render(gaussians, camera, torch.tensor([0.2, 0.5, 0.9]))
    assert np.allclose(plain.color, render(splats, camera).over((0.2, 0.5, 0.9)), atol=1e-7)
    picture = torch.rand(40, 50, 3, dtype=torch.float64)
    behind = REFERENCE.render(gaussians, camera, picture)
    bare = behind.alpha == 0
    assert bare.any()
    assert torch.equal(behind.color[bare], picture[bare])


@pytest.mark.parametrize("coefficients", [1, 4, 9, 16])
def test_harmonics_equal_the_judge(coefficients):
    from core.splat.render import project

    splats = a_set(30, 3, coefficients)
    for camera in (a_camera(), a_camera(orthographic=True)):
        judged = project(splats, camera)
        means, sh = torch.from_numpy(splats.means).double(), torch.from_numpy(splats.sh).double()
        mine = seen_colors(sh, means, camera).numpy()
        depth = -(splats.means @ camera.to_camera[2, :3] + camera.to_camera[2, 3])
        assert np.allclose(mine[np.argsort(depth, kind="stable")], judged.colors, atol=1e-6)


def test_nothing_to_see_is_the_background():
    camera = a_camera()
    far_behind = gaussians_of(a_set(), camera)
    moved = Gaussians(
        far_behind.means + 9, far_behind.quats, far_behind.scales, far_behind.opacities, far_behind.colors
    )
    drawn = REFERENCE.render(moved, camera, torch.tensor([1.0, 0.5, 0.25]))
    assert not drawn.seen.any()
    assert torch.equal(drawn.color, torch.tensor([1.0, 0.5, 0.25], dtype=torch.float64).expand(40, 50, 3))
    assert drawn.depth.max() == 0


def test_gaussians_of_another_shape_are_refused():
    good = gaussians_of(a_set(5), a_camera())
    with pytest.raises(ShapeError, match=r"scales must be torch.float64\[5, 3\], but is torch.float64\[4, 3\]"):
        Gaussians(good.means, good.quats, good.scales[:4], good.opacities, good.colors)
    with pytest.raises(ShapeError, match="colors must be"):
        Gaussians(good.means, good.quats, good.scales, good.opacities, good.colors.float())

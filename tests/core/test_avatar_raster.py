"""Rasterisers with gradients against the exact picture of core.splat.render and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from raster_sets import CAMERAS, a_camera, a_set, decibels, gaussians_of, gradients

from core.errors import ShapeError
from core.splat.render import project, render

torch = pytest.importorskip("torch")
pytest.importorskip("numba")

from core.avatar.raster.cpu import CpuRasteriser  # noqa: E402
from core.avatar.raster.harmonics import seen_colors  # noqa: E402
from core.avatar.raster.protocol import Gaussians  # noqa: E402
from core.avatar.raster.reference import ReferenceRasteriser  # noqa: E402

REFERENCE, CPU = ReferenceRasteriser(), CpuRasteriser(1)
# How far a gradient may be off: the whole, as a share of its length, and its worst number, as a share of the largest.
# Rounding at LEAST_ALPHA decides for a pixel or two whether a faint Gaussian counts: means and opacities feel that.
TOLERANCES = {
    "means": (2e-4, 5e-4),
    "quats": (3e-4, 5e-4),
    "scales": (1e-4, 1e-4),
    "opacities": (5e-4, 1e-3),
    "colors": (1e-4, 1e-4),
    "background": (1e-5, 1e-5),
    "middles": (2e-4, 5e-4),
}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", CAMERAS)
def test_the_reference_draws_what_the_judge_draws(name):
    splats, camera = a_set(coefficients=9), CAMERAS[name]
    want = render(splats, camera)
    got = REFERENCE.render(gaussians_of(splats, camera, torch.float64), camera)
    assert want.alpha.max() > 0.5
    assert np.allclose(got.color, want.color, atol=1e-9)
    assert np.allclose(got.alpha, want.alpha, atol=1e-9)
    assert np.allclose(got.depth, np.where(want.alpha > 0, want.depth, 0), atol=1e-8)


@pytest.mark.parametrize("name", CAMERAS)
def test_the_processor_draws_what_the_judge_draws(name):
    splats, camera = a_set(300, 1, 4), CAMERAS[name]
    want = render(splats, camera)
    got = CPU.render(gaussians_of(splats, camera, torch.float32), camera)
    assert decibels(want.color, got.color) > 90  # 60 is asked for; float32 gives more
    assert decibels(want.alpha, got.alpha) > 90
    assert np.abs(np.where(want.alpha > 1e-3, want.depth - got.depth.numpy(), 0)).max() < 1e-3


@pytest.mark.parametrize("name", CAMERAS)
def test_gradients_equal_autograd(name):
    splats, camera = a_set(200), CAMERAS[name]
    want = gradients(REFERENCE, splats, camera, torch.float64).gradients
    got = gradients(CPU, splats, camera, torch.float32).gradients
    for part, (length, worst) in TOLERANCES.items():
        off = got[part] - want[part]
        assert np.linalg.norm(want[part]) > 0
        assert np.linalg.norm(off) <= length * np.linalg.norm(want[part]), part
        assert np.abs(off).max() <= worst * np.abs(want[part]).max(), part


@pytest.mark.parametrize("part", Gaussians.__slots__)
def test_gradients_equal_small_differences(part):
    """One number at a time, moved a little; Gaussians large enough that no pixel's edge lies between."""
    splats, camera, step = a_set(12, 5), a_camera((16, 16)), 1e-6
    rows = gaussians_of(splats, camera, torch.float64)
    weights = torch.randn(16, 16, 3, generator=torch.Generator().manual_seed(0)).double()

    def loss(moved):
        changed = Gaussians(*(moved if name == part else getattr(rows, name) for name in Gaussians.__slots__))
        return (REFERENCE.render(changed, camera).color * weights).sum()

    leaf = getattr(rows, part).clone().requires_grad_()
    loss(leaf).backward()
    checked = 0
    for place in np.argsort(-leaf.grad.abs().numpy().ravel())[:4]:
        bump = torch.zeros(leaf.numel(), dtype=torch.float64)
        bump[int(place)] = step
        bump = bump.reshape(leaf.shape)
        slope = (loss(leaf.detach() + bump) - loss(leaf.detach() - bump)) / (2 * step)
        assert np.isclose(float(slope), float(leaf.grad.ravel()[int(place)]), rtol=1e-4)
        checked += 1
    assert checked == 4


@pytest.mark.parametrize("count", [0, 1, 4000])
def test_splats_are_drawn_nearest_first(count):
    from core.avatar.raster.numba_order import visible

    random = np.random.default_rng(count)
    middles = random.uniform(-40, 104, (count, 2)).astype(np.float32)
    reach = np.stack([*random.uniform(-1, 9, (2, count)), np.round(random.uniform(0.3, 3, count), 3)], 1)
    reach[: count // 2, 2] += random.uniform(0, 1e-8, count // 2)  # float32 holds these for the same depth
    inside = (reach[:, 0] >= 0) & (middles - reach[:, :2] < 64).all(1) & (middles + reach[:, :2] > 0).all(1)
    want = np.nonzero(inside)[0]
    want = want[np.argsort(reach[want, 2], kind="stable")]
    got = visible(middles, reach, (64, 64))
    assert len(got) == len(want) and np.array_equal(np.sort(got), np.sort(want))
    assert (np.diff(reach[got, 2]) > -1e-9).all()
    assert (got == want).mean() > 0.99 if count > 1 else np.array_equal(got, want)


def test_threads_share_the_work():
    splats, camera = a_set(300, 2), a_camera((70, 60))
    alone, again = (gradients(CPU, splats, camera, torch.float32) for _ in range(2))
    shared, same = (gradients(CpuRasteriser(3), splats, camera, torch.float32) for _ in range(2))
    assert torch.equal(alone.drawn.color, shared.drawn.color)
    for part in TOLERANCES:
        assert np.array_equal(alone.gradients[part], again.gradients[part])
        assert np.array_equal(shared.gradients[part], same.gradients[part])
        assert np.allclose(alone.gradients[part], shared.gradients[part], rtol=1e-3, atol=1e-4)


def test_what_many_opaque_ones_hide_is_left_out():
    """Fifty walls: a pixel is done long before the last, and nobody could see the difference."""
    rows = gaussians_of(a_set(50, 4), a_camera(), torch.float32)
    walls = Gaussians(rows.means * 0.01, rows.quats, torch.full((50, 3), 0.3), torch.full((50,), 0.97), rows.colors)
    camera = a_camera((32, 32))
    want = REFERENCE.render(walls, camera)
    got = CPU.render(walls, camera)
    assert got.alpha.max() < 1
    assert decibels(want.color, got.color) > 95


def test_backgrounds_lie_behind():
    splats, camera = a_set(), a_camera()
    gaussians = gaussians_of(splats, camera, torch.float32)
    for rasteriser in (REFERENCE, CPU):
        plain = rasteriser.render(gaussians, camera, torch.tensor([0.2, 0.5, 0.9]))
        assert np.allclose(plain.color, render(splats, camera).over((0.2, 0.5, 0.9)), atol=1e-4)
        picture = torch.rand(40, 50, 3)
        behind = rasteriser.render(gaussians, camera, picture)
        bare = behind.alpha == 0
        assert bare.any()
        assert torch.equal(behind.color[bare], picture[bare])


@pytest.mark.parametrize("coefficients", [1, 4, 9, 16])
def test_harmonics_equal_the_judge(coefficients):
    splats = a_set(30, 3, coefficients)
    for camera in (a_camera(), a_camera(orthographic=True)):
        judged = project(splats, camera)
        means, sh = torch.from_numpy(splats.means).double(), torch.from_numpy(splats.sh).double()
        mine = seen_colors(sh, means, camera).numpy()
        depth = -(splats.means @ camera.to_camera[2, :3] + camera.to_camera[2, 3])
        assert np.allclose(mine[np.argsort(depth, kind="stable")], judged.colors, atol=1e-6)


@pytest.mark.parametrize("rasteriser", [REFERENCE, CPU], ids=["reference", "processor"])
def test_nothing_to_see_is_the_background(rasteriser):
    camera = a_camera()
    rows = gaussians_of(a_set(), camera, torch.float32)
    moved = Gaussians(rows.means + 9, rows.quats, rows.scales, rows.opacities, rows.colors.requires_grad_())
    drawn = rasteriser.render(moved, camera, torch.tensor([1.0, 0.5, 0.25]))
    assert not drawn.seen.any()
    assert torch.equal(drawn.color, torch.tensor([1.0, 0.5, 0.25]).expand(40, 50, 3))
    assert drawn.depth.max() == 0
    drawn.color.sum().backward()
    assert not moved.colors.grad.any()


@pytest.mark.parametrize("rasteriser", [REFERENCE, CPU], ids=["reference", "processor"])
def test_no_gaussians_at_all(rasteriser):
    none = Gaussians(*(torch.zeros(0, *more) for more in ((3,), (4,), (3,), (), (3,))))
    assert not rasteriser.render(none, a_camera()).color.any()


def test_gaussians_of_another_shape_are_refused():
    good = gaussians_of(a_set(5), a_camera(), torch.float64)
    with pytest.raises(ShapeError, match=r"scales must be torch.float64\[5, 3\], but is torch.float64\[4, 3\]"):
        Gaussians(good.means, good.quats, good.scales[:4], good.opacities, good.colors)
    with pytest.raises(ShapeError, match="colors must be"):
        Gaussians(good.means, good.quats, good.scales, good.opacities, good.colors.float())

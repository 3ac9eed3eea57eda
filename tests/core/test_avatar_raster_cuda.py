"""The CUDA rasteriser without a card: a stand-in that is told what gsplat is told, and gsplat itself in torch.

The second needs the package gsplat 1.5.3 (its wheel alone, --no-deps, and rich), and is skipped without it.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import replace
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import pytest
from raster_sets import CAMERAS, a_camera, a_set, decibels, gaussians_of, gradients

from core.errors import SettingError

torch = pytest.importorskip("torch")

from gsplat_in_torch import gsplat_without_a_card  # noqa: E402

from core.avatar.raster.choose import device_for, rasteriser_for  # noqa: E402
from core.avatar.raster.cuda import CudaRasteriser  # noqa: E402
from core.avatar.raster.reference import ReferenceRasteriser  # noqa: E402
from core.splat.render import Camera  # noqa: E402

UPRIGHT = np.diag([1.0, -1.0, -1.0, 1.0])


def rasterization(
    means,
    quats,
    scales,
    opacities,
    colors,
    viewmats,
    Ks,  # noqa: N803
    width,
    height,
    near_plane=0.01,
    far_plane=1e10,
    radius_clip=0.0,
    eps2d=0.3,
    sh_degree=None,
    packed=True,
    tile_size=16,
    backgrounds=None,
    render_mode="RGB",
    sparse_grad=False,
    absgrad=False,
    rasterize_mode="classic",
    channel_chunk=32,
    distributed=False,
    camera_model="pinhole",
):
    """gsplat 1.5.3's own words and shapes; its picture comes from the reference, told only what gsplat is told."""
    count = len(means)
    assert means.shape == (count, 3)
    assert quats.shape == (count, 4)
    assert scales.shape == (count, 3)
    assert opacities.shape == (count,)
    assert colors.shape == (count, 3)
    assert viewmats.shape == (1, 4, 4)
    assert Ks.shape == (1, 3, 3)
    assert {t.dtype for t in (means, quats, scales, opacities, colors, viewmats, Ks)} == {torch.float32}
    assert (eps2d, packed, render_mode, sh_degree, backgrounds) == (0.3, False, "RGB+D", None, None)
    lens = Ks[0].double().numpy()
    assert lens[0, 1] == lens[1, 0] == 0
    camera = Camera(
        UPRIGHT @ viewmats[0].double().numpy(),
        (lens[0, 0], lens[1, 1]),
        (lens[0, 2], lens[1, 2]),
        (width, height),
        near_plane,
        {"ortho": True, "pinhole": False}[camera_model],
        {"antialiased": True, "classic": False}[rasterize_mode],
    )
    from core.avatar.raster.protocol import Gaussians

    drawn = ReferenceRasteriser().render(Gaussians(means, quats, scales, opacities, colors), camera)
    sums = torch.cat([drawn.color, (drawn.depth * drawn.alpha)[..., None]], -1)
    radii = drawn.seen.int()[:, None].repeat(1, 2)[None]
    # gsplat's own are [1, N, 2]; a view made here would not lie on the gradient's way
    return sums[None], drawn.alpha[None, ..., None], {"means2d": drawn.middles, "radii": radii}


@pytest.fixture
def card(monkeypatch):
    modules = {name: ModuleType(name) for name in ("gsplat", "gsplat.rendering", "gsplat.cuda", "gsplat.cuda._backend")}
    modules["gsplat.rendering"].rasterization = rasterization
    modules["gsplat.cuda._backend"]._C = "kernels"
    modules["gsplat"].__spec__ = object()
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    return modules["gsplat.cuda._backend"]


@pytest.mark.parametrize("name", CAMERAS)
def test_it_says_to_gsplat_what_the_camera_is(card, name):
    assert device_for("auto") == rasteriser_for("cuda").device.type == "cuda"
    rows, camera = gaussians_of(a_set(coefficients=4), CAMERAS[name], torch.float32), CAMERAS[name]
    background = torch.tensor([0.3, 0.6, 0.1])
    rows.means.requires_grad_()
    got = CudaRasteriser(torch.device("cpu")).render(rows, camera, background)
    want = ReferenceRasteriser().render(rows, camera, background)
    assert torch.allclose(got.color, want.color, atol=2e-4)
    assert torch.allclose(got.alpha, want.alpha, atol=2e-4)
    assert torch.allclose(got.depth, want.depth, atol=1e-4)
    assert torch.equal(got.seen, want.seen)
    got.color.sum().backward()
    assert got.middles.grad.abs().max() > 0


def test_a_card_that_is_not_there_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_for("auto") == "cpu"
    with pytest.raises(SettingError, match="No CUDA device can be used here"):
        device_for("cuda")
    with pytest.raises(SettingError, match="There is no device 'tpu'"):
        device_for("tpu")


def test_a_card_without_gsplat_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setitem(sys.modules, "gsplat", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert device_for("auto") == "cpu"
    with pytest.raises(SettingError, match="needs the package gsplat"):
        device_for("cuda")


def test_gsplat_without_its_kernels_is_refused_in_a_sentence(card, monkeypatch):
    card._C = None
    with pytest.raises(SettingError, match=r"needs nvcc, ninja.*no CUDA toolkit was found"):
        rasteriser_for("cuda")
    monkeypatch.setitem(sys.modules, "gsplat.rendering", None)
    with pytest.raises(SettingError, match="compiles when first used"):
        rasteriser_for("cuda")


@pytest.fixture(scope="module")
def gsplat():
    """The real package, its kernels replaced by its own torch twins."""
    if find_spec("gsplat") is None:
        pytest.skip("gsplat is not installed")
    with gsplat_without_a_card() as rendering:
        yield rendering


def test_the_real_gsplat_takes_what_it_is_told(gsplat):
    """Words, shapes and answers are those of gsplat's own function, and words left out have the values we count on."""
    known = inspect.signature(gsplat.rasterization).parameters
    own = inspect.signature(rasterization).parameters
    assert {name: known[name].default for name in own} == {name: word.default for name, word in own.items()}
    rows = gaussians_of(a_set(20), CAMERAS["smooth"], torch.float64)
    drawn = CudaRasteriser(torch.device("cpu")).render(rows, CAMERAS["smooth"])
    assert drawn.color.shape == (40, 50, 3) and drawn.alpha.shape == drawn.depth.shape == (40, 50)
    assert drawn.middles.shape == (1, 20, 2) and drawn.seen.shape == (20,) and drawn.seen.dtype == torch.bool


# Gaussians of at most 0.97, which neither side holds down: a number in ten thousand is decided by rounding at 1/255, or
# lies behind where gsplat stops. For a camera off the centre wide Gaussians are bent at other bounds.
NEAR = {"off centre": (80, 0.01)}


@pytest.mark.parametrize("name", CAMERAS)
def test_the_real_gsplat_draws_what_the_reference_draws(gsplat, name):
    splats, camera = a_set(120), CAMERAS[name]
    held = replace(splats, logits=np.minimum(splats.logits, 3.5).astype(np.float32))
    got = gradients(CudaRasteriser(torch.device("cpu")), held, camera, torch.float32)
    want = gradients(ReferenceRasteriser(), held, camera, torch.float32)
    least, most = NEAR.get(name, (90, 0.007))
    assert decibels(want.drawn.color.detach(), got.drawn.color.detach()) > least
    assert torch.allclose(got.drawn.alpha, want.drawn.alpha, atol=0.004)
    assert torch.allclose(got.drawn.depth, want.drawn.depth, atol=0.002)
    for part, slopes in want.gradients.items():
        off = np.linalg.norm(got.gradients[part].reshape(slopes.shape) - slopes)
        assert off < most * np.linalg.norm(slopes), part


def test_what_the_real_gsplat_hides_more_of_is_seen_by_nobody(gsplat):
    """It hides 0.999 of what is behind where the judge hides 0.99."""
    splats, camera = a_set(120), CAMERAS["perspective"]
    opaque = gaussians_of(replace(splats, logits=np.full(120, 7, np.float32)), camera, torch.float32)
    got = CudaRasteriser(torch.device("cpu")).render(opaque, camera)
    want = ReferenceRasteriser().render(opaque, camera)
    assert (got.alpha - want.alpha).max() > 1e-3
    assert decibels(want.color, got.color) > 50


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_gsplat_on_a_card_draws_what_the_reference_draws():
    pytest.importorskip("gsplat")
    camera = a_camera()
    rows = gaussians_of(a_set(coefficients=4), camera, torch.float32)
    want = ReferenceRasteriser().render(rows, camera)
    from core.avatar.raster.protocol import Gaussians

    on_card = Gaussians(*(getattr(rows, name).cuda() for name in Gaussians.__slots__))
    got = rasteriser_for("cuda").render(on_card, camera)
    assert float(((got.color.cpu() - want.color) ** 2).mean()) < 1e-5

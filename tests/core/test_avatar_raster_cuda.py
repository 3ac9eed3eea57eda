"""The CUDA rasteriser without a card: a stand-in for gsplat checks what it is asked and draws by what it is asked."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from raster_sets import CAMERAS, a_camera, a_set, gaussians_of

from core.errors import SettingError

torch = pytest.importorskip("torch")

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
    package, rendering = ModuleType("gsplat"), ModuleType("gsplat.rendering")
    rendering.rasterization = rasterization
    package.__spec__ = rendering.__spec__ = object()
    monkeypatch.setitem(sys.modules, "gsplat", package)
    monkeypatch.setitem(sys.modules, "gsplat.rendering", rendering)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_gsplat_itself_draws_what_the_reference_draws():
    pytest.importorskip("gsplat")
    camera = a_camera()
    rows = gaussians_of(a_set(coefficients=4), camera, torch.float32)
    want = ReferenceRasteriser().render(rows, camera)
    from core.avatar.raster.protocol import Gaussians

    on_card = Gaussians(*(getattr(rows, name).cuda() for name in Gaussians.__slots__))
    got = rasteriser_for("cuda").render(on_card, camera)
    assert float(((got.color.cpu() - want.color) ** 2).mean()) < 1e-5

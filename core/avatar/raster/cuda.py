"""The rasteriser for NVIDIA cards: gsplat (Apache-2.0, 1.5.3) behind our interface; imported where there is a card.

Drawn by gsplat's own torch twins of its kernels, pictures of Gaussians up to 0.97 equal the judge's to 90 dB, gradients
to 0.7 % of their length (tests/core/test_avatar_raster_cuda.py); those of opaque ones to 50 dB.

Where it is not the judge to the letter: no Gaussian hides more than 0.999 (here MOST_ALPHA, 0.99), a pixel is done when
less than 1e-4 of the light is left, and for a camera whose axis is not in the middle of the picture the Jacobian is
held at other bounds. Source: gsplat 1.5.3, rendering.rasterization and its kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ...errors import SettingError
from ...splat.render import DILATION, TILE, Camera
from .protocol import Drawn, Gaussians, finished

UNBUILT = (
    "Drawing on a CUDA device needs the package gsplat (1.5.3) with its kernels, which it compiles when first used; "
    "that needs nvcc, ninja and some minutes. Install them, or choose the cpu"
)


class CudaRasteriser:
    """gsplat on a card, float32. Gaussians from elsewhere are taken there, and their pictures brought back."""

    def __init__(self, device: torch.device | None = None) -> None:
        """Raises SettingError where gsplat is missing or its kernels are, which it compiles when first imported."""
        self._rasterization = _gsplat()
        self.device = torch.device("cuda") if device is None else device

    def render(self, gaussians: Gaussians, camera: Camera, background: torch.Tensor | None = None) -> Drawn:
        """See Rasteriser. The middles of Drawn are [1, N, 2]."""
        here = {"device": self.device, "dtype": torch.float32}
        sums, alpha, facts = self._rasterization(
            **{name: getattr(gaussians, name).to(**here) for name in Gaussians.__slots__},
            viewmats=torch.as_tensor(_view(camera), **here)[None],
            Ks=torch.as_tensor(_lens(camera), **here)[None],
            width=camera.size[0],
            height=camera.size[1],
            near_plane=camera.near,
            eps2d=DILATION,
            packed=False,
            tile_size=TILE,
            render_mode="RGB+D",
            rasterize_mode="antialiased" if camera.smooth else "classic",
            camera_model="ortho" if camera.orthographic else "pinhole",
        )
        middles = facts["means2d"]
        if middles.requires_grad:
            middles.retain_grad()
        home = gaussians.means.device
        seen = (facts["radii"][0] > 0).all(-1).to(home)
        return finished(torch.cat([sums[0], alpha[0]], -1).to(home), background, middles, seen)


def _gsplat() -> Callable[..., tuple[torch.Tensor, torch.Tensor, dict[str, Any]]]:
    """gsplat's rasterization, its kernels built."""
    try:
        from gsplat.cuda import _backend as kernels
        from gsplat.rendering import rasterization
    except (ImportError, OSError, RuntimeError) as fault:  # torch's builder raises all three
        raise SettingError(f"{UNBUILT} ({str(fault).strip().splitlines()[-1][:120]}).") from None
    if kernels._C is None:
        raise SettingError(f"{UNBUILT} (no CUDA toolkit was found).")
    return rasterization


def _view(camera: Camera) -> np.ndarray:
    """World to camera as gsplat wants it: x right, y down, z forward."""
    return camera.to_camera * np.array([1.0, -1.0, -1.0, 1.0])[:, None]


def _lens(camera: Camera) -> np.ndarray:
    return np.array([[camera.focal[0], 0, camera.center[0]], [0, camera.focal[1], camera.center[1]], [0, 0, 1.0]])

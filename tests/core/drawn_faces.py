"""Pictures of a demo character for tests that need a face: its splats with a known camera and expression."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.splat.head import SplatHead
from core.splat.head_files import read_head
from core.splat.pose import pose
from core.splat.render import Camera, look_at
from core.splat.types import SH_DC
from tools.paths import ROOT

BACKGROUND = (0.55, 0.62, 0.7)


@lru_cache(maxsize=2)
def demo_head(name: str = "woman") -> SplatHead:
    """A demo character as it ships."""
    return read_head(ROOT / "blend_templates" / f"{name}.splathead")


def face_camera(size: int = 320, yaw: float = 0.0, pitch: float = 0.0, degrees: float = 20.0) -> Camera:
    """A camera before the demo character's face, from its left for yaw above 0. yaw, pitch: degrees."""
    middle = face_middle()
    a, b = np.radians((yaw, pitch))
    away = np.array([np.sin(a) * np.cos(b), np.sin(b), np.cos(a) * np.cos(b)])
    return look_at(middle + away, middle, (size, size), degrees)


def face_middle() -> np.ndarray:
    """The middle of the demo character's face, metres."""
    head = demo_head()
    moved = np.unique(np.concatenate([head.template.shapes[name][0] for name in ("jawOpen", "browInnerUp")]))
    return head.template.points[moved].mean(0) + np.array([0, 0.02, 0])


def drawn_face(camera: Camera, **weights: float) -> np.ndarray:
    """A picture, uint8 [H, W, 3]."""
    import torch

    from core.avatar.raster.cpu import CpuRasteriser
    from core.avatar.raster.protocol import Gaussians

    posed = pose(demo_head(), weights)
    colors = np.clip(0.5 + SH_DC * posed.sh[:, 0], 0, 1)
    arrays = (posed.means, posed.quats, np.exp(posed.log_scales), 1 / (1 + np.exp(-posed.logits)), colors)
    gaussians = Gaussians(*(torch.from_numpy(np.array(array, np.float32)) for array in arrays))
    with torch.no_grad():
        color = CpuRasteriser(1).render(gaussians, camera, torch.tensor(BACKGROUND)).color
    return (color.clamp(0, 1).numpy() * 255 + 0.5).astype(np.uint8)

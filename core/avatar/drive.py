"""A new recording said by a learned head: through the baked head and its curves, or through the field exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..splat.dials import turned_bones
from ..splat.head import Bones, SplatHead
from ..splat.pose import pose
from ..splat.render import Camera, look_at
from ..splat.types import SH_DC, Splats
from .avatar import Avatar, Moment
from .fields.conditions import around
from .raster.harmonics import seen_colors
from .raster.protocol import Gaussians, Rasteriser
from .voice import Part

GREY = (0.5, 0.5, 0.5)
DEGREES = 24.0
ROOM = 1.25
"""Of a picture that shows a whole head, over the head's own height."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What draws, from where, and before what display colour."""

    raster: Rasteriser
    camera: Camera
    background: tuple[float, float, float] = GREY


def head_pictures(head: SplatHead, part: Part, scene: Scene) -> Iterator[np.ndarray]:
    """A SplatHead saying a part, float32 [H, W, 3] frame by frame."""
    for weights, turn in zip(part.weights, part.head, strict=True):
        yield drawn_splats(pose(head, weights, turn), scene)


def learned_pictures(avatar: Avatar, part: Part, scene: Scene) -> Iterator[np.ndarray]:
    """The learned head itself, fields and all, saying a part; float32 [H, W, 3] frame by frame."""
    background = torch.tensor(scene.background)
    for moment in moments_of(avatar, part):
        with torch.no_grad():
            drawn = scene.raster.render(avatar.gaussians(avatar(moment), scene.camera), scene.camera, background)
        yield drawn.color.cpu().numpy()


def moments_of(avatar: Avatar, part: Part) -> list[Moment]:
    """What a part asks of a learned head, frame by frame; the head turns about its pivot."""
    device = avatar.offsets.device
    features = torch.from_numpy(part.features).to(device)
    rows = []
    for frame, weights in enumerate(part.weights):
        affine = torch.from_numpy(head_affine(avatar, part.head[frame])).to(device)
        latent = torch.from_numpy(part.latent[frame]).to(device) if part.latent.shape[1] else None
        rows.append(Moment(torch.from_numpy(weights).to(device), affine, around(features, frame), latent))
    return rows


def head_affine(avatar: Avatar, turn: np.ndarray) -> np.ndarray:
    """A turn [3] of the head, as in Performance.head, as a motion float32 [3, 4] about the mesh's center."""
    pivot = avatar.pivot().detach().cpu().numpy() + avatar.mesh.center
    bones = Bones(("head",), pivot[None], (1.0,), np.ones((0, 1), np.float32))
    affine = turned_bones(bones, turn).affines[0].copy()
    affine[:, 3] += affine[:, :3] @ avatar.mesh.center - avatar.mesh.center
    return affine.astype(np.float32)


def drawn_splats(splats: Splats, scene: Scene) -> np.ndarray:
    """Splats as a rasteriser of the trainer draws them, float32 [H, W, 3]."""
    means, quats, log_scales, logits, sh = (torch.from_numpy(getattr(splats, name)) for name in Splats.__slots__)
    with torch.no_grad():
        colors = 0.5 + SH_DC * sh[:, 0] if sh.shape[1] == 1 else seen_colors(sh, means, scene.camera)
        rows = Gaussians(means, quats, log_scales.exp(), logits.sigmoid(), colors)
        drawn = scene.raster.render(rows, scene.camera, torch.tensor(scene.background))
    return drawn.color.cpu().numpy()


def portrait_camera(head: SplatHead, size: tuple[int, int]) -> Camera:
    """A camera before a head's face that shows all of what goes with its last bone."""
    means = pose(head, {}).means[head.bones.weights[:, -1] > 0.5]
    low, high = np.percentile(means, [1, 99], axis=0)
    middle = (low + high) / 2
    distance = ROOM * max(high[1] - low[1], high[0] - low[0]) / 2 / np.tan(np.radians(DEGREES) / 2)
    return look_at(middle + np.array([0.0, 0.0, distance + (high[2] - low[2]) / 2]), middle, size, DEGREES)

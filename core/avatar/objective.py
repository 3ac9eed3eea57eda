"""What a picture of a head is held against, and how near it comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from .avatar import Avatar
from .bound import Mesh
from .prepared import REGIONS
from .raster.protocol import Drawn
from .reel import Frame, Reel
from .settings import LossSettings
from .start import affine_of

WINDOW, SIGMA = 11, 1.5
"""Of the structural similarity. Source: Wang et al. 2004."""
MOST_OFFSET = 0.01
"""Metres a splat may sit off the mesh for nothing."""
LARGEST, SMALLEST = float(np.log(0.012)), float(np.log(2e-4))
"""Logarithms of sizes in metres a splat may have for nothing."""
ROOM = 0.35
"""By how much of its size a mouth's box is widened on each side."""


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """picture: [H, W, 3] before the same background as what is drawn; solid: [H, W], 0..1; lips: rows and columns."""

    picture: torch.Tensor
    solid: torch.Tensor
    lips: tuple[slice, slice]

    def to(self, device: torch.device) -> Goal:
        """The same on a device."""
        return Goal(self.picture.to(device), self.solid.to(device), self.lips)


def goal_of(frame: Frame, background: torch.Tensor, lips: tuple[slice, slice]) -> Goal:
    """A frame with its background taken away. background: [3]."""
    solid = (frame.head + frame.torso).clamp(0, 1)
    return Goal(frame.picture * solid[..., None] + background * (1 - solid[..., None]), solid, lips)


def loss_of(drawn: Drawn, goal: Goal, weights: LossSettings, mouth: float = 1.0) -> torch.Tensor:
    """How far a picture is from its goal. mouth: what the mouth's weight is multiplied by.

    Source: Kerbl et al. 2023, eq. 7; the lips' crop as in ER-NeRF and GaussianTalker.
    """
    wrong = (drawn.color - goal.picture).abs()
    loss = weights.l1 * wrong.mean() + weights.ssim * (1 - similarity(drawn.color, goal.picture))
    loss = loss + weights.alpha * (drawn.alpha - goal.solid).abs().mean()
    rows, columns = goal.lips
    if weights.lips and rows.stop > rows.start and columns.stop > columns.start:
        loss = loss + mouth * weights.lips * wrong[rows, columns].mean()
    return loss


def restraint(avatar: Avatar, weights: LossSettings) -> torch.Tensor:
    """What keeps splats near the mesh and of a splat's size, and grids quiet; see SpeakerShapes.quieten for shapes.

    Source: Qian et al. 2024 (GaussianAvatars), §3.3, for the first two; K-planes' total variation for the last.
    """
    off = F.relu(avatar.offsets.norm(dim=1) - MOST_OFFSET).mean() * 100
    wide = F.relu(avatar.log_scales - LARGEST).mean() + F.relu(SMALLEST - avatar.log_scales).mean()
    loss = weights.far * (off + wide)
    if avatar.harmonics.shape[1]:
        loss = loss + weights.harmonics * avatar.harmonics.square().mean()
    if avatar.field is not None:
        loss = loss + weights.smooth * avatar.field.grid.roughness()
    if avatar.correction is not None:
        loss = loss + weights.tracks * avatar.correction.size()
    return loss


def similarity(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Mean structural similarity of pictures [H, W, 3], 0..1. Source: Wang et al. 2004, a Gaussian window of 11."""
    a, b = (picture.permute(2, 0, 1)[None] for picture in (first, second))
    stack = torch.cat([a, b, a * a, b * b, a * b])
    mean = _blurred(stack)
    ma, mb, aa, bb, ab = mean.unbind(0)
    va, vb, both = aa - ma * ma, bb - mb * mb, ab - ma * mb
    c1, c2 = 0.01**2, 0.03**2
    return (((2 * ma * mb + c1) * (2 * both + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean()


def _blurred(stack: torch.Tensor) -> torch.Tensor:
    """[B, 3, H, W] blurred, the edges left out."""
    width = min(WINDOW, *stack.shape[2:])
    away = torch.arange(width, dtype=stack.dtype, device=stack.device) - (width - 1) / 2
    row = torch.exp(-0.5 * (away / SIGMA) ** 2)
    row = (row / row.sum()).expand(3, 1, 1, -1)
    return F.conv2d(F.conv2d(stack, row, groups=3), row.transpose(2, 3), groups=3)


def lip_boxes(reel: Reel, still: int) -> list[tuple[slice, slice]]:
    """Where the mouth is in each frame: rows and columns of the picture, with room around it."""
    sitter, track = reel.prepared.sitter, reel.prepared.track
    wanted = np.nonzero(sitter.regions == REGIONS.index("lips"))[0]
    if not len(wanted):
        return [(slice(0, 0), slice(0, 0))] * len(reel)
    mesh, camera = Mesh(sitter.template, wanted), reel.camera(still)
    boxes = []
    for frame in range(len(reel)):
        points = mesh.posed(torch.from_numpy(track.weights[frame]))[0].numpy().astype(np.float64)
        affine = affine_of(reel, frame, still, mesh.center)
        points = points @ affine[:, :3].T + affine[:, 3] + mesh.center
        x, y, z = (points @ camera.to_camera[:3, :3].T + camera.to_camera[:3, 3]).T
        column = camera.center[0] - camera.focal[0] * x / z
        row = camera.center[1] + camera.focal[1] * y / z
        boxes.append((_widened(row, camera.size[1]), _widened(column, camera.size[0])))
    return boxes


def _widened(values: np.ndarray, most: int) -> slice:
    low, high = float(values.min()), float(values.max())
    room = ROOM * (high - low)
    return slice(int(np.clip(low - room, 0, most)), int(np.clip(np.ceil(high + room), 0, most)))


def decibels(first: torch.Tensor, second: torch.Tensor, where: torch.Tensor | None = None) -> float:
    """Peak signal-to-noise ratio of pictures [H, W, 3], 0..1; where: [H, W], the pixels' weights."""
    wrong = (first.clamp(0, 1) - second).square().mean(2)
    mean = wrong.mean() if where is None else (wrong * where).sum() / where.sum().clamp_min(1e-9)
    return float(-10 * torch.log10(mean.clamp_min(1e-12)))

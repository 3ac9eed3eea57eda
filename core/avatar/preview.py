"""A picture of how far a training is: some frames of the video, and the same as the head draws them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..formats.atomic import replacing
from .avatar import Avatar
from .objective import goal_of
from .raster.protocol import Rasteriser

if TYPE_CHECKING:
    from .train import Lesson

FRAMES = 4


def write_preview(path: Path, avatar: Avatar, lesson: Lesson, raster: Rasteriser) -> None:
    """Write frames of the held-out end, the video's above the head's."""
    first, last = lesson.reel.prepared.split, len(lesson.reel) - 1
    frames = [int(frame) for frame in np.linspace(min(first, last), last, FRAMES)]
    grey, rows = torch.full((3,), 0.5), []
    with torch.no_grad():
        for frame in frames:
            posed = avatar(lesson.moment(frame, avatar.mesh.center))
            drawn = raster.render(avatar.gaussians(posed), lesson.camera, grey.to(lesson.device))
            goal = goal_of(lesson.reel.frame(frame), grey, lesson.lips[frame])
            rows.append(torch.cat([goal.picture, drawn.color.cpu()], 0))
    write_picture(path, torch.cat(rows, 1).numpy())


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Write a picture [H, W, 3], display space, 0..1, as PNG."""
    import cv2

    data = np.rint(np.clip(picture, 0, 1)[..., ::-1] * 255).astype(np.uint8)
    with replacing(path) as temporary:
        temporary.write_bytes(cv2.imencode(".png", data)[1].tobytes())

"""Pictures of how far a training is: frames it never learns from, and the same as the head draws them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..formats.atomic import replacing
from .avatar import Avatar
from .objective import decibels, goal_of
from .raster.protocol import Rasteriser

if TYPE_CHECKING:
    from .train import Lesson

FRAMES = 4


def held_out_frames(lesson: Lesson) -> list[int]:
    """Some frames of the held-out end, evenly apart."""
    first, last = lesson.reel.prepared.split, len(lesson.reel) - 1
    return [int(frame) for frame in np.linspace(min(first, last), last, FRAMES)]


def drawn_beside(
    avatar: Avatar, lesson: Lesson, raster: Rasteriser, frame: int
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """A frame of the video and the same as drawn, both before grey, [H, W, 3]; and dB of what is not wall."""
    grey = torch.full((3,), 0.5)
    with torch.no_grad():
        posed = avatar(lesson.moment(frame, avatar.mesh.center))
        drawn = raster.render(avatar.gaussians(posed, lesson.camera), lesson.camera, grey.to(lesson.device)).color.cpu()
    goal = goal_of(lesson.reel.frame(frame), grey, lesson.lips[frame])
    return goal.picture, drawn, decibels(drawn, goal.picture, goal.solid)


def pair_of(avatar: Avatar, lesson: Lesson, raster: Rasteriser, frame: int) -> tuple[np.ndarray, float]:
    """A frame of the video and the same as drawn, uint8 [2, H, W, 3], and dB."""
    *pictures, near = drawn_beside(avatar, lesson, raster, frame)
    return eight_bits(torch.stack(pictures).numpy()), near


def write_preview(path: Path, avatar: Avatar, lesson: Lesson, raster: Rasteriser) -> None:
    """Write frames of the held-out end as PNG, the video's above the head's."""
    columns = [torch.cat(drawn_beside(avatar, lesson, raster, frame)[:2], 0) for frame in held_out_frames(lesson)]
    write_picture(path, torch.cat(columns, 1).numpy())


def eight_bits(picture: np.ndarray) -> np.ndarray:
    """Display values 0..1 as uint8 of the same shape."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Write a picture [H, W, 3], display space, 0..1, as PNG."""
    import cv2

    with replacing(path) as temporary:
        temporary.write_bytes(cv2.imencode(".png", eight_bits(picture[..., ::-1]))[1].tobytes())

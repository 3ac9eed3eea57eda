"""A learned head against the end of its video, which it never saw: driven by the tracked face, and by the sound alone.

Source of the protocol: the last eleventh held out, as AD-NeRF, GaussianTalker and TalkingGaussian do; head motion, eyes
and brows from the track in both cases, because speech does not tell them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import torch

from .avatar import Avatar, Moment
from .measures import Judge, Scores, Seen, scores_of
from .objective import goal_of
from .raster.protocol import Rasteriser
from .sync import shifted
from .train import Lesson
from .translator import SPOKEN, Translator
from .voice import part_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """tracked, spoken: scores with the mouth from the track and from the sound. frames_per_s: posing and drawing;
    heard_per_s: with hearing and translating the recording besides. size: width and height. splats: how many.
    """

    tracked: Scores
    spoken: Scores
    frames_per_s: float
    heard_per_s: float
    size: tuple[int, int]
    splats: int


def judged(
    avatar: Avatar, lesson: Lesson, raster: Rasteriser, translator: Translator | None, judge: Judge | None = None
) -> Judgement:
    """Judge a head on the frames held out. judge: a distance of pictures that is told besides."""
    prepared = lesson.reel.prepared
    frames = list(range(prepared.split, len(prepared))) or [len(prepared) - 1]
    begun = time.perf_counter()
    part = part_of(prepared.sound, prepared.fps, translator)
    hearing = (time.perf_counter() - begun) / len(part.weights)
    said, told = (shifted(rows, lesson.lag, len(prepared)) for rows in (part.weights, part.latent))
    spoken, latent = spoken_weights(lesson, said), torch.from_numpy(told)
    center = avatar.mesh.center
    moments = [lesson.moment(frame, center) for frame in frames]
    heard = [_heard(lesson.moment(frame, center, spoken[frame]), latent, frame) for frame in frames]
    draw(avatar, moments[0], lesson, raster)  # the first may compile
    begun = time.perf_counter()
    drawn = [draw(avatar, moment, lesson, raster) for moment in moments]
    took = (time.perf_counter() - begun) / len(frames)
    voiced = [draw(avatar, moment, lesson, raster) for moment in heard]
    tracked, by_sound = (scores_of(seen_frames(lesson, frames, pictures), judge) for pictures in (drawn, voiced))
    count = len(avatar.offsets)
    return Judgement(tracked, by_sound, 1 / took, 1 / (took + hearing), lesson.reel.size, count)


def spoken_weights(lesson: Lesson, heard: np.ndarray) -> torch.Tensor:
    """Tracked weights with those that speech decides taken from what was heard, [T, 52] both."""
    weights = lesson.weights.clone()
    weights[:, SPOKEN] = torch.from_numpy(heard[:, SPOKEN])
    return weights


def draw(avatar: Avatar, moment: Moment, lesson: Lesson, raster: Rasteriser) -> torch.Tensor:
    """A moment before grey, [H, W, 3]."""
    grey = torch.full((3,), 0.5, device=lesson.device)
    with torch.no_grad():
        return raster.render(avatar.gaussians(avatar(moment), lesson.camera), lesson.camera, grey).color.cpu()


def seen_frames(lesson: Lesson, frames: list[int], pictures: list[torch.Tensor]) -> list[Seen]:
    """Drawn pictures beside the video's."""
    rows, grey = [], torch.full((3,), 0.5)
    for frame, drawn in zip(frames, pictures, strict=True):
        shown = lesson.reel.frame(frame)
        truth = goal_of(shown, grey, lesson.lips[frame]).picture
        rows.append(Seen(drawn, truth, shown.head, lesson.lips[frame]))
    return rows


def _heard(moment: Moment, latent: torch.Tensor, frame: int) -> Moment:
    if not latent.shape[1]:
        return moment
    return replace(moment, latent=latent[frame].to(moment.weights.device))

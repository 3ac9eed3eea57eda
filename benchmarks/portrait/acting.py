"""A film's performance played on a head made of one picture, drawn as the film's camera sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from core.avatar.raster.cpu import CpuRasteriser
from core.avatar.raster.protocol import Gaussians
from core.portrait.photo import Photo
from core.portrait.portrait import Portrait, make_portrait
from core.portrait.stance import stance_of
from core.rig.arkit import ARKIT_52
from core.splat.pose import pose
from core.splat.types import SH_DC, Splats
from core.template.camera import Lens, first_pose, refined_pose
from core.template.files import head_template
from core.template.marks import landmark_weights
from core.video.faces import FaceFollower
from core.video.film import open_film, pictures
from core.video.solve import Seen, solve
from core.video.trust import SAMPLES, colors_at
from core.video.types import VideoTrack

FRAMES = 100
"""Pictures of each film that are looked at: four seconds of most."""
ENDINGS = (".mp4", ".mov", ".avi", ".mpg", ".mkv", ".webm")


def films_in(folder: Path) -> list[Path]:
    """The films of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


@dataclass(frozen=True, slots=True, eq=False)
class Filmed:
    """pictures: uint8 [H, W, 3] each; track: of them."""

    name: str
    pictures: list[np.ndarray]
    track: VideoTrack


def filmed(path: Path, count: int = FRAMES) -> Filmed:
    """The first pictures of a film, tracked."""
    film = open_film(path)
    taken = [picture.copy() for picture in islice(pictures(film), count)]
    return Filmed(path.stem, taken, tracked(taken, film.fps))


def tracked(taken: list[np.ndarray], fps: float) -> VideoTrack:
    """Pictures in order as a track."""
    with FaceFollower() as follower:
        found = [follower.find(picture) for picture in taken]
    lost = np.full((478, 3), np.nan, np.float32)
    blank = np.zeros((len(SAMPLES), 3), np.uint8)
    colors = [blank if marks is None else colors_at(p, marks) for p, marks in zip(taken, found, strict=True)]
    marks = np.stack([lost if marks is None else marks for marks in found])
    return solve(Seen(marks, np.stack(colors), fps, (taken[0].shape[1], taken[0].shape[0])))


def portrait_of(film: Filmed) -> Portrait:
    """A head of the film's first picture; of all else nothing is known to it."""
    return portrait_of_picture(film.pictures[0])


def portrait_of_picture(picture: np.ndarray) -> Portrait:
    """A head of a picture, uint8 [H, W, 3]."""
    pixels = picture.astype(np.float32) / 255
    return make_portrait(Photo(pixels, np.ones(pixels.shape[:2], np.float32)))


def own_weights(portrait: Portrait, track: VideoTrack) -> np.ndarray:
    """Expressions [T, 52] for the person's own film: that of the portrait, and what the film changes."""
    first = np.array([portrait.weights.get(name, 0.0) for name in ARKIT_52])
    return np.clip(first + track.weights.values - track.weights.values[0], 0, 1)


def followed_poses(portrait: Portrait, weights: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Poses [T, 4, 4] that bring the portrait's landmarks, with expressions [T, 52], onto a film's [T, 478, 3]."""
    template = head_template()
    rest = template.at_landmarks(portrait.head.template.points)
    places = rest + np.einsum("tc,cld->tld", weights, template.at_landmarks(template.shapes))
    believed = landmark_weights()
    lens = Lens(portrait.outline.camera.focal[0], portrait.outline.camera.center)
    pixels = landmarks[:, template.landmarks, :2].astype(np.float64)
    start = first_pose(places, pixels, believed, lens)
    return refined_pose(start, places, pixels, believed, lens)


def played(portrait: Portrait, weights: np.ndarray, poses: np.ndarray, background: np.ndarray) -> Iterator[np.ndarray]:
    """Pictures float32 [H, W, 3] before a background [H, W, 3], the head posed [4, 4], the shoulders upright."""
    raster = CpuRasteriser()
    behind = torch.from_numpy(np.ascontiguousarray(background, np.float32))
    for values, matrix in zip(weights, poses, strict=True):
        stance = stance_of(head_template(), matrix)
        camera = replace(portrait.outline.camera, to_camera=stance.camera)
        with torch.no_grad():
            named = dict(zip(ARKIT_52, values.tolist(), strict=True))
            gaussians = gaussians_of(pose(portrait.head, named, stance.turn))
            yield raster.render(gaussians, camera, behind).color.clamp(0, 1).numpy()


def at_size(film: Filmed, longest: int) -> Filmed:
    """The film no larger than that many pixels, tracked anew."""
    if max(film.pictures[0].shape[:2]) <= longest:
        return film
    small = [shrunk(picture, longest) for picture in film.pictures]
    return Filmed(film.name, small, tracked(small, film.track.fps))


def shrunk(picture: np.ndarray, longest: int) -> np.ndarray:
    """A picture uint8 [H, W, 3] whose sides have at most that many pixels."""
    import cv2

    height, width = picture.shape[:2]
    share = longest / max(height, width)
    if share >= 1:
        return picture
    return cv2.resize(picture, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)


def gaussians_of(posed: Splats) -> Gaussians:
    """A posed head of degree 0, as the rasteriser takes it."""
    colors = np.clip(0.5 + SH_DC * posed.sh[:, 0], 0, 1)
    arrays = (posed.means, posed.quats, np.exp(posed.log_scales), 1 / (1 + np.exp(-posed.logits)), colors)
    return Gaussians(*(torch.from_numpy(np.array(array, np.float32)) for array in arrays))

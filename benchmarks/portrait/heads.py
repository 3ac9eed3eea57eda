"""Heads made of a film's first picture: the rest of the film played on them, other people's faces played on them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.avatar.measures import Seen, scores_of
from core.portrait.person import person_mask
from core.portrait.photo import Photo
from core.portrait.portrait import Portrait
from core.rig.arkit import ARKIT_52

from ..machine import describe
from .acting import Filmed, at_size, filmed, films_in, followed_poses, own_weights, played, portrait_of, tracked
from .identity import SAME, TURNS_DEG, distances, from_sides, judge, told

LONGEST = 320
EVERY = 5
"""Of its own film, every fifth picture is compared."""
GROUPS = {
    "jaw": ("jawOpen",),
    "lips": tuple(name for name in ARKIT_52 if name.startswith("mouth")),
    "brows": tuple(name for name in ARKIT_52 if name.startswith("brow")),
    "blinks": ("eyeBlinkLeft", "eyeBlinkRight"),
}
LEAST_SWING = 0.03
"""Standard deviation from which a shape moves enough to be followed."""
INTRODUCTION = """\
# Heads made of one picture

Made by `python -m benchmarks portrait heads --films DIR`. The first picture of each film becomes a head
(`python -m core portrait`); nothing else of the film is known to it. Pictures have at most {longest} pixels.

Hardware: {hardware}; while other programs ran.
"""
OWN = """\
## Its own film

Every {every}th of the {frames} first pictures after the portrait: expressions and pose come from the film's track, the
head is drawn over the film's own background. PSNR and SSIM of the person, hair and shoulders too; mouth: PSNR of its
crop; LMD: mean distance of the lips' landmarks, pixels at 512; opening r: correlation of the gap between the lips.
"still" is the first picture itself, left standing: what has to be beaten.

| film | seconds to make | PSNR | still | SSIM | mouth PSNR | still | LMD | still | opening r |
|---|---|---|---|---|---|---|---|---|---|
"""
OTHERS = """\
## Other people's faces

The expressions of one film played on the portrait of another person, drawn, and read off the drawing again by the same
tracker: correlation with what was played, mean over the shapes of each group that move.

| played | on | jaw | lips | brows | blinks |
|---|---|---|---|---|---|
"""

PERSON = """\
## Is it still the person

Distances in the space of dlib's face-recognition network between the portrait and the neutral head drawn from several
sides, later pictures of the same film, and the portraits of the other films. Below {same} it takes two faces for one
person's; where two films show one speaker, the nearest other is that one. The network judges only here: dlib-bin 20 and
face_recognition_models 0.3.0 (weights public domain or CC0).
"not told": no face was found, or the packages are not installed.

| film | {sides} | its own film | others, nearest | others, mean |
|---|{rules}---|---|---|
"""
LATER = 20
"""Of its own film, every so many-th picture is compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """A film, the portrait of its first picture, and how long that took, seconds."""

    film: Filmed
    portrait: Portrait
    seconds: float


def measure(films: Path, page: Path) -> int:
    """Measure and write the page; 1 where the folder has no films."""
    paths = films_in(films)
    if not paths:
        return 1
    sitters = [sitter(path) for path in paths]
    parts = [INTRODUCTION.format(longest=LONGEST, hardware=describe())]
    frames = len(sitters[0].film.pictures)
    parts.append(OWN.format(every=EVERY, frames=frames) + "".join(own_row(one) for one in sitters))
    pairs = zip(sitters, sitters[1:] + sitters[:1], strict=True)
    parts.append(
        OTHERS + others_table([(one.film.name, other.film.name, *followed(one, other)) for one, other in pairs])
    )
    parts.append(identity_part(sitters))
    page.write_text("\n".join(parts), encoding="utf-8")
    return 0


def sitter(path: Path) -> Sitter:
    """A film and its portrait."""
    film = at_size(filmed(path), LONGEST)
    start = time.perf_counter()
    portrait = portrait_of(film)
    return Sitter(film, portrait, time.perf_counter() - start)


def own_row(one: Sitter) -> str:
    """A line of the first table."""
    chosen = np.arange(EVERY, len(one.film.pictures), EVERY)
    weights = own_weights(one.portrait, one.film.track)[chosen]
    poses = followed_poses(one.portrait, weights, one.film.track.landmarks[chosen])
    drawn, still = [], []
    first = one.film.pictures[0].astype(np.float32) / 255
    for number, values, matrix in zip(chosen, weights, poses, strict=True):
        truth = one.film.pictures[number].astype(np.float32) / 255
        picture = next(played(one.portrait, values[None], matrix[None], truth))
        head = person_mask(Photo(truth, np.ones(truth.shape[:2], np.float32)))
        lips = _lips(one.film.track.landmarks[number], truth.shape)
        drawn.append(_seen(picture, truth, head, lips))
        still.append(_seen(first, truth, head, lips))
    ours, theirs = scores_of(drawn), scores_of(still)
    return (
        f"| {one.film.name} | {one.seconds:.1f} | {ours.psnr:.2f} | {theirs.psnr:.2f} | {ours.ssim:.3f} | "
        f"{ours.mouth:.2f} | {theirs.mouth:.2f} | {ours.lmd:.2f} | {theirs.lmd:.2f} | {ours.aperture:.2f} |\n"
    )


def others_table(rows: list[tuple]) -> str:
    """The second table's lines and their means. rows: both names, then of each group r and of how many shapes."""
    lines = []
    for first, second, *groups in rows:
        cells = [f"{value:.2f} ({count})" if count else "none moves" for value, count in groups]
        lines.append(f"| {first} | {second} | " + " | ".join(cells) + " |\n")
    columns = zip(*(groups for _, _, *groups in rows), strict=True)
    means = [float(np.mean([value for value, count in column if count] or [np.nan])) for column in columns]
    return "".join(lines) + "| mean | | " + " | ".join(f"{value:.2f}" for value in means) + " |\n"


def followed(played_one: Sitter, on: Sitter) -> list[tuple[float, int]]:
    """How well another head follows: for each of GROUPS the mean r, and over how many shapes."""
    track = played_one.film.track
    weights = track.weights.values
    camera = on.portrait.outline.camera
    turns = track.pose[:, :3, :3] @ track.pose[0, :3, :3].T
    poses = np.repeat(camera.to_camera[None], len(weights), axis=0)
    poses[:, :3, :3] = turns @ camera.to_camera[:3, :3]
    grey = np.full((camera.size[1], camera.size[0], 3), 0.5, np.float32)
    drawn = [(picture * 255 + 0.5).astype(np.uint8) for picture in played(on.portrait, weights, poses, grey)]
    again = tracked(drawn, track.fps).weights.values
    return [_agreement(weights, again, names) for names in GROUPS.values()]


def identity_part(sitters: list[Sitter]) -> str:
    """The third table."""
    embed = judge()
    sides = " | ".join(f"{turn:+d}°" if turn else "front" for turn in TURNS_DEG)
    rows = [PERSON.format(same=SAME, sides=sides, rules="---|" * len(TURNS_DEG))]
    for one in sitters:
        first = one.film.pictures[0]
        drawn = distances(embed, first, from_sides(one.portrait))
        own = distances(embed, first, one.film.pictures[LATER::LATER])
        others = distances(embed, first, [other.film.pictures[0] for other in sitters if other is not one])
        nearest = told([min((value for value in others if value is not None), default=None)])
        cells = [told([value]) for value in drawn] + [told(own), nearest, told(others)]
        rows.append(f"| {one.film.name} | " + " | ".join(cells) + " |\n")
    return "".join(rows)


def _agreement(played_rows: np.ndarray, again: np.ndarray, names: tuple[str, ...]) -> tuple[float, int]:
    columns = [ARKIT_52.index(name) for name in names]
    found = [
        float(np.corrcoef(played_rows[:, c], again[:, c])[0, 1]) if again[:, c].std() > 1e-6 else 0.0
        for c in columns
        if played_rows[:, c].std() > LEAST_SWING
    ]
    return (float(np.mean(found)), len(found)) if found else (0.0, 0)


def _seen(drawn: np.ndarray, truth: np.ndarray, head: np.ndarray, lips: tuple[slice, slice]) -> Seen:
    return Seen(*(torch.from_numpy(np.ascontiguousarray(array)) for array in (drawn, truth, head)), lips)


def _lips(landmarks: np.ndarray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the mouth, a third wider and twice as high as the lips."""
    (left, right), middle = landmarks[[61, 291], 0], landmarks[[0, 17], 1].mean()
    half = (right - left) * 0.65
    rows = slice(max(0, int(middle - half)), min(shape[0], int(middle + half)))
    center = (left + right) / 2
    return rows, slice(max(0, int(center - half)), min(shape[1], int(center + half)))

"""Drawn people filmed, tracked and brought to their neutral face by the very code that does so with films."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SettingError
from ...template.camera import Lens
from ...template.files import head_template
from ...template.fit import fit_identity
from ...video.faces import FaceFollower
from ...video.reading import motions
from ...video.solve import FITTED, each_picture
from ...video.turns import head_angles
from .acts import Acts, random_acts
from .painting import painted, random_look

COUNT = 160
SIZES = (224, 400)
LENGTHS = (1.4, 3.2)
"""Focal length over the picture's size."""
SPREAD = 0.85
"""Of identity components, in their standard deviations."""


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """One person: motions float32 [T, 478, 2] as core.video.reading has them, angles [T, 3], radians, fitted [T, 52],

    what the geometric fit found, truth [T, 52], what was drawn.
    """

    motions: np.ndarray
    angles: np.ndarray
    fitted: np.ndarray
    truth: np.ndarray


def film_person(number: int, speech: np.ndarray, count: int = COUNT) -> Footage | None:
    """The person of a number acting; the same each time. None where the tracker takes it for no face."""
    rng = np.random.default_rng([20, number])
    acts = random_acts(count, speech, rng)
    landmarks, size = _seen(acts, rng)
    found = np.isfinite(landmarks[:, 0, 0])
    if found.mean() < 0.8:
        return None
    landmarks = landmarks[found].astype(np.float64)
    chosen = np.linspace(0, len(landmarks) - 1, FITTED // 2).astype(int)
    try:
        person = fit_identity(landmarks[chosen], (size, size))
    except SettingError:
        return None
    raw, neutral = each_picture(landmarks, np.ones(len(landmarks), bool), person)
    moved = motions(landmarks[..., :2], raw.pose, neutral, person.lens)
    parts = (moved, head_angles(raw.pose), raw.weights, acts.weights[found])
    return Footage(*(part.astype(np.float32) for part in parts))


def _seen(acts: Acts, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Landmarks float32 [T, 478, 3] of the acts of somebody random, and the size of the pictures."""
    template = head_template()
    who = template.shaped(rng.normal(0, SPREAD, len(template.basis)))
    look, size = random_look(template, rng), int(rng.integers(*SIZES))
    lens = Lens(rng.uniform(*LENGTHS) * size, (size / 2, size / 2))
    poses = _poses(acts.angles, lens.focal / size * rng.uniform(0.22, 0.4), rng)
    grain = rng.normal(0, 255 * look.grain, (size, size, 3)).astype(np.float32)
    rows = []
    with FaceFollower() as follower:
        for weights, pose in zip(acts.weights, poses, strict=True):
            points = who + np.tensordot(weights, template.shapes, 1)
            picture = painted(template, points, (pose, lens, size), look)
            noise = np.roll(grain, tuple(rng.integers(0, size, 2)), (0, 1))
            found = follower.find(np.clip(picture + noise, 0, 255).astype(np.uint8))
            rows.append(np.full((478, 3), np.nan, np.float32) if found is None else found)
    return np.stack(rows), size


def _poses(angles: np.ndarray, distance: float, rng: np.random.Generator) -> np.ndarray:
    """Heads turned by angles [T, 3] before the camera, [T, 4, 4]; distance in metres."""
    poses = np.tile(np.eye(4), (len(angles), 1, 1))
    for pose, (yaw, pitch, roll) in zip(poses, angles, strict=True):
        (cy, cp, cr), (sy, sp, sr) = np.cos((yaw, pitch, roll)), np.sin((yaw, pitch, roll))
        about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
        pose[:3, :3] = about_y @ about_x @ about_z
    poses[:, :3, 3] = (rng.normal(0, 0.02), rng.normal(-0.02, 0.02), -distance)
    return poses


def write_footage(path: Path, footage: Footage) -> None:
    """Keep footage, so that a stopped run goes on."""
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, **{name: getattr(footage, name) for name in Footage.__dataclass_fields__})
    part.replace(path)


def read_footage(path: Path) -> Footage:
    """Footage as it was kept."""
    with np.load(path) as archive:
        return Footage(*(archive[name] for name in Footage.__dataclass_fields__))

"""Keep the eyelids outside the eyeballs, and the line where lashes grow."""

from __future__ import annotations

import numpy as np

from .eyes import Ball
from .surface import Faces, unit

LID_RING_LEFT: tuple[int, ...] = (
    6806, 6803, 6800, 6797, 6794, 6791, 6786, 6787, 6839, 6842, 6845, 6884, 6848, 6851, 6854,
    6857, 6836, 11694, 6833, 6830, 6827, 6824, 6821, 6818, 6815, 11692, 6812, 6809,
)  # fmt: skip
"""The outer rim of the left eyelids, from the outer corner over the upper lid to the inner corner and back below."""

INNER_CORNER = LID_RING_LEFT.index(6854)

LID_FOLLOW: dict[str, tuple[tuple[str, float], ...]] = {
    "eyeLookDown": (("eyeBlink", 0.3),),
    "eyeLookUp": (("eyeWide", 0.5),),
}
"""Shapes whose lids go along with the eyes, and what of other shapes they take."""

LID_SHAPES = (
    "eyeBlink", "eyeSquint", "eyeLookDown", "eyeLookUp", "eyeLookIn", "eyeLookOut", "eyeWide", "cheekSquint",
    "noseSneer",
)  # fmt: skip
CLEARANCE = 1.035
"""Least distance of lid skin from the middle of the ball, over its radius."""


def follow_gaze(units: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Face units whose upper lids sink and rise with the eyes, as living ones do."""
    mended = dict(units)
    for side in ("Left", "Right"):
        for name, sources in LID_FOLLOW.items():
            mended[name + side] = units[name + side] + sum(part * units[source + side] for source, part in sources)
    return mended


def mirrored(points: np.ndarray, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """The vertices facing chosen ones across the middle of the symmetric base mesh [N, 3]."""
    places = points[list(chosen)] * [-1, 1, 1]
    return tuple(int(((points - place) ** 2).sum(1).argmin()) for place in places)


def lid_skin(faces: Faces, count: int, ring: tuple[int, ...], ball: Ball, points: np.ndarray) -> np.ndarray:
    """The skin around an eye as a mask bool [count]: outside the rim, without the pocket behind the lids."""
    neighbors: dict[int, set[int]] = {}
    for face in faces:
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            neighbors.setdefault(a, set()).add(b)
            neighbors.setdefault(b, set()).add(a)
    away = np.linalg.norm(points - ball.center, axis=1) / ball.radius
    reach = (away < 2.2) & (points[:, 2] > ball.center[2] - 0.02)
    rim = set(ring)
    start = [v for v in np.nonzero(reach & (away > 1.9))[0] if int(v) in neighbors]
    inside = np.zeros(count, bool)
    todo = [int(v) for v in start] + list(rim)
    inside[todo] = True
    while todo:
        v = todo.pop()
        if v in rim:
            continue
        for n in neighbors.get(v, ()):
            if reach[n] and not inside[n]:
                inside[n] = True
                todo.append(n)
    return inside


def clear_eyes(points: np.ndarray, units: dict[str, np.ndarray], ball: Ball, skin: np.ndarray) -> dict[str, np.ndarray]:
    """Face units that keep the lids of one eye off its ball, halfway and at full value.

    points: [N, 3], the resting person; skin: bool [N], from lid_skin.
    """
    side = "Left" if ball.side > 0 else "Right"
    mended = dict(units)
    for name in (shape + side for shape in LID_SHAPES):
        offsets = mended[name].astype(np.float64)
        for value in (1.0, 0.5, 1.0):
            posed = points + value * offsets - ball.center
            away = np.linalg.norm(posed, axis=1) / ball.radius
            rest = np.linalg.norm(points - ball.center, axis=1) / ball.radius
            missing = np.clip(np.minimum(CLEARANCE, rest) - away, 0, None) * skin
            offsets += unit(posed) * (missing * ball.radius / value)[:, None]
        mended[name] = offsets.astype(np.float32)
    return mended

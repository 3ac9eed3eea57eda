"""Things before a mouth, drawn into a film: hands, a microphone, a cup, a mask.

They are drawn with soft light from above, a shadow on the face, a little noise and their own motion; a hand has the
colour of the face it is held before. Lengths are shares of the distance of the outer eye corners, about 9 cm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .acting import Filmed

COVERED_S = (1.6, 2.6)
MOVE_S = 0.24
"""How long a thing takes to come before the mouth, and to go."""
PATCH = (176, 132, 110)
CHEEKS = (50, 280, 205, 425, 101, 330)
LIPS = (13, 14, 61, 291)
DRAWN_PX = 80
"""The distance of the eyes in which things are drawn; larger faces get them enlarged."""
LIGHT = np.array([-0.25, -0.55, 0.8])
JAWLINE = (93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323)
NOSE_RIDGE = (330, 347, 195, 118, 101)
KINDS = ("patch", "own colour", "hand", "fingers", "microphone", "cup", "mask")


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """height: [H, W], how far a thing stands out towards the camera, 0 where it is not; color: [H, W, 3], 0..255."""

    height: np.ndarray
    color: np.ndarray


Drawn = Callable[[np.ndarray, np.ndarray, np.ndarray], Thing]
"""A thing at places x, y [H, W] from the middle of the mouth, x to the right, y down; before skin of a colour [3]."""


def occluded(film: Filmed, kind: str, only: slice = slice(None)) -> list[np.ndarray]:
    """The film's pictures, or only some, with a thing of KINDS before the mouth for the second COVERED_S."""
    rng = np.random.default_rng(3)
    marks, fps = film.track.landmarks, film.track.fps
    skin = np.median([film.pictures[0][int(y), int(x)] for x, y in marks[0, list(CHEEKS), :2]], axis=0)
    below = float(np.median([_on_face(row, row[list(LIPS), :2].mean(0))[1] for row in marks]))
    made = []
    for number in range(len(film.pictures))[only]:
        picture = film.pictures[number]
        away = _away(number / fps)
        if away >= 1 or (kind in ("patch", "own colour", "mask") and away > 0):
            made.append(picture)
        elif kind == "mask":
            made.append(_masked(picture, marks[number], rng))
        else:
            made.append(_covered(picture, _Frame(marks[number], below), _drawn(kind, skin, away, number / fps), rng))
    return made


def covered_rows(fps: float) -> slice:
    """The pictures in which the mouth is wholly covered."""
    return slice(round(COVERED_S[0] * fps), round(COVERED_S[1] * fps))


def _away(second: float) -> float:
    """How far a thing is from its place before the mouth at a second, 0..1."""
    start, end = COVERED_S
    if start <= second < end:
        return 0.0
    far = (start - second if second < start else second - end) / MOVE_S
    return min(far * far * (3 - 2 * far) if far < 1 else 1.0, 1.0)


def _drawn(kind: str, skin: np.ndarray, away: float, second: float) -> Callable[[np.ndarray, np.ndarray], Thing]:
    """The thing as a function of places, come from below and swaying a little."""
    x0 = 0.02 * np.sin(7 * second) + {"hand": -1.2, "fingers": 1.6}.get(kind, -0.3) * away
    y0 = 0.015 * np.cos(9 * second) + (1.0 if kind == "fingers" else 2.2) * away
    shapes: dict[str, Drawn] = {
        "patch": _patch,
        "own colour": _patch,
        "hand": _hand,
        "fingers": _fingers,
        "microphone": _microphone,
        "cup": _cup,
    }
    color = np.array(PATCH, float) if kind == "patch" else skin.astype(float)
    return lambda x, y: shapes[kind](x - x0, y - y0, color)


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """Where a thing is held: landmarks [478, 3], and how far below the eyes; it does not follow the mouth it hides."""

    marks: np.ndarray
    below: float

    def places(self, size: tuple[int, int]) -> tuple[np.ndarray, float]:
        """x, y [2, h, w] of a picture's pixels, of every few where the face is large; the unit in pixels."""
        unit = float(np.linalg.norm(self.marks[263, :2] - self.marks[33, :2]))
        step = max(1.0, unit / DRAWN_PX)
        rows, columns = np.mgrid[: round(size[0] / step), : round(size[1] / step)].astype(np.float32) * step
        return np.moveaxis(_on_face(self.marks, np.stack([columns, rows], -1)), -1, 0) - [[[0]], [[self.below]]], unit


def _on_face(marks: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pixels [..., 2] as shares of the distance of the outer eye corners, from between them, right and down."""
    right, left = marks[33, :2], marks[263, :2]
    across = left - right
    axes = np.stack([across, [-across[1], across[0]]], 1) / (across @ across)
    return (places - (left + right) / 2) @ axes


def _covered(
    picture: np.ndarray, frame: _Frame, thing: Callable[[np.ndarray, np.ndarray], Thing], rng: np.random.Generator
) -> np.ndarray:
    """A picture with a thing where the mouth is."""
    import cv2

    (x, y), unit = frame.places(picture.shape[:2])
    drawn = thing(x, y)
    size = picture.shape[1::-1]
    height, color = (cv2.resize(part.astype(np.float32), size) for part in (drawn.height, drawn.color))
    return _laid(picture, Thing(height, color), unit, rng)


def _laid(picture: np.ndarray, thing: Thing, unit: float, rng: np.random.Generator) -> np.ndarray:
    """A thing over a picture: its light, its shadow and the camera's noise. unit: pixels."""
    import cv2

    cover = (thing.height > 0).astype(np.float32)
    soft = cv2.GaussianBlur(cover, (0, 0), max(0.012 * unit, 0.6))[..., None]
    shadow = cv2.GaussianBlur(cover, (0, 0), 0.08 * unit)
    shadow = np.roll(shadow, (round(0.05 * unit), round(0.02 * unit)), (0, 1))[..., None]
    slope_y, slope_x = np.gradient(cv2.GaussianBlur(thing.height.astype(np.float32), (0, 0), 0.015 * unit) * unit)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], -1)
    light = normal @ (LIGHT / np.linalg.norm(LIGHT)) / np.linalg.norm(normal, axis=-1)
    lit = thing.color * (0.35 + 0.75 * np.clip(light, 0, 1))[..., None]
    lit = lit + cv2.GaussianBlur(rng.normal(0, 6, picture.shape), (0, 0), 1.0)
    mixed = picture * (1 - 0.35 * shadow) * (1 - soft) + lit * soft
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _patch(x: np.ndarray, y: np.ndarray, skin: np.ndarray) -> Thing:
    inside = np.square(x / 0.5) + np.square(y / 0.38) < 1
    return Thing(inside * 0.01, np.broadcast_to(skin, (*x.shape, 3)))


def _rod(
    x: np.ndarray, y: np.ndarray, start: tuple[float, float], end: tuple[float, float], radius: float
) -> np.ndarray:
    """The height of a round rod."""
    (ax, ay), (bx, by) = start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1)
    far = np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))
    return np.sqrt(np.clip(radius**2 - far**2, 0, None))


def _skin(
    height: np.ndarray, x: np.ndarray, y: np.ndarray, skin: np.ndarray, knuckles: list[tuple[float, float]]
) -> Thing:
    """Skin with mottles, and knuckles that are redder and darker."""
    color = np.broadcast_to(skin, (*x.shape, 3)) * (1 + 0.03 * np.sin(9 * x + 3 * np.sin(11 * y)))[..., None]
    for ax, ay in knuckles:
        spot = np.exp(-(np.square((x - ax) / 0.09) + np.square((y - ay) / 0.05)))
        color = color * (1 - spot[..., None] * np.array([0.10, 0.20, 0.20]))
    return Thing(height, color)


def _hand(x: np.ndarray, y: np.ndarray, skin: np.ndarray) -> Thing:
    """The back of a hand, fingers up and a little to the right, held before mouth and chin."""
    height = 0.16 * np.sqrt(np.clip(1 - np.power(np.abs(x / 0.5), 4) - np.power(np.abs((y - 0.5) / 0.55), 4), 0, None))
    knuckles = []
    for place, (reach, lean) in enumerate(((0.50, -0.12), (0.62, -0.02), (0.58, 0.08), (0.42, 0.2))):
        base = -0.36 + 0.24 * place
        joint, tip = (base + 0.5 * lean, 0.02 - 0.5 * reach), (base + lean, 0.02 - reach)
        height = np.maximum(height, _rod(x, y, (base, 0.15), joint, 0.13))
        height = np.maximum(height, _rod(x, y, joint, tip, 0.115))
        knuckles += [(base, 0.1), joint]
    height = np.maximum(height, _rod(x, y, (-0.42, 0.75), (-0.75, 0.2), 0.13))
    height = np.maximum(height, _rod(x, y, (0.0, 0.9), (0.1, 2.6), 0.36))
    return _skin(height, x, y, skin, knuckles)


def _fingers(x: np.ndarray, y: np.ndarray, skin: np.ndarray) -> Thing:
    """Four fingers of a fist laid across the mouth from the side."""
    height, knuckles = np.zeros_like(x), []
    for place, reach in enumerate((0.5, 0.62, 0.6, 0.45)):
        row = -0.34 + 0.23 * place
        height = np.maximum(height, _rod(x, y, (0.9, row + 0.1), (0.15, row), 0.13))
        height = np.maximum(height, _rod(x, y, (0.15, row), (-reach, row + 0.02), 0.12))
        knuckles += [(0.15, row), (-reach + 0.2, row)]
    height = np.maximum(height, _rod(x, y, (1.1, 0.2), (2.2, 0.9), 0.45))
    return _skin(height, x, y, skin, knuckles)


def _microphone(x: np.ndarray, y: np.ndarray, skin: np.ndarray) -> Thing:
    """A dark ball with a grid, on a stick."""
    ball = np.sqrt(np.clip(0.36**2 - x**2 - (y - 0.02) ** 2, 0, None))
    stick = _rod(x, y, (0.0, 0.3), (-0.25, 2.0), 0.15)
    grid = 45 + 25 * (np.sin(60 * x) * np.sin(60 * y) > 0) * (ball >= stick)
    return Thing(np.maximum(ball, stick), np.repeat(grid[..., None], 3, 2).astype(float))


def _cup(x: np.ndarray, y: np.ndarray, skin: np.ndarray) -> Thing:
    """A white cup with a blue band, and the fingers that hold it."""
    inside = (np.abs(x) < 0.42 - 0.05 * y) & (y > -0.3 + 0.06 * np.square(x / 0.42)) & (y < 0.75)
    cup = inside * np.sqrt(np.clip(0.45**2 - x**2, 0.01, None))
    color = np.where((np.abs(y - 0.3) < 0.12)[..., None], np.array([70.0, 90, 170]), np.array([225.0, 222, 215]))
    fingers = np.zeros_like(x)
    for row in (0.1, 0.32, 0.54):
        fingers = np.maximum(fingers, _rod(x, y, (-0.7, row), (0.0, row + 0.02), 0.11))
    ahead = fingers > 0
    return Thing(np.where(ahead, 0.3 + fingers, cup), np.where(ahead[..., None], skin, color))


def _masked(picture: np.ndarray, marks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A surgeon's mask from jaw to the ridge of the nose; it goes with the face."""
    import cv2

    outline = np.round(marks[list(JAWLINE + NOSE_RIDGE), :2]).astype(np.int32)
    cover = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(cover, [outline], 1)
    unit = float(np.linalg.norm(marks[263, :2] - marks[33, :2]))
    far = cv2.distanceTransform(cover, cv2.DIST_L2, 3) / unit
    folds = 1 + 0.05 * np.sin(np.arange(picture.shape[0]) * 2 * np.pi / (0.18 * unit))[:, None]
    color = np.array([150.0, 195, 215]) * folds[..., None] * np.ones((*cover.shape, 1))
    return _laid(picture, Thing(0.5 * np.sqrt(far), color), unit, rng)

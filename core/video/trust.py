"""How far each picture of a film can be believed, as a whole and by part of the face."""

from __future__ import annotations

import numpy as np

from ..layers.regions import GROUPS
from .lips import PLACES, covered_lips

# Skin and features whose colour stays what it is while a face moves; a hand or a microphone before it changes it.
LOOKED_AT: dict[str, tuple[int, ...]] = {
    "mouth": (164, 0, 17, 18, 200, 199, 43, 273, 57, 287, 186, 410, 202, 422, 212, 432, 83, 313, 37, 267, 84, 314),
    "eyes": (230, 450, 229, 449, 231, 451, 117, 346, 118, 347, 130, 359, 243, 463),
    "brows": (9, 8, 107, 336, 66, 296, 105, 334, 63, 293, 108, 337, 69, 299),
}
SKIN_SAMPLES = tuple((number, number, 0.0) for numbers in LOOKED_AT.values() for number in numbers)
SAMPLES = SKIN_SAMPLES + PLACES
"""Places of a face: two landmarks, and how far to go from the first to the second (below 0: away from it)."""
NEAR_PX = 64.0
"""The distance of the outer eye corners at which colours are looked at: larger faces are made smaller, which takes
their grain away."""
STRANGE = 5.0
"""A colour so many times as far from a landmark's usual one as is usual is not the face's own."""
LEAST_SPREAD = 8.0
"""Eight-bit levels."""
ALIKE, UNLIKE = 0.5, 0.35
"""Correlation of a part's colours with their usual pattern: bare above the first, covered below the second. Of seven
films of talking people the bare mouth was above 0.5 in 97 of 100 pictures; mouths painted over in three were mostly
below 0.35."""
LEAST_PATTERN = 5.0
"""Eight-bit levels; a part with a fainter pattern is told by its colours alone."""
MOSTLY_BARE = 0.3
"""A face of which less than this is covered in any part tells who it is."""
USUAL_ERROR = 0.03
"""What landmarks of a strong expression may miss, over the distance of the outer eye corners, and be believed: a calm
film's own usual error is no measure for its one scream."""
TURNED, AWAY = 45.0, 75.0
"""Degrees of yaw from which a face is believed less, and not at all."""


def colors_at(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The picture's colour at SAMPLES, uint8 [S, 3]. landmarks: [478, 2 or 3], pixels."""
    near, corner, share = _near(picture, landmarks[:, :2])
    first, second, part = _PLACES
    places = landmarks[first, :2] + part[:, None] * (landmarks[second, :2] - landmarks[first, :2])
    places = (places - corner) * share - 0.5 * (1 - share)
    column, row = np.round(places).astype(np.int64).T
    return near[np.clip(row, 0, near.shape[0] - 1), np.clip(column, 0, near.shape[1] - 1)]


_PLACES = tuple(np.array(column) for column in zip(*SAMPLES, strict=True))


def _near(picture: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The face alone, its upper left corner [2] in the picture, and by how much it was made smaller."""
    import cv2

    eyes = max(float(np.linalg.norm(places[263] - places[33])), 1.0)
    last = np.array(picture.shape[1::-1]) - 1
    low = np.clip(np.floor(places.min(0) - 0.1 * eyes), 0, last).astype(np.int64)
    high = np.clip(np.ceil(places.max(0) + 0.1 * eyes), low, last).astype(np.int64)
    face = picture[low[1] : high[1] + 1, low[0] : high[0] + 1]
    share = min(NEAR_PX / eyes, 1.0)
    if share < 1:
        size = np.maximum(np.round(share * np.array(face.shape[1::-1])), 1).astype(int)
        face = cv2.resize(face, tuple(size.tolist()), interpolation=cv2.INTER_AREA)
    return face, low, share


def trusts(found: np.ndarray, error: np.ndarray, yaw: np.ndarray, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Confidence of the whole face float32 [T] and by GROUPS [T, 4], 0..1.

    found: bool [T]; error: [T], what landmarks miss; yaw: [T], radians; colors: uint8 [T, S, 3], see colors_at.
    """
    usual = max(np.median(error[found]), USUAL_ERROR) if found.any() else USUAL_ERROR
    fits = np.exp(-np.square(np.clip(error / usual - 2.0, 0, None)))
    facing = np.clip((AWAY - np.degrees(np.abs(yaw))) / (AWAY - TURNED), 0, 1)
    whole = np.where(found, fits * facing, 0)
    covered = covered_parts(colors, found)
    parts = np.stack([whole * (1 - covered.get(group, 0)) for group in GROUPS], 1)
    return whole.astype(np.float32), parts.astype(np.float32)


def uncovered(colors: np.ndarray, found: np.ndarray, least: int) -> np.ndarray:
    """The pictures that show the whole face, bool [T]: what tells who somebody is; all found ones where too few do."""
    clear = found & (np.max(list(covered_parts(colors, found).values()), axis=0) < MOSTLY_BARE)
    return clear if clear.sum() >= least else found


def covered_parts(colors: np.ndarray, found: np.ndarray) -> dict[str, np.ndarray]:
    """How covered each part of LOOKED_AT is, 0..1 [T]: its colours are not its own, or their pattern is gone.

    A hand has the colour of a face, but neither lips nor the shadow below them.
    """
    skin = slice(0, len(SKIN_SAMPLES))
    covered = _covered_skin(colors[:, skin].astype(np.float64), found)
    lips = _lasting(covered_lips(colors[:, skin.stop :], found))
    return covered | {"mouth": np.maximum(covered["mouth"], lips)}


def _covered_skin(seen: np.ndarray, found: np.ndarray) -> dict[str, np.ndarray]:
    """The same by skin and features around. seen: [T, S, 3] at SKIN_SAMPLES."""
    usual = np.median(seen[found], axis=0) if found.any() else seen[0]
    # What the light does to the whole face is no cover.
    level = seen - np.median(seen - usual, axis=1, keepdims=True)
    away = np.abs(level - usual).max(-1)
    spread = np.maximum(np.median(away[found], axis=0) if found.any() else away[0], LEAST_SPREAD)
    strange = away > STRANGE * spread
    covered, start = {}, 0
    for part, numbers in LOOKED_AT.items():
        own = slice(start, start + len(numbers))
        covered[part] = np.clip((strange[:, own].mean(1) - 0.25) / 0.35, 0, 1)
        if part != "mouth":  # the skin around a mouth folds and is in its shadow; the lips themselves tell better
            unlike = np.clip((ALIKE - _likeness(seen[:, own], usual[own])) / (ALIKE - UNLIKE), 0, 1)
            covered[part] = np.maximum(covered[part], _lasting(unlike))
        start += len(numbers)
    return covered


def _likeness(seen: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Correlation of a part's colours with their usual pattern, [T]; 1 where it has hardly a pattern.

    seen: [T, n, 3]; usual: [n, 3].
    """
    pattern = usual - usual.mean(0)
    size = np.square(pattern).sum()
    if np.sqrt(size / pattern.size) < LEAST_PATTERN:
        return np.ones(len(seen))
    around = seen - seen.mean(1, keepdims=True)
    lengths = np.sqrt(size * np.square(around).sum((1, 2)))
    return (around * pattern).sum((1, 2)) / np.maximum(lengths, 1e-9)


def _lasting(values: np.ndarray) -> np.ndarray:
    """Values [T] without what lasts a picture or two only: medians of five."""
    padded = np.pad(values, 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)

"""What every pixel of a talking head shows: background, head with its hair, the inside of the mouth, torso.

The person is told from the background by MediaPipe's selfie segmentation, whose model ships inside its wheel; head is
told from torso by the fitted template, and what neither covers (hair, a collar) goes with what it is nearest to, hair
by its colour.
"""

from __future__ import annotations

from types import TracebackType

import numpy as np

from ...template.camera import Lens
from ...template.files import head_template
from ...template.marks import INNER_LIPS, OVAL
from ..prepared import BACKGROUND, HEAD, MOUTH, TORSO

OPEN_PX = 1.2
"""Gap of the inner lips from which the mouth has an inside."""
HEAD_SHARE = 0.5
LOWER_LIP = 17
HAIR_LIKE, HAIR_REACH, HAIR_ROUNDS = 0.5, 0.55, 5
"""How surely a colour below the chin must be hair's and not the torso's; how far down hair may hang, over the height of
the head; how many times hair that was found tells the colour of what hangs on it."""
HAIR_BESIDE, LEAST_HAIR = 0.15, 0.015
"""How far above the lower lip, over the height of the head, hair must be to fall further; how much there must be."""
COLOR_SHIFT, COLORS = 4, 16
"""Eight-bit colours are counted in sixteen bins a channel."""
BEHIND = 0.4
"""How sure the segmentation must be that a pixel is a person."""


class Masker:
    """Makes masks, picture by picture; a context manager, for the segmentation keeps its model."""

    def __enter__(self) -> Masker:
        from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

        self._model = SelfieSegmentation(model_selection=0).__enter__()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._model.__exit__(kind, error, trace)

    def mask(self, picture: np.ndarray, placed: np.ndarray, lens: Lens, landmarks: np.ndarray) -> np.ndarray:
        """A picture's mask, uint8 [H, W].

        picture: uint8 [H, W, 3] RGB; placed: [V, 3], the posed template before the camera; landmarks: [478, 2].
        """
        person = np.asarray(self._model.process(picture).segmentation_mask, np.float32)
        drawn = drawn_parts(placed, lens, picture.shape[:2])
        there = (fitted(picture, person) > BEHIND) | _inside(landmarks, OVAL, picture.shape[:2])
        mask = np.where(there, shared_out(picture, there, drawn, landmarks[LOWER_LIP, 1]), BACKGROUND).astype(np.uint8)
        return with_mouth(_tidy(mask), landmarks)


def drawn_parts(placed: np.ndarray, lens: Lens, shape: tuple[int, int]) -> np.ndarray:
    """The template's head and torso as they cover the picture, uint8 [H, W], 0 where there is neither."""
    import cv2

    template = head_template()
    pixels = np.round(np.clip(lens.pixels(placed), -4e3, 8e3) * 16).astype(np.int32)
    canvas = np.zeros(shape, np.uint8)
    head = (template.weights[:, 2] > HEAD_SHARE)[template.triangles].all(1)
    a, b, c = (placed[template.triangles[:, k]] for k in range(3))
    seen = (np.cross(b - a, c - a) * -(a + b + c)).sum(1) > 0
    for value, part in ((TORSO, ~head), (HEAD, head)):
        for triangle in pixels[template.triangles[part & seen]]:
            cv2.fillConvexPoly(canvas, triangle, value, cv2.LINE_8, 4)
    return canvas


def shared_out(picture: np.ndarray, there: np.ndarray, drawn: np.ndarray, chin: float) -> np.ndarray:
    """Head or torso for every pixel of a person, uint8 [H, W].

    there: bool [H, W], where the person is; drawn: the template's parts; chin: the row at and below which what the
    template does not cover is torso, unless it is hair.
    """
    import cv2

    to_head, to_torso = (
        cv2.distanceTransform((drawn != part).astype(np.uint8), cv2.DIST_L2, 3) for part in (HEAD, TORSO)
    )
    low = (np.arange(len(drawn)) >= chin)[:, None] & (drawn != HEAD)
    near = np.where((to_head <= to_torso) & ~low, HEAD, TORSO).astype(np.uint8)
    hair = there & (drawn == 0) & (near == HEAD)
    # Only hair that reaches down to the mouth falls any further; a dark shoulder is none.
    beside = hair & (np.arange(len(drawn)) >= chin - HAIR_BESIDE * _height(drawn))[:, None]
    if beside.sum() < LEAST_HAIR * (drawn == HEAD).sum():
        return near
    reach = to_head < HAIR_REACH * _height(drawn)
    fallen = _fallen_hair(picture, hair, (there & (near == TORSO) & (drawn != HEAD) & reach, there & ~reach))
    return np.where(fallen, HEAD, near).astype(np.uint8)


def _fallen_hair(picture: np.ndarray, hair: np.ndarray, places: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Hair that falls over the shoulders: coloured like hair rather than cloth, and hanging together with it.

    hair: bool [H, W], known hair; places: where more may be, and what is surely none. Returns bool [H, W].
    """
    import cv2

    may_be, none = places
    colors = cv2.GaussianBlur(picture, (0, 0), 1.5) >> COLOR_SHIFT
    cell = (colors.astype(np.int64) * (1, COLORS, COLORS**2)).sum(-1)
    fallen = np.zeros_like(hair)
    for _ in range(HAIR_ROUNDS):  # hair's colour changes on its way down
        likely = _share_of(cell, hair | fallen, none | (may_be & ~fallen & ~_near(hair | fallen)))
        alike = may_be & (likely > HAIR_LIKE)
        alike = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        alike = cv2.morphologyEx(alike, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)) > 0
        _, pieces = cv2.connectedComponents((alike | hair).astype(np.uint8))
        fallen = np.isin(pieces, np.setdiff1d(np.unique(pieces[hair]), [0])) & alike & may_be
    # The edge of a collar has hair's colour for a pixel or two.
    return cv2.morphologyEx(fallen.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0


def _share_of(cell: np.ndarray, some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How likely each pixel's colour is one of some and not of others, 0..1 [H, W]. cell: int64 [H, W], colour bins."""
    from scipy.ndimage import gaussian_filter

    cells = (COLORS,) * 3
    densities = []
    for part in (some, others):
        counts = np.bincount(cell[part], minlength=COLORS**3).reshape(cells).astype(np.float64)
        densities.append(gaussian_filter(counts / max(counts.sum(), 1), 0.8).ravel()[cell])
    return densities[0] / (densities[0] + densities[1] + 1e-7)


def _inside(landmarks: np.ndarray, ring: tuple[int, ...], shape: tuple[int, int]) -> np.ndarray:
    """The pixels inside a ring of landmarks, bool [H, W]."""
    import cv2

    canvas = np.zeros(shape, np.uint8)
    return cv2.fillPoly(canvas, [np.round(landmarks[list(ring)]).astype(np.int32)], 1) > 0


def _near(part: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.dilate(part.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0


def with_mouth(mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The mask with the inside of an open mouth; landmarks: [478, 2], pixels."""
    import cv2

    ring = landmarks[list(INNER_LIPS)]
    if np.linalg.norm(landmarks[13] - landmarks[14]) < OPEN_PX:
        return mask
    return cv2.fillPoly(mask, [np.round(ring * 16).astype(np.int32)], MOUTH, cv2.LINE_8, 4)


def fitted(picture: np.ndarray, mask: np.ndarray, radius: int = 6, softness: float = 1e-3) -> np.ndarray:
    """A coarse mask made to follow a picture's edges, float32 [H, W]. Source: He et al. 2010, guided filter."""
    import cv2

    guide = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255

    def mean(field: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(field, -1, (2 * radius + 1, 2 * radius + 1))

    middle, level = mean(guide), mean(mask)
    slope = (mean(guide * mask) - middle * level) / (mean(guide * guide) - middle * middle + softness)
    return mean(slope) * guide + mean(level - slope * middle)


def _height(drawn: np.ndarray) -> float:
    rows = np.nonzero((drawn == HEAD).any(1))[0]
    return float(np.ptp(rows)) if len(rows) else 0.0


def _tidy(mask: np.ndarray) -> np.ndarray:
    """Only the person's largest piece stays, small holes in it are closed."""
    import cv2

    person = cv2.morphologyEx((mask > 0).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, pieces, sizes, _ = cv2.connectedComponentsWithStats(person)
    if count < 2:
        return mask
    largest = pieces == 1 + sizes[1:, cv2.CC_STAT_AREA].argmax()
    return np.where(largest, mask, BACKGROUND).astype(np.uint8)

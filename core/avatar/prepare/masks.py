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
from ...template.marks import INNER_LIPS
from ..prepared import BACKGROUND, HEAD, MOUTH, TORSO

OPEN_PX = 1.2
"""Gap of the inner lips from which the mouth has an inside."""
HEAD_SHARE = 0.5
LOWER_LIP = 17
HAIR_LIKE, HAIR_REACH = 0.7, 0.5
"""How near to the hair's colour over the torso's a pixel below the chin must be to be hair, and how far down it may
hang, over the height of the head."""
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
        there = (fitted(picture, person) > BEHIND) | (drawn == HEAD)
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
    hair, cloth = there & (drawn == 0) & (near == HEAD), there & (drawn == TORSO)
    if hair.sum() < 50 or cloth.sum() < 50:
        return near
    # Long hair falls over the shoulders: what is coloured like it and hangs together with it is hair.
    blurred = cv2.GaussianBlur(picture, (0, 0), 2).astype(np.float32)
    to_hair, to_cloth = (_color_distance(blurred, part) for part in (hair, cloth))
    reach = to_head < HAIR_REACH * _height(drawn)
    alike = there & (near == TORSO) & (drawn != HEAD) & reach & (to_hair < HAIR_LIKE * to_cloth)
    alike = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)) > 0
    _, pieces = cv2.connectedComponents((alike | hair).astype(np.uint8))
    joined = np.isin(pieces, np.unique(pieces[hair])) & alike
    return np.where(joined, HEAD, near).astype(np.uint8)


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


def _color_distance(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    """How far each pixel's colour is from those of a part, in its own spreads; float32 [H, W]."""
    own = picture[where]
    return (np.abs(picture - np.median(own, axis=0)) / (own.std(0) + 10)).mean(-1)


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

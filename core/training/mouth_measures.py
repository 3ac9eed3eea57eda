"""Lip opening and mouth width of a performance on the demo head, and of a film: the two numbers a mouth is judged by.

Both are shares of the distance of the outer eye corners. On the demo head each is linear in the ARKit shapes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..head.identity import WOMAN
from ..head.makehuman import find_data_folder, read_base_mesh
from ..head.model import Person, shape_person
from ..rig.arkit import ARKIT_52
from ..types import RigCurves
from . import labels
from .face import Face, measure_face

MOUTH_CORNERS = (61, 291)
"""MediaPipe's landmarks at the person's right and left corner of the mouth."""
NOSE_ROOT, CHIN = 168, 152


@lru_cache(maxsize=1)
def demo_woman() -> Person:
    """The demo woman, on whose face everything is measured."""
    data = find_data_folder()
    return shape_person(data, read_base_mesh(data), WOMAN)


@lru_cache(maxsize=1)
def demo_face() -> Face:
    """Her lips as linear functions of the ARKit shapes."""
    return measure_face(demo_woman())


def opening_of(curves: RigCurves, face: Face) -> np.ndarray:
    """Lip opening of curves in ARKit shapes, [T], 0 when closed."""
    return np.maximum(_apply(curves, face.opening), 0.0)


def width_of(curves: RigCurves, face: Face) -> np.ndarray:
    """Corner-to-corner distance of curves in ARKit shapes, [T]."""
    return _apply(curves, face.width)


def _apply(curves: RigCurves, line: np.ndarray) -> np.ndarray:
    columns = [ARKIT_52.index(name) for name in curves.names]
    return curves.values @ line[columns] + line[-1]


def filmed_width(landmarks: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Corner-to-corner distance over outer-eye distance, rigid head motion taken out.

    landmarks: [T, 478, 3] as the tracker gives them; rest: that speaker's labels.rest_face. Returns [T].
    """
    right, left = (_steady(landmarks, rest)[:, corner, :2] for corner in MOUTH_CORNERS)
    return np.linalg.norm(left - right, axis=1)


def filmed_jaw(landmarks: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """How far the chin hangs below the root of the nose, over outer-eye distance. As filmed_width. Returns [T]."""
    still = _steady(landmarks, rest)
    return still[:, NOSE_ROOT, 1] - still[:, CHIN, 1]


def _steady(landmarks: np.ndarray, rest: np.ndarray) -> np.ndarray:
    return labels.steady(landmarks * np.array([1, -1, -1], np.float32), rest[labels.RIGID_LANDMARKS])

"""What of the expression in one picture is rather how the person looks: above all how high the brows are.

From one picture the two cannot be told apart; taken for expression, high brows would make a neutral head that frowns.
"""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52
from ..template.types import HeadTemplate

OWN: dict[str, float] = {
    "brow": 0.8,
    "eyeBlink": 0.4,
    "eyeWide": 0.5,
    "eyeSquint": 0.6,
    "noseSneer": 0.6,
    "cheek": 0.6,
    "mouthSmile": -0.6,
    "jawOpen": -0.2,
}
"""The share of a shape's value that becomes the person's, by how its name begins; of all others nothing does.

Of a smile the fit finds two fifths, of an open jaw three, and takes the rest for who it is (measured on drawn faces):
there more than is found is taken out, so that lips are level and closed again.
"""
LEVEL = 0.5
"""Eyes look as far down as this at the most because of how they sit; further down somebody looks."""
DOWN, INWARDS = ("eyeLookDownLeft", "eyeLookDownRight"), ("eyeLookInLeft", "eyeLookInRight")


def settled(
    template: HeadTemplate, points: np.ndarray, growth: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Resting points float32 [V, 3] and expression float32 [52] that give the same face, less of it expression.

    points: float32 [V, 3]; growth: float32 [52], what shapes are scaled by; weights: float32 [52].
    """
    own = np.array([share_of(name) for name in ARKIT_52], np.float32) * weights + _level(weights)
    moved = points + np.tensordot(own * growth, template.shapes, 1)
    return moved.astype(np.float32), (weights - own).astype(np.float32)


def _level(weights: np.ndarray) -> np.ndarray:
    """What of the eyes' turn is how they sit, [52]: who is portrayed looks at the camera, not below it or squinting."""
    own = np.zeros_like(weights)
    for names, most in ((DOWN, LEVEL), (INWARDS, 1.0)):
        both = [ARKIT_52.index(name) for name in names]
        own[both] = np.minimum(weights[both].min(), most)
    return own


def share_of(name: str) -> float:
    """The share of OWN for one of ARKIT_52."""
    return next((share for start, share in OWN.items() if name.startswith(start)), 0.0)

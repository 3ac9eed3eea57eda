"""A person before a camera, as the fit found them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..splat.head import SplatHead
from ..splat.pose import pose
from ..splat.types import Splats
from .hair import Outline
from .stance import Stance


@dataclass(frozen=True, slots=True, eq=False)
class Freedom:
    """Of N splats, float32 [N], 0..1: colors, how far the picture may change each; pixels, how far the picture counts
    where each is seen: not where a wrongly placed edge would be mended by its neighbours, but at the lips it does.
    """

    colors: np.ndarray
    pixels: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """A person before a camera.

    outline: the picture, where the person is in it, and its camera, which sees the bust at rest in its own axes.
    points:  float32 [V, 3], the person's resting mesh. growth: float32 [52], what each of its shapes is scaled by.
    weights: the expression in the picture, by ARKit's names. stance: how the head sat on the shoulders.
    """

    outline: Outline
    points: np.ndarray
    growth: np.ndarray
    weights: dict[str, float]
    stance: Stance

    def posed(self, head: SplatHead) -> Splats:
        """The head as in the picture, in the camera's set's axes."""
        return pose(head, self.weights, self.stance.turn)

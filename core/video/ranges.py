"""One person's range of expression mapped to another head's, so that an extreme stays an extreme.

A timid actor's broadest smile and a strong one's come out alike; what each does below that keeps its proportion.
"""

from __future__ import annotations

import numpy as np

from ..errors import SettingError
from ..layers.regions import GROUPS, groups_of_rig
from ..rig.arkit import ARKIT_52
from .reading import mirrored_shapes

EXTREME = 0.99
"""The share of the pictures in which something is done that stay below the extreme: one slip of the tracker is none."""
DONE = 0.05
"""A shape below this is not being done."""
LEAST, MOST_GAIN = 0.12, 4.0
"""An extreme below LEAST is no expression but trembling, and is left alone; nothing grows by more than MOST_GAIN."""
BELIEVED = 0.5
"""Confidence of a part of the face from which its pictures tell the person's range."""
KEPT = ("eyeBlink", "eyeLook", "tongue")
"""Already full (an eye is shut or not), or not a matter of strength (where somebody looks)."""
TIED = {"mouthClose": "jawOpen"}
"""Shapes that only undo another one, and go with it."""


def extremes(weights: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """How far a person goes with each shape, float64 [52]; 0 where the film never shows it. Both sides of a face alike.

    weights: [T, 52]; parts: confidence by GROUPS, [T, 4].
    """
    made, groups = np.zeros(len(ARKIT_52)), groups_of_rig("arkit52")
    for k, name in enumerate(ARKIT_52):
        seen = weights[parts[:, GROUPS.index(groups[name])] >= BELIEVED, k]
        done = seen[seen > DONE]
        if len(done):
            made[k] = np.quantile(done, EXTREME)
    return np.maximum(made, made[mirrored_shapes()])


def in_range(weights: np.ndarray, parts: np.ndarray, reach: float) -> np.ndarray:
    """Weights [T, 52] with the person's extremes brought to reach, 0..1; rest stays rest. float32.

    parts: confidence by GROUPS, [T, 4]. Both sides of a shape grow alike, so that what is one-sided stays so.
    Raises SettingError for a reach that is none.
    """
    check_reach(reach)
    far = extremes(weights, parts)
    gain = np.where(far >= LEAST, np.minimum(reach / np.maximum(far, LEAST), MOST_GAIN), 1.0)
    gain[[k for k, name in enumerate(ARKIT_52) if name.startswith(KEPT)]] = 1.0
    for name, leader in TIED.items():
        gain[ARKIT_52.index(name)] = gain[ARKIT_52.index(leader)]
    return np.clip(weights * gain, 0, 1).astype(np.float32)


def check_reach(reach: float) -> None:
    """Raise SettingError unless reach lies above 0 and not above 1."""
    if not 0 < reach <= 1:
        raise SettingError(f"A range must end above 0 and not above 1, but is {reach:g}.")

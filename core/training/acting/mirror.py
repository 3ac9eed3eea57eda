"""Which landmark is which one's mirror image."""

from __future__ import annotations

import numpy as np

from ...template.files import head_template


def mirrored_marks() -> np.ndarray:
    """The mirror image of each of MediaPipe's landmarks, int64 [478]; those in the middle are their own.

    The pairing on the template's mean face that moves landmarks least in all, made mutual.
    """
    from scipy.optimize import linear_sum_assignment

    template = head_template()
    places = template.at_landmarks(template.points)
    apart = np.linalg.norm((places * (-1, 1, 1))[:, None] - places[None], axis=-1)
    apart = (apart + apart.T) / 2
    pairs = linear_sum_assignment(apart**2)[1].astype(np.int64)
    left = [number for number in range(len(pairs)) if pairs[pairs[number]] != number]
    while left:
        one = left.pop()
        other = min([one, *left], key=lambda number: apart[one, number])
        pairs[one], pairs[other] = other, one
        left = [number for number in left if number != other]
    return pairs

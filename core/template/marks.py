"""What MediaPipe's landmarks are good for. Numbers are those of its 478-point mesh, sides the person's own."""

from __future__ import annotations

import numpy as np

OUTER_EYES = (33, 263)
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The outline of the face, which slides over the skin when the head turns."""
LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
)  # fmt: skip
INNER_LIPS = (
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
)  # fmt: skip
"""Around the opening of the mouth, from the right corner over the upper lip."""
RIGHT_LIDS = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
LEFT_LIDS = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
"""Around each eye, from the outer corner over the upper lid."""
BROWS = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
IRISES = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))
"""Pupil and rim, right then left."""
STEADY = (
    33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 10, 151, 9, 8, 127, 356, 234, 454, 21, 251, 54, 284, 103, 332, 67, 297,
    109, 338, 122, 351, 193, 417, 245, 465, 98, 327, 2,
)  # fmt: skip
"""Where expression hardly moves the skin: what a head's pose is read from."""


def landmark_weights() -> np.ndarray:
    """How far each landmark is to be believed in a fit of shape, [478]."""
    weights = np.full(478, 0.25)
    weights[list(OVAL)] = 0.12
    weights[[*LIPS, *RIGHT_LIDS, *LEFT_LIDS]] = 1.0
    weights[list(BROWS)] = 0.6
    weights[list(STEADY)] = np.maximum(weights[list(STEADY)], 0.4)
    weights[[k for iris in IRISES for k in iris]] = 0.5
    return weights

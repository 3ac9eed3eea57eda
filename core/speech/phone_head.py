"""From frames of either ear to how likely each phone is."""

from __future__ import annotations

import numpy as np

from .weights import SpeechModel

OF_ENCODER, OF_TRUNK = "encoder_phones.", "phones."
"""Two heads of one shape: for whole recordings, and for a stream."""


def phone_posteriors(frames: np.ndarray, model: SpeechModel, prefix: str) -> np.ndarray:
    """How likely each phone is.

    frames: float32 [N, 384] of the encoder or [N, 256] of the trunk; prefix: OF_ENCODER or OF_TRUNK.
    Returns float32 [N, 40], columns PHONES, rows sum to 1.
    """
    scores = frames @ model.tensors[f"{prefix}weight"].T
    scores += model.tensors[f"{prefix}bias"]
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores

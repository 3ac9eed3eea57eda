"""A performance read off a film, with how far each part of it can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import check
from ..errors import FormatError
from ..formats import read_performance
from ..formats.npz import BROKEN
from ..layers.regions import GROUPS
from ..paths import shown
from ..types import Performance

CONFIDENCE = "confidence"
"""The member of a NumPy archive that holds it, beside those of core.formats.npz."""


@dataclass(frozen=True, slots=True, eq=False)
class Filmed:
    """What a film shows of a face.

    performance: T frames of any rig.
    confidence:  float32 [T, 4], 0..1, for each of core.layers.regions.GROUPS: 0 where it was not seen (a hand before
                 the mouth, a face turned away), 1 where it was seen well.
    """

    performance: Performance
    confidence: np.ndarray

    def __post_init__(self) -> None:
        check("Filmed.confidence", self.confidence, (len(self.performance.head), len(GROUPS)))


def filmed(performance: Performance, confidence: np.ndarray | None = None) -> Filmed:
    """A film with one confidence for the whole face [T], for each part [T, 4], or with none told: all is believed."""
    frames = len(performance.head)
    if confidence is None:
        confidence = np.ones(frames, np.float32)
    if confidence.ndim == 1:
        confidence = np.repeat(confidence[:, None], len(GROUPS), axis=1)
    return Filmed(performance, np.clip(confidence, 0, 1).astype(np.float32))


def read_filmed(path: Path) -> Filmed:
    """Read a performance file; a NumPy archive may hold confidence [T] or [T, 4].

    Raises FormatError for what is no performance, or confidence that is no number for each frame.
    """
    performance = read_performance(path)
    confidence = _kept_confidence(path) if path.suffix.lower() == ".npz" else None
    frames = len(performance.head)
    if confidence is not None and (
        confidence.shape not in ((frames,), (frames, len(GROUPS)))
        or confidence.dtype.kind != "f"
        or not np.isfinite(confidence).all()
    ):
        raise FormatError(f"{shown(path)} must tell its confidence for each of {frames} frames; track the film again.")
    return filmed(performance, confidence)


def _kept_confidence(path: Path) -> np.ndarray | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays.get(CONFIDENCE)
    except BROKEN as error:
        raise FormatError(f"{shown(path)} is not a whole NumPy archive; write it again with Mouthpiece.") from error

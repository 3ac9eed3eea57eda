"""What phones tell that film does not: phones of read speech, heard by an open recogniser (PyPI hama, Apache-2.0).

No camera in our material sees a tongue; its one curve is taught by rule: it comes between the teeth for th and
touches behind them, just visible, for l. And a network that learns openings by squared error never quite closes the
lips of a new voice, so that p, b and m are taught a second time, as what they are: a seal.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

REACH: dict[str, float] = {"θ": 0.45, "ð": 0.35, "l": 0.12}
"""tongueOut at the middle of a phone."""
WIDTH_S = 0.05
EARLY_S = 0.04
"""The recogniser marks a phone about this much after its middle."""
SEALING = ("p", "b", "m")
SEAL_EARLY_S = 0.07
"""Filmed lips of GRID are most closed 0.05 s before the recogniser's p, b, m, and its pictures are 0.02 s late."""

Phone = tuple[str, float]


def hear_phones(samples: np.ndarray) -> list[Phone]:
    """Phones of a recording as (IPA symbol, second). samples: float32 [S] at 16 kHz."""
    recogniser = _recogniser()
    spans = recogniser.phoneme_spans(recogniser.transcribe_waveform(samples, 16_000))
    return [(span.phoneme, span.start_ms / 1000) for span in spans]


@lru_cache(maxsize=1)
def _recogniser():  # noqa: ANN202  (the package's own type, known only where it is installed)
    from hama.asr import ASRModel

    return ASRModel()


def tongue_curve(phones: list[Phone], times: np.ndarray) -> np.ndarray:
    """The tongue over time. times: seconds [N]. Returns float32 [N], 0..1."""
    curve = np.zeros(len(times), np.float32)
    for phone, second in phones:
        reach = REACH.get(phone, 0.0)
        if reach:
            bump = reach * np.exp(-(((times - second + EARLY_S) / WIDTH_S) ** 2))
            curve = np.maximum(curve, bump).astype(np.float32)
    return curve


def seal_curve(phones: list[Phone], times: np.ndarray) -> np.ndarray:
    """How surely the lips are sealed by p, b or m. times: seconds [N]. Returns float32 [N], 0..1."""
    curve = np.zeros(len(times), np.float32)
    for phone, second in phones:
        if phone in SEALING:
            bump = 1.5 * np.exp(-(((times - second + SEAL_EARLY_S) / WIDTH_S) ** 2))
            curve = np.maximum(curve, np.minimum(bump, 1.0)).astype(np.float32)
    return curve

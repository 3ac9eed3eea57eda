"""When the tongue shows: phones of read speech, heard by an open phone recogniser (PyPI hama, Apache-2.0).

No camera in our material sees a tongue; its one curve is taught by rule: it comes between the teeth for th and
touches behind them, just visible, for l.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

REACH: dict[str, float] = {"θ": 0.45, "ð": 0.35, "l": 0.12}
"""tongueOut at the middle of a phone."""
WIDTH_S = 0.05
EARLY_S = 0.04
"""The recogniser marks a phone this much after its middle: filmed lip closures of GRID lie 0.05 s before its p, b, m."""

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

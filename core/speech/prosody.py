"""What the voice does besides words: pauses, phrases and stressed syllables."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from .level import FRAME_RATE_HZ, GOAL_DB

SPEAKING_DB = -22.0  # below the speech level; a frame above it belongs to a syllable
SHORTEST_PAUSE_S = 0.18
STRESS_SPACING_S = 0.25


@dataclass(frozen=True, slots=True)
class Prosody:
    """The rhythm of a recording at FRAME_RATE_HZ.

    speaking: bool [N], True inside phrases.
    energy: float32 [N], 0..1, smooth loudness.
    stresses: float32 [K], seconds of the stressed syllables, rising.
    strengths: float32 [K], 0..1.
    """

    speaking: np.ndarray
    energy: np.ndarray
    stresses: np.ndarray
    strengths: np.ndarray

    @property
    def duration_s(self) -> float:
        return len(self.speaking) / FRAME_RATE_HZ

    def pause_starts(self) -> np.ndarray:
        """Seconds at which a phrase ends, float [P]."""
        return np.flatnonzero(self.speaking[:-1] & ~self.speaking[1:]) / FRAME_RATE_HZ

    def phrases(self) -> np.ndarray:
        """Seconds at which each phrase begins and ends, float [P, 2]; what runs over an end of the recording is cut."""
        edges = np.diff(np.concatenate([[False], self.speaking, [False]]).astype(np.int8))
        return np.stack([np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)], axis=1) / FRAME_RATE_HZ


def hear_prosody(levels: np.ndarray) -> Prosody:
    """Read pauses and stresses off the loudness of a normalised recording.

    levels: float32 [N], level.frame_levels. Loudness carries most of prominence, more than pitch
    (Kochanski et al. 2005, JASA 118), so no pitch tracker is needed for accents.
    """
    loud = np.clip((levels - (GOAL_DB - 40.0)) / 40.0, 0.0, 1.2)
    energy = smooth(loud, 0.06)
    speaking = _fill_gaps(levels > GOAL_DB + SPEAKING_DB, round(SHORTEST_PAUSE_S * FRAME_RATE_HZ))
    contour = smooth(loud, 0.12) - smooth(loud, 0.9)
    peaks = _peaks(contour, round(STRESS_SPACING_S * FRAME_RATE_HZ))
    peaks = peaks[speaking[peaks] & (contour[peaks] > 0.08)]
    strengths = np.clip(contour[peaks] / 0.35, 0.0, 1.0)
    times = (peaks / FRAME_RATE_HZ).astype(np.float32)
    return Prosody(speaking, energy.astype(np.float32), times, strengths.astype(np.float32))


def smooth(values: np.ndarray, width_s: float, rate_hz: float = FRAME_RATE_HZ) -> np.ndarray:
    """Moving average with a Hann window. values: [N]; width_s: window length. Returns [N]."""
    half = max(1, round(width_s * rate_hz / 2))
    kernel = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(values, half, mode="edge"), kernel / kernel.sum(), mode="valid")


def _fill_gaps(flags: np.ndarray, longest: int) -> np.ndarray:
    """Close the False runs of up to `longest` frames that lie between True frames."""
    filled = flags.copy()
    marks = np.flatnonzero(flags)
    for before, after in itertools.pairwise(marks):
        if after - before - 1 <= longest:
            filled[before:after] = True
    return filled


def _peaks(values: np.ndarray, spacing: int) -> np.ndarray:
    """Indices of the frames that are the highest within `spacing` on either side."""
    if len(values) < 3:
        return np.zeros(0, np.int64)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, spacing, mode="edge"), 2 * spacing + 1)
    return np.flatnonzero((values >= around.max(axis=1)) & (values > np.roll(values, 1)))

"""How a mood colours what lives by itself: a sad head hangs and moves little, an angry one moves more and blinks less.

Head activity by emotion follows Busso, Deng, Grimm, Neumann & Narayanan 2007 (IEEE TASLP 15: more for happy and angry
speech, less for sad); the other columns are the animator's rule of thumb, and all are modest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .emotion import EMOTIONS, EmotionTrack
from .level import FRAME_RATE_HZ

# What a full emotion makes of head motion, its pace, brow motion and blink rate (times), and of head pitch (degrees).
_COLOURS: dict[str, tuple[float, float, float, float, float]] = {
    "happy": (1.25, 1.1, 1.3, 1.1, 0.5),
    "sad": (0.65, 0.75, 0.5, 0.85, -4.0),
    "angry": (1.3, 1.2, 1.2, 0.7, -1.5),
    "surprised": (1.1, 1.1, 1.4, 0.7, 1.0),
    "fearful": (0.9, 1.3, 1.1, 1.4, 0.5),
    "disgusted": (0.9, 0.9, 0.8, 1.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Temper:
    """The colour of a mood over time, each float [N] at FRAME_RATE_HZ.

    head, pace, brows, blinks: factors, 1 when neutral; lean_deg: degrees of pitch, 0 when neutral.
    """

    head: np.ndarray
    pace: np.ndarray
    brows: np.ndarray
    blinks: np.ndarray
    lean_deg: np.ndarray

    def at(self, times: np.ndarray, colour: np.ndarray) -> np.ndarray:
        """One of the colours at other times. times: seconds [T]; beyond the ends the ends hold."""
        return np.interp(times, np.arange(len(colour)) / FRAME_RATE_HZ, colour)

    def phase(self, times: np.ndarray) -> np.ndarray:
        """Seconds as the mood lives them: they run faster where pace is above 1. times: seconds [T]."""
        if (self.pace == 1).all():
            return times
        lived = np.concatenate([[0.0], np.cumsum(self.pace)]) / FRAME_RATE_HZ
        return np.interp(times, np.arange(len(lived)) / FRAME_RATE_HZ, lived)


def temper_of(emotion: EmotionTrack | None, count: int) -> Temper:
    """The colours of an emotion over `count` frames; None is neutral. Mixtures add up, both sides count alike."""
    neutral = np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    felt = np.zeros((count, len(EMOTIONS)))
    if emotion is not None:
        felt = np.mean(emotion.at(np.arange(count) / FRAME_RATE_HZ), axis=0)
    colours = neutral + felt @ (np.array([_COLOURS[name] for name in EMOTIONS]) - neutral)
    lows, highs = (0.4, 0.5, 0.3, 0.4, -6.0), (1.8, 1.6, 1.8, 1.8, 3.0)
    return Temper(*np.clip(colours, lows, highs).T)

"""Whether one voice or two speak, judged by the pitch of phrases.

Of 120 LibriSpeech speakers alone 2 were taken for two; of 63 pairs more than 7 semitones apart 65 % were found, of 87
others 10 %, for voices of like pitch are not told apart.
"""

from __future__ import annotations

import numpy as np

from .pitch import track_pitch

PAUSE_FRAMES = 20
SHORTEST_FRAMES = 25
GAP_SEMITONES = 6.0
LEAST_SHARE, LEAST_FRAMES, LEAST_PHRASES = 0.2, 100, 2
MOST_SPREAD = 2.5
TWO_VOICES = "Two voices seem to be heard; one face would speak for both, so give it one speaker's recording."


def sounds_like_two(samples: np.ndarray) -> bool:
    """Whether phrases fall into two groups of pitch, far apart and each narrow, as of a deep and a high voice.

    samples: float32 [S] at 16 kHz.
    """
    hz = track_pitch(samples).hz
    phrases = [part for part in _phrases(hz > 0) if len(part) >= SHORTEST_FRAMES]
    kept = [(12 * np.log2(np.median(hz[part])), len(part)) for part in phrases]
    if len(kept) < 2 * LEAST_PHRASES:
        return False
    medians, frames = (np.array(column, float) for column in zip(*sorted(kept), strict=True))
    cut = int(np.argmax(np.diff(medians))) + 1
    low, high = slice(None, cut), slice(cut, None)
    apart = np.average(medians[high], weights=frames[high]) - np.average(medians[low], weights=frames[low])
    least = min(frames[low].sum(), frames[high].sum())
    enough = least > max(LEAST_FRAMES, LEAST_SHARE * frames.sum()) and min(cut, len(kept) - cut) >= LEAST_PHRASES
    narrow = max(medians[low].std(), medians[high].std()) < MOST_SPREAD
    return bool(apart > GAP_SEMITONES and enough and narrow)


def _phrases(voiced: np.ndarray) -> list[np.ndarray]:
    """The voiced frames of each phrase: index arrays, split where nothing is voiced for 0.2 s."""
    places = np.flatnonzero(voiced)
    return np.split(places, np.flatnonzero(np.diff(places) > PAUSE_FRAMES) + 1)

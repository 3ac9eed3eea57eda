"""Whether one voice or two speak, judged by the pitch of phrases.

Of 90 LibriSpeech speakers alone one was taken for two; of pairs 7 semitones or more apart 63 % were found (of pairs at
random 30 %, for voices of like pitch are not told apart).
"""

from __future__ import annotations

import numpy as np

RATE_HZ = 16_000
FRAME, HOP = 640, 160
LOWEST_HZ, HIGHEST_HZ = 70, 400
VOICED = 0.6
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
    pitch, voiced = pitch_semitones(samples)
    phrases = _phrases(voiced)
    kept = [(np.median(pitch[part]), len(part)) for part in phrases if len(part) >= SHORTEST_FRAMES]
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


def pitch_semitones(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pitch of each 10 ms frame, semitones above 70 Hz [N], and whether the frame is voiced, bool [N].

    Normalised autocorrelation of 40 ms frames.
    """
    padded = np.pad(samples, (0, max(0, FRAME - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    parts = [_pitch(part) for part in np.array_split(frames, len(frames) // 2048 + 1)]
    lags, strengths, powers = (np.concatenate(column) for column in zip(*parts, strict=True))
    voiced = (strengths > VOICED) & (powers > 0.01 * np.quantile(powers, 0.95))
    return 12 * np.log2(RATE_HZ / lags / LOWEST_HZ), voiced


def _pitch(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lag, strength 0..1 and power of each frame. frames: float32 [N, 640]."""
    window = np.hanning(FRAME)
    shaped = (frames - frames.mean(axis=1, keepdims=True)) * window
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2048)) ** 2)[:FRAME]
    both = np.fft.irfft(np.abs(np.fft.rfft(shaped, 2048, axis=1)) ** 2, axis=1)[:, :FRAME]
    power = both[:, 0]
    first, last = RATE_HZ // HIGHEST_HZ, RATE_HZ // LOWEST_HZ
    # Divided by the window's own, as Boersma (1993) does.
    curve = both[:, first:last] / (np.maximum(power, 1e-12)[:, None] * (own[first:last] / own[0]))
    # The shortest lag that comes close to the best one, or an octave too low would win often.
    good = curve > 0.9 * curve.max(axis=1, keepdims=True)
    good &= (curve >= np.roll(curve, 1, axis=1)) & (curve >= np.roll(curve, -1, axis=1))
    pick = np.where(good.any(axis=1), good.argmax(axis=1), curve.argmax(axis=1))
    return first + pick, curve[np.arange(len(curve)), pick], power


def _phrases(voiced: np.ndarray) -> list[np.ndarray]:
    """The voiced frames of each phrase: index arrays, split where nothing is voiced for 0.2 s."""
    places = np.flatnonzero(voiced)
    return np.split(places, np.flatnonzero(np.diff(places) > PAUSE_FRAMES) + 1)

"""The pitch of a voice and how clear it is, from normalised autocorrelation.

Source: McLeod & Wyvill 2005, "A smarter way to find pitch", with the energies of both ends as norm, at 8 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .level import RATE_HZ

TRACK_RATE_HZ = 100
_HALF_HZ = RATE_HZ // 2
_HOP = _HALF_HZ // TRACK_RATE_HZ
_WINDOW = 400  # 50 ms: three periods of the lowest voice
LOWEST_HZ, HIGHEST_HZ = 65.0, 550.0
_LAGS = (int(_HALF_HZ / HIGHEST_HZ), int(_HALF_HZ / LOWEST_HZ) + 2)
CLEAR = 0.6  # of 1: autocorrelation from which a frame counts as voiced
FIRST_PEAK = 0.88  # of the highest peak: the first that reaches this is the period, later ones are its multiples
FAINT_DB = -30.0  # below the loud tenth: too faint to be judged
_BLOCK = 4000
_SPREAD = 540  # transform length: window and lags, of small factors


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """Pitch at TRACK_RATE_HZ.

    hz:      float32 [N], 0 where unvoiced.
    clarity: float32 [N], 0..1: share of the sound that repeats with the period.
    levels:  float32 [N], dB below full scale.
    """

    hz: np.ndarray
    clarity: np.ndarray
    levels: np.ndarray

    @property
    def voiced(self) -> np.ndarray:
        """bool [N]"""
        return self.hz > 0


def track_pitch(samples: np.ndarray) -> PitchTrack:
    """Follow the pitch of a recording. samples: float32 [S] at RATE_HZ. Needs no more memory for an hour."""
    half = _decimate(samples)
    count = max(1, -(-len(half) // _HOP))
    padded = np.pad(half, (_WINDOW // 2, _WINDOW + _HOP * count - len(half)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
    hz, clarity, levels = (np.empty(count, np.float32) for _ in range(3))
    for start in range(0, count, _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = frames[rows] - frames[rows].mean(axis=1, keepdims=True)
        levels[rows] = 10 * np.log10((block * block).mean(axis=1) + 1e-12)
        hz[rows], clarity[rows] = _periods(block)
    heard = levels > np.quantile(levels, 0.9) + FAINT_DB
    hz[~(heard & (clarity > CLEAR) & (levels > -100))] = 0
    return PitchTrack(_without_jumps(hz), clarity, levels)


def _periods(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pitch in Hz and clarity of frames. block: [B, _WINDOW] without mean. Returns [B], [B]."""
    spectrum = np.fft.rfft(block, _SPREAD, axis=1)
    low, high = _LAGS
    lags = np.arange(low - 1, high + 1)
    product = np.fft.irfft(np.abs(spectrum) ** 2, _SPREAD, axis=1)[:, lags]
    energy = np.concatenate([np.zeros((len(block), 1)), (block.astype(np.float64) ** 2).cumsum(axis=1)], axis=1)
    head, tail = energy[:, _WINDOW - lags], energy[:, -1:] - energy[:, lags]
    likeness = product / np.sqrt(np.maximum(head * tail, 1e-18))
    inner = likeness[:, 1:-1]
    peaks = np.where((inner >= likeness[:, :-2]) & (inner > likeness[:, 2:]), inner, 0.0)
    best = peaks.max(axis=1)
    first = np.argmax(peaks >= FIRST_PEAK * np.maximum(best, 1e-9)[:, None], axis=1)
    rows = np.arange(len(block))
    before, at, after = (likeness[rows, first + k] for k in range(3))
    bend = before - 2 * at + after
    shift = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, 1.0), 0.0)
    hz = _HALF_HZ / (lags[first + 1] + shift)
    return np.where(best > 0, hz, 0.0), np.clip(best, 0.0, 1.0)


def _without_jumps(hz: np.ndarray) -> np.ndarray:
    """Drop voiced frames that lie more than a fifth off the median of their neighbours: octave slips. hz: [N]."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(hz, 5), 11)
    voiced = around > 0
    middle = np.nanmedian(np.where(voiced.any(axis=1, keepdims=True), np.where(voiced, around, np.nan), 0.0), axis=1)
    steady = (hz > 0) & (voiced.sum(axis=1) >= 4) & (np.abs(np.log2(np.maximum(hz, 1) / np.maximum(middle, 1))) < 0.26)
    return np.where(steady, hz, 0).astype(np.float32)


def _decimate(samples: np.ndarray) -> np.ndarray:
    """Half the rate, after a short low-pass; pitch needs nothing above 1 kHz. samples: [S]. Returns float32 [S / 2]."""
    if not len(samples):
        return np.zeros(1, np.float32)
    kernel = np.array([1, 4, 6, 4, 1], np.float32) / 16
    return np.convolve(samples, kernel, mode="same")[::2].astype(np.float32)

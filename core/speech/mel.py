"""The log-mel picture of speech that the encoder reads.

Source: Whisper's front end (Radford et al. 2022, §2.2): 80 Slaney mel bands of a 25 ms Hann window every 10 ms,
log10, floored 8 decades below the loudest cell, then (x + 4) / 4.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

RATE_HZ = 16_000
WINDOW = 400
HOP = 160
BANDS = 80
FLOOR_POWER = 1e-10
RANGE_DECADES = 8.0
BLOCK_FRAMES = 6_000  # one minute at a time, so that an hour of speech needs no gigabyte


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log-mel cells of a recording.

    samples: float32 [S] at RATE_HZ.
    Returns float32 [N, 80], N = ceil(S / 160); row n is centred on sample 160 n.
    """
    count = max(1, -(-len(samples) // HOP))
    padded = np.pad(samples, (WINDOW // 2, WINDOW // 2 + HOP * count - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:count]
    cells = np.empty((count, BANDS), np.float32)
    for start in range(0, count, BLOCK_FRAMES):
        block = frames[start : start + BLOCK_FRAMES] * _hann()
        power = np.abs(np.fft.rfft(block, axis=1)).astype(np.float32) ** 2
        cells[start : start + BLOCK_FRAMES] = np.log10(np.maximum(power @ mel_filters().T, FLOOR_POWER))
    return (np.maximum(cells, cells.max() - RANGE_DECADES) + 4.0) / 4.0


@lru_cache(maxsize=1)
def _hann() -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@lru_cache(maxsize=1)
def mel_filters() -> np.ndarray:
    """Triangular filters of equal area on Slaney's mel scale, float32 [80, 201].

    Source: Slaney, Auditory Toolbox (1998): linear below 1 kHz, logarithmic above.
    """
    edges_hz = _mel_to_hz(np.linspace(0.0, _hz_to_mel(RATE_HZ / 2), BANDS + 2))
    bins_hz = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)
    low, centre, high = (edges_hz[i : i + BANDS, None] for i in range(3))
    rising = (bins_hz - low) / (centre - low)
    falling = (high - bins_hz) / (high - centre)
    return (np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)).astype(np.float32)


_LINEAR_HZ_PER_MEL = 200 / 3
_BREAK_HZ = 1_000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    return hz / _LINEAR_HZ_PER_MEL if hz < _BREAK_HZ else _BREAK_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP


def _mel_to_hz(mel: np.ndarray) -> np.ndarray:
    return np.where(
        mel < _BREAK_MEL, mel * _LINEAR_HZ_PER_MEL, _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL))
    )

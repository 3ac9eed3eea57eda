"""The log-mel pictures of speech that networks read: 80 Slaney mel bands of a 25 ms Hann window every 10 ms.

log_power and features are what the shipped network hears; nothing in them looks at the rest of the recording, so that
a stream hears the same. log_mel is Whisper's front end (Radford et al. 2022, §2.2), which training's teacher needs:
it is floored 8 decades below the loudest cell of the whole recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

RATE_HZ = 16_000
WINDOW = 400
HOP = 160
BANDS = 80
FLOOR_POWER = 1e-10
RANGE_DECADES = 8.0
BLOCK_FRAMES = 6_000  # one minute at a time, so that an hour of speech needs no gigabyte
BLOCK_HOPS = 256  # so many at a time stay in the processor's cache
LEAST_POWER = 1e-6
FLOOR = (-6.0 + 4.0) / 4.0
"""What log_power gives where nothing is heard: LEAST_POWER on its scale."""
HOP_SAMPLES = 2 * HOP
HOP_VALUES = 2 * BANDS


def features(samples: np.ndarray) -> np.ndarray:
    """What the network hears of a recording, one row a 20 ms hop.

    samples: float32 [S] at RATE_HZ.
    Returns float32 [N, 160], N = ceil(S / 320), at least 1: hop n holds the rows 2n - 1 and 2n of log_power side by
    side, and FLOOR for row -1. Hop n therefore needs 200 samples (12.5 ms) beyond sample 320 n.
    """
    return np.concatenate(list(feature_blocks(samples)))


def hop_count(samples: np.ndarray) -> int:
    """How many rows features gives, at least 1. samples: [S]."""
    return max(1, -(-len(samples) // HOP_SAMPLES))


def feature_blocks(samples: np.ndarray, gain: float = 1.0, span: range | None = None) -> Iterator[np.ndarray]:
    """The rows of features of gain x samples, BLOCK_HOPS at a time, so that an hour needs no memory of its own.

    span: the hops wanted; all by default.
    """
    span = span or range(hop_count(samples))
    for first in range(span.start, span.stop, BLOCK_HOPS):
        count = min(BLOCK_HOPS, span.stop - first)
        start = HOP_SAMPLES * first - HOP - WINDOW // 2
        block = _cut(samples, start, start + 2 * HOP * count - HOP + WINDOW) * np.float32(gain)
        rows = frame_log_power(np.lib.stride_tricks.sliding_window_view(block, WINDOW)[::HOP])
        if not first:
            rows[0] = FLOOR
        yield rows.reshape(count, HOP_VALUES)


def log_power(samples: np.ndarray) -> np.ndarray:
    """Log-mel cells over a fixed floor.

    samples: float32 [S] at RATE_HZ.
    Returns float32 [M, 80], M = ceil(S / 160), at least 1: (log10(max(power, LEAST_POWER)) + 4) / 4; row m is centred
    on sample 160 m.
    """
    rows = features(np.pad(samples, (0, HOP_SAMPLES))).reshape(-1, BANDS)
    return rows[1 : 1 + max(1, -(-len(samples) // HOP))]


def frame_log_power(frames: np.ndarray) -> np.ndarray:
    """Log-mel cells of windows cut by the caller. frames: float32 [M, 400]. Returns float32 [M, 80]."""
    # The window is symmetric and 0 at its first sample, so the real part of the spectrum needs only the sums of
    # mirrored samples and the imaginary part their differences: two small matrix products, faster than NumPy's FFT.
    half, cosines, sines = WINDOW // 2, *_fourier()
    early, late = frames[:, 1 : half + 1], frames[:, : half - 1 : -1]
    power = (early + late) @ cosines
    power *= power
    imaginary = (early - late) @ sines
    imaginary *= imaginary
    power += imaginary
    cells = power @ mel_filters().T
    np.maximum(cells, np.float32(LEAST_POWER), out=cells)
    np.log(cells, out=cells)
    cells *= np.float32(0.25 / np.log(10.0))
    cells += np.float32(1.0)
    return cells


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


def _cut(samples: np.ndarray, start: int, end: int) -> np.ndarray:
    """Samples start to end, zeros where there are none."""
    inside = samples[max(start, 0) : max(end, 0)]
    before = max(0, min(-start, end - start))
    return np.pad(inside, (before, end - start - before - len(inside)))


@lru_cache(maxsize=1)
def _fourier() -> tuple[np.ndarray, np.ndarray]:
    """Windowed cosines and sines of the samples 1 to 200 of a window, float32 [200, 201] each."""
    places = np.arange(1, WINDOW // 2 + 1)
    angles = 2 * np.pi * np.outer(places, np.arange(WINDOW // 2 + 1)) / WINDOW
    window = (0.5 - 0.5 * np.cos(2 * np.pi * places / WINDOW))[:, None]
    window[-1] = 0.5  # the middle sample is its own mirror image and would count twice
    return (window * np.cos(angles)).astype(np.float32), (window * np.sin(angles)).astype(np.float32)


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
    return np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ_PER_MEL, _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL)))

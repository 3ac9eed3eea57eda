"""What about a recording makes its performance doubtful: overload, a narrow band, music.

Each judgement is a rule of thumb on the sound alone. Of 67 clean recordings (59 of LibriSpeech, the sample line and
FACEGOOD's takes) none was doubted; of the same clipped by 6 dB 63 were found, by 3 dB 29, and all without sound above
4 kHz. Music is found by notes that last half a second or longer; faster music passes for a voice.
"""

from __future__ import annotations

import numpy as np

from ..types import Speech

SILENCE = 1e-4
"""Peak below which nobody speaks: 80 dB under full scale."""
PIECE_S, MOST_S = 5.0, 40.0
JUMP = 4.0  # A sine's own histogram leaps by 3.2 at its peak.
NARROW_DB = -55.0
FRAME, HOP = 512, 320
STEADY_FRAMES = 15
STEADY_SHARE = 0.2

SILENT = "The recording is silent, so the face rests."
CLIPPED = "The recording is clipped (too loud for its format), so lips may open too far; record it at a lower level."
NARROW = "The recording has nothing above 4 kHz, like a telephone's; s, f and th are hard to tell apart in it."
MUSIC = "Music or other steady tones are heard; the mouth may move to them, so give it the voice alone."


def doubts(speech: Speech) -> tuple[str, ...]:
    """Sentences for the user about a recording, none for a healthy one.

    speech: mono at 16 kHz; of a long one, stretches of 40 s in all are listened to.
    """
    if is_silent(speech):
        return (SILENT,)
    samples = spread(speech, MOST_S)
    spectra = power_spectra(samples)
    if steady_share(spectra) >= STEADY_SHARE:
        return (MUSIC,)
    found = {CLIPPED: clipping(samples) > JUMP, NARROW: treble_db(spectra) < NARROW_DB}
    return tuple(sentence for sentence, so in found.items() if so)


def is_silent(speech: Speech) -> bool:
    """Whether nothing at all is to be heard."""
    return max(float(speech.samples.max()), -float(speech.samples.min())) < SILENCE  # without a copy of an hour


def clipping(samples: np.ndarray) -> float:
    """How sharply the histogram of magnitudes leaps up: about 1 for speech, above 4 where peaks were cut off.

    samples: float32 [S]. Resampling rounds the cut peaks, but leaves them crowded.
    """
    size = np.abs(samples)
    clicks = len(size) // 10_000  # A few samples may stand out without any meaning.
    peak = max(float(np.partition(size, -clicks - 1)[-clicks - 1]), SILENCE)
    counts, _ = np.histogram(size, bins=40, range=(0.3 * peak, 1.3 * peak))
    leaps = [counts[i] / max(counts[i - 4 : i].mean(), 1.0) for i in range(6, 40) if counts[i] >= 20]
    return float(max(leaps, default=0.0))


def treble_db(spectra: np.ndarray) -> float:
    """How far the sharpest sounds above 4.5 kHz stay below those between 1 and 3.5 kHz.

    spectra: power [N, 257] of 32 ms frames at 16 kHz.
    """
    middle, treble = spectra[:, 32:112].mean(axis=1), spectra[:, 144:240].mean(axis=1)
    return float(10 * np.log10((np.quantile(treble, 0.95) + 1e-20) / (np.quantile(middle, 0.95) + 1e-20)))


def steady_share(spectra: np.ndarray) -> float:
    """The share of sounding frames whose strongest tones have stood still for 0.3 s, as a voice's never do for long.

    spectra: power [N, 257] of 32 ms frames, 50 a second.
    """
    if len(spectra) <= STEADY_FRAMES:
        return 0.0
    level = spectra.sum(axis=1)
    inner = spectra[:, 4:120]
    peaks = (inner >= spectra[:, 3:119]) & (inner >= spectra[:, 5:121]) & (inner > 0.05 * inner.max(axis=1)[:, None])
    run = np.zeros(inner.shape[1], np.int32)
    held = np.zeros(len(spectra))
    for index, here in enumerate(peaks):
        run = np.where(here, run + 1, 0)
        long = run >= STEADY_FRAMES
        held[index] = inner[index, long].sum() / max(inner[index, here].sum(), 1e-20)
    loud = level > 0.01 * np.quantile(level, 0.95)
    return float(held[loud].mean()) if loud.any() else 0.0


def spread(speech: Speech, most_s: float) -> np.ndarray:
    """The recording itself, or evenly spread stretches of a long one, most_s in all; float32 [S]."""
    length = round(PIECE_S * speech.rate_hz)
    pieces = max(1, round(most_s / PIECE_S))
    if len(speech.samples) <= pieces * length:
        return speech.samples
    starts = np.linspace(0, len(speech.samples) - length, pieces).astype(int)
    return np.concatenate([speech.samples[start : start + length] for start in starts])


def power_spectra(samples: np.ndarray) -> np.ndarray:
    """Power of Hann-windowed 32 ms frames, 50 a second, float32 [N, 257]. samples: float32 [S] at 16 kHz."""
    padded = np.pad(samples, (0, max(0, FRAME - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    window = np.hanning(FRAME).astype(np.float32)
    return (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2).astype(np.float32)

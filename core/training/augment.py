"""Other voices, rooms and microphones out of one recording, for training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import signal

RATE_HZ = 16_000


def augment(samples: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Change a recording as another voice, room and microphone would.

    samples: float32 [S] at RATE_HZ.
    Returns the new samples and the playback speed: second t of the result is second t * speed of the original.
    """
    speed = 1.0
    if rng.random() < 0.85:
        # Faster playback raises pitch and formants together: a shorter vocal tract.
        speed = float(np.exp(rng.uniform(-0.25, 0.25)))
        samples = signal.resample(samples, int(len(samples) / speed))
    if rng.random() < 0.6:
        samples = _tilt(samples, rng)
    if rng.random() < 0.4:
        samples = _place_in_room(samples, rng)
    if rng.random() < 0.3:
        samples = signal.lfilter(*signal.butter(4, rng.uniform(3_000, 7_000) / (RATE_HZ / 2)), samples)
    if rng.random() < 0.7:
        samples = _add_noise(samples, rng)
    level_db = rng.uniform(-20.0, 6.0)
    return (samples * 10 ** (level_db / 20)).astype(np.float32), speed


def _tilt(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random equaliser of six points, up to 9 dB each way."""
    spectrum = np.fft.rfft(samples)
    places = np.sort(np.concatenate([[0.0], rng.random(4), [1.0]]))
    gain_db = np.interp(np.linspace(0, 1, len(spectrum)), places, rng.uniform(-9, 9, 6))
    return np.fft.irfft(spectrum * 10 ** (gain_db / 20), len(samples))


def _place_in_room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Exponentially decaying noise as an impulse response, 0.1 to 0.5 s long."""
    length = int(rng.uniform(0.1, 0.5) * RATE_HZ)
    decay = np.exp(-6.9 * np.arange(length) / length)
    response = rng.standard_normal(length) * decay * rng.uniform(0.4, 2.4) / np.sqrt(length)
    response[0] = 1.0
    return signal.fftconvolve(samples, response)[: len(samples)]


def _add_noise(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White or pink noise, 5 to 35 dB below the recording."""
    noise = rng.standard_normal(len(samples))
    if rng.random() < 0.5:
        spectrum = np.fft.rfft(noise)
        noise = np.fft.irfft(spectrum / np.sqrt(1 + np.arange(len(spectrum))), len(samples))
    ratio_db = -rng.uniform(5.0, 35.0)
    return samples + noise * (samples.std() / noise.std()) * 10 ** (ratio_db / 20)


NOISES = 40


def noises(seconds: float, quietest_db: float, seed: int) -> Iterator[np.ndarray]:
    """Noises, hums and silence, over which a face rests.

    quietest_db: of those that are not silent, below full scale. Yields NOISES of float32 [S] at RATE_HZ.
    """
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    times = np.arange(count) / RATE_HZ
    for number in range(NOISES):
        spectrum = np.fft.rfft(rng.standard_normal(count))
        noise = np.fft.irfft(spectrum * (1.0 + np.arange(len(spectrum))) ** -rng.uniform(0, 1.2), count)
        noise /= noise.std()
        if number % 4 == 0:
            noise = 0.2 * noise + np.sin(2 * np.pi * rng.choice([50, 60, 100, 120, 440, 1000]) * times)
        gain = 0.0 if number % 10 == 0 else 10 ** (rng.uniform(quietest_db, -20) / 20)
        yield (noise * gain).astype(np.float32)

"""How loud a recording is, frame by frame, and where anybody speaks."""

from __future__ import annotations

import numpy as np

RATE_HZ = 16_000
FRAME_RATE_HZ = 50
FRAME_SAMPLES = RATE_HZ // FRAME_RATE_HZ
GOAL_DB = -20.0
MOST_GAIN_DB = 30.0
SILENCE_DB = -48.0  # below the speech's own level: rooms, breath out of earshot
VOICE_DB = -36.0
QUIETEST_DB = -120.0
ROOM_DB, ROOM_SWING_DB = -45.0, 9.0


def frame_levels(samples: np.ndarray) -> np.ndarray:
    """Level of each 20 ms frame in dB below full scale.

    samples: float32 [S] at RATE_HZ. Returns float32 [ceil(S / 320)], at least one entry, never under -120.
    """
    whole = len(samples) // FRAME_SAMPLES
    frames = samples[: whole * FRAME_SAMPLES].reshape(whole, FRAME_SAMPLES)
    power = np.einsum("nf,nf->n", frames, frames)
    tail = samples[whole * FRAME_SAMPLES :]
    if len(tail) or not whole:
        power = np.append(power, np.square(tail).sum())
    return (10 * np.log10(power / FRAME_SAMPLES + 10 ** (QUIETEST_DB / 10))).astype(np.float32)


def speech_level(levels: np.ndarray) -> float:
    """The level of the loud tenth of a recording, dB. levels: frame_levels [N]."""
    return float(np.quantile(levels, 0.9))


def gain_db(levels: np.ndarray) -> float:
    """What brings a recording to the level the network was trained at; never lifts a silent room to a voice.

    levels: frame_levels [N].
    """
    return min(GOAL_DB - speech_level(levels), MOST_GAIN_DB)


def normalise(samples: np.ndarray) -> np.ndarray:
    """A recording at the level the network was trained at. samples: float32 [S]."""
    return samples * np.float32(10 ** (gain_db(frame_levels(samples)) / 20))


def is_room_only(levels: np.ndarray) -> bool:
    """Whether a recording holds nothing but a quiet, steady room: faint, and without the swings of syllables.

    levels: frame_levels [N] before normalising.
    """
    low, high = np.quantile(levels, (0.05, 0.95))
    return bool(high < ROOM_DB and (high - low < ROOM_SWING_DB or high <= QUIETEST_DB + 1))


def voice_gate(levels: np.ndarray) -> np.ndarray:
    """How sure it is that sound worth a mouth is heard, 0..1 a frame.

    levels: frame_levels [N] of a normalised recording. A mouth opens before its sound and closes after it, so the
    gate leads by 160 ms and trails by 200 ms. Returns float32 [N].
    """
    heard = np.clip((levels - (GOAL_DB + SILENCE_DB)) / (VOICE_DB - SILENCE_DB), 0.0, 1.0)
    lead, trail = 8, 10
    padded = np.pad(heard, (trail, lead))
    held = np.lib.stride_tricks.sliding_window_view(padded, lead + trail + 1).max(axis=1)
    kernel = np.hanning(11)[1:-1]
    return np.convolve(np.pad(held, 4, mode="edge"), kernel / kernel.sum(), mode="valid").astype(np.float32)

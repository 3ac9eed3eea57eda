"""What the speech model hears around each frame of a video."""

from __future__ import annotations

import numpy as np

from ..speech.encoder import Encoder, windows
from ..speech.hear import take_in
from ..speech.level import FRAME_RATE_HZ
from ..speech.weights import SpeechModel, load_model
from ..types import Speech
from .prepared import WINDOW

BEFORE = WINDOW // 2


def speech_frames(speech: Speech, model: SpeechModel | None = None) -> np.ndarray:
    """What is heard at FRAME_RATE_HZ, float32 [N, 384]. speech: mono, 16 kHz."""
    ear, sound = Encoder(model or load_model()), take_in(speech)
    count = len(sound.loudness.gate)
    heard = []
    for around, kept in windows(range(count), count):
        hops = sound.features[around.start : around.stop + 1].astype(np.float32)
        heard.append(ear.hear(hops)[kept.start - around.start : kept.stop - around.start])
    return np.concatenate(heard)


def speech_windows(frames: np.ndarray, fps: float, count: int) -> np.ndarray:
    """The features around each of count video frames, float32 [count, WINDOW, D]; held at the ends.

    frames: as from speech_frames. Frame t lies at t / fps seconds.
    """
    middle = np.rint(np.arange(count) / fps * FRAME_RATE_HZ).astype(np.int64)
    rows = middle[:, None] + np.arange(-BEFORE, WINDOW - BEFORE)
    return frames[rows.clip(0, len(frames) - 1)]

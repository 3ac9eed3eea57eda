"""From a recording to a performance: the one function that every door of Mouthpiece opens."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..errors import AudioError
from ..rig.arkit import ARKIT_52
from ..types import Performance, RigCurves, Speech
from . import articulation, encoder, level, life, mel, prosody
from .decoder import decode
from .weights import SpeechModel, load_model

Progress = Callable[[float], None]


def perform(
    speech: Speech, *, fps: float, seed: int = 0, progress: Progress | None = None, model: SpeechModel | None = None
) -> Performance:
    """Let a face say a recording.

    speech: mono, 16 kHz, at least one sample.
    fps: frames per second of the result, any rate; row t lies at t / fps seconds.
    seed: chooses blinks, gaze, brow accents and head motion; the lips do not depend on it.
    progress: called with 0..1 as the work goes on.
    model: other weights than the shipped ones.
    Returns max(1, ceil(duration * fps)) frames of the 52 ARKit shapes and the head.
    Raises AudioError for an empty recording or another rate, ModelError when the shipped weights cannot be read.
    """
    _check(speech, fps)
    samples = level.normalise(speech.samples)
    levels = level.frame_levels(samples)
    times = np.arange(max(1, math.ceil(speech.duration_s * fps - 1e-6))) / fps
    model = model or load_model()
    mouth = hear_mouth(samples, model, progress or (lambda _: None))
    gate = level.voice_gate(levels) * (not level.is_room_only(level.frame_levels(speech.samples)))
    mouth = articulation.articulate(mouth, model, gate)
    values = np.zeros((len(times), len(ARKIT_52)), np.float32)
    sampled = articulation.sample(mouth, model, encoder.FRAME_RATE_HZ, times)
    for name, curve in zip(model.controls, sampled.T, strict=True):
        if name != articulation.LIP_SEAL:
            values[:, ARKIT_52.index(name)] = curve
    shapes, head = life.live(times, prosody.hear_prosody(levels), seed)
    for name, curve in shapes.items():
        values[:, ARKIT_52.index(name)] = curve
    articulation.add_cheeks(values)
    return Performance(RigCurves(ARKIT_52, np.clip(values, 0.0, 1.0), float(fps)), head)


def hear_mouth(samples: np.ndarray, model: SpeechModel, progress: Progress) -> np.ndarray:
    """What the network makes of a recording.

    samples: float32 [S], normalised, at 16 kHz.
    Returns float32 [ceil(S / 320), C] in 0..1 at 50 Hz, columns model.controls.
    """
    cells = mel.log_mel(samples)
    total = -(-len(cells) // 2)
    pieces: list[np.ndarray] = []
    done = 0
    for window, keep in encoder.encode(cells, model.tensors):
        pieces.append(decode(window, model.tensors, model.dilations)[keep])
        done += len(pieces[-1])
        progress(done / total)
    return np.concatenate(pieces)


def _check(speech: Speech, fps: float) -> None:
    if speech.rate_hz != mel.RATE_HZ:
        raise AudioError(f"The speech model hears {mel.RATE_HZ} Hz, but was given {speech.rate_hz} Hz; resample first.")
    if not len(speech.samples):
        raise AudioError("The recording holds no sound; choose one of at least a tenth of a second.")
    if not (fps > 0 and math.isfinite(fps)):
        raise AudioError(f"The frame rate must be above 0 frames per second, but is {fps}.")

"""The part of a performance that no network hears: eyes, brows and head, seeded and repeatable."""

from __future__ import annotations

import numpy as np

from . import accents, blinks, gaze
from .prosody import Prosody

_BLINK, _GAZE, _BROW, _HEAD = range(4)


def live(times: np.ndarray, prosody: Prosody, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Eye and brow shapes and head rotation of a performance.

    times: seconds [T], rising from 0; seed: each part draws from a stream of its own, so switching one part off
    never changes another.
    Returns ARKit shapes, float32 [T] each in 0..1, and the head, radians float32 [T, 3].
    """
    starts = blinks.blink_times(prosody, _stream(seed, _BLINK))
    closure = blinks.blink_curve(times, starts)
    shapes = accents.brow_shapes(times, prosody, _stream(seed, _BROW))
    shapes |= gaze.look_shapes(gaze.gaze_path(times, _stream(seed, _GAZE)))
    shapes["eyeBlinkLeft"] = closure
    # The two lids never fall in the very same moment.
    shapes["eyeBlinkRight"] = blinks.blink_curve(times, starts + 0.006)
    for side in ("Left", "Right"):
        shapes[f"eyeWide{side}"] = shapes[f"eyeWide{side}"] * (1 - closure)
    return shapes, accents.head_path(times, prosody, _stream(seed, _HEAD))


def _stream(seed: int, part: int) -> np.random.Generator:
    return np.random.default_rng([seed, part])

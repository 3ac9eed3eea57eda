"""Mouthpiece as the benchmark asks it to act: any feeling, any rate, in ARKit shapes."""

from __future__ import annotations

import numpy as np

from core.rig.convert import to_rig
from core.speech import mel
from core.speech.emotion import EmotionTrack
from core.speech.perform import perform
from core.types import Performance, Speech


def act(samples: np.ndarray, fps: float, feeling: EmotionTrack | None = None, seed: int = 0) -> Performance:
    """What Mouthpiece makes of a recording. samples: float32 [S] at 16 kHz. Returns the 52 ARKit shapes at fps."""
    from core.speech.brief import Brief

    brief = Brief(fps=fps, seed=seed, emotion=feeling or EmotionTrack.neutral())
    return to_rig(perform(Speech(samples, mel.RATE_HZ), brief), "arkit52")

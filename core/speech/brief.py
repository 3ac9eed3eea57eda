"""What a performance is asked to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from .direction import Direction
from .emotion import EmotionTrack
from .script import Script
from .wishes import STEADY, WishTrack


@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """All that perform() needs to know beyond the recording.

    fps:       frames per second of the result, any rate; row t lies at t / fps seconds.
    seed:      chooses blinks, gaze, brow accents, head motion and breaths; the lips do not depend on it.
    emotion:   what the face feels over time.
    direction: strengths, styles and switches.
    script:    what is said, where somebody knows: a text or a phone track put right by hand.
    wishes:    which of the direction's numbers change over time, and how.
    """

    fps: float
    seed: int = 0
    emotion: EmotionTrack = field(default_factory=EmotionTrack.neutral)
    direction: Direction = field(default_factory=Direction)
    script: Script | None = None
    wishes: WishTrack = STEADY

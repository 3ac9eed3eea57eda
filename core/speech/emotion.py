"""Emotions over time: what the face feels while it speaks, side by side and eased from key to key."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import SettingError, ShapeError

EMOTIONS: tuple[str, ...] = ("happy", "sad", "angry", "surprised", "fearful", "disgusted")
"""The columns of every emotion array. An emotion of 0 everywhere is the neutral face."""
NEUTRAL = "neutral"
SIDES: tuple[str, ...] = ("left", "right")


@dataclass(frozen=True, slots=True)
class EmotionTrack:
    """How strongly each emotion is felt over time, the character's left and right half on their own.

    times: float32 [K], seconds, rising; K is at least 1. Before the first key and after the last the value holds.
    left, right: float32 [K, 6], 0..1, columns EMOTIONS. Each emotion is a slider of its own: a mixture may sum to
    more than 1, and nothing is rescaled behind the animator's back.
    Raises ShapeError for arrays of other shapes, SettingError for values out of range or keys out of order.
    """

    times: np.ndarray
    left: np.ndarray
    right: np.ndarray

    def __post_init__(self) -> None:
        check("EmotionTrack.times", self.times, ("K",))
        for side in SIDES:
            check(f"EmotionTrack.{side}", getattr(self, side), (len(self.times), len(EMOTIONS)))
        if not len(self.times):
            raise ShapeError("EmotionTrack.times must hold at least one key.")
        if not (np.isfinite(self.times).all() and (np.diff(self.times) > 0).all()):
            raise SettingError("The keys of an emotion must come in order of time, each at a time of its own.")
        both = np.concatenate([self.left, self.right])
        if not ((both >= 0) & (both <= 1)).all():
            raise SettingError("The intensity of an emotion must be 0 to 1 in every key.")

    @classmethod
    def neutral(cls) -> EmotionTrack:
        """No emotion at all."""
        return cls.steady({})

    @classmethod
    def steady(cls, mixture: Mapping[str, float]) -> EmotionTrack:
        """One mixture from beginning to end. mixture: "happy" or "happy.left" to 0..1; see intensities."""
        left, right = intensities(mixture)
        return cls(np.zeros(1, np.float32), left[None], right[None])

    @property
    def is_neutral(self) -> bool:
        return not (self.left.any() or self.right.any())

    @property
    def is_even(self) -> bool:
        """Whether both halves of the face feel the same throughout."""
        return bool((self.left == self.right).all())

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Read the track. times: seconds [N]. Returns (left, right), float32 [N, 6] each, eased between keys."""
        place = np.interp(times, self.times, np.arange(len(self.times)))
        key = np.minimum(place.astype(np.int64), max(0, len(self.times) - 2))
        after = np.minimum(key + 1, len(self.times) - 1)
        t = (place - key)[:, None]
        ease = t * t * (3 - 2 * t)
        read = [values[key] * (1 - ease) + values[after] * ease for values in (self.left, self.right)]
        return read[0].astype(np.float32), read[1].astype(np.float32)


def parse_emotion(text: str) -> EmotionTrack:
    """Read a mixture such as "happy=0.7", "happy=0.5,surprised=0.3", "happy.left=0.8" or "angry" (which means 1).

    Raises SettingError, one sentence, for an unknown or repeated name, or an intensity that is no number of 0..1.
    """
    mixture: dict[str, float] = {}
    for part in text.split(","):
        name, equals, amount = (word.strip() for word in part.partition("="))
        if not name:
            raise SettingError(f'"{text}" names no emotion; write for example happy=0.7 or happy=0.5,surprised=0.3.')
        if name.lower() in mixture:
            raise SettingError(f'"{text}" names {name.lower()} twice; give each emotion one intensity.')
        mixture[name.lower()] = intensity(name, amount) if equals else 1.0
    return EmotionTrack.steady(mixture)


def intensities(mixture: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """A mixture as two rows. mixture: NAME, NAME.left or NAME.right to 0..1; a side wins over its whole.

    "neutral" is accepted and adds nothing. Returns (left, right), float32 [6] each. Raises SettingError.
    """
    rows = np.zeros((len(SIDES), len(EMOTIONS)), np.float32)
    # Whole names first, so that "happy.left" has the last word however the mixture is ordered.
    for key in sorted(mixture, key=lambda name: "." in name):
        name, sides = emotion_column(key)
        amount = intensity(key, mixture[key])
        if name != NEUTRAL:
            rows[[SIDES.index(side) for side in sides], EMOTIONS.index(name)] = amount
    return rows[0], rows[1]


def emotion_column(text: str) -> tuple[str, tuple[str, ...]]:
    """The emotion and the sides that NAME, NAME.left or NAME.right speaks of. Raises SettingError."""
    name, dot, side = text.strip().lower().partition(".")
    if name not in (*EMOTIONS, NEUTRAL):
        close = difflib.get_close_matches(name, (*EMOTIONS, NEUTRAL), 1)
        guess = f" Did you mean {close[0]}?" if close else ""
        known = f"{', '.join((NEUTRAL, *EMOTIONS[:-1]))} or {EMOTIONS[-1]}"
        raise SettingError(f'There is no emotion "{name}"; choose {known}.{guess}')
    if dot and side not in SIDES:
        raise SettingError(f'"{text}" names no side of the face; write {name}.left or {name}.right.')
    return name, (side,) if dot else SIDES


def intensity(name: str, amount: object) -> float:
    """One intensity, 0..1, from a number or its text. Raises SettingError."""
    try:
        value = math.nan if isinstance(amount, bool) else float(amount)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if math.isnan(value):
        raise SettingError(f'The intensity of {name} must be a number from 0 to 1, but is "{amount}".')
    if not 0 <= value <= 1:
        raise SettingError(f"The intensity of {name} must be 0 to 1, but is {value:g}.")
    return value

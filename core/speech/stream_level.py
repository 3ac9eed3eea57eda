"""Loudness as it is known while somebody is still speaking: a running gain and a running gate."""

from __future__ import annotations

from collections import deque

import numpy as np

from .level import FRAME_RATE_HZ, GOAL_DB, MOST_GAIN_DB, QUIETEST_DB, SILENCE_DB, VOICE_DB

FAINTEST_DB = -50.0
"""Below this a hop tells nothing about how loud the voice is; an empty room must not be lifted to a voice."""
MEMORY_S = 30.0
PRIOR_HOPS = 15
"""How many hops the guess counts that a stream comes at the right level already."""
ROOM_S = 5.0
"""So long without anything louder than FAINTEST_DB, and nobody is taken to be there."""
LOUD_SHARE = 0.9  # as level.speech_level
EASE = 0.1  # of the way to a new gain in each hop
BEFORE_HOPS = 10
"""How long the gate stays open after the last sound; before a sound it opens as early as the trunk's delay allows."""
OPENING, CLOSING = 0.5, 0.25  # of the way in each hop


class RunningGain:
    """What brings a stream to the level the network was trained at, from what was heard so far."""

    def __init__(self) -> None:
        self._centres = np.arange(FAINTEST_DB, 1.0)
        self._weights = np.where(self._centres == GOAL_DB, float(PRIOR_HOPS), 0.0)
        self._gain_db = 0.0
        self._faint_hops = round(ROOM_S * FRAME_RATE_HZ)

    @property
    def is_room_only(self) -> bool:
        """Whether nothing but a quiet room was heard for a while; so it is at the start."""
        return self._faint_hops >= ROOM_S * FRAME_RATE_HZ

    def feed(self, level_db: float) -> float:
        """Take the level of the next hop, dB below full scale. Returns the gain in dB for this hop."""
        self._faint_hops += 1
        if level_db > FAINTEST_DB:
            self._faint_hops = 0
            self._weights *= 0.5 ** (1 / (MEMORY_S * FRAME_RATE_HZ))
            self._weights[min(round(level_db - FAINTEST_DB), len(self._weights) - 1)] += 1
        below = np.cumsum(self._weights)
        loud_db = self._centres[np.searchsorted(below, LOUD_SHARE * below[-1])]
        self._gain_db += EASE * (min(GOAL_DB - loud_db, MOST_GAIN_DB) - self._gain_db)
        return self._gain_db


class RunningGate:
    """How sure it is that something worth a mouth is heard, 0..1."""

    def __init__(self, ahead: int) -> None:
        """ahead: hops that are known beyond the one asked for."""
        self._heard = deque([0.0] * ahead, maxlen=BEFORE_HOPS + 1 + ahead)
        self._gate = 0.0

    def feed(self, level_db: float) -> float:
        """Take the level of the newest hop with the gain applied. Returns the gate of the hop `ahead` before it."""
        self._heard.append(min(max((level_db - (GOAL_DB + SILENCE_DB)) / (VOICE_DB - SILENCE_DB), 0.0), 1.0))
        goal = max(self._heard)
        self._gate += (OPENING if goal > self._gate else CLOSING) * (goal - self._gate)
        return self._gate


def level_of(samples: np.ndarray) -> float:
    """Level of some samples, dB below full scale."""
    return float(10 * np.log10(np.dot(samples, samples) / len(samples) + 10 ** (QUIETEST_DB / 10)))

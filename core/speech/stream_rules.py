"""The rules of articulation while somebody is still speaking: held by how likely each sound is right now.

A phone track knows where a phone begins and ends; a stream only knows the posteriors of each frame, which look 72.5 ms
ahead. They stand for the envelope of core.speech.rules.
"""

from __future__ import annotations

import numpy as np

from .articulation import smooth_step
from .phones import NUMBERS, PHONES
from .rules import DOUBT, OPEN, SAFE, SHUT, SURE, opening, rules

RISING, FALLING = 0.6, 0.35
"""Of the way to a new weight in each frame: quick enough for a stop, too slow for a flicker."""


class RunningRules:
    """Makes a mouth keep the rules, frame by frame."""

    def __init__(self) -> None:
        self._rules = [rule for rule in rules() if rule.name in SAFE]
        self._members = np.zeros((len(PHONES), len(self._rules)), np.float32)
        for column, rule in enumerate(self._rules):
            self._members[[NUMBERS[symbol] for symbol in rule.phones], column] = 1
        self._weights = np.zeros(len(self._rules), np.float32)

    def obey(self, row: np.ndarray, posteriors: np.ndarray) -> None:
        """Hold one frame to the rules, in place. row: float32 [1, 185]; posteriors: float32 [40]."""
        goals = smooth_step(posteriors @ self._members, DOUBT, SURE)
        pace = np.where(goals > self._weights, np.float32(RISING), np.float32(FALLING))
        self._weights += pace * (goals - self._weights)
        for weight, rule in zip(self._weights, self._rules, strict=True):
            if weight < 1e-3:
                continue
            shown = weight * smooth_step(opening(row), SHUT, OPEN)[0]
            for columns, is_floor, value, needs_opening in rule.targets:
                values = row[:, columns]
                bounded = np.maximum(values, value) if is_floor else np.minimum(values, value)
                row[:, columns] = values + (shown if needs_opening else weight) * (bounded - values)

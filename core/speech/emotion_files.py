"""Emotions that change over time, read from a file of keys: .csv or .json. docs/direction.md shows both."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import SettingError
from .emotion import EmotionTrack, emotion_column, intensities
from .key_files import Subject, fault, read_keys

EMOTION_KEYS = Subject("emotion keys", "emotions such as happy", emotion_column)


def read_emotion(path: Path) -> EmotionTrack:
    """Read emotion keys; between them the face eases.

    Names are happy, or happy.left and happy.right; what a key leaves out is 0. Else as core.speech.key_files.read_keys.
    Raises FormatError, one sentence with the line or key at fault.
    """
    path = Path(path)
    keys = read_keys(path, EMOTION_KEYS)
    left, right = [], []
    for key in keys:
        try:
            sides = intensities(key.values)
        except SettingError as error:
            raise fault(path, key, error) from error
        left.append(sides[0])
        right.append(sides[1])
    return EmotionTrack(np.array([key.time_s for key in keys], np.float32), np.stack(left), np.stack(right))

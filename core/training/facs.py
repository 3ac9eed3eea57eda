"""A plain FACS reading: which emotion a face shows, told from its action units.

Written from the table of emotions and action units alone, so that it can judge what learned from emotion_poses.csv.
Source: Ekman, Friesen & Hager 2002, "Facial Action Coding System: Investigator's Guide", table 10-1 (prototypes and
major variants). ARKit's shapes as action units: Apple's own descriptions of the shapes.
"""

from __future__ import annotations

import numpy as np

from ..arrays import check
from ..rig.arkit import ARKIT_52

UNITS: dict[str, tuple[str, ...]] = {
    "1": ("browInnerUp",),
    "2": ("browOuterUpLeft", "browOuterUpRight"),
    "4": ("browDownLeft", "browDownRight"),
    "5": ("eyeWideLeft", "eyeWideRight"),
    "6": ("cheekSquintLeft", "cheekSquintRight"),
    "7": ("eyeSquintLeft", "eyeSquintRight"),
    "9": ("noseSneerLeft", "noseSneerRight"),
    "10": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "12": ("mouthSmileLeft", "mouthSmileRight"),
    "15": ("mouthFrownLeft", "mouthFrownRight"),
    "16": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "17": ("mouthShrugLower",),
    "20": ("mouthStretchLeft", "mouthStretchRight"),
    "24": ("mouthPressLeft", "mouthPressRight"),
    "26": ("jawOpen",),
}
"""The action units that tell emotions apart, and the shapes whose mean shows each. 24 stands for 23 too."""
ABSENT, PRESENT = 0.08, 0.7  # means of shapes below which a unit is not there (a trace) and above which it fully is

SIGNS: dict[str, dict[str, float]] = {
    "happy": {"12": 0.7, "6": 0.3, "4": -0.3, "9": -0.5, "15": -0.5},
    "sad": {"1": 0.4, "15": 0.4, "4": 0.1, "17": 0.1, "2": -0.4, "5": -0.4, "9": -0.3, "12": -0.5, "20": -0.3},
    "angry": {"4": 0.55, "7": 0.2, "24": 0.15, "5": 0.1, "1": -0.5, "2": -0.3, "9": -0.5, "12": -0.4},
    "surprised": {"2": 0.4, "1": 0.25, "5": 0.25, "26": 0.1, "4": -0.4, "20": -0.5, "15": -0.3},
    "fearful": {"20": 0.4, "5": 0.3, "1": 0.2, "4": 0.1, "12": -0.5, "9": -0.3, "15": -0.2},
    "disgusted": {"9": 0.65, "10": 0.25, "15": 0.05, "17": 0.05, "1": -0.3, "5": -0.3, "12": -0.4},
}
"""How much each unit speaks for an emotion (sums to 1) or against it.

What for: the prototypes. What against: units of a likelier reading, as 1 with 4 is grief and not anger, raised brows
with a stretched mouth fear and not surprise.
"""
NEUTRAL = 0.25  # evidence below which no emotion is read


def read_emotion(pose: np.ndarray) -> tuple[str, dict[str, float]]:
    """The emotion a face shows.

    pose: float32 [52], 0..1, ARKIT_52.
    Returns its name, "neutral" where no emotion has evidence above NEUTRAL, and the evidence for each of the six and
    for neutral, 0..1.
    """
    check("pose", pose, (len(ARKIT_52),))
    units = read_units(pose)
    scores = {name: float(np.clip(_weigh(units, signs), 0.0, 1.0)) for name, signs in SIGNS.items()}
    best = max(scores, key=scores.__getitem__)
    scores["neutral"] = float(np.clip(1.0 - scores[best] * (1.0 - NEUTRAL) / NEUTRAL, 0.0, 1.0))
    return (best if scores[best] > NEUTRAL else "neutral"), scores


def read_performance(values: np.ndarray) -> tuple[str, dict[str, float]]:
    """The emotion of a whole performance: the reading of its median face, in which words cancel and moods stay.

    values: float32 [T, 52], 0..1, ARKIT_52, T at least 1. Returns as read_emotion.
    """
    check("values", values, ("T", len(ARKIT_52)))
    return read_emotion(np.median(values, axis=0).astype(np.float32))


def read_units(pose: np.ndarray) -> dict[str, float]:
    """How much of each action unit of UNITS is there, 0..1. pose: float32 [52]."""
    amounts = {unit: float(np.mean([pose[ARKIT_52.index(name)] for name in names])) for unit, names in UNITS.items()}
    return {unit: min(max((amount - ABSENT) / (PRESENT - ABSENT), 0.0), 1.0) for unit, amount in amounts.items()}


def _weigh(units: dict[str, float], signs: dict[str, float]) -> float:
    return sum(weight * units[unit] for unit, weight in signs.items())

"""Can the emotion be told from the face, does it grow with its intensity, and does it keep to its side?

The reader knows action units, not our model: core.training.facs, written from FACS alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.rig.arkit import ARKIT_52, names_of_region
from core.speech.emotion import EMOTIONS, EmotionTrack
from core.training.facs import read_performance
from core.types import RigCurves

from .methods import RATE_HZ, lips_of
from .spoken import Line, Met, count_closures

NEUTRAL = "neutral"
SEVEN = (NEUTRAL, *EMOTIONS)
FPS = 30.0
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
SIDED = tuple(name for name in ARKIT_52 if name.endswith("Left") and "Look" not in name and "Blink" not in name)
Feeler = Callable[[np.ndarray, float, EmotionTrack], RigCurves]
"""Sound float32 [S] at 16 kHz, frames per second and a feeling to the 52 ARKit shapes."""


@dataclass(frozen=True, slots=True)
class Felt:
    """One emotion at full strength.

    read: how often each of SEVEN was read. strengths: mean distance from the neutral face at each of STEPS.
    grows: share of lines whose distance from neutral grows at every step. other_side: what the right half of the face
    does, as a share of the left half, when only the left half feels it. closures: as count_closures, all together.
    """

    name: str
    read: dict[str, int]
    strengths: tuple[float, ...]
    grows: float
    other_side: float
    closures: Met

    @property
    def right(self) -> float:
        return self.read[self.name] / sum(self.read.values())


def judge_feelings(lines: list[Line], act: Feeler) -> list[Felt]:
    """Every emotion, and neutral first, on the same lines."""
    neutral = [act(line.samples, FPS, EmotionTrack.neutral()).values for line in lines]
    return [_judge(name, lines, neutral, act) for name in SEVEN]


def _judge(name: str, lines: list[Line], neutral: list[np.ndarray], act: Feeler) -> Felt:
    read = dict.fromkeys(SEVEN, 0)
    distances, sides = [], []
    for line, still in zip(lines, neutral, strict=True):
        faces = [act(line.samples, FPS, _steady(name, amount)).values for amount in STEPS]
        read[read_performance(faces[-1])[0]] += 1
        distances.append([_distance(face, still) for face in faces])
        if name != NEUTRAL:
            sides.append(_other_side(act(line.samples, FPS, _steady(f"{name}.left", 1.0)).values, still))
    grows = float(np.mean([bool((np.diff(row) > 0).all()) for row in distances]))
    closures = count_closures(lines, lambda samples: lips_of(act(samples, RATE_HZ, _steady(name, 1.0))))
    together = Met(*(sum(getattr(met, part) for met in closures.values()) for part in Met.__slots__))
    strengths = tuple(np.mean(distances, axis=0).tolist())
    return Felt(name, read, strengths, grows, float(np.median(sides)) if sides else np.nan, together)


def _steady(name: str, amount: float) -> EmotionTrack:
    return EmotionTrack.neutral() if name == NEUTRAL else EmotionTrack.steady({name: amount})


def _distance(face: np.ndarray, still: np.ndarray) -> float:
    """How far a performance's mean face is from another's, gaze left out."""
    kept = [place for place, name in enumerate(ARKIT_52) if name not in names_of_region("gaze")]
    return float(np.linalg.norm(np.mean(face[:, kept] - still[:, kept], axis=0)))


def _other_side(face: np.ndarray, still: np.ndarray) -> float:
    """What the right half does as a share of the left half, both against neutral."""
    moved = np.mean(face - still, axis=0)
    left = [ARKIT_52.index(name) for name in SIDED]
    right = [ARKIT_52.index(name.removesuffix("Left") + "Right") for name in SIDED]
    return float(np.linalg.norm(moved[right]) / max(np.linalg.norm(moved[left]), 1e-9))

"""Rivals: ways to get a lip opening and a mouth width out of speech, each at RATE_HZ for a recording."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks import headaudio as headaudio_rival
from benchmarks import rhubarb as rhubarb_rival
from core.speech import level, mel
from core.training.mouth_measures import demo_face, opening_of, width_of
from core.training.version_one import VersionOne, perform_one
from core.types import RigCurves

from .clips import Clip

RATE_HZ = 100

RHUBARB_OPENINGS = {"A": 0.0, "B": 0.15, "C": 0.5, "D": 1.0, "E": 0.5, "F": 0.25, "G": 0.1, "H": 0.5, "X": 0.0}
"""How far each of Rhubarb's mouths stands open, read off its documented drawings."""
RHUBARB_WIDTHS = {"A": 0.5, "B": 0.7, "C": 0.6, "D": 0.6, "E": 0.3, "F": 0.0, "G": 0.6, "H": 0.6, "X": 0.5}
"""How wide each is drawn, likewise: 0 puckered, 0.5 at rest."""
VISEME_MOUTHS = {
    "aa": (1.0, 0.5), "E": (0.6, 0.7), "I": (0.4, 0.9), "O": (0.6, 0.2), "U": (0.25, 0.0), "PP": (0.0, 0.5),
    "SS": (0.15, 0.7), "TH": (0.25, 0.5), "DD": (0.3, 0.5), "FF": (0.1, 0.5), "kk": (0.35, 0.5), "nn": (0.25, 0.5),
    "RR": (0.3, 0.3), "CH": (0.3, 0.2), "sil": (0.0, 0.5),
}  # fmt: skip
"""Opening and width of the Oculus visemes, read off their reference pictures: 0 puckered, 0.5 at rest."""
RIDGE_REACH = 5
RIDGE_CLIPS = 180
RIDGE_PENALTY = 300.0


@dataclass(frozen=True, slots=True)
class Lips:
    """What a method makes of a recording: opening and width, [N] each at RATE_HZ, in units of its own."""

    opening: np.ndarray
    width: np.ndarray


Method = Callable[[np.ndarray], Lips]


def lips_of(curves: RigCurves) -> Lips:
    """Opening and width of the demo head's lips. curves: the 52 ARKit shapes."""
    face = demo_face()
    return Lips(opening_of(curves, face), width_of(curves, face))


def version_one(model: VersionOne) -> Method:
    """Our first model, measured on the demo head's lips."""
    return lambda samples: lips_of(perform_one(samples, RATE_HZ, model))


def loudness(samples: np.ndarray) -> Lips:
    """The jaw follows the level: what simple add-ons do. The width follows the jaw."""
    levels = np.maximum(level.frame_levels(level.normalise(samples)), level.GOAL_DB - 40)
    opening = np.repeat(levels - levels.min(), RATE_HZ // level.FRAME_RATE_HZ)
    return Lips(opening, opening)


def rhubarb(samples: np.ndarray) -> Lips:
    """Rhubarb Lip Sync's mouths. Raises RivalMissing when it cannot be run here."""
    with tempfile.TemporaryDirectory(prefix="mouthpiece-") as folder:
        path = Path(folder) / "speech.wav"
        soundfile.write(path, np.clip(samples, -1, 1), mel.RATE_HZ)
        cues = rhubarb_rival.mouth_cues(path)
    rows = np.zeros((-(-len(samples) * RATE_HZ // mel.RATE_HZ), 2))
    rows[:, 1] = RHUBARB_WIDTHS["X"]
    for start_s, end_s, shape in cues:
        mouth = RHUBARB_OPENINGS[shape], RHUBARB_WIDTHS[shape]
        rows[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = mouth
    return Lips(*rows.T)


def headaudio(samples: np.ndarray) -> Lips:
    """HeadAudio's visemes as a mouth. Raises RivalMissing when it cannot be run here."""
    weights = headaudio_rival.viseme_weights(level.normalise(samples), mel.RATE_HZ)
    opening, width = np.array([VISEME_MOUTHS[name] for name in headaudio_rival.VISEMES]).T
    return Lips(weights @ opening, weights @ (width - 0.5))


def train_ridge(clips: list[Clip]) -> Method:
    """A linear map from log-mel frames, 50 ms each way, to the filmed mouth, learned on a few minutes of film."""
    chosen = clips[:: max(1, len(clips) // RIDGE_CLIPS)]
    rows = [_around(mel.log_mel(clip.samples))[_film_rows(clip)] for clip in chosen]
    goals = [np.stack([c.opening, c.width], axis=1)[: len(r)] for c, r in zip(chosen, rows, strict=True)]
    x, y = np.concatenate(rows), np.concatenate(goals)
    mean, spread, rest = x.mean(axis=0), x.std(axis=0) + 1e-6, y.mean(axis=0)
    x = (x - mean) / spread
    slopes = np.linalg.solve(x.T @ x + RIDGE_PENALTY * np.eye(x.shape[1]), x.T @ (y - rest))

    def predict(samples: np.ndarray) -> Lips:
        opening, width = ((_around(mel.log_mel(samples)) - mean) / spread @ slopes + rest).T
        return Lips(np.maximum(opening, 0.0), width)

    return predict


def _around(cells: np.ndarray) -> np.ndarray:
    return np.concatenate([np.roll(cells, -step, axis=0) for step in range(-RIDGE_REACH, RIDGE_REACH + 1)], axis=1)


def _film_rows(clip: Clip) -> np.ndarray:
    rows = np.round(clip.times * RATE_HZ).astype(int)
    return rows[rows < len(clip.samples) * RATE_HZ // mel.RATE_HZ]

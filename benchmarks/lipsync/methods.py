"""Ways to get a lip opening out of speech: ours and its rivals. Each gives [N] at RATE_HZ for a recording."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.rhubarb import RivalMissing, fetch, mouth_cues
from core.speech import level, mel
from core.speech.articulation import curve_opening
from core.speech.perform import perform
from core.speech.weights import load_model
from core.types import Speech

from .clips import Clip

RATE_HZ = 100
Method = Callable[[np.ndarray], np.ndarray]

RHUBARB_OPENINGS = {"A": 0.0, "B": 0.15, "C": 0.5, "D": 1.0, "E": 0.5, "F": 0.25, "G": 0.1, "H": 0.5, "X": 0.0}
"""How far each of Rhubarb's mouths stands open, read off its documented drawings."""
RIDGE_REACH = 5
RIDGE_CLIPS = 180
RIDGE_PENALTY = 300.0


def mouthpiece(samples: np.ndarray) -> np.ndarray:
    """Our model, measured on the demo head's lips."""
    model = load_model()
    return curve_opening(perform(Speech(samples, mel.RATE_HZ), fps=RATE_HZ).curves, model)


def loudness(samples: np.ndarray) -> np.ndarray:
    """The jaw follows the level: what simple add-ons do."""
    levels = np.maximum(level.frame_levels(level.normalise(samples)), level.GOAL_DB - 40)
    return np.repeat(levels - levels.min(), RATE_HZ // level.FRAME_RATE_HZ)


def rhubarb(samples: np.ndarray) -> np.ndarray:
    """Rhubarb Lip Sync's mouths. Raises RivalMissing when it cannot be run here."""
    with tempfile.TemporaryDirectory(prefix="mouthpiece-") as folder:
        path = Path(folder) / "speech.wav"
        soundfile.write(path, np.clip(samples, -1, 1), mel.RATE_HZ)
        cues = mouth_cues(path)
    opening = np.zeros(-(-len(samples) * RATE_HZ // mel.RATE_HZ))
    for start_s, end_s, shape in cues:
        opening[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = RHUBARB_OPENINGS[shape]
    return opening


def train_ridge(clips: list[Clip]) -> Method:
    """A linear map from log-mel frames, 50 ms each way, to the filmed opening, learned on a few minutes of film."""
    chosen = clips[:: max(1, len(clips) // RIDGE_CLIPS)]
    rows = [_around(mel.log_mel(clip.samples))[_film_rows(clip)] for clip in chosen]
    x, y = np.concatenate(rows), np.concatenate([c.opening[: len(r)] for c, r in zip(chosen, rows, strict=True)])
    mean, spread, rest = x.mean(axis=0), x.std(axis=0) + 1e-6, y.mean()
    x = (x - mean) / spread
    slopes = np.linalg.solve(x.T @ x + RIDGE_PENALTY * np.eye(x.shape[1]), x.T @ (y - rest))
    return lambda samples: np.maximum((_around(mel.log_mel(samples)) - mean) / spread @ slopes + rest, 0.0)


def rivals(training: list[Clip]) -> dict[str, Method]:
    """Every method that can be run here, by name."""
    methods = {"Mouthpiece": mouthpiece, "loudness": loudness, "log-mel ridge": train_ridge(training)}
    try:
        fetch()
    except RivalMissing:
        return methods
    return methods | {"Rhubarb": rhubarb}


def _around(cells: np.ndarray) -> np.ndarray:
    return np.concatenate([np.roll(cells, -step, axis=0) for step in range(-RIDGE_REACH, RIDGE_REACH + 1)], axis=1)


def _film_rows(clip: Clip) -> np.ndarray:
    rows = np.round(clip.times * RATE_HZ).astype(int)
    return rows[rows < len(clip.samples) * RATE_HZ // mel.RATE_HZ]

"""Encoded speech beside the curves it should give: what the decoder learns from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..arrays import check
from ..speech import level, mel
from ..speech.level import FRAME_RATE_HZ
from ..speech.weights import LIP_SEAL
from . import labels
from .augment import augment, noises
from .teacher import encode_window

PICTURES_LATE_S = 0.02
"""GRID's pictures trail its sound by about this much against the wild clips' median; labels are read so much later."""
CLIPS_TOGETHER = 4
"""Clips encoded as one window, so that the encoder's positions and contexts are those of longer speech."""
LONGEST_READING_S = 12.0  # slowed down as far as augmentation goes, it still fits the encoder's window


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of encoded speech with its goal.

    hidden: float16 [N, 384] at 50 Hz.
    goal: float32 [N, C], columns CONTROLS, 0..1, NaN where nobody knows.
    """

    hidden: np.ndarray
    goal: np.ndarray

    def __post_init__(self) -> None:
        check("Passage.hidden", self.hidden, ("N", 384), np.float16)
        check("Passage.goal", self.goal, (len(self.hidden), len(CONTROLS)))


CONTROLS: tuple[str, ...] = (*labels.SOLVED, "tongueOut", LIP_SEAL)
"""What the network gives, in order."""


def encode(samples: np.ndarray, encoder: dict[str, torch.Tensor]) -> np.ndarray:
    """Encoder frames of a recording of up to a window's length. samples: float32 [S]. Returns float16 [N, 384]."""
    with torch.no_grad():
        return encode_window(torch.from_numpy(mel.log_mel(samples)), encoder).numpy().astype(np.float16)


def resample_goal(goal: np.ndarray, fps: float, times: np.ndarray) -> np.ndarray:
    """Read labels at other times. goal: [T, C] at fps; times: seconds [N]. Returns float32 [N, C]."""
    places = np.clip(times * fps, 0, len(goal) - 1)
    rows = np.arange(len(goal))
    return np.stack([np.interp(places, rows, column) for column in goal.T], axis=1).astype(np.float32)


def filmed_passages(
    clips: list[tuple[np.ndarray, np.ndarray, float]], encoder: dict[str, torch.Tensor], seed: int
) -> list[Passage]:
    """Encode filmed clips, as they are (seed 0) or augmented (any other seed).

    clips: (samples float32 [S], solved curves float32 [T, 24], fps) each. Returns one passage a clip, in order.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(clips)) if seed else np.arange(len(clips))
    passages: dict[int, Passage] = {}
    for group in np.array_split(order, -(-len(order) // CLIPS_TOGETHER)):
        heard = [augment(clips[i][0], rng) if seed else (clips[i][0], 1.0) for i in group]
        counts = [len(samples) // level.FRAME_SAMPLES for samples, _ in heard]
        whole = np.concatenate([s[: n * level.FRAME_SAMPLES] for (s, _), n in zip(heard, counts, strict=True)])
        pieces = np.split(encode(whole, encoder), np.cumsum(counts)[:-1])
        for i, hidden, (_, speed) in zip(group, pieces, heard, strict=True):
            _, curves, fps = clips[i]
            goal = resample_goal(curves, fps, np.arange(len(hidden)) / FRAME_RATE_HZ * speed + PICTURES_LATE_S)
            unheard = ((0, 0), (0, len(CONTROLS) - goal.shape[1]))  # no film tells of tongues and phones
            passages[int(i)] = Passage(hidden, np.pad(goal, unheard, constant_values=np.nan))
    return [passages[i] for i in range(len(clips))]


def read_speech(path: Path) -> np.ndarray:
    """A reading's samples, float32 [S] at 16 kHz, at most LONGEST_READING_S of it."""
    import soundfile

    samples, rate_hz = soundfile.read(path, dtype="float32")
    if rate_hz != mel.RATE_HZ or samples.ndim != 1:
        raise ValueError(f"{path.name} is not 16 kHz mono as LibriSpeech is")
    return samples[: int(LONGEST_READING_S * rate_hz)]


def resting_passages(encoder: dict[str, torch.Tensor], seconds: float = 5.0) -> list[Passage]:
    """Noises, hums and silence, over which a face rests."""
    heard = [encode(samples, encoder) for samples in noises(seconds, -90.0, 9)]
    return [Passage(hidden, np.zeros((len(hidden), len(CONTROLS)), np.float32)) for hidden in heard]


def batches(
    passages: list[Passage], size: int, length: int, rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Random cuts of random passages, for ever.

    Yields (hidden float32 [B, n, 384], goal float32 [B, n, C]), n = min(length, shortest of the batch).
    """
    while True:
        chosen = [passages[i] for i in rng.integers(0, len(passages), size)]
        span = min(length, *(len(p.hidden) for p in chosen))
        starts = [int(rng.integers(0, len(p.hidden) - span + 1)) for p in chosen]
        hidden = np.stack([p.hidden[s : s + span] for p, s in zip(chosen, starts, strict=True)])
        goal = np.stack([p.goal[s : s + span] for p, s in zip(chosen, starts, strict=True)])
        yield torch.from_numpy(hidden.astype(np.float32)), torch.from_numpy(goal)

"""What the trunk learns from: speech through many rooms and microphones, beside what a bigger network hears.

The targets are version one's: the hidden frames of Whisper's encoder and the curves of the decoder on top of them
(teacher.py); where phones are known (speech_corpus.py) they are a third target.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..arrays import check
from ..speech import level, mel
from .augment import augment, noises
from .teacher import Decoder, encode_window

UNKNOWN = -1
LONGEST_HOPS = 590  # a teacher's window
BANDS = mel.BANDS


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech with the phones that are known of it.

    samples: int16 [S] at 16 kHz. phones: int8 [N], index of the phone at 20 ms times n, UNKNOWN where nobody knows.
    name: as the pack names it.
    """

    samples: np.ndarray
    phones: np.ndarray
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One clip, heard several ways.

    heard: (features float16 [n, 160], speed) each; second t of a version is second t * speed of the clip.
    hidden: float16 [N, 384]. controls: float16 [N, C]. phones: int8 [N].
    """

    heard: tuple[tuple[np.ndarray, float], ...]
    hidden: np.ndarray
    controls: np.ndarray
    phones: np.ndarray

    def __post_init__(self) -> None:
        check("Lesson.hidden", self.hidden, ("N", 384), np.float16)
        check("Lesson.phones", self.phones, (len(self.hidden),), np.int8)


def prepare(
    clips: list[Clip], teacher: tuple[dict[str, torch.Tensor], Decoder], versions: int, seed: int
) -> list[Lesson]:
    """Let the teacher hear every clip clean, and spoil it `versions` times for the pupil."""
    rng = np.random.default_rng(seed)
    return [_prepare_one(clip, teacher, versions, rng) for clip in clips]


def resting(teacher: tuple[dict[str, torch.Tensor], Decoder], seconds: float = 5.0, seed: int = 9) -> list[Lesson]:
    """Noises, hums and silence, over which a face rests, as lessons."""
    lessons = []
    for noise in noises(seconds, -60.0, seed):
        samples = np.clip(noise * 32768.0, -32768, 32767).astype(np.int16)
        clip = Clip(samples, np.zeros(len(samples) // level.FRAME_SAMPLES, np.int8), "noise")
        lesson = _prepare_one(clip, teacher, 0, np.random.default_rng(seed))
        lessons.append(replace(lesson, controls=np.zeros_like(lesson.controls)))
    return lessons


def _prepare_one(
    clip: Clip, teacher: tuple[dict[str, torch.Tensor], Decoder], versions: int, rng: np.random.Generator
) -> Lesson:
    encoder, decoder = teacher
    samples = level.normalise(clip.samples.astype(np.float32) / 32768.0)[: LONGEST_HOPS * level.FRAME_SAMPLES]
    with torch.no_grad():
        hidden = encode_window(torch.from_numpy(mel.log_mel(samples)), encoder)
        controls = decoder(hidden[None])[0]
    heard = [(mel.features(samples).astype(np.float16), 1.0)]
    for _ in range(versions):
        spoilt, speed = augment(samples, rng)
        heard.append((mel.features(level.normalise(spoilt)).astype(np.float16), speed))
    count = len(hidden)
    phones = np.full(count, UNKNOWN, np.int8)
    phones[: len(clip.phones)] = clip.phones[:count]
    return Lesson(tuple(heard), hidden.numpy().astype(np.float16), controls.numpy().astype(np.float16), phones)


@dataclass(frozen=True, slots=True)
class Batch:
    """Cuts of lessons: features [B, n, 160], and what belongs to each hop `delay` hops earlier."""

    features: torch.Tensor
    hidden: torch.Tensor
    controls: torch.Tensor
    phones: torch.Tensor


def batches(lessons: list[Lesson], size: int, length: int, delay: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Random cuts of random versions of random lessons, for ever; longer lessons come more often."""
    lasts = np.array([len(lesson.hidden) for lesson in lessons], float)
    while True:
        cuts = [_cut(lessons[i], length, delay, rng) for i in rng.choice(len(lessons), size, p=lasts / lasts.sum())]
        yield Batch(*(torch.from_numpy(np.stack(part)) for part in zip(*cuts, strict=True)))


def _cut(lesson: Lesson, length: int, delay: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """One row of a batch; shorter lessons are padded with silence that counts for nothing."""
    features, speed = lesson.heard[rng.integers(len(lesson.heard))]
    start = int(rng.integers(0, max(1, len(features) - length + 1)))
    piece = features[start : start + length].astype(np.float32)
    times = (np.arange(start, start + len(piece)) - delay) * speed  # in frames of the clip
    rows = np.clip(np.round(times).astype(int), 0, len(lesson.hidden) - 1)
    known = (times >= 0) & (times < len(lesson.hidden))
    phones = np.where(known, lesson.phones[rows], UNKNOWN)
    missing = length - len(piece)
    if missing:
        piece = np.pad(piece, ((0, missing), (0, 0)), constant_values=mel.FLOOR)
    hidden = np.pad(lesson.hidden[rows].astype(np.float32), ((0, missing), (0, 0)), constant_values=np.nan)
    controls = np.pad(lesson.controls[rows].astype(np.float32), ((0, missing), (0, 0)), constant_values=np.nan)
    hidden[: len(known)][~known] = np.nan
    controls[: len(known)][~known] = np.nan
    return spoil(piece, rng), hidden, controls, np.pad(phones, (0, missing), constant_values=UNKNOWN).astype(np.int64)


def spoil(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another gain, equaliser and noise, drawn anew for every cut because in the log-mel picture they cost nothing.

    features: float32 [n, 160] in tens of decades over four (mel.features). Returns the same shape.
    """
    cells = features.reshape(-1, BANDS)
    places = np.sort(np.concatenate([[0.0], rng.random(4), [1.0]]))
    tilt_db = np.interp(np.linspace(0, 1, BANDS), places, rng.uniform(-7, 7, 6)) + rng.uniform(-8, 6)
    heard = cells + np.where(cells > mel.FLOOR + 1e-3, tilt_db / 40, 0.0)
    if rng.random() < 0.5:
        noise_db = rng.uniform(-45, -8) + np.interp(np.linspace(0, 1, BANDS), places, rng.uniform(-12, 12, 6))
        level_of_speech = np.quantile(heard, 0.95)
        noise = level_of_speech + (noise_db + rng.normal(0, 4.5, cells.shape)) / 40
        heard = np.logaddexp(heard * (4 * np.log(10)), noise * (4 * np.log(10))) / (4 * np.log(10))
    if rng.random() < 0.3:
        first = int(rng.integers(0, BANDS - 12))
        heard[:, first : first + int(rng.integers(2, 12))] = heard.mean()
    return np.maximum(heard, mel.FLOOR).reshape(features.shape).astype(np.float32)

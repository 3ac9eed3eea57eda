"""Passages as the encoder hears them: it is finished, so that it listens once and not at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..speech import mel
from ..speech.encoder import WINDOW_HOPS
from .diet import Diet
from .lessons import spoil
from .passages import Passage
from .teacher import encode_window

CLEAN_EVERY = 3
"""Every so manieth passage is heard as it is; the others get another gain, equaliser and noise."""
TOGETHER_HOPS = WINDOW_HOPS * 3 // 2
"""Passages are encoded so many hops together, so that positions and contexts are those of longer speech."""


def encode_diet(diet: Diet, encoder: dict[str, torch.Tensor], seed: int, *, spoilt: bool = True) -> Diet:
    """A diet of features as a diet of the encoder's frames, float16 [N, 384]. spoilt: whether noise may be added."""
    rng = np.random.default_rng(seed)
    ears = _Ears(encoder, CLEAN_EVERY if spoilt else 1)
    return Diet(tuple(_encode_kind(kind, ears, rng) for kind in diet.passages), diet.sizes)


def encode_rows(hops: np.ndarray, encoder: dict[str, torch.Tensor]) -> np.ndarray:
    """The encoder's frames of one window. hops: float32 [n, 160] of mel.features. Returns float32 [n, 384].

    As core.speech.encoder, but for the very last row, which has no hop after it.
    """
    rows = hops.reshape(-1, mel.BANDS)
    rows = np.concatenate([rows[1:], rows[-1:]])
    with torch.no_grad():
        return encode_window(torch.from_numpy(rows), encoder).numpy()


@dataclass(frozen=True, slots=True)
class _Ears:
    """The encoder, and every which passage it hears clean."""

    encoder: dict[str, torch.Tensor]
    clean_every: int


def _encode_kind(kind: list[Passage], ears: _Ears, rng: np.random.Generator) -> list[Passage]:
    heard: list[Passage | None] = [None] * len(kind)
    for group in _groups(kind, rng):
        hops = [kind[place].frames.astype(np.float32) for place in group]
        hops = [spoil(x, rng) if place % ears.clean_every else x for place, x in zip(group, hops, strict=True)]
        frames = encode_rows(np.concatenate(hops), ears.encoder).astype(np.float16)
        ends = np.cumsum([len(part) for part in hops])[:-1]
        for place, part in zip(group, np.split(frames, ends), strict=True):
            heard[place] = replace(kind[place], frames=part)
    return [passage for passage in heard if passage is not None]


def _groups(kind: list[Passage], rng: np.random.Generator) -> Iterator[list[int]]:
    """Passages in random order, as many together as fit a window; a longer one comes alone."""
    group: list[int] = []
    hops = 0
    for place in rng.permutation(len(kind)):
        count = len(kind[place].frames)
        if group and hops + count > TOGETHER_HOPS:
            yield group
            group, hops = [], 0
        group.append(int(place))
        hops += count
    if group:
        yield group

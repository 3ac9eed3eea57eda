"""Read speech of many voices, taught by the filmed one: the teachers hear it clean, the student hears it spoilt.

Source of the idea: Xie et al. 2020, "Self-training with Noisy Student".
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from ..speech.level import FRAME_RATE_HZ
from ..speech.weights import LIP_SEAL
from .augment import augment
from .corpus import CONTROLS, Passage, encode, read_speech, resample_goal
from .phones import Phone, hear_phones, seal_curve, tongue_curve
from .sources import Sources
from .teacher import Decoder


def reading_passages(
    sources: Sources, teachers: list[Decoder], encoder: dict[str, torch.Tensor], seed: int
) -> list[Passage]:
    """Two passages a reading, one clean and one augmented, with the teachers' mean as the goal of both.

    Goals of tongue and lip seal come from the phones.
    """
    rng = np.random.default_rng(seed)
    passages = []
    for path in sources.readings:
        samples = read_speech(path)
        phones = _kept_phones(path, samples, sources)
        clean = encode(samples, encoder)
        goal = _teach(clean, teachers)
        times = np.arange(len(goal)) / FRAME_RATE_HZ
        goal[:, CONTROLS.index("tongueOut")] = tongue_curve(phones, times)
        goal[:, CONTROLS.index(LIP_SEAL)] = seal_curve(phones, times)
        passages.append(Passage(clean, goal))
        spoilt, speed = augment(samples, rng)
        hidden = encode(spoilt, encoder)
        times = np.arange(len(hidden)) / FRAME_RATE_HZ * speed
        passages.append(Passage(hidden, resample_goal(goal, FRAME_RATE_HZ, times)))
    return passages


def _kept_phones(path: Path, samples: np.ndarray, sources: Sources) -> list[Phone]:
    """A reading's phones, from work/phones if they are there."""
    kept = sources.work / "phones" / f"{path.stem}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(hear_phones(samples)))
        part.rename(kept)
    return [(phone, second) for phone, second in json.loads(kept.read_text())]


def _teach(hidden: np.ndarray, teachers: list[Decoder]) -> np.ndarray:
    """Mean of what the teachers give. hidden: float16 [N, 384]. Returns float32 [N, C]."""
    frames = torch.from_numpy(hidden.astype(np.float32))[None]
    with torch.no_grad():
        return torch.stack([teacher(frames)[0] for teacher in teachers]).mean(dim=0).numpy()

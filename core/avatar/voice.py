"""From a recording to what a learned head does: anybody's curves, or this person's, and what is heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ..arrays import check
from ..audio.read import read_speech
from ..errors import FormatError
from ..paths import shown
from ..retime import at_rate
from ..rig.arkit import ARKIT_52
from ..rig.convert import to_rig
from ..speech.brief import Brief
from ..speech.perform import perform
from ..types import Performance, Speech
from .checkpoint import read_module, write_module
from .hearing import speech_frames, speech_windows
from .translator import Heard, Translator

TRANSLATOR = "translator.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What a recording asks of a head, T frames.

    weights: float32 [T, 52], ARKit's shapes. head: float32 [T, 3], radians, as in Performance. features: float32
    [T, WINDOW, D]. latent: float32 [T, K], the latent pose, K 0 where the translator tells none.
    """

    fps: float
    weights: np.ndarray
    head: np.ndarray
    features: np.ndarray
    latent: np.ndarray

    def __post_init__(self) -> None:
        check("Part.weights", self.weights, ("T", len(ARKIT_52)))
        check("Part.head", self.head, (len(self.weights), 3))
        check("Part.features", self.features, (len(self.weights), "S", "D"))
        check("Part.latent", self.latent, (len(self.weights), "K"))


def part_of(recording: Path | Speech, fps: float, translator: Translator | None = None, lively: bool = False) -> Part:
    """What a recording asks of a head; lively: see Translator.weights. Raises AudioError when it cannot be read."""
    speech = recording if isinstance(recording, Speech) else read_speech(recording)
    performance = perform(speech, Brief(fps))
    weights, count = arkit_weights(performance), len(performance.head)
    features = speech_windows(speech_frames(speech), fps, count)
    latent = np.zeros((count, 0), np.float32)
    if translator is not None:
        heard = Heard(torch.from_numpy(features), torch.from_numpy(weights))
        with torch.no_grad():
            weights, latent = (rows.numpy() for rows in translator.weights(heard, torch.from_numpy(weights), lively))
    return Part(fps, weights, performance.head.astype(np.float32), features, latent)


def led(part: Part, performance: Performance) -> Part:
    """The part with the shapes and the head's turns of a performance of the same recording, held beyond its end."""
    same = at_rate(performance, part.fps)
    rows = np.minimum(np.arange(len(part.weights)), len(same.head) - 1)
    return replace(part, weights=arkit_weights(same)[rows], head=same.head[rows].astype(np.float32))


def arkit_weights(performance: Performance) -> np.ndarray:
    """ARKit weights of a performance in the order of ARKIT_52, float32 [T, 52], 0..1."""
    curves = to_rig(performance, "arkit52").curves
    order = [curves.names.index(name) for name in ARKIT_52]
    return np.clip(curves.values[:, order], 0, 1).astype(np.float32)


def write_translator(folder: Path, translator: Translator) -> None:
    """Write a training's translator."""
    features, outputs = translator.audio.enter.in_features, translator.leave.out_features
    latent = outputs - translator.curves.in_features
    write_module(folder / TRANSLATOR, translator, {"features": features, "latent": latent})


def read_translator(folder: Path) -> Translator | None:
    """A training's translator; None where it has none. Raises FormatError when it is damaged."""
    if not (folder / TRANSLATOR).is_file():
        return None
    state, words = read_module(folder / TRANSLATOR)
    try:
        made = Translator(int(words["features"]), int(words["latent"]))
        made.load_state_dict(state)
    except (LookupError, TypeError, ValueError, RuntimeError):
        raise FormatError(
            f"{shown(folder / TRANSLATOR)} is damaged or another version's; delete it and train again, "
            "which only makes it anew."
        ) from None
    return made.eval()

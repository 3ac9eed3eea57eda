"""Load the shipped speech model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import ModelError
from ..rig.board import BOARD_NAMES
from .emotion import EMOTIONS
from .phones import PHONES

SHIPPED = Path(__file__).parent / "weights" / "speech.safetensors"
LAYOUT = "mouthpiece-speech-3"
LIP_SEAL = "lipSeal"
"""The network's one output that is no control: how sure it is of a p, b or m, 0..1."""
CONTROLS: tuple[str, ...] = (*BOARD_NAMES, LIP_SEAL)


@dataclass(frozen=True, slots=True, eq=False)
class SpeechModel:
    """The network's tensors and what they mean.

    tensors: float32 arrays by name.
    trunk_dilations, generator_dilations: one residual block each.
    delay: hops that the trunk waits before it speaks of a frame.
    opening: float32 [53], lip opening of the demo head (inner-lip gap over the distance of the outer eye corners) as
        a linear function of the 52 ARKit shapes; the last entry is the gap at rest.
    width: float32 [53], likewise the distance of the mouth corners.
    """

    tensors: dict[str, np.ndarray]
    trunk_dilations: tuple[int, ...]
    generator_dilations: tuple[int, ...]
    delay: int
    opening: np.ndarray
    width: np.ndarray


@lru_cache(maxsize=1)
def load_model(path: Path = SHIPPED) -> SpeechModel:
    """Read a weights file.

    Raises ModelError when it is missing, damaged or of another layout.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as fault:
        raise ModelError(f"The speech model {path.name} cannot be read ({fault}); install Mouthpiece again.") from None
    _check(path, facts)
    opening, width = tensors.pop("opening"), tensors.pop("width")
    dilations = (tuple(json.loads(facts[f"{part}_dilations"])) for part in ("trunk", "generator"))
    return SpeechModel(tensors, *dilations, int(facts["delay"]), opening, width)


def _check(path: Path, facts: dict[str, str]) -> None:
    """Refuse a model whose outputs mean something else than this version takes them for."""
    if facts.get("layout") != LAYOUT:
        raise ModelError(
            f"The speech model {path.name} is of layout {facts.get('layout', 'unknown')}, but this version "
            f"reads {LAYOUT}; install Mouthpiece again."
        )
    for name, expected in (("controls", CONTROLS), ("phones", PHONES), ("emotions", EMOTIONS)):
        if tuple(json.loads(facts[name])) != expected:
            raise ModelError(
                f"The speech model {path.name} names other {name} than this version; install Mouthpiece again."
            )

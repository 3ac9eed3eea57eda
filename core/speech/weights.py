"""Load the shipped speech model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import ModelError

SHIPPED = Path(__file__).parent / "weights" / "speech.safetensors"
LAYOUT = "mouthpiece-speech-1"


@dataclass(frozen=True, slots=True, eq=False)
class SpeechModel:
    """The network's tensors and what they mean.

    tensors: float32 arrays by name.
    controls: ARKit names of the decoder's outputs, in order.
    dilations: of the decoder's residual blocks.
    opening: float32 [C + 1], lip opening of the demo head (inner-lip gap over outer-eye distance) as a linear
        function of the controls; the last entry is the gap at rest.
    """

    tensors: dict[str, np.ndarray]
    controls: tuple[str, ...]
    dilations: tuple[int, ...]
    opening: np.ndarray


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
    if facts.get("layout") != LAYOUT:
        raise ModelError(
            f"The speech model {path.name} is of layout {facts.get('layout', 'unknown')}, but this version "
            f"reads {LAYOUT}; install Mouthpiece again."
        )
    opening = tensors.pop("opening")
    return SpeechModel(tensors, tuple(json.loads(facts["controls"])), tuple(json.loads(facts["dilations"])), opening)

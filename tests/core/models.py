"""Speech models of the shipped shape with weights drawn at random: what can be tested without anything learnt."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD_NAMES
from core.speech.emotion import EMOTIONS
from core.speech.phones import PHONES
from core.speech.weights import CONTROLS, LAYOUT, SpeechModel

HEARD, ENCODER_BLOCKS, POSITIONS = 384, 3, 600
TRUNK_DILATIONS = (1, 2, 4, 8, 1, 2, 4, 8, 1, 2)
GENERATOR_DILATIONS = (1, 2, 4)
OPENING = {
    "jawOpen": 0.41, "mouthClose": -0.41, "mouthFunnel": 0.165, "mouthLowerDownLeft": 0.022,
    "mouthLowerDownRight": 0.022, "mouthUpperUpLeft": 0.028, "mouthUpperUpRight": 0.028, "mouthShrugUpper": 0.048,
}  # fmt: skip
"""About the demo head's lips."""
GAP_AT_REST = 0.0024


def random_tensors(seed: int = 0, width: int = 256, inner: int = 160) -> dict[str, np.ndarray]:
    """Every tensor of the layout, float32, sized so that curves move without running into their ends."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    tensors = random_encoder(rng)
    tensors |= {"trunk.enter.weight": draw(width, 160, 3), "trunk.enter.bias": np.zeros(width, np.float32)}
    for block in range(len(TRUNK_DILATIONS)):
        tensors[f"trunk.blocks.{block}.weight"] = draw(width, width, 3) / 2
        tensors[f"trunk.blocks.{block}.bias"] = rng.normal(0, 0.1, width).astype(np.float32)
    for prefix, size in (("phones.", width), ("encoder_phones.", HEARD)):
        tensors |= {f"{prefix}weight": 4 * draw(len(PHONES), size), f"{prefix}bias": np.zeros(len(PHONES), np.float32)}
    for prefix, inputs in (("generator.", HEARD), ("stream.", width), ("articulator.", len(PHONES))):
        tensors[f"{prefix}enter.weight"] = draw(inner, inputs)
        tensors[f"{prefix}enter.bias"] = rng.normal(0, 0.1, inner).astype(np.float32)
        tensors[f"{prefix}emotion.weight"] = draw(2 * inner, len(EMOTIONS))
        for block in range(len(GENERATOR_DILATIONS)):
            tensors[f"{prefix}blocks.{block}.weight"] = draw(inner, inner, 5) / 2
            tensors[f"{prefix}blocks.{block}.bias"] = rng.normal(0, 0.1, inner).astype(np.float32)
        tensors[f"{prefix}leave.weight"] = draw(len(CONTROLS), inner)
        tensors[f"{prefix}leave.bias"] = np.full(len(CONTROLS), -1, np.float32)
    return tensors


def random_encoder(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The encoder's tensors, float32; its blocks say little, so that frames stay about as large as they come in."""

    def line(name: str, outputs: int, *inputs: int) -> dict[str, np.ndarray]:
        weight = rng.standard_normal((outputs, *inputs)) / np.sqrt(np.prod(inputs))
        bias = rng.normal(0, 0.1, outputs)
        return {f"encoder.{name}.weight": weight.astype(np.float32), f"encoder.{name}.bias": bias.astype(np.float32)}

    tensors = line("conv1", HEARD, 80, 3) | line("conv2", HEARD, HEARD, 3)
    tensors["encoder.positions"] = rng.normal(0, 0.3, (POSITIONS, HEARD)).astype(np.float32)
    for block in range(ENCODER_BLOCKS):
        parts = (("attention_in", 3 * HEARD, HEARD), ("attention_out", HEARD, HEARD))
        for name, outputs, inputs in (*parts, ("feed_in", 4 * HEARD, HEARD), ("feed_out", HEARD, 4 * HEARD)):
            tensors |= line(f"blocks.{block}.{name}", outputs, inputs)
        for name in ("attention_norm", "feed_norm"):
            tensors[f"encoder.blocks.{block}.{name}.weight"] = rng.normal(1, 0.1, HEARD).astype(np.float32)
            tensors[f"encoder.blocks.{block}.{name}.bias"] = rng.normal(0, 0.1, HEARD).astype(np.float32)
    return tensors


def lips() -> dict[str, np.ndarray]:
    """opening and width of the layout, float32 [53] each."""
    opening = np.array([OPENING.get(name, 0.0) for name in ARKIT_52] + [GAP_AT_REST], np.float32)
    width = np.array([0.05 * name.startswith(("mouthSmile", "mouthStretch")) for name in ARKIT_52] + [0.5], np.float32)
    return {"opening": opening, "width": width}


def random_model(seed: int = 0) -> SpeechModel:
    """A model of the shipped shape."""
    return SpeechModel(random_tensors(seed), TRUNK_DILATIONS, GENERATOR_DILATIONS, 3, **lips())


def write_model(path: Path, tensors: dict[str, np.ndarray] | None = None, **facts: str) -> Path:
    """Write a weights file; facts replace members of its metadata."""
    from safetensors.numpy import save_file

    known = {
        "layout": LAYOUT,
        "controls": json.dumps([*BOARD_NAMES, "lipSeal"]),
        "trunk_dilations": json.dumps(TRUNK_DILATIONS),
        "generator_dilations": json.dumps(GENERATOR_DILATIONS),
        "delay": "3",
        "phones": json.dumps(PHONES),
        "emotions": json.dumps(EMOTIONS),
    }
    halves = {name: tensor.astype(np.float16) for name, tensor in (tensors or random_tensors()).items()}
    save_file(halves | lips(), str(path), metadata=known | facts)
    return path

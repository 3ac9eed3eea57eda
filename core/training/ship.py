"""From trained networks to the file that ships, and how that file does on clips set aside."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..formats.atomic import replacing
from ..rig.convert import to_rig
from ..speech import level
from ..speech.brief import Brief
from ..speech.emotion import EMOTIONS
from ..speech.encoder import WINDOW_HOPS
from ..speech.perform import perform
from ..speech.phones import PHONES
from ..speech.weights import CONTROLS, LAYOUT, load_model
from ..types import Speech
from .ears import EncoderEars
from .film import FilmedClip
from .judge import Score, score_clip
from .mouth_measures import demo_face, opening_of
from .network import DELAY, GENERATOR_DILATIONS, TRUNK_DILATIONS
from .train import Trained


def write_model(trained: Trained, path: Path) -> None:
    """Write the shipped file: matrices as float16, the rest as float32, nothing half written."""
    from safetensors.numpy import save

    tensors = encoder_tensors(trained.encoder)
    tensors |= {f"encoder_phones.{name}": t for name, t in unscaled(trained.ears.phones, trained.ears).items()}
    tensors |= {f"trunk.{name}": t for name, t in trained.pupil.trunk.state_dict().items()}
    tensors |= {f"phones.{name}": t for name, t in trained.pupil.phones.state_dict().items()}
    for prefix, generator in trained.generators.items():
        tensors |= {f"{prefix}.{name}": t for name, t in generator.state_dict().items()}
    entered = unscaled(trained.generators["generator"].enter, trained.ears)
    tensors |= {f"generator.enter.{name}": t for name, t in entered.items()}
    arrays = {name: t.detach().numpy().astype(np.float16 if t.ndim > 1 else np.float32) for name, t in tensors.items()}
    arrays |= {"opening": trained.face.opening, "width": trained.face.width}
    facts = {
        "layout": LAYOUT,
        "controls": json.dumps(CONTROLS),
        "phones": json.dumps(PHONES),
        "emotions": json.dumps(EMOTIONS),
        "trunk_dilations": json.dumps(TRUNK_DILATIONS),
        "generator_dilations": json.dumps(GENERATOR_DILATIONS),
        "delay": str(DELAY),
    }
    with replacing(path) as part:
        part.write_bytes(save({name: np.ascontiguousarray(t) for name, t in arrays.items()}, metadata=facts))


def encoder_tensors(encoder: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What of the encoder a window needs: of its positions only the first."""
    return encoder | {"encoder.positions": encoder["encoder.positions"][:WINDOW_HOPS]}


def unscaled(line: nn.Linear, ears: EncoderEars) -> dict[str, torch.Tensor]:
    """A line that reads frames as the encoder gives them, weight and bias, for one that reads them scaled."""
    weight = line.weight.detach() * ears.scale
    return {"weight": weight, "bias": line.bias.detach() - weight @ ears.mean}


def judge_model(path: Path, clips: list[FilmedClip]) -> Score:
    """Median score of a weights file on filmed clips set aside, through the very road users take."""
    model, face = load_model(path), demo_face()
    scores = []
    for clip in clips:
        performance = perform(Speech(clip.samples, level.RATE_HZ), Brief(clip.fps), model=model)
        opening = opening_of(to_rig(performance, "arkit52").curves, face)
        count = min(len(clip.opening), len(opening))
        scores.append(score_clip(opening[:count], clip.opening[:count], clip.fps))
    table = np.array([(s.r, s.closure_f1, s.shift_s) for s in scores])
    return Score(*np.median(table, axis=0).tolist())

"""Mouthpiece's first model as a rival: the lower blocks of Whisper and a decoder, run from its weights file in torch.

Its rules of articulation are kept here as they were, so that it is judged as it was shipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..errors import ModelError
from ..rig.arkit import ARKIT_52
from ..speech import level, mel
from ..types import RigCurves
from .teacher import Decoder, DecoderShape, encode_window

LAYOUT = "mouthpiece-speech-1"
FRAME_RATE_HZ = 50
WINDOW_FRAMES, MARGIN_FRAMES = 600, 50
SEALED, PARTED = 0.006, 0.022
DOUBT, SURE = 0.2, 0.5
PRESS = 0.15
CLOSURE_REACH = 0.5
LIP_SEAL = "lipSeal"
PARTING = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthFunnel")


@dataclass(frozen=True, slots=True, eq=False)
class VersionOne:
    """Its tensors, and opening: float32 [C + 1], lip opening of the demo head as a linear function of its controls."""

    encoder: dict[str, torch.Tensor]
    decoder: Decoder
    controls: tuple[str, ...]
    opening: np.ndarray

    def lip_opening(self, mouth: np.ndarray) -> np.ndarray:
        """mouth: [N, C]. Returns [N], 0 when closed."""
        return np.maximum(mouth @ self.opening[:-1] + self.opening[-1], 0.0)

    def column(self, name: str) -> int:
        return self.controls.index(name)


def read_version_one(path: Path) -> VersionOne:
    """Read its weights file. Raises ModelError when it is missing or another one."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as fault:
        raise ModelError(f"Version one's weights {path} cannot be read ({fault}).") from None
    if facts.get("layout") != LAYOUT:
        raise ModelError(f"{path.name} is of layout {facts.get('layout', 'unknown')}, but version one's is {LAYOUT}.")
    controls, dilations = tuple(json.loads(facts["controls"])), tuple(json.loads(facts["dilations"]))
    parts = {name.removeprefix("decoder."): t for name, t in tensors.items() if name.startswith("decoder.")}
    inputs, width = parts["enter.weight"].shape[1], parts["enter.weight"].shape[0]
    decoder = Decoder(DecoderShape(len(controls), inputs, width, parts["blocks.0.weight"].shape[2], dilations))
    decoder.load_state_dict(parts)
    encoder = {name: t for name, t in tensors.items() if name.startswith("encoder.")}
    return VersionOne(encoder, decoder.eval(), controls, tensors["opening"].numpy())


def perform_one(samples: np.ndarray, fps: float, model: VersionOne) -> RigCurves:
    """Version one's mouth for a recording. samples: float32 [S] at 16 kHz. Returns the 52 ARKit shapes at fps."""
    loud = level.normalise(samples)
    gate = level.voice_gate(level.frame_levels(loud)) * (not level.is_room_only(level.frame_levels(samples)))
    mouth = articulate(hear_mouth(loud, model), model, gate)
    times = np.arange(max(1, int(np.ceil(len(samples) / mel.RATE_HZ * fps - 1e-6)))) / fps
    values = np.zeros((len(times), len(ARKIT_52)), np.float32)
    for name, curve in zip(model.controls, _sample(mouth, model, times).T, strict=True):
        if name != LIP_SEAL:
            values[:, ARKIT_52.index(name)] = curve
    return RigCurves(ARKIT_52, np.clip(values, 0.0, 1.0), float(fps))


def hear_mouth(samples: np.ndarray, model: VersionOne) -> np.ndarray:
    """What the network makes of a recording. samples: float32 [S], normalised. Returns float32 [N, C] at 50 Hz."""
    cells = torch.from_numpy(mel.log_mel(samples))
    total = -(-len(cells) // 2)
    step, pieces = WINDOW_FRAMES - 2 * MARGIN_FRAMES, []
    for start in range(0, total, step):
        first, stop = max(0, start - MARGIN_FRAMES), min(total, start + step)
        last = min(total, stop + MARGIN_FRAMES)
        with torch.no_grad():
            hidden = encode_window(cells[2 * first : 2 * last], model.encoder)
            pieces.append(model.decoder(hidden[None])[0, start - first : stop - first].numpy())
    return np.concatenate(pieces)


def articulate(mouth: np.ndarray, model: VersionOne, gate: np.ndarray) -> np.ndarray:
    """Rest in silence, seal nearly closed lips. mouth: float32 [N, C]; gate: float32 [N]. Returns float32 [N, C]."""
    mouth = mouth * gate[:, None]
    opening = model.lip_opening(mouth)
    sealed = _smooth_step(mouth[:, model.column(LIP_SEAL)], DOUBT, SURE)
    parted = _smooth_step(opening, SEALED, PARTED) * (1 - sealed)
    for name in PARTING:
        mouth[:, model.column(name)] *= parted
    close = model.column("mouthClose")
    excess = model.lip_opening(mouth) - opening * parted
    mouth[:, close] += np.maximum(excess, 0.0) / -model.opening[close]
    for name in ("mouthPressLeft", "mouthPressRight"):
        mouth[:, model.column(name)] += PRESS * sealed
    return np.clip(mouth, 0.0, 1.0)


def _sample(mouth: np.ndarray, model: VersionOne, times: np.ndarray) -> np.ndarray:
    """Read control values at any times, keeping every lip closure. times: seconds [T]. Returns float32 [T, C]."""
    step = times[1] - times[0] if len(times) > 1 else 1.0
    moments = times.copy()
    opening = model.lip_opening(mouth)
    inside = opening[1:-1]
    dips = np.flatnonzero((inside <= opening[:-2]) & (inside < opening[2:]) & (inside < PARTED)) + 1
    for moment in dips / FRAME_RATE_HZ:
        nearest = round(moment / step)
        if nearest < len(times) and abs(moment - times[nearest]) <= CLOSURE_REACH * step + 1e-9:
            moments[nearest] = moment
    return _monotone(mouth, moments * FRAME_RATE_HZ)


def _monotone(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Monotone cubic reading between rows. Source: Fritsch & Carlson 1980. Returns float32 [T, C]."""
    places = np.clip(places, 0.0, len(values) - 1.0)
    if len(values) < 2:
        return np.repeat(values, len(places), axis=0)
    rise = np.diff(values, axis=0)
    product, total = rise[:-1] * rise[1:], rise[:-1] + rise[1:]
    inner = np.where(product > 0, 2 * product / np.where(product > 0, total, 1.0), 0.0)
    slopes = np.concatenate([rise[:1], inner, rise[-1:]])
    row = np.minimum(places.astype(np.int64), len(values) - 2)
    t = (places - row)[:, None]
    level_part = values[row] * (1 + 2 * t) * (1 - t) ** 2 + values[row + 1] * t * t * (3 - 2 * t)
    slope_part = slopes[row] * t * (1 - t) ** 2 + slopes[row + 1] * t * t * (t - 1)
    return (level_part + slope_part).astype(np.float32)


def _smooth_step(x: np.ndarray, low: float, high: float) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)

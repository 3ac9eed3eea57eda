"""A training as files: what was learned so far, whole or not at all, so that a killed one goes on without loss.

run/settings.json, run/person.safetensors (the sitter with cards), run/checkpoint.safetensors (splats, networks and the
optimiser's memory), run/translator.safetensors, run/preview.png. All chance depends on seed and step only, so there is
no state of chance to keep.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..errors import FormatError
from ..formats.atomic import replacing
from ..paths import reason, shown
from ..splat.render import Camera
from .avatar import SPLATS, Avatar
from .prepared import Sitter, read_sitter
from .settings import Settings, settings_of, words_of
from .start import Start

LAYOUT = "mouthpiece-training-1"
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """step: steps done. avatar: as it was. memory: of the optimiser, by parameter and number. still: the still frame.

    camera: what the video was seen by, the head standing as in the still frame. facts: words about the training:
    seconds, source (the prepared folder), fps.
    """

    step: int
    avatar: Avatar
    memory: dict[str, torch.Tensor]
    still: int
    camera: Camera
    facts: dict[str, float | str]


def write_settings(folder: Path, settings: Settings) -> None:
    """Write settings.json."""
    with replacing(folder / "settings.json") as temporary:
        temporary.write_text(json.dumps(words_of(settings), indent=1) + "\n", encoding="utf-8")


def read_run_settings(folder: Path) -> Settings:
    """Read settings.json. Raises FormatError when it is missing or damaged."""
    try:
        return settings_of(json.loads((folder / "settings.json").read_text(encoding="utf-8")))
    except OSError as fault:
        raise FormatError(f"{shown(folder)} holds no training ({reason(fault)}); train a head there first.") from None
    except ValueError:
        raise FormatError(f"The settings in {shown(folder)} are damaged; train the head again.") from None


def write_checkpoint(folder: Path, kept: Kept) -> None:
    """Write checkpoint.safetensors; the one before stays until this one is whole."""
    from safetensors.torch import save

    tensors = {f"avatar.{name}": value for name, value in kept.avatar.state_dict().items()}
    tensors |= {f"memory.{name}": value for name, value in kept.memory.items()}
    tensors |= {"triangles": torch.from_numpy(kept.avatar.triangles), "places": kept.avatar.places}
    words = {
        "layout": LAYOUT,
        "step": kept.step,
        "still": kept.still,
        "features": kept.avatar.features,
        "camera": _camera_words(kept.camera),
        "facts": kept.facts,
    }
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    data = save(tensors, {"training": json.dumps(words)})
    with replacing(folder / CHECKPOINT) as temporary:
        temporary.write_bytes(data)


def has_checkpoint(folder: Path) -> bool:
    """Whether a folder holds a training that can go on."""
    return (folder / CHECKPOINT).is_file()


def read_checkpoint(folder: Path, settings: Settings | None = None) -> Kept:
    """Read a training. Raises FormatError in one sentence when it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    settings = settings or read_run_settings(folder)
    try:
        with safe_open(str(folder / CHECKPOINT), framework="pt") as file:
            words = json.loads((file.metadata() or {}).get("training", "{}"))
            if words.get("layout") != LAYOUT:
                raise FormatError(f"{shown(folder)} was trained by another version; train the head again.")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return _kept(settings, read_sitter(folder / "person.safetensors"), words, tensors)
    except OSError as fault:
        raise FormatError(f"{shown(folder)} holds no training ({reason(fault)}); train a head there first.") from None
    except (SafetensorError, LookupError, TypeError, ValueError, RuntimeError) as fault:
        first = str(fault).splitlines()[0][:120]
        raise FormatError(f"The training in {shown(folder)} is damaged ({first}); train the head again.") from None


def _kept(settings: Settings, sitter: Sitter, words: dict, tensors: dict[str, torch.Tensor]) -> Kept:
    state = _under(tensors, "avatar.")
    state.setdefault("harmonics", torch.zeros(len(state["offsets"]), 0, 3))  # trainings of 0.4 had none
    places = tensors["places"].numpy()
    start = Start(sitter, tensors["triangles"].numpy(), places, *(state[name].numpy() for name in SPLATS))
    mix = state["shapes.mix"].numpy() if "shapes.mix" in state else np.zeros((0, 52), np.float32)
    frames = len(state["correction.poses"]) if "correction.poses" in state else 0
    avatar = Avatar(settings, start, mix, int(words["features"]), frames)
    avatar.load_state_dict(state)
    memory, camera = _under(tensors, "memory."), _camera(words["camera"])
    return Kept(int(words["step"]), avatar, memory, int(words["still"]), camera, dict(words["facts"]))


def _camera_words(camera: Camera) -> dict:
    own = {name: list(getattr(camera, name)) for name in ("focal", "center", "size")}
    return own | {"to_camera": camera.to_camera.tolist()}


def _camera(words: dict) -> Camera:
    focal, center, size = (tuple(words[name]) for name in ("focal", "center", "size"))
    return Camera(np.array(words["to_camera"], np.float64), focal, center, size)


def _under(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def write_module(path: Path, module: torch.nn.Module, words: dict) -> None:
    """Write a network's weights and the words to build it again."""
    from safetensors.torch import save

    state = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    with replacing(path) as temporary:
        temporary.write_bytes(save(state, {"words": json.dumps(words)}))


def read_module(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Weights and words of write_module. Raises FormatError when the file is damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            words = json.loads((file.metadata() or {}).get("words", "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, words  # noqa: SIM118
    except (OSError, SafetensorError, ValueError):
        raise FormatError(f"{shown(path)} is missing or damaged; train the head again.") from None

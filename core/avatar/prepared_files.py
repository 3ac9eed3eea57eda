"""Writing a prepared folder piece by piece, each file whole or not at all; finish() comes last."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..formats.atomic import replacing
from ..types import Speech
from .prepared import LAYOUT, Prepared, Sitter, Track


def write_frame(folder: Path, frame: int, picture: np.ndarray, mask: np.ndarray) -> None:
    """picture: uint8 [H, W, 3], red first; mask: uint8 [H, W]. The mask comes last: a frame with a mask is done."""
    for kind, image in (("frames", picture[..., ::-1]), ("masks", mask)):
        _write_image(folder / kind / f"{frame:06d}.png", image)


def frame_is_done(folder: Path, frame: int) -> bool:
    """Whether a frame was written whole, so that an interrupted preparation can go on."""
    return (folder / "masks" / f"{frame:06d}.png").is_file()


def write_track(folder: Path, track: Track) -> None:
    """Write track.safetensors."""
    _write_tensors(folder / "track.safetensors", {name: getattr(track, name) for name in Track.__dataclass_fields__})


def write_sitter(folder: Path, sitter: Sitter) -> None:
    """Write person.safetensors."""
    template = sitter.template
    tensors = {"points": template.points, "triangles": template.triangles}
    tensors |= {name: getattr(sitter, name) for name in ("regions", "pivot", "carried")}
    for k, (vertices, offsets) in enumerate(template.shapes.values()):
        tensors |= {f"vertices.{k}": vertices, f"offsets.{k}": offsets}
    _write_tensors(folder / "person.safetensors", tensors, {"shapes": json.dumps(list(template.shapes))})


def write_sound(folder: Path, speech: Speech) -> None:
    """Write audio.wav, 16 bits."""
    import soundfile

    with replacing(folder / "audio.wav") as temporary:
        soundfile.write(temporary, speech.samples, speech.rate_hz, format="WAV", subtype="PCM_16")


def write_features(folder: Path, features: np.ndarray) -> None:
    """Write features.safetensors; features: float [T, WINDOW, D], kept as float16."""
    _write_tensors(folder / "features.safetensors", {"features": features.astype(np.float16)})


def finish(made: Prepared) -> None:
    """Write prepared.json, which makes the folder one that read_prepared reads."""
    words = {
        "layout": LAYOUT,
        "fps": made.fps,
        "size": list(made.size),
        "count": len(made),
        "focal": made.focal,
        "center": list(made.center),
        "split": made.split,
    }
    with replacing(made.folder / "prepared.json") as temporary:
        temporary.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")


def _write_image(path: Path, image: np.ndarray) -> None:
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    data = cv2.imencode(".png", np.ascontiguousarray(image))[1].tobytes()
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _write_tensors(path: Path, tensors: dict[str, np.ndarray], words: dict[str, str] | None = None) -> None:
    from safetensors.numpy import save

    path.parent.mkdir(parents=True, exist_ok=True)
    data = save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, words)
    with replacing(path) as temporary:
        temporary.write_bytes(data)

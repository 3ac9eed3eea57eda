"""Shapes read off what the landmarks do, by a small network learned on drawn people whose truth is known.

MediaPipe's mesh answers an expression with a motion of its own: damped, spread over its neighbours, and different from
shape to shape. What it answers was measured on people drawn from the template (core/training/acting), who do one thing
or many at once, and is undone here. Every person is read mirrored as well: no side is preferred. What the geometric fit
finds has its share in the answer, by how well either was right on drawn people set aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..arrays import check
from ..errors import FormatError
from ..rig.arkit import ARKIT_52
from ..template.camera import Lens
from ..template.marks import OUTER_EYES
from .neutral import in_head
from .response import undamped

FILE = Path(__file__).resolve().parent / "data" / "reading.safetensors"
LAYOUT = "mouthpiece-reading-1"
MARKS, ANGLES = 478, 3
INPUTS = 2 * MARKS + ANGLES
ANGLE_SIGNS = (-1.0, 1.0, -1.0)
"""Of yaw, pitch and roll in a mirror."""


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """The network. scale: [INPUTS]; mirror: int [478], each landmark's mirror image; layers: weights [out, in], biases.

    Hidden layers have SiLU; what the network says of a face at rest in the same pose is taken off.
    share: [52], how much of the answer is the network's, the rest being the fit's. spill: [52], what of a shape done on
    one side alone it finds on the other, over what it finds there. gain: [52], what strong shapes are to be raised by.
    """

    scale: np.ndarray
    mirror: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    share: np.ndarray
    spill: np.ndarray
    gain: np.ndarray

    def __post_init__(self) -> None:
        check("Reader.scale", self.scale, (INPUTS,))
        check("Reader.mirror", self.mirror, (MARKS,), np.int64)
        check("Reader.layers", self.layers[0][0], (len(self.layers[0][1]), INPUTS))
        check("Reader.layers", self.layers[-1][1], (len(ARKIT_52),))
        for name in ("share", "spill", "gain"):
            check(f"Reader.{name}", getattr(self, name), (len(ARKIT_52),))

    def read(self, moved: np.ndarray, angles: np.ndarray, fitted: np.ndarray) -> np.ndarray:
        """Shapes of T pictures, float64 [T, 52], 0..1.

        moved: [T, 478, 2], see motions; angles: [T, 3], yaw, pitch and roll of the head to the camera, radians;
        fitted: [T, 52], what the geometric fit found.
        """
        found = self.found(moved, angles)
        # Own and spilled parts of both sides: a two by two system, inverted; what would be below 0 was all spill.
        alone = np.maximum(found - self.spill * found[:, mirrored_shapes()], 0) / (1 - self.spill**2)
        return np.clip(self.share * self.gain * alone + (1 - self.share) * np.clip(undamped(fitted), 0, 1), 0, 1)

    def found(self, moved: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """What the network alone finds, spill and all, float64 [T, 52], 0..1; arguments as read."""
        plain = self._told(moved, angles)
        turned = self._told(moved[:, self.mirror] * (-1, 1), angles * ANGLE_SIGNS)[:, mirrored_shapes()]
        return np.clip((plain + turned) / 2, 0, 1)

    def _told(self, moved: np.ndarray, angles: np.ndarray) -> np.ndarray:
        flat = moved.reshape(len(moved), -1)
        done, rest = (self._through(np.hstack([rows, angles])) for rows in (flat, np.zeros_like(flat)))
        return done - rest

    def _through(self, inputs: np.ndarray) -> np.ndarray:
        rows = inputs / self.scale
        for weight, bias in self.layers[:-1]:
            rows = rows @ weight.T + bias
            rows = rows / (1 + np.exp(-np.clip(rows, -60, 60)))
        weight, bias = self.layers[-1]
        return rows @ weight.T + bias


def motions(pixels: np.ndarray, pose: np.ndarray, neutral: np.ndarray, lens: Lens) -> np.ndarray:
    """How far landmarks are from the person's neutral face, over the distance of the outer eye corners.

    pixels: [T, 478, 2]; pose: [T, 4, 4]; neutral: [478, 3], metres, in the head. Returns float64 [T, 478, 2].
    """
    eyes = np.linalg.norm(neutral[OUTER_EYES[0]] - neutral[OUTER_EYES[1]])
    return (in_head(pixels, pose, neutral, lens) - neutral)[..., :2] / eyes


@lru_cache(maxsize=1)
def mirrored_shapes() -> np.ndarray:
    """The place of each shape's mirror image among ARKIT_52, int64 [52]."""
    swap = {"Left": "Right", "Right": "Left"}
    names = [next((n.removesuffix(s) + swap[s] for s in swap if n.endswith(s)), n) for n in ARKIT_52]
    return np.array([ARKIT_52.index(name) for name in names])


def write_reader(reader: Reader, path: Path = FILE) -> None:
    """Write a reader, its matrices in half precision."""
    from safetensors.numpy import save_file

    arrays = {name: getattr(reader, name) for name in ("scale", "mirror", "share", "spill", "gain")}
    for number, (weight, bias) in enumerate(reader.layers):
        arrays |= {f"{number}.weight": weight.astype(np.float16), f"{number}.bias": bias.astype(np.float32)}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path, {"layout": LAYOUT})


def read_reader(path: Path = FILE) -> Reader:
    """Read a reader. Raises FormatError when the file is not there or is of another layout."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FormatError(f"{path.name} is missing; run 'python -m core.training.acting' to learn it again.")
    try:
        with safe_open(path, "numpy") as file:
            if (file.metadata() or {}).get("layout") != LAYOUT:
                raise FormatError(f"{path.name} is no reader of layout {LAYOUT}; learn it again.")
            arrays = {name: file.get_tensor(name) for name in tuple(file.keys())}
    except SafetensorError as fault:
        raise FormatError(f"{path.name} cannot be read ({fault}); learn it again.") from None
    count = sum(name.endswith(".weight") for name in arrays)
    layers = [(arrays[f"{k}.weight"].astype(np.float32), arrays[f"{k}.bias"]) for k in range(count)]
    return Reader(arrays["scale"], arrays["mirror"], tuple(layers), arrays["share"], arrays["spill"], arrays["gain"])


@lru_cache(maxsize=1)
def shipped_reader() -> Reader:
    """The reader that ships, read once."""
    return read_reader()

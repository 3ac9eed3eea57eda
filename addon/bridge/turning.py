"""Euler angles as quaternions or axis and angle, and back, whole recordings at a time."""

from __future__ import annotations

import numpy as np

from ...core.quats import continuous

_STILL = 1e-9
# What Blender itself sets for no rotation.
_IDLE_AXIS = (0.0, 1.0, 0.0)


def quaternions(eulers: np.ndarray) -> np.ndarray:
    """Quaternions w, x, y, z [T, 4] without jumps of sign.

    eulers: [T, 3], radians, XYZ: first about x, last about z.
    """
    half = np.asarray(eulers, np.float64) / 2
    (cx, cy, cz), (sx, sy, sz) = np.cos(half).T, np.sin(half).T
    turned = np.stack(
        [
            cx * cy * cz + sx * sy * sz,
            sx * cy * cz - cx * sy * sz,
            cx * sy * cz + sx * cy * sz,
            cx * cy * sz - sx * sy * cz,
        ],
        axis=1,
    )
    return continuous(turned)


def axis_angles(turned: np.ndarray) -> np.ndarray:
    """Angle, x, y, z [T, 4]; the axis keeps its direction while a bone turns to and fro. turned: w, x, y, z [T, 4]."""
    length = np.linalg.norm(turned[:, 1:], axis=1)
    moves = length > _STILL
    if not moves.any():
        return np.tile([0.0, *_IDLE_AXIS], (len(turned), 1))
    # Where nothing turns, the axis of the nearest frame before (or the first after) holds.
    frames = np.arange(len(turned))
    nearest = np.maximum.accumulate(np.where(moves, frames, -1))
    nearest[nearest < 0] = frames[moves][0]
    axes = (turned[:, 1:] / np.maximum(length, _STILL)[:, None])[nearest]
    flips = np.sign(np.sum(axes[1:] * axes[:-1], axis=1))
    flips[flips == 0] = 1
    signs = np.concatenate([[1.0], np.cumprod(flips)])
    angles = 2 * np.arctan2(length * signs, turned[:, 0])
    return np.concatenate([np.unwrap(angles)[:, None], axes * signs[:, None]], axis=1)


def eulers_of(turned: np.ndarray) -> np.ndarray:
    """XYZ Euler angles [T, 3], radians, of quaternions w, x, y, z [T, 4]; the middle one within a quarter turn."""
    w, x, y, z = (turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), _STILL)).T
    return np.stack(
        [
            np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
            np.arcsin(np.clip(2 * (w * y - x * z), -1, 1)),
            np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
        ],
        axis=1,
    )


def from_axis_angles(rows: np.ndarray) -> np.ndarray:
    """Quaternions w, x, y, z [T, 4] of rows angle, x, y, z [T, 4]."""
    half = rows[:, :1] / 2
    axes = rows[:, 1:] / np.maximum(np.linalg.norm(rows[:, 1:], axis=1, keepdims=True), _STILL)
    return np.concatenate([np.cos(half), np.sin(half) * axes], axis=1)

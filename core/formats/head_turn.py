"""The head's turn as engines want it: a quaternion in glTF's axes (y up, z forward, x to the character's left).

Roll is applied first, then pitch, then yaw, which is Godot's own order of angles (YXZ).
"""

from __future__ import annotations

import numpy as np

MIRROR = np.array([1, -1, -1, 1], np.float64)
"""Takes a quaternion from glTF's right-handed axes to Unity's left-handed ones (x turned round), and back."""


def quaternions(head: np.ndarray) -> np.ndarray:
    """head: [T, 3] radians, yaw, pitch and roll as in Performance. Returns float64 [T, 4], x y z w, w >= 0 at rest."""
    yaw, pitch, roll = (head.astype(np.float64) * (1, -1, -1) / 2).T
    (sy, sx, sz), (cy, cx, cz) = np.sin((yaw, pitch, roll)), np.cos((yaw, pitch, roll))
    return np.stack(
        [
            cy * sx * cz + sy * cx * sz,
            sy * cx * cz - cy * sx * sz,
            cy * cx * sz - sy * sx * cz,
            cy * cx * cz + sy * sx * sz,
        ],
        axis=1,
    )


def angles(turns: np.ndarray) -> np.ndarray:
    """Yaw, pitch and roll of quaternions [T, 4], float32 [T, 3]; pitch lies within a quarter turn."""
    x, y, z, w = (turns / np.maximum(np.linalg.norm(turns, axis=1, keepdims=True), 1e-12)).T
    pitch = np.arcsin(np.clip(2 * (y * z - x * w), -1, 1))
    yaw = np.arctan2(2 * (x * z + y * w), 1 - 2 * (x * x + y * y))
    roll = -np.arctan2(2 * (x * y + z * w), 1 - 2 * (x * x + z * z))
    return np.stack([yaw, pitch, roll], axis=1).astype(np.float32) + 0

"""Poses as the head's yaw, pitch and roll."""

from __future__ import annotations

import numpy as np


def head_angles(pose: np.ndarray) -> np.ndarray:
    """Yaw (to the person's left +), pitch (up +) and roll (tilt to the person's left +), radians, float64 [T, 3].

    pose: [T, 4, 4], head to camera, the head facing +z towards the camera when it does not turn. Order as in
    core.formats.head_turn: roll first, then pitch, then yaw.
    """
    turn = pose[:, :3, :3].astype(np.float64)
    yaw = np.arctan2(turn[:, 0, 2], turn[:, 2, 2])
    pitch = np.arcsin(np.clip(turn[:, 1, 2], -1, 1))
    roll = -np.arctan2(turn[:, 1, 0], turn[:, 1, 1])
    return np.stack([yaw, pitch, roll], 1)

"""The control board as FLAME's pose, and as its expression where a user brings his own model file.

FLAME's axes: x to the character's left, y up, z forward; joints turn by axis-angle vectors in radians.
Source: Li et al. 2017, "Learning a model of facial shape and expression from 4D scans"; layout as in the model's own
files.
"""

from __future__ import annotations

import numpy as np

from ..arrays import check
from .board import BOARD, HIGHS, LOWS, index
from .mapping import board_to_arkit

EXPRESSIONS = 100
_JOINTS = ("rotation", "neck_pose", "jaw_pose", "eyes_pose_left", "eyes_pose_right")
FLAME_NAMES: tuple[str, ...] = (
    *(f"expr_{number:03d}" for number in range(EXPRESSIONS)),
    *(f"{joint}_{axis}" for joint in _JOINTS for axis in "xyz"),
)
"""100 expression coefficients, then FLAME's full pose of 15 in its own order."""
JAW_OPEN_RAD = np.radians(20.0)
"""What C_jaw.ty = 1 turns the jaw down: our demo heads' chin then travels 0.43 outer-eye distances on an arm of 1.2."""
JAW_SIDE_RAD = np.radians(4.0)
"""What C_jaw.tx = 1 turns it aside: 0.08 outer-eye distances at the chin."""
FULL_LOOK_RAD = np.radians(30.0)
"""What a gaze channel of 1 turns the eye."""
EXTREME_SHARE = 0.25
"""What C_jaw_openExtreme adds to C_jaw.ty, as in arkit_from_metahuman.csv."""


def board_to_flame(values: np.ndarray, head: np.ndarray, expression: np.ndarray | None = None) -> np.ndarray:
    """Board channels and head as FLAME parameters.

    values: float32 [T, 185]; head: float32 [T, 3], radians as in Performance.
    expression: float32 [52, 100], coefficients of each ARKit shape, see flame_fit.fit_expression; without it all
        expression coefficients are 0, for FLAME's basis is not ours to ship.
    Returns float32 [T, 115], columns FLAME_NAMES. The head turns the neck joint; the global rotation stays 0.
    """
    check("values", values, ("T", len(BOARD)))
    check("head", head, (len(values), 3))
    out = np.zeros((len(values), len(FLAME_NAMES)), np.float32)
    if expression is not None:
        check("expression", expression, (52, EXPRESSIONS))
        out[:, :EXPRESSIONS] = board_to_arkit(values) @ expression
    values = np.clip(values, LOWS, HIGHS)
    out[:, EXPRESSIONS + 3 : EXPRESSIONS + 6] = turn_vector(*head.T)
    out[:, EXPRESSIONS + 6 : EXPRESSIONS + 9] = jaw_pose(values)
    for place, side in ((9, "L"), (12, "R")):
        out[:, EXPRESSIONS + place : EXPRESSIONS + place + 3] = eye_pose(values, side)
    return out


def jaw_pose(values: np.ndarray) -> np.ndarray:
    """The jaw joint, [T, 3]. values: [T, 185]. Thrust has no place in FLAME's rotation and is lost."""
    column = {name: values[:, index(f"CTRL_C_jaw{name}")] for name in (".ty", ".tx", "_openExtreme.ty")}
    down = JAW_OPEN_RAD * (column[".ty"] + EXTREME_SHARE * column["_openExtreme.ty"])
    return turn_vector(JAW_SIDE_RAD * column[".tx"], -down, np.zeros_like(down))


def eye_pose(values: np.ndarray, side: str) -> np.ndarray:
    """One eye joint, [T, 3]. values: [T, 185]; side: "L" or "R"."""
    yaw, pitch = (
        np.clip(values[:, index(f"CTRL_{side}_eye.{axis}")] + values[:, index(f"CTRL_C_eye.{axis}")], -1, 1)
        for axis in ("tx", "ty")
    )
    return turn_vector(FULL_LOOK_RAD * yaw, FULL_LOOK_RAD * pitch, np.zeros_like(yaw))


def turn_vector(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """Axis-angle vectors of roll, then pitch, then yaw.

    yaw, pitch, roll: radians [T], positive to the character's left, up, and to its left shoulder.
    Returns [T, 3] in FLAME's axes, of length 0..pi.
    """
    # Half-angle quaternions about y, x and z; looking up and tilting left are negative turns there.
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a / 2), np.sin(a / 2)) for a in (yaw, -pitch, -roll))
    w = cy * cp * cr + sy * sp * sr
    axis = np.stack([cy * sp * cr + sy * cp * sr, sy * cp * cr - cy * sp * sr, cy * cp * sr - sy * sp * cr], axis=-1)
    axis, w = np.where(w[..., None] < 0, -axis, axis), np.abs(w)
    length = np.linalg.norm(axis, axis=-1)
    # angle / sin(angle / 2) goes to 2 as the angle goes to 0.
    scale = np.where(length > 1e-9, 2 * np.arctan2(length, w) / np.maximum(length, 1e-9), 2)
    return axis * scale[..., None]

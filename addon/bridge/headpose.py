"""The head's yaw, pitch and roll as the rotation values of a bone or an object, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Euler, Matrix, Quaternion

from ...core.quats import CONJUGATE, continuous, multiply
from .character import HeadTarget

IDENTITY = (1.0, 0.0, 0.0, 0.0)
_PIECE = 2000


@dataclass(frozen=True, slots=True)
class HeadFrame:
    """How the head's own axes lie in the space its rotation is keyed in.

    turn: quaternion w, x, y, z that takes x = the character's left, y = its back, z = up to that space.
    base: quaternion of the pose the performance is added to.
    """

    turn: tuple[float, ...]
    base: tuple[float, ...]


def head_frame(target: HeadTarget, facing: Matrix, base: tuple[float, ...]) -> HeadFrame:
    """The frame of a target.

    facing: 3 x 3, columns left, back, up of the character in its owner's space.
    """
    rest = target.owner.data.bones[target.bone].matrix_local.to_3x3() if target.bone else Matrix.Identity(3)
    return HeadFrame(tuple((rest.inverted() @ facing).to_quaternion().normalized()), base)


def pose_of(target: HeadTarget) -> tuple[float, ...]:
    """The rotation a target has now, as a quaternion."""
    posed = target.posed
    if posed.rotation_mode == "QUATERNION":
        return tuple(posed.rotation_quaternion.normalized())
    if posed.rotation_mode == "AXIS_ANGLE":
        angle, *axis = posed.rotation_axis_angle
        return tuple(Quaternion(axis, angle))
    return tuple(posed.rotation_euler.to_quaternion())


def rotation_property(posed: bpy.types.Object | bpy.types.PoseBone) -> str:
    """The name of the property its rotation mode reads."""
    names = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}
    return names.get(posed.rotation_mode, "rotation_euler")


def rotation_pieces(head: np.ndarray, frame: HeadFrame, mode: str) -> Iterator[np.ndarray]:
    """Head angles as values of the rotation property of a mode, some rows at a time: long ones take long.

    head: float32 [T, 3], radians: yaw, pitch, roll.
    mode: a Blender rotation mode.

    Returns: float32 [_PIECE, 4] or [_PIECE, 3] each, together T rows.
    """
    turn, base = np.array(frame.turn), np.array(frame.base)
    # After the base pose: the head nods about its own ears wherever it already looks, as an NLA strip combines too.
    turned = multiply(base, multiply(multiply(turn, _from_angles(head)), turn * CONJUGATE))
    turned = continuous(turned)
    before = None
    for first in range(0, len(turned), _PIECE):
        rows = turned[first : first + _PIECE]
        if mode == "QUATERNION":
            values = rows
        elif mode == "AXIS_ANGLE":
            values = np.array([_axis_angle(Quaternion(row)) for row in rows])
        else:
            values = _eulers(rows, mode, before)
            before = Euler(values[-1], mode)
        yield values.astype(np.float32)


def head_angles(values: np.ndarray, frame: HeadFrame, mode: str) -> np.ndarray:
    """The inverse of rotation_pieces.

    values: float [T, 4] or [T, 3] in that rotation mode.

    Returns: float32 [T, 3], radians.
    """
    if mode == "AXIS_ANGLE":
        turned = np.array([tuple(Quaternion(row[1:], row[0])) for row in values.tolist()])
    elif mode != "QUATERNION":
        turned = np.array([tuple(Euler(row, mode).to_quaternion()) for row in values.tolist()])
    else:
        turned = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)
    turn, base = np.array(frame.turn), np.array(frame.base)
    w, x, y, z = multiply(multiply(turn * CONJUGATE, multiply(base * CONJUGATE, turned)), turn).T
    yaw = np.arctan2(2 * (w * z - x * y), 1 - 2 * (x * x + z * z))
    pitch = -np.arcsin(np.clip(2 * (y * z + w * x), -1, 1))
    roll = np.arctan2(2 * (w * y - x * z), 1 - 2 * (x * x + y * y))
    return np.stack([yaw, pitch, roll], axis=1).astype(np.float32)


def _from_angles(head: np.ndarray) -> np.ndarray:
    """Quaternions [T, 4] of yaw about up, then pitch about the ears (up is +), then roll about the nose."""
    half = head.astype(np.float64) / 2
    zero = np.zeros(len(half))
    cos, sin = np.cos(half), np.sin(half)
    yaw = np.stack([cos[:, 0], zero, zero, sin[:, 0]], axis=1)
    pitch = np.stack([cos[:, 1], -sin[:, 1], zero, zero], axis=1)
    roll = np.stack([cos[:, 2], zero, sin[:, 2], zero], axis=1)
    return multiply(multiply(yaw, pitch), roll)


def _axis_angle(quaternion: Quaternion) -> tuple[float, ...]:
    axis, angle = quaternion.to_axis_angle()
    return (angle, *axis)


def _eulers(turned: np.ndarray, order: str, before: Euler | None) -> np.ndarray:
    """Euler angles [T, 3], each chosen next to the one before so that no curve jumps by a full turn."""
    angles = np.empty((len(turned), 3))
    before = before or Quaternion(turned[0]).to_euler(order)
    for row, quaternion in enumerate(turned.tolist()):
        before = Quaternion(quaternion).to_euler(order, before)
        angles[row] = before
    return angles

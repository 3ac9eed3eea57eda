"""How a person stands before the camera: the shoulders upright, the head turned on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..formats.head_turn import angles
from ..splat.dials import turned_bones
from ..splat.head import Bones
from ..template.files import head_template
from ..template.types import BONES, HeadTemplate

SHOULDERS_YAW = 0.4
"""The share of the head's turn to a side that the shoulders make too; of nodding and tilting they make none."""
SHARES = (0.0, 0.0, 1.0)
"""The share of the head's turn that each of BONES adds."""


@dataclass(frozen=True, slots=True, eq=False)
class Stance:
    """camera: float64 [4, 4], the chest's axes to the camera's. turn: float32 [3], radians, yaw, pitch and roll of the
    head on it, as in Performance.head.
    """

    camera: np.ndarray
    turn: np.ndarray

    @property
    def forward(self) -> np.ndarray:
        """Where the face looks, in the chest's axes, [3]."""
        template = head_template()
        one = np.zeros((1, len(BONES)))
        one[0, -1] = 1
        return self.affines(template, one)[0, :, 2]

    def affines(self, template: HeadTemplate, weights: np.ndarray) -> np.ndarray:
        """What bones do to points with shares weights [N, 3] of them, float64 [N, 3, 4]."""
        bones = Bones(BONES, template.pivots, SHARES, weights.astype(np.float32))
        return np.einsum("nb,bij->nij", weights, turned_bones(bones, self.turn).affines)

    def stood(self, template: HeadTemplate, points: np.ndarray) -> np.ndarray:
        """Resting vertices [V, 3] as they stand, float64 [V, 3]."""
        return carried(self.affines(template, template.weights), points)

    def back(self, template: HeadTemplate, shifts: np.ndarray) -> np.ndarray:
        """Shifts [V, 3] of vertices as they stand, as shifts of the resting ones."""
        turns = self.affines(template, template.weights)[:, :, :3]
        return np.linalg.solve(turns, shifts[..., None])[..., 0]


def stance_of(template: HeadTemplate, pose: np.ndarray) -> Stance:
    """How somebody stands whose head has this pose [4, 4], head to camera."""
    head = pose[:3, :3].astype(np.float64)
    yaw = SHOULDERS_YAW * float(np.arctan2(head[0, 2], head[2, 2]))
    chest = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    pivot = template.pivots[-1].astype(np.float64)
    camera = np.eye(4)
    camera[:3, :3] = chest
    camera[:3, 3] = head @ pivot + pose[:3, 3] - chest @ pivot
    return Stance(camera, angles(_quaternion(chest.T @ head)[None])[0])


def carried(affines: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points [N, 3] under affines [N, 3, 4]."""
    return np.einsum("nij,nj->ni", affines[:, :, :3], points) + affines[:, :, 3]


def _quaternion(turn: np.ndarray) -> np.ndarray:
    """A rotation [3, 3] as x y z w, float64 [4]."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(turn).as_quat()

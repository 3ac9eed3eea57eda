"""A pinhole camera and the pose of a rigid head before it, for many frames at once.

Camera axes: x right, y up, looking along -z; pixels from the upper left corner, as core.splat.render has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS, DAMPING = 6, 1e-6


@dataclass(frozen=True, slots=True)
class Lens:
    """focal: pixels; center: where the axis meets the picture, pixels."""

    focal: float
    center: tuple[float, float]

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Camera points [..., 3], metres, as pixels [..., 2]."""
        depth = -points[..., 2:]
        return points[..., :2] * (self.focal, -self.focal) / depth + self.center

    def slopes(self, points: np.ndarray) -> np.ndarray:
        """How pixels change with camera points [..., 3]; [..., 2, 3]."""
        x, y, z = np.moveaxis(points, -1, 0)
        flat = np.zeros_like(x)
        rows = np.stack([-1 / z, flat, x / z**2, flat, 1 / z, -y / z**2], -1)
        return self.focal * rows.reshape(*x.shape, 2, 3)

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """Camera points at depth 1 m in front of the camera, of pixels [..., 2]; [..., 3]."""
        flat = (pixels - self.center) / (self.focal, -self.focal)
        return np.concatenate([flat, -np.ones_like(flat[..., :1])], -1)


def moved(pose: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points [T, L, 3] or [L, 3] under poses [T, 4, 4]; [T, L, 3]."""
    return points @ np.swapaxes(pose[:, :3, :3], 1, 2) + pose[:, None, :3, 3]


def first_pose(points: np.ndarray, pixels: np.ndarray, weights: np.ndarray, lens: Lens) -> np.ndarray:
    """Poses to start from, [T, 4, 4]: the turn and distance under parallel rays.

    points: [T, L, 3], head metres; pixels: [T, L, 2]; weights: [L]. Source: Horn 1987 on scaled orthography.
    """
    share = weights / weights.sum()
    middle, spot = share @ points, share @ pixels  # [T, 3], [T, 2]
    around = points - middle[:, None]
    flat = (pixels - spot[:, None]) * (1, -1)
    rows = np.linalg.pinv(np.einsum("l,tli,tlj->tij", share, around, around)) @ np.einsum(
        "l,tli,tlj->tij", share, around, flat
    )  # [T, 3, 2]: how far along x and y of the picture each axis of the head goes
    u, s, vt = np.linalg.svd(np.swapaxes(rows, 1, 2), full_matrices=False)
    size = s.mean(1)
    upper = u @ vt  # [T, 2, 3]
    turn = np.concatenate([upper, np.cross(upper[:, 0], upper[:, 1])[:, None]], 1)
    depth = lens.focal / np.maximum(size, 1e-6)
    goal = lens.rays(spot) * depth[:, None]
    pose = np.tile(np.eye(4), (len(points), 1, 1))
    pose[:, :3, :3] = turn
    pose[:, :3, 3] = goal - np.einsum("tij,tj->ti", turn, middle)
    return pose


def refined_pose(
    pose: np.ndarray, points: np.ndarray, pixels: np.ndarray, weights: np.ndarray, lens: Lens, steps: int = STEPS
) -> np.ndarray:
    """Poses that bring head points onto pixels, by Gauss-Newton steps; arguments as first_pose."""
    for _ in range(steps):
        place = moved(pose, points)
        miss = pixels - lens.pixels(place)
        slopes = lens.slopes(place)  # [T, L, 2, 3]
        center = pose[:, None, :3, 3]
        turning = np.cross(slopes, (place - center)[..., None, :])  # d pixel / d small turn about the head's pivot
        full = np.concatenate([-turning, slopes], -1)  # [T, L, 2, 6]
        weighed = full * weights[:, None, None]
        gram = np.einsum("tlci,tlcj->tij", weighed, full)
        goal = np.einsum("tlci,tlc->ti", weighed, miss)
        gram += DAMPING * np.trace(gram, axis1=1, axis2=2)[:, None, None] * np.diag([1e-3] * 3 + [1e-3] * 3)
        step = np.linalg.solve(gram, goal[..., None])[..., 0]
        pose = pose.copy()
        pose[:, :3, :3] = _turned(np.clip(step[:, :3], -0.5, 0.5)) @ pose[:, :3, :3]
        pose[:, :3, 3] += step[:, 3:]
    return pose


def _turned(vectors: np.ndarray) -> np.ndarray:
    """Rotation vectors [T, 3] as matrices. Source: Rodrigues."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    x, y, z = (vectors / np.maximum(angle[:, 0], 1e-12)).T
    zero = np.zeros_like(x)
    across = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).reshape(-1, 3, 3)
    return np.eye(3) + np.sin(angle) * across + (1 - np.cos(angle)) * across @ across

"""Pictures in which a face was not seen: what happened in between, and a face at rest when it is long gone."""

from __future__ import annotations

import numpy as np

BRIDGED_S = 0.8
"""A gap up to this long is bridged straight from its last picture to its first."""
FADE_S = 0.4
"""In a longer one the face comes to rest within this time, and wakes again as long before the gap ends."""


def filled(rows: np.ndarray, good: np.ndarray, fps: float, fade: bool = True) -> np.ndarray:
    """Rows [T, C] with those that are not good replaced; fade: whether long gaps go to 0 in their middle.

    Before the first and after the last good row its values are held, and fade in the same way.
    """
    if good.all() or not good.any():
        return rows.copy()
    known = np.nonzero(good)[0]
    times = np.arange(len(rows))
    after = np.clip(np.searchsorted(known, times), 0, len(known) - 1)
    before = np.clip(np.searchsorted(known, times, side="right") - 1, 0, len(known) - 1)
    first, last = known[before], known[after]
    share = np.where(last > first, (times - first) / np.maximum(last - first, 1), 0)[:, None]
    bridged = rows[first] * (1 - share) + rows[last] * share
    if not fade:
        return np.where(good[:, None], rows, bridged)
    near = np.minimum(np.abs(times - first), np.abs(last - times)) / fps
    near = np.where(
        (times < known[0]) | (times > known[-1]), np.maximum(np.abs(times - first), np.abs(last - times)) / fps, near
    )
    inside = (times >= known[0]) & (times <= known[-1])
    long = (np.abs(last - first) / fps > BRIDGED_S) | ~inside
    presence = np.where(long, np.clip(1 - near / FADE_S, 0, 1), 1.0)[:, None]
    held = np.where((np.abs(times - first) <= np.abs(last - times))[:, None], rows[first], rows[last])
    return np.where(good[:, None], rows, np.where(long[:, None], held * presence, bridged))


def filled_poses(pose: np.ndarray, good: np.ndarray, fps: float) -> np.ndarray:
    """Poses [T, 4, 4] bridged over gaps, rigid throughout."""
    rows = filled(pose[:, :3].reshape(len(pose), -1), good, fps, fade=False).reshape(-1, 3, 4)
    u, _, vt = np.linalg.svd(rows[:, :, :3])
    made = pose.copy()
    made[:, :3, :3], made[:, :3, 3] = u @ vt, rows[:, :, 3]
    return made

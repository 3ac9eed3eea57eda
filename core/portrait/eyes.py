"""Irises completed: a ring of an iris looks the same all around, so what lids hide is known from the rest."""

from __future__ import annotations

import numpy as np

RINGS = 7
LEAST_SEEN = 1e-3
LASH_SHADE = 0.75
"""Seen splats darker than this over their ring's median lie in the shade of the lid and do not tell its colour."""


def completed_irises(colors: np.ndarray, weight: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Colours float32 [n, 3] of the splats of both irises, rings of the same colour where nothing was seen.

    colors, weight: as for core.portrait.completing; points: float32 [n, 3], at rest, the left eye's x above 0.
    Where an eye was not seen at all it borrows the other's rings.
    """
    sides = [points[:, 0] > 0, points[:, 0] <= 0]
    rings = [_ring_of(points[side]) if side.any() else np.zeros(0, int) for side in sides]
    tables = [_ring_colors(colors[side], weight[side], ring) for side, ring in zip(sides, rings, strict=True)]
    out = colors.astype(np.float32).copy()
    for side, ring, own, other in zip(sides, rings, tables, tables[::-1], strict=True):
        table = own if own is not None else other
        if table is not None and side.any():
            share = weight[side][:, None]
            out[side] = share * colors[side] + (1 - share) * table[ring]
    return out


def _ring_of(points: np.ndarray) -> np.ndarray:
    """Which ring about the middle of an iris each point lies in, 0 for the pupil."""
    away = np.linalg.norm(points[:, :2] - (points[:, :2].min(0) + points[:, :2].max(0)) / 2, axis=1)
    return np.minimum((away / max(float(away.max()), 1e-9) * RINGS).astype(int), RINGS - 1)


def _ring_colors(colors: np.ndarray, weight: np.ndarray, ring: np.ndarray) -> np.ndarray | None:
    """The colour of each ring, [RINGS, 3], neighbours helping where one was not seen; None when nothing was."""
    if weight.sum() < LEAST_SEEN:
        return None
    table, sure = np.zeros((RINGS, 3)), np.zeros(RINGS)
    for number in range(RINGS):
        own = (ring == number) & (weight > LEAST_SEEN)
        if own.any():
            light = colors[own].mean(1)
            kept = light >= LASH_SHADE * np.median(light)
            table[number], sure[number] = np.average(colors[own][kept], axis=0, weights=weight[own][kept]), 1
    seen = np.flatnonzero(sure)
    return np.stack([np.interp(np.arange(RINGS), seen, table[seen, k]) for k in range(3)], axis=1)

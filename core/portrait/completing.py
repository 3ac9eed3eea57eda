"""Colours for what a picture does not show: from the other side of the face, then from what lies around."""

from __future__ import annotations

import numpy as np

MIRRORED = 0.6
"""How much the other side counts, over what is seen itself: light comes from one side."""
NEIGHBOURS = 8
MIRROR_REACH_M = 0.012
"""A splat whose mirror image has no other so near has no counterpart."""
SMOOTHNESS = 0.02
"""How much neighbours pull at a colour that is known, over how well it is known at best."""
LEAST = 1e-6


def complete(colors: np.ndarray, weight: np.ndarray, points: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Colours float32 [N, 3] of all splats, from those that are seen.

    colors: float32 [N, 3], of what is seen; weight: float32 [N], 0..1, how well. points: float32 [N, 3], the head at
    rest, x to its left about the middle; parts: int [N], colours spread only within one of them.
    What is well seen stays nearly as it is; a part of which nothing is seen keeps the colours that it came with.
    """
    out = colors.astype(np.float32).copy()
    for part in np.unique(parts):
        own = np.flatnonzero(parts == part)
        if weight[own].max(initial=0) > LEAST and len(own) > NEIGHBOURS:
            known, sure = _with_other_side(colors[own], weight[own], points[own])
            out[own] = _diffused(known, sure, points[own])
    return out


def _with_other_side(colors: np.ndarray, weight: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from scipy.spatial import cKDTree

    away, other = cKDTree(points).query(points * np.array([-1, 1, 1], np.float32))
    borrowed = np.where(away < MIRROR_REACH_M, (1 - weight) * weight[other] * MIRRORED, 0)
    sure = weight + borrowed
    mixed = weight[:, None] * colors + borrowed[:, None] * colors[other]
    return mixed / np.maximum(sure, LEAST)[:, None], sure


def _diffused(colors: np.ndarray, sure: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Colours that are as smooth over the neighbours as what is known allows: (W + s L) c = W c0, L the graph's."""
    from scipy.sparse import coo_matrix, diags
    from scipy.sparse.csgraph import laplacian
    from scipy.sparse.linalg import splu
    from scipy.spatial import cKDTree

    count = len(points)
    reach = min(NEIGHBOURS + 1, count)
    away, near = cKDTree(points).query(points, reach)
    spread = np.median(away[:, -1]) + LEAST
    rows = np.repeat(np.arange(count), reach - 1)
    pull = np.exp(-((away[:, 1:] / spread) ** 2)).ravel()
    graph = coo_matrix((pull, (rows, near[:, 1:].ravel())), (count, count))
    graph = graph.maximum(graph.T).tocsr()
    system = (diags(sure + LEAST) + SMOOTHNESS * laplacian(graph)).tocsr()
    mean = np.average(colors, axis=0, weights=sure)
    wanted = (sure + LEAST)[:, None] * np.where(sure[:, None] > LEAST, colors, mean)
    solved = splu(system.tocsc()).solve(wanted.astype(np.float64))
    return np.clip(solved, 0, 1).astype(np.float32)

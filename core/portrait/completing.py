"""Colours for what a picture does not show: from the other side of the face, then from what lies around."""

from __future__ import annotations

import numpy as np

MIRRORED = 0.8
"""How strongly details of the other side show where nothing is seen."""
NEIGHBOURS = 8
MIRROR_REACH_M = 0.012
"""A splat whose mirror image has no other so near has no counterpart."""
SMOOTHNESS = 0.02
"""How much neighbours pull at a colour that is known, over how well it is known at best."""
BLUR = 30.0
"""The same, where only the light is wanted and no detail: about a centimetre of skin."""
FEATHER = 6.0
"""The same, over which what is seen goes over into what is not."""
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
            out[own] = _completed(colors[own], weight[own], points[own])
    return out


def _completed(colors: np.ndarray, weight: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The smooth colours of what is seen, and on them the details of what is seen or, where nothing is, of the other
    side: light that comes from one side is not carried to the other.
    """
    graph = _Graph(points)
    weight = np.minimum(weight, graph.spread(weight[:, None], np.ones_like(weight), FEATHER)[:, 0].astype(np.float32))
    base = graph.spread(colors, weight)
    details = colors - graph.spread(colors, weight, BLUR)
    other, near = _other_side(points)
    borrowed = np.where(near, (1 - weight) * weight[other] * MIRRORED, 0)
    sure = weight + borrowed
    mixed = weight[:, None] * details + borrowed[:, None] * details[other]
    fine = mixed / np.maximum(np.maximum(sure, 1 - MIRRORED), LEAST)[:, None]
    smooth = graph.spread(base, np.ones(len(base), np.float32), BLUR)
    seen = weight[:, None]
    return np.clip(seen * colors + (1 - seen) * (smooth + fine), 0, 1).astype(np.float32)


def _other_side(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each splat's mirror image, int64 [n], and whether there is one, bool [n]."""
    from scipy.spatial import cKDTree

    away, other = cKDTree(points).query(points * np.array([-1, 1, 1], np.float32))
    return other, away < MIRROR_REACH_M


class _Graph:
    """Neighbours among splats [n, 3], along which colours spread."""

    def __init__(self, points: np.ndarray) -> None:
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import laplacian
        from scipy.spatial import cKDTree

        count = len(points)
        reach = min(NEIGHBOURS + 1, count)
        away, near = cKDTree(points).query(points, reach)
        spread = np.median(away[:, -1]) + LEAST
        rows = np.repeat(np.arange(count), reach - 1)
        pull = np.exp(-((away[:, 1:] / spread) ** 2)).ravel()
        graph = coo_matrix((pull, (rows, near[:, 1:].ravel())), (count, count))
        self._laplacian = laplacian(graph.maximum(graph.T).tocsr())

    def spread(self, colors: np.ndarray, sure: np.ndarray, smoothness: float = SMOOTHNESS) -> np.ndarray:
        """Colours [n, 3] as smooth over the neighbours as what is known allows: (W + s L) c = W c0, L the graph's."""
        from scipy.sparse import diags
        from scipy.sparse.linalg import splu

        mean = np.average(colors, axis=0, weights=sure)
        wanted = (sure + LEAST)[:, None] * np.where(sure[:, None] > LEAST, colors, mean)
        system = (diags(sure + LEAST) + smoothness * self._laplacian).tocsc()
        return splu(system).solve(wanted.astype(np.float64))

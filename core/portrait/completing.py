"""Colours for what a picture does not show: from the other side of the face, then from what lies around."""

from __future__ import annotations

import numpy as np

MIRRORED = 0.8
"""How strongly details of the other side show where nothing is seen."""
NEIGHBOURS = 8
MANY, THINNED = 6000, 3
"""What is filled in is smooth, so of more splats than so many only every third is reckoned with."""
MIRROR_REACH_M = 0.012
"""A splat whose mirror image has no other so near has no counterpart."""
SMOOTHNESS = 0.02
"""How much neighbours pull at a colour that is known, over how well it is known at best."""
BLUR = 30.0
"""The same, where only the light is wanted and no detail: about a centimetre of skin."""
JOIN = 1.0
"""The same, so that what is filled in meets what is seen."""
FEATHER = 6.0
"""The same, over which what is seen goes over into what is not."""
LEAST = 1e-6
COMMON = 0.5
"""Splats seen better than this tell which colours a part commonly has."""
STRANGE = 2.0
"""Colours so many spreads from the common ones, a fringe over a temple, light on a rim, are not carried on."""
LEAST_SPREAD = 0.05


def complete(colors: np.ndarray, weight: np.ndarray, points: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Colours float32 [N, 3] of all splats, from those that are seen.

    colors: float32 [N, 3], of what is seen; weight: float32 [N], 0..1, how well. points: float32 [N, 3], the head at
    rest, x to its left about the middle; parts: int [N], colours spread only within one of them, below 0 not at all.
    What is well seen stays nearly as it is; a part of which nothing is seen keeps the colours that it came with.
    """
    out = colors.astype(np.float32).copy()
    for part in np.unique(parts[parts >= 0]):
        own = np.flatnonzero(parts == part)
        if weight[own].max(initial=0) > LEAST and len(own) > NEIGHBOURS:
            out[own] = _completed(colors[own], weight[own], points[own])
    return out


def _completed(colors: np.ndarray, weight: np.ndarray, points: np.ndarray) -> np.ndarray:
    """One part's colours: the smooth ones of what is seen, and on them its details, or the other side's."""
    graph = Graph(points)
    weight = graph.feathered(weight)
    smooth, fine = filled(graph, (colors, weight, points))
    seen = weight[:, None]
    return np.clip(seen * colors + (1 - seen) * (smooth + fine), 0, 1).astype(np.float32)


def filled(graph: Graph, field: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """What lies where nothing is seen, of field: colours, how well they are seen and places of splats [n].

    Smooth colours float32 [n, 3], and details [n, 3] of the other side to be put on them: light that comes from one
    side is not carried to the other.
    """
    colors, weight, points = field
    trusted = (weight * likeness(colors, weight)).astype(np.float32)
    smooth, near_by = graph.spread(colors, trusted, BLUR), graph.spread(colors, trusted, JOIN)
    other, near = other_side(points)
    borrowed = np.where(near, (1 - weight) * trusted[other] * MIRRORED, 0)
    share = borrowed / np.maximum(weight + borrowed, 1 - MIRRORED)
    return near_by, share[:, None] * (colors - smooth)[other]


def likeness(colors: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """How like the well seen ones' each colour [n, 3] is, [n], 0..1."""
    sure = weight > min(COMMON, float(weight.max(initial=0)) / 2)
    if not sure.any():
        return np.ones(len(colors))
    common = np.median(colors[sure], axis=0)
    spread = np.maximum(1.5 * np.median(np.abs(colors[sure] - common), axis=0), LEAST_SPREAD)
    away = np.square((colors - common) / spread).mean(1) / STRANGE**2
    return np.exp(-(away**2))


def other_side(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each splat's mirror image, int64 [n], and whether there is one, bool [n]."""
    from scipy.spatial import cKDTree

    away, other = cKDTree(points).query(points * np.array([-1, 1, 1], np.float32))
    return other, away < MIRROR_REACH_M


class Graph:
    """Neighbours among splats [n, 3], along which colours spread; of many only every THINNED-th is a node."""

    def __init__(self, points: np.ndarray) -> None:
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import laplacian
        from scipy.spatial import cKDTree

        nodes = points[:: THINNED if len(points) > MANY else 1]
        count = len(nodes)
        reach = min(NEIGHBOURS + 1, count)
        tree = cKDTree(nodes)
        away, near = tree.query(nodes, reach)
        spread = np.median(away[:, -1]) + LEAST
        rows = np.repeat(np.arange(count), reach - 1)
        pull = np.exp(-((away[:, 1:] / spread) ** 2)).ravel()
        graph = coo_matrix((pull, (rows, near[:, 1:].ravel())), (count, count))
        self._laplacian = laplacian(graph.maximum(graph.T).tocsr())
        away, near = tree.query(points, min(4, count))
        share = np.exp(-np.square(away / (spread / 2))) + LEAST
        cells = np.repeat(np.arange(len(points)), near.shape[1]), near.ravel()
        shares = (share / share.sum(1, keepdims=True)).ravel()
        self._mix = coo_matrix((shares, cells), (len(points), count)).tocsr()

    def feathered(self, weight: np.ndarray) -> np.ndarray:
        """How well splats are seen, float32 [n], less so next to what is not."""
        around, even = (self.spread(weight[:, None], np.ones_like(weight), width)[:, 0] for width in (FEATHER, JOIN))
        return np.clip(np.where(weight > 0, np.minimum(even, around), 0), 0, 1).astype(np.float32)

    def spread(self, colors: np.ndarray, sure: np.ndarray, smoothness: float = SMOOTHNESS) -> np.ndarray:
        """Colours [n, 3] as smooth over the neighbours as what is known allows: (W + s L) c = W c0, L the graph's."""
        from scipy.sparse import diags
        from scipy.sparse.linalg import splu

        mean = np.average(colors, axis=0, weights=sure)
        sure = np.asarray(sure, np.float64)
        known = self._mix.T @ (sure[:, None] * colors) + LEAST * mean
        weight = self._mix.T @ sure + LEAST
        system = (diags(weight) + smoothness * self._laplacian).tocsc()
        return self._mix @ splu(system).solve(np.asarray(known, np.float64))

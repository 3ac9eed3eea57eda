"""Bring a fitted mesh exactly onto its landmarks, the skin between them following as smoothly as it can.

Minimises the squared Laplacian of the displacement, what landmarks still miss, and a little of the displacement itself.
Source: Sorkine et al. 2004, Laplacian surface editing, without turning the details; solved by conjugate gradients.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .marks import IRISES, OVAL
from .types import HeadTemplate

BELIEF, OVAL_BELIEF = 1.0, 0.1
DEPTH_PULL = 0.15
"""How strongly a landmark's place along the line of sight is kept, over how strongly it is believed across it."""
REST_PULL = 2e-4
STEPS = 250
LOOSE = ("white", "iris", "upper teeth", "lower teeth", "gums", "tongue")


def snapped(template: HeadTemplate, points: np.ndarray, seen: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """The mesh [V, 3] moved so that its landmarks lie where they were seen.

    seen: how pixels change with each landmark's place in the head, [T, L, 2, 3]; what they miss, pixels [T, L, 2]; and
    the eye distance [T], pixels. Returns float32 [V, 3].
    """
    return drawn_to(template, points, _wishes(*seen))


def drawn_to(template: HeadTemplate, points: np.ndarray, wish: np.ndarray) -> np.ndarray:
    """The mesh [V, 3] with its landmarks moved by wish [L, 3], metres, the rest following; float32 [V, 3]."""
    believed = np.full(len(wish), BELIEF)
    believed[list(OVAL)] = OVAL_BELIEF
    believed[[k for iris in IRISES for k in iris]] = 0
    corners = template.triangles[template.landmark_triangles]
    rows, spread = corners.ravel(), (template.landmark_corners * 1.0).ravel()

    def system(field: np.ndarray) -> np.ndarray:
        smooth = _laplacian(template, _laplacian(template, field))
        at = np.einsum("lk,lkd->ld", template.landmark_corners, field[corners]) * believed[:, None]
        return smooth + REST_PULL * field + _scattered(rows, spread[:, None] * np.repeat(at, 3, 0), len(field))

    goal = _scattered(rows, spread[:, None] * np.repeat(wish * believed[:, None], 3, 0), len(points))
    moved = _conjugate(system, goal)
    return (points + _loose_follow(template, points, moved)).astype(np.float32)


def _wishes(slopes: np.ndarray, miss: np.ndarray, eyes: np.ndarray) -> np.ndarray:
    """How far each landmark is to go, metres [L, 3], by least squares over frames."""
    slopes, miss = slopes / eyes[:, None, None, None], miss / eyes[:, None, None]
    gram = np.einsum("tlxi,tlxj->lij", slopes, slopes)
    goal = np.einsum("tlxi,tlx->li", slopes, miss)
    gram += DEPTH_PULL * np.trace(gram, axis1=1, axis2=2)[:, None, None] / 3 * np.eye(3)
    return np.linalg.solve(gram, goal[..., None])[..., 0]


@lru_cache(maxsize=2)
def _edges(template: HeadTemplate) -> tuple[np.ndarray, np.ndarray]:
    """Directed edges int64 [E, 2], and how many leave each vertex [V]."""
    sides = np.concatenate([template.triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    both = np.unique(np.concatenate([sides, sides[:, ::-1]]), axis=0).astype(np.int64)
    return both, np.bincount(both[:, 0], minlength=len(template.points))


def _laplacian(template: HeadTemplate, field: np.ndarray) -> np.ndarray:
    edges, degree = _edges(template)
    return (degree[:, None] * field - _scattered(edges[:, 0], field[edges[:, 1]], len(field))) / 6


def _scattered(rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    return np.stack([np.bincount(rows, column, count) for column in values.T], 1)


def _conjugate(system: object, goal: np.ndarray) -> np.ndarray:
    """Solve system(x) = goal, x [V, 3]. Source: Hestenes & Stiefel 1952."""
    field = np.zeros_like(goal)
    rest = goal.copy()
    way = rest.copy()
    size = (rest**2).sum()
    for _ in range(STEPS):
        if size < 1e-18:
            break
        image = system(way)
        pace = size / (way * image).sum()
        field += pace * way
        rest -= pace * image
        size, before = (rest**2).sum(), size
        way = rest + size / before * way
    return field


def _loose_follow(template: HeadTemplate, points: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Eyes, rows of teeth and tongue go as wholes with the skin around them."""
    moved = moved.copy()
    left = points[:, 0] > 0
    lids, lips = template.region("lids", "sockets"), template.region("lips")
    eyes = template.region("white", "iris")
    for side in (left, ~left):
        moved[eyes & side] = moved[lids & side].mean(0)
    moved[template.region("upper teeth", "lower teeth", "gums", "tongue")] = moved[lips].mean(0)
    return moved

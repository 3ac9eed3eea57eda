"""The template's UV layout: MakeHuman's own islands of the head turned upright and packed, the rest beside them."""

from __future__ import annotations

import numpy as np

from ...head.makehuman import BaseMesh
from .anatomy import PLACES, ROWS, Anatomy, unit_globe

Box = tuple[float, float, float, float]
ISLANDS: tuple[tuple[Box, Box, bool], ...] = (
    ((0.635, 0.14, 1.0, 0.83), (0.0, 0.47, 1.0, 1.0), True),
    ((0.0, 0.54, 0.16, 0.64), (0.57, 0.32, 0.79, 0.46), False),
    ((0.75, 0.0, 0.93, 0.14), (0.57, 0.02, 0.79, 0.3), False),
    ((0.1, 0.64, 0.66, 1.0), (0.0, 0.0, 0.55, 0.46), False),
)
"""Boxes (left, low, right, high) of the base mesh's UVs, where they go, and whether they are turned upright: the head,
the sockets behind the lids, the bag of the mouth, the shoulders."""

EYES: tuple[Box, Box] = ((0.9, 0.32, 1.0, 0.46), (0.8, 0.32, 0.9, 0.46))
ROWS_OF_TEETH: tuple[Box, Box] = ((0.8, 0.17, 1.0, 0.3), (0.8, 0.02, 1.0, 0.15))
TONGUE: Box = (0.0, 0.32, 0.075, 0.46)
MARGIN = 0.004


def corner_uvs(mesh: BaseMesh, anatomy: Anatomy) -> list[np.ndarray]:
    """UVs [corners, 2] of every polygon of the anatomy, in its order."""
    own = {face: mesh.uvs[list(uv)] for face, uv in zip(mesh.faces, mesh.corner_uvs, strict=True)}
    left, right, upper, lower, tongue = anatomy.starts[1:-1]
    tongue_uvs = {face: uvs for face, uvs in own.items() if set(face) <= set(anatomy.tongue.tolist())}
    reach = np.concatenate(list(tongue_uvs.values()))
    tongue_box = (*reach.min(0), *reach.max(0))
    rows = []
    for face in anatomy.faces:
        first = face[0]
        if first < left:
            rows.append(_island(own[tuple(int(anatomy.skin[v]) for v in face)]))
        elif first < upper:
            rows.append(_eye(face, left if first < right else right, EYES[first >= right]))
        elif first < tongue:
            rows.append(_teeth(face, upper if first < lower else lower, ROWS_OF_TEETH[first >= lower]))
        else:
            uvs = own[tuple(int(anatomy.tongue[v - tongue]) for v in face)]
            rows.append(_moved(uvs, tongue_box, TONGUE, False))
    return rows


def _island(uvs: np.ndarray) -> np.ndarray:
    middle = uvs.mean(0)
    for source, goal, upright in ISLANDS:
        if source[0] <= middle[0] <= source[2] and source[1] <= middle[1] <= source[3]:
            return _moved(uvs, source, goal, upright)
    raise ValueError(f"No island of the base mesh's UVs holds {middle}.")


def _moved(uvs: np.ndarray, source: Box, goal: Box, upright: bool) -> np.ndarray:
    low, high = np.array(source[:2]), np.array(source[2:])
    share = (uvs - low) / (high - low)
    if upright:  # the base mesh's head lies on its side, crown to the left
        share = np.c_[share[:, 1], 1 - share[:, 0]]
    start, end = np.array(goal[:2]) + MARGIN, np.array(goal[2:]) - MARGIN
    return np.clip(start + share * (end - start), 0, 1)


def _eye(face: tuple[int, ...], start: int, box: Box) -> np.ndarray:
    globe, _ = unit_globe()
    spots = globe[[v - start for v in face]]
    away = np.arccos(np.clip(spots[:, 2], -1, 1)) / np.pi / 0.76
    turn = np.arctan2(spots[:, 1], spots[:, 0])
    flat = 0.5 + 0.5 * away[:, None] * np.c_[np.cos(turn), np.sin(turn)]
    return _moved(flat, (0, 0, 1, 1), box, False)


def _teeth(face: tuple[int, ...], start: int, box: Box) -> np.ndarray:
    place, row = np.divmod(np.array(face) - start, ROWS)
    return _moved(np.c_[place / (PLACES - 1), row / (ROWS - 1)], (0, 0, 1, 1), box, False)

"""Which part of a head each vertex of the template is, from MakeHuman's masks and its UV islands."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...head.hair import scalp_mask
from ...head.makehuman import BaseMesh
from ...template.types import REGIONS
from .anatomy import PLACES, ROWS, Anatomy, globe_iris

MASKS = {"lips": "lips", "lids": "eyelids", "ears": "ears"}
NECK, TORSO = 6.05, 5.55
"""Decimetres on the base mesh: below these, behind the chin, a vertex is neck, then torso."""
GUM_ROWS = (0, 1, 7)
"""Rows of a band of teeth that are gum."""


def region_of_vertices(data: Path, mesh: BaseMesh, anatomy: Anatomy) -> np.ndarray:
    """The region of every template vertex, uint8 [V]."""
    regions = np.zeros(anatomy.starts[-1], np.uint8)
    left, right, upper, lower, tongue = anatomy.starts[1:-1]
    regions[:left] = _skin(data, mesh, anatomy)
    for start in (left, right):
        regions[start : start + len(globe_iris())] = np.where(globe_iris(), _id("iris"), _id("white"))
    row = np.tile(np.arange(ROWS), PLACES)
    for start, name in ((upper, "upper teeth"), (lower, "lower teeth")):
        regions[start : start + len(row)] = np.where(np.isin(row, GUM_ROWS), _id("gums"), _id(name))
    regions[tongue:] = _id("tongue")
    return regions


def _skin(data: Path, mesh: BaseMesh, anatomy: Anatomy) -> np.ndarray:
    base = mesh.points[anatomy.skin]
    uvs = np.zeros((len(mesh.points), 2), np.float32)
    for face, corners, group in zip(mesh.faces, mesh.corner_uvs, mesh.groups, strict=True):
        if group == "body":
            uvs[list(face)] = mesh.uvs[list(corners)]
    uvs = uvs[anatomy.skin]
    regions = np.zeros(len(base), np.uint8)
    regions[scalp_mask(mesh.points)[anatomy.skin] > 0.5] = _id("scalp")
    slope = base[:, 2] < 1.0
    regions[(base[:, 1] < NECK) & slope] = _id("neck")
    regions[base[:, 1] < TORSO] = _id("torso")
    for name, file in MASKS.items():
        regions[mask_at(data, file, uvs) > 0.5] = _id(name)
    u, v = uvs.T
    regions[(u > 0.75) & (v < 0.14)] = _id("mouth bag")
    regions[(u < 0.16) & (v < 0.64) & (v > 0.54)] = _id("sockets")
    return regions


def mask_at(data: Path, name: str, uvs: np.ndarray) -> np.ndarray:
    """One of MakeHuman's region masks at UVs [n, 2]; 0..1 [n]."""
    import cv2

    image = cv2.imread(str(data / f"mpfb2/textures/mpfb_{name}.jpg"), cv2.IMREAD_GRAYSCALE)
    height, width = image.shape
    column = np.clip((uvs[:, 0] * width).astype(int), 0, width - 1)
    row = np.clip(((1 - uvs[:, 1]) * height).astype(int), 0, height - 1)
    return image[row, column] / 255.0


def _id(name: str) -> int:
    return REGIONS.index(name)

"""Tapered strands as meshes: the stuff that lashes, brows and hair are made of."""

from __future__ import annotations

import numpy as np

from .surface import Anchors, Faces, ride, unit


def tubes(lines: np.ndarray, wide: np.ndarray, thick: np.ndarray, out: np.ndarray, sides: int) -> np.ndarray:
    """Sweep a flat oval along each line.

    lines: [n, k, 3], from root to tip; wide, thick: [n, k], half widths; out: [n, k, 3], the way the flat side looks.
    sides: corners of the oval.
    Returns [n, k * sides, 3]: the surface points of each strand, ring after ring.
    """
    along = unit(np.gradient(lines, axis=1))
    across = unit(np.cross(along, out))
    up = np.cross(across, along)
    turn = np.arange(sides) * 2 * np.pi / sides + np.pi / sides
    ring = (
        across[:, :, None] * (wide[:, :, None] * np.cos(turn))[..., None]
        + up[:, :, None] * (thick[:, :, None] * np.sin(turn))[..., None]
    )
    return (lines[:, :, None] + ring).reshape(len(lines), -1, 3)


def tube_faces(strands: int, rings: int, sides: int) -> Faces:
    """Faces of tubes' points, open at the root and the tip (where strands taper to nothing)."""
    faces = []
    for s in range(strands):
        start = s * rings * sides
        for r in range(rings - 1):
            a, b = start + r * sides, start + (r + 1) * sides
            faces += [(a + k, a + (k + 1) % sides, b + (k + 1) % sides, b + k) for k in range(sides)]
    return tuple(faces)


def riding_shapes(
    strands: np.ndarray, anchors: Anchors, rest: np.ndarray, units: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """How strands [n, k, 3] move when each face unit moves the skin below; offsets [n * k, 3] by name."""
    still = ride(strands, anchors, rest, rest)
    return {
        name: (ride(strands, anchors, rest, rest + offsets) - still).reshape(-1, 3)
        for name, offsets in units.items()
        if np.abs(anchors.places(offsets)).max() > 1e-4
    }

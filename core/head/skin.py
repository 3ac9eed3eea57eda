"""Cut the body: the skin of head and neck, and the top that covers the shoulders down to a rounded bust edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .clip import Cut, cut
from .makehuman import BaseMesh
from .part import Part, compacted, joined, moving_shapes
from .strands import tube_faces, tubes
from .surface import Faces, triangles, unit, vertex_normals

NECK_CENTER_Z = 0.1
"""Of the base mesh, decimetres, like every length below."""

UNDER_TOP = 1.32
"""The skin reaches this far beyond the neckline's edge, over its radius."""

HEM = (4.05, 0.2)
"""Height of the bust's lower edge in the middle, and how much it rises at 1.5 to the side."""

SLEEVE = ((2.0, 5.15), (0.72, -0.69), 0.42)
"""A place on the left shoulder (x, y), the way the arm goes, and how far along it the sleeve ends."""

NAPE = ([-0.5, 0.1, 0.6], [5.72, 5.45, 4.8])
"""Lowest height of the neck's hole by depth z: without it the hole would run down the back."""


@dataclass(frozen=True, slots=True)
class Neckline:
    """Half axes of the hole a top leaves for the neck, seen from above: to the side, the front and the back."""

    side: float
    front: float
    back: float

    def level(self, points: np.ndarray) -> np.ndarray:
        """Distance from the axis over the hole's radius, 1 at the seam; points of the base mesh [N, 3]."""
        z = points[:, 2] - NECK_CENTER_Z
        hole = np.hypot(points[:, 0] / self.side, z / np.where(z > 0, self.front, self.back))
        return np.maximum(hole, 1 + 1.5 * (np.interp(points[:, 2], *NAPE) - points[:, 1]))


def body_faces(mesh: BaseMesh) -> tuple[Faces, np.ndarray]:
    """The body's faces above the belly and the place of each one's first corner in corner order; int64."""
    chosen = [
        k
        for k, (face, group) in enumerate(zip(mesh.faces, mesh.groups, strict=True))
        if group == "body" and mesh.points[list(face), 1].min() > 3.0
    ]
    return tuple(mesh.faces[k] for k in chosen), np.array(chosen, np.int64)


def skin_part(
    mesh: BaseMesh,
    person: np.ndarray,
    units: dict[str, np.ndarray],
    neckline: Neckline,
    extras: tuple[dict[str, np.ndarray], dict[str, np.ndarray]],
) -> Part:
    """Head and neck.

    person: [N, 3], the base mesh in the person's shape; units: its face units.
    extras: colours float32 [N, 4] by attribute, and bone weights float32 [N] by bone.
    """
    faces, chosen = body_faces(mesh)
    level = np.maximum(UNDER_TOP - neckline.level(mesh.points), (mesh.points[:, 1] - 6.0) * 2)
    kept = cut(faces, level)
    uvs = np.concatenate([mesh.uvs[list(mesh.corner_uvs[k])] for k in chosen])
    colors, weights = ({name: kept.vertex_values(v) for name, v in extra.items()} for extra in extras)
    shapes = moving_shapes({name: kept.vertex_values(v) for name, v in units.items()})
    return Part(
        "Skin",
        kept.vertex_values(person),
        kept.faces,
        shapes,
        colors,
        ("Skin",),
        corner_uvs=kept.corner_values(uvs),
        weights=weights,
        sources=kept.sources(),
    )


def top_part(mesh: BaseMesh, person: np.ndarray, neckline: Neckline, weights: dict[str, np.ndarray]) -> Part:
    """A shirt: the torso's faces lifted off the skin and ironed, with a ribbed collar."""
    faces, _ = body_faces(mesh)
    level = np.minimum(neckline.level(mesh.points) - 1, _bust(mesh.points))
    level[mesh.points[:, 1] > 5.95] = -1
    kept = cut(faces, level)
    cloth = _ironed(kept, person, faces)
    collar, collar_weights = _collar(kept, cloth, neckline.level(kept.vertex_values(mesh.points)))
    caps = _caps(kept.faces, neckline.level(kept.vertex_values(mesh.points)) > 1.06)
    points, all_faces = joined([(cloth, kept.faces + caps), collar])
    carried = {name: kept.vertex_values(v) for name, v in weights.items()}
    carried = {name: np.concatenate([v, v[collar_weights]]) for name, v in carried.items()}
    materials = (0,) * len(kept.faces) + (1,) * (len(caps) + len(collar[1]))
    return Part("Top", points, all_faces, {}, {}, ("Cloth", "Rib"), materials, weights=carried)


def _bust(points: np.ndarray) -> np.ndarray:
    """Above 0 inside the bust: over the hem and before the ends of the sleeves; points of the base mesh [N, 3]."""
    height, rise = HEM
    (x, y), (along_x, along_y), length = SLEEVE
    hem = points[:, 1] - height - rise * (points[:, 0] / 1.5) ** 2
    reach = (np.abs(points[:, 0]) - x) * along_x + (points[:, 1] - y) * along_y
    return np.minimum(hem, length - reach)


def _caps(faces: Faces, closes: np.ndarray) -> Faces:
    """One face over each hole whose rim closes (bool by vertex) allows: the hem and the sleeves."""
    following, caps = _rim(faces), []
    while following:
        start, after = following.popitem()
        ring = [start]
        while after != start:
            ring.append(after)
            after = following.pop(after)
        if closes[ring].all():
            caps.append(tuple(ring[::-1]))
    return tuple(caps)


def _ironed(kept: Cut, person: np.ndarray, faces: Faces) -> np.ndarray:
    """The cut torso moved out by the cloth's ease and smoothed, never inside the skin."""
    used, renumbered = compacted(faces)
    normals = np.zeros_like(person, dtype=np.float64)
    normals[used] = vertex_normals(person[used], triangles(renumbered))
    skin, out = kept.vertex_values(person).astype(np.float64), unit(kept.vertex_values(normals))
    edges = np.array([(a, b) for f in kept.faces for a, b in zip(f, f[1:] + f[:1], strict=True)])
    cloth = skin + 0.045 * out
    rim = _rim(kept.faces)
    free = np.ones(len(skin), bool)
    free[list(rim)] = False
    for _ in range(25):
        total = np.zeros_like(cloth)
        count = np.zeros(len(cloth))
        np.add.at(total, edges[:, 0], cloth[edges[:, 1]])
        np.add.at(count, edges[:, 0], 1)
        mean = total / np.maximum(count, 1)[:, None]
        cloth[free] += 0.5 * (mean - cloth)[free]
        lift = np.clip(0.03 - ((cloth - skin) * out).sum(1), 0, None)
        cloth += lift[:, None] * out
    return cloth.astype(np.float32)


def _rim(faces: Faces) -> dict[int, int]:
    """Boundary edges of a mesh, from each vertex to the next."""
    directed = {(a, b) for f in faces for a, b in zip(f, f[1:] + f[:1], strict=True)}
    return {a: b for a, b in directed if (b, a) not in directed}


def _collar(kept: Cut, cloth: np.ndarray, level: np.ndarray) -> tuple[tuple[np.ndarray, Faces], np.ndarray]:
    """A band around the neckline, and the cloth vertex whose weights each of its points takes."""
    following = _rim(kept.faces)
    seam = [v for v in following if level[v] < 1.06]
    ring = [seam[0]]
    while (after := following[ring[-1]]) != ring[0]:
        ring.append(after)
    line = cloth[ring].astype(np.float64)
    for _ in range(3):
        line = 0.5 * line + 0.25 * (np.roll(line, 1, 0) + np.roll(line, -1, 0))
    cloth[ring] = line
    around = np.concatenate([line[-2:], line, line[:2]])[None]
    out = unit(unit(around - line.mean(0)) * [1, 0, 1] + [0, 0.9, 0])
    sides, count = 8, len(ring)
    points = tubes(around, np.full(around.shape[:2], 0.06), np.full(around.shape[:2], 0.03), out, sides)[0]
    points = points[2 * sides : -2 * sides]
    faces = tuple(tuple(v % (count * sides) for v in face) for face in tube_faces(1, count + 1, sides))
    return (points, faces), np.repeat(ring, sides)

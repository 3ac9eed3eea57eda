"""From a character of meshes to a head of splats: its shapes, its colours, its neck and head."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import RigError
from ...core.splat.head import SplatHead, Template
from ...core.splat.light import linear_light
from ...core.splat.ordering import together
from ...core.splat.relight import lit_head
from ...core.splat.sample_mesh import Samples, Surface, sampled, splat_head
from ...core.splat.types import SH_DC
from .family import deforming_armatures, family_of, head_of_family
from .headbone import find_head_bone
from .splat_paint import is_clear, painted
from .splat_places import Places, corners_of
from .splat_shapes import Shaped, shaped

Y_UP = Matrix(((1, 0, 0, 0), (0, 0, 1, 0), (0, -1, 0, 0), (0, 0, 0, 1)))
"""From Blender's axes to those of splats."""
GLOSS = 0.3
MOST_OPAQUE, LEAST_OPAQUE = 0.97, 0.01
RAYS = 16
LEAST_AREA = 1e-12
BUSY = 3.0
"""How many times more splats what shapes move most gets than what they leave."""
STRANDS = ("hair", "lash", "brow", "beard", "moustache", "mustache", "stubble", "fur")


@dataclass(frozen=True, slots=True)
class Sampling:
    """count: splats; studio: whether a studio's light is baked in, or colours are as flat as the materials'."""

    count: int = 60_000
    studio: bool = True


def sample_character(chosen: bpy.types.Object, how: Sampling) -> tuple[SplatHead, Matrix]:
    """A character as a head of splats, and the matrix of the object that is to show it, so that both coincide.

    chosen: any of its objects. Raises RigError for one without visible meshes, SettingError for one without area.
    """
    family = family_of(chosen)
    meshes = [each for each in family if each.type == "MESH" and len(each.data.polygons) and each.visible_get()]
    if not meshes:
        raise RigError(f"{chosen.name} has no visible mesh with faces to sample; choose a character's mesh.")
    place, turn, _ = head_of_family(family).matrix_world.decompose()
    stand = Matrix.Translation(place) @ turn.to_matrix().to_4x4()
    with shaped(meshes, Y_UP @ stand.inverted()) as parts:
        surface = _surface(parts, stand)
        head = splat_head(surface, how.count, facts={"name": chosen.name})
        samples = sampled(surface, how.count)
        color, opacity = _colors(parts, samples)
    head = replace(
        head,
        sh=((color - 0.5) / SH_DC)[:, None].astype(np.float32),
        logits=np.log(opacity / (1 - opacity)).astype(np.float32),
    )
    if how.studio:
        gloss = np.full(how.count, GLOSS)
        return lit_head(head, linear_light(color), gloss, rays=RAYS), stand
    return together(head), stand


def _surface(parts: list[Shaped], stand: Matrix) -> Surface:
    """All meshes as one."""
    starts = np.cumsum([0, *(len(part.points) for part in parts)])
    corners = [corners_of(part.mesh, "vertices") + start for part, start in zip(parts, starts[:-1], strict=True)]
    names = dict.fromkeys(name for part in parts for name in part.shapes)
    shapes = {name: _gathered(parts, starts, name) for name in names}
    points = np.concatenate([part.points for part in parts]).astype(np.float32)
    detail = np.concatenate([_detail(part) for part in parts])
    bones, weights = _bones(parts, stand, points)
    return Surface(
        Template(points, np.concatenate(corners).astype(np.int32), shapes),
        np.full((len(points), 3), 0.5, np.float32),
        detail.astype(np.float32),
        np.full(len(detail), MOST_OPAQUE, np.float32),
        np.concatenate([_strands(part) for part in parts]),
        bones,
        weights,
    )


def _gathered(parts: list[Shaped], starts: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A shape of all parts as Template keeps it."""
    rows, offsets = [], []
    for part, start in zip(parts, starts[:-1], strict=True):
        if name in part.shapes:
            moved = np.nonzero(np.abs(part.shapes[name]).max(1) > 1e-6)[0]
            rows.append(moved + start)
            offsets.append(part.shapes[name][moved])
    return np.concatenate(rows).astype(np.int32), np.concatenate(offsets).astype(np.float32)


def _materials(part: Shaped) -> tuple[np.ndarray, list[bpy.types.Material | None]]:
    """Of each triangle the material's place, and the materials."""
    index = np.empty(len(part.mesh.loop_triangles), np.int32)
    part.mesh.loop_triangles.foreach_get("material_index", index)
    materials = [slot.material for slot in part.source.material_slots] or [None]
    return index.clip(0, len(materials) - 1), materials


def _detail(part: Shaped) -> np.ndarray:
    """Splats per area [F], up to a factor: more where triangles are small and shapes move much, more for small parts,
    none for what is clear, as the cornea of an eye."""
    index, materials = _materials(part)
    seen = ~np.array([is_clear(material) for material in materials])[index]
    corners = corners_of(part.mesh, "vertices")
    a, b, c = (part.points[corners[:, k]] for k in range(3))
    area = np.maximum(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2, LEAST_AREA)
    moved = np.zeros(len(part.points))
    for offsets in part.shapes.values():
        moved = np.maximum(moved, np.linalg.norm(offsets, axis=1))
    busy = moved[corners].max(1) / max(moved.max(initial=0), 1e-9) if part.shapes else np.zeros(len(area))
    wish = area**-0.5 * (1 + BUSY * busy) * seen
    whole = (area * seen).sum()
    # A part twice as large gets half as many again: eyes and teeth are small and looked at most.
    return wish * np.sqrt(whole) * (2.0 if part.shapes else 1.0) / max((wish * area).sum(), 1e-30)


def _strands(part: Shaped) -> np.ndarray:
    """Which triangles [F] are hair, lashes or brows, by what their mesh or material is called."""
    index, materials = _materials(part)
    names = [f"{part.source.name} {material.name if material else ''}".lower() for material in materials]
    return np.array([any(word in name for word in STRANDS) for name in names])[index]


def _colors(parts: list[Shaped], samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Display colours [n, 3] and opacities [n] of samples on all parts."""
    color = np.empty((len(samples.triangles), 3))
    opacity = np.empty(len(samples.triangles))
    start = 0
    for part in parts:
        index, materials = _materials(part)
        own = (samples.triangles >= start) & (samples.triangles < start + len(index))
        for place, material in enumerate(materials):
            rows = np.nonzero(own)[0]
            rows = rows[index[samples.triangles[rows] - start] == place]
            if len(rows):
                at = Places(part.mesh, samples.triangles[rows] - start, samples.corners[rows])
                color[rows], opacity[rows] = painted(material, at)
        start += len(index)
    return color.clip(0, 1), opacity.clip(LEAST_OPAQUE, MOST_OPAQUE)


def _bones(
    parts: list[Shaped], stand: Matrix, points: np.ndarray
) -> tuple[tuple[tuple[str, ...], np.ndarray, tuple[float, ...]], np.ndarray]:
    """The chain chest, head with the weights of each vertex; all of it the head where no armature tells one."""
    armatures = (armature for part in parts for armature in deforming_armatures(part.source))
    found = ((armature, find_head_bone(armature.data.bones.keys())) for armature in armatures)
    armature, name = next((pair for pair in found if pair[1]), (None, None))
    low, high = points.min(0), points.max(0)
    if armature is None:
        pivot = (low + high) / 2 - np.array([0, (high - low)[1] / 4, 0])
        return (("head",), pivot[None].astype(np.float32), (1.0,)), np.ones((len(points), 1), np.float32)
    to = Y_UP @ stand.inverted() @ armature.matrix_world
    head = armature.data.bones[name]
    pivots = np.array([to @ (head.parent or head).head_local, to @ head.head_local], np.float32)
    above = {head.name, *(bone.name for bone in head.children_recursive)}
    share = np.concatenate([_share(part, armature, above) for part in parts])
    return (("chest", "head"), pivots, (0.0, 1.0)), np.stack([1 - share, share], axis=1).astype(np.float32)


def _share(part: Shaped, armature: bpy.types.Object, above: set[str]) -> np.ndarray:
    """How much of each vertex goes with the head, [v], 0..1."""
    source, count = part.source, len(part.points)
    if armature not in set(deforming_armatures(source)):
        loose = source.parent == armature and source.parent_type == "BONE" and source.parent_bone not in above
        return np.full(count, 0.0 if loose else 1.0)
    bones = {group.index: group.name in above for group in source.vertex_groups if group.name in armature.data.bones}
    share = np.zeros(count)
    total = np.zeros(count)
    for row, vertex in enumerate(part.mesh.vertices):
        for group in vertex.groups:
            if group.group in bones:
                total[row] += group.weight
                share[row] += group.weight * bones[group.group]
    # A vertex that no bone holds stays where it is.
    return np.where(total > 1e-6, share / np.maximum(total, 1e-6), 0.0)

"""A head laid out for speed: only what moves, coordinates in rows, every sum a product of matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from ..quats import from_axes, unit
from .deltas import COLUMNS, Deltas
from .head import SplatHead
from .ordering import moves

CHUNK = 8192
"""Numbers summed at a time when few rows are on, so that sums stay in the processor's cache."""
BLOCK = 8192
"""Splats posed at a time."""
WORTH = 512
"""Splats that one bone must carry in a row to be posed apart from their neighbours."""
SHARED = -1
"""In place of a bone's number: several carry the splats."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Deltas spread out over the moving splats, block by block.

    values: for each block of b moving splats float32 [D, A * b], each number's row of b after the other.
    places: where each group's rows begin and end among the A.
    """

    values: tuple[np.ndarray, ...]
    places: dict[str, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Of N splats M move against their bones, on G triangles with W vertices; here they lie behind those that do not.

    center: float32 [3], subtracted from all places, because float32 is finest near 0.
    order: int64 [N], the head's own index of each splat here, or None where the head's order is this one.
    base: float32 [3 * W]; shape_names, basis: float32 [S, 3 * W]; vertices of moving triangles and their shapes.
    corners: int64 [3, G] into W; old_areas: float32 [G], twice the area at rest.
    owners: int64 [M] into G; places: float32 [2, M]; offsets: [3, M]; quats: [4, M]; log_scales: [3, M].
    rest_means: float32 [3, N]; rest_quats: [4, N]; rest_log_scales: [N, 3].
    weights: float32 [B, N]; correctives, clips: their changes.
    blocks: what is posed at a time, in order: its splats, and the one bone that carries them, or SHARED. The first
        calm ones hold splats that do not move against their bones.
    """

    center: np.ndarray
    order: np.ndarray | None
    base: np.ndarray
    shape_names: tuple[str, ...]
    basis: np.ndarray
    corners: np.ndarray
    old_areas: np.ndarray
    owners: np.ndarray
    places: np.ndarray
    offsets: np.ndarray
    quats: np.ndarray
    log_scales: np.ndarray
    rest_means: np.ndarray
    rest_quats: np.ndarray
    rest_log_scales: np.ndarray
    weights: np.ndarray
    correctives: Changes
    clips: dict[str, Changes]
    blocks: tuple[tuple[slice, int], ...]
    calm: int

    @property
    def still(self) -> int:
        """How many splats, the first ones here, do not move against their bones."""
        return self.rest_means.shape[1] - len(self.owners)


@lru_cache(maxsize=4)
def prepared(head: SplatHead) -> Prepared:
    """Lay a head out, once; under a second, and 4 bytes for each number of each change on each moving splat."""
    template, binding = head.template, head.binding
    center = template.points.mean(0, dtype=np.float64)
    points = (template.points - center).astype(np.float32)
    moved = moves(head)
    order = np.argsort(moved, kind="stable")
    moving = order[len(head) - int(moved.sum()) :]
    used, owners = np.unique(binding.triangles[moving], return_inverse=True)
    vertices, corners = np.unique(template.triangles[used], return_inverse=True)
    corners = corners.reshape(-1, 3).T.astype(np.int64)
    names, basis = _basis(head, vertices)
    base = np.ascontiguousarray(points[vertices].T).ravel()
    means, quats = rest_pose(points, head)
    weights = _rows(head.bones.weights, order)
    still = len(order) - len(moving)
    blocks = tuple(_blocks(weights, still))
    calm = sum(block.start < still for block, _ in blocks)
    parts = [moving[block.start - still : block.stop - still] for block, _ in blocks[calm:]]
    return Prepared(
        center.astype(np.float32),
        None if (np.diff(order) == 1).all() else order,
        base,
        names,
        basis,
        corners,
        frames(base.reshape(3, -1), corners)[4],
        owners.reshape(-1),
        _rows(binding.places, moving),
        _rows(binding.offsets, moving),
        unit(binding.quats[moving]).T.copy(),
        _rows(binding.log_scales, moving),
        means[:, order],
        quats[:, order],
        binding.log_scales[order],
        weights,
        _spread(head.correctives, parts, len(head)),
        {name: _spread(clip.changes, parts, len(head)) for name, clip in head.clips.items()},
        blocks,
        calm,
    )


def _blocks(weights: np.ndarray, still: int) -> Iterator[tuple[slice, int]]:
    """Pieces of at most BLOCK splats that one bone carries, or several, and that move, or do not."""
    alone = np.where(weights.max(0) > 1 - 1e-6, weights.argmax(0), SHARED)
    cuts = [0, *(np.nonzero(np.diff(alone))[0] + 1), len(alone)]
    for low, high in pairwise(cuts):
        if high - low < WORTH:
            alone[low:high] = SHARED
    cuts = {0, still, len(alone), *(np.nonzero(np.diff(alone))[0] + 1)}
    for low, high in pairwise(sorted(cuts)):
        for start in range(low, high, BLOCK):
            yield slice(start, min(start + BLOCK, high)), int(alone[start])


def frames(points: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, ...]:
    """Triangles' first corner, two edges [3, G each], axes as [9, G] (along, across, out) and twice their area [G]."""
    a, b, c = (taken(points, corner) for corner in corners)
    first, second = b - a, c - a
    out = _cross(first, second)
    area = _length(out)
    along = first / np.maximum(_length(first), 1e-12)
    out /= np.maximum(area, 1e-20)
    return a, first, second, np.concatenate([along, _cross(out, along), out]), area


def rest_pose(points: np.ndarray, head: SplatHead) -> tuple[np.ndarray, np.ndarray]:
    """Where all splats are at rest: means float32 [3, N] and quats [4, N]; points: the template's, [V, 3]."""
    corners = head.template.triangles[head.binding.triangles].T
    a, first, second, axes, _ = frames(np.ascontiguousarray(points.T), corners)
    u, v = head.binding.places.T
    means = a + u * first + v * second + carried(axes, head.binding.offsets.T)
    return means, times(from_axes(axes[:3], axes[3:6], axes[6:]), head.binding.quats.T)


def carried(axes: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Vectors [3, N] of frames whose axes are [9, N], in the set's axes."""
    return axes[:3] * vectors[0] + axes[3:6] * vectors[1] + axes[6:] * vectors[2]


def taken(rows: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Columns [k, M] of rows [k, G]; the indices are known to lie inside, which saves the looking."""
    return np.take(rows, owners, axis=1, mode="clip")


def times(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """The quaternion product with components in rows, [4, N]; see core.quats.multiply."""
    (a, b, c, d), (w, x, y, z) = first, then
    out = np.empty((4, max(first.shape[1], then.shape[1])), np.float32)
    np.subtract(a * w - b * x, c * y + d * z, out=out[0])
    np.add(a * x + b * w, c * z - d * y, out=out[1])
    np.add(a * y - b * z, c * w + d * x, out=out[2])
    np.add(a * z + b * y, d * w - c * x, out=out[3])
    return out


def summed(values: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
    """The sum of rows [D, L], each times its value [D]; None when all values are 0."""
    active = np.nonzero(values)[0]
    if not len(active):
        return None
    if 2 * len(active) >= len(values):
        return values @ rows
    total, part = np.empty(rows.shape[1], np.float32), np.empty(CHUNK, np.float32)
    for start in range(0, rows.shape[1], CHUNK):
        sums = total[start : start + CHUNK]
        np.multiply(rows[active[0], start : start + CHUNK], values[active[0]], out=sums)
        for row in active[1:]:
            sums += np.multiply(rows[row, start : start + CHUNK], values[row], out=part[: len(sums)])
    return total


def _basis(head: SplatHead, vertices: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    shapes = head.template.shapes
    basis = np.zeros((len(shapes), 3, len(vertices)), np.float32)
    place = np.full(len(head.template.points), -1, np.int64)
    place[vertices] = np.arange(len(vertices))
    for row, (moved, offsets) in enumerate(shapes.values()):
        here = place[moved] >= 0
        basis[row][:, place[moved[here]]] = offsets[here].T
    return tuple(shapes), basis.reshape(len(shapes), 3 * len(vertices))


def _spread(deltas: Deltas, parts: list[np.ndarray], count: int) -> Changes:
    """parts: the moving splats of each block."""
    width = sum(COLUMNS[group] for group in deltas.groups)
    values = [np.zeros((len(deltas.names), width, len(part)), np.float32) for part in parts]
    block, place = np.full(count, -1), np.zeros(count, np.int64)
    for number, part in enumerate(parts):
        block[part], place[part] = number, np.arange(len(part))
    for change in range(len(deltas.names)):
        splats, numbers = deltas.rows(change)
        for number, rows in enumerate(values):
            here = block[splats] == number
            rows[change][:, place[splats[here]]] = numbers[here].T
    flat = (rows.reshape(len(rows), rows.shape[1] * rows.shape[2]) for rows in values)
    return Changes(tuple(flat), deltas.columns())


def _rows(array: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array[chosen].T)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(vectors[0] * vectors[0] + vectors[1] * vectors[1] + vectors[2] * vectors[2])

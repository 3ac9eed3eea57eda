"""What posing a head means, one splat after the other: the slow twin that core.splat.pose is tested against."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..quats import from_axes, matrices, multiply, unit
from .deltas import Deltas
from .dials import Dials, Turns, Weights, dialled, turned_bones
from .head import SplatHead
from .rotate_sh import turned_sh
from .types import Splats

MOST_GROWTH = float(np.log(2))
"""Natural logarithm by which a stretched or crushed triangle may change the size of its splats at most."""
NO_TURN = np.zeros(3)


def pose_slowly(
    head: SplatHead,
    weights: Weights,
    head_rotation: np.ndarray = NO_TURN,
    moments: Mapping[str, float] | None = None,
) -> Splats:
    """As core.splat.pose.pose, in float64 and a loop over splats."""
    dials = dialled(head, weights, moments)
    turns = turned_bones(head.bones, head_rotation)
    rest = head.template.points.astype(np.float64)
    points = rest.copy()
    for name, value in dials.shapes.items():
        vertices, offsets = head.template.shapes[name]
        points[vertices] += value * offsets
    changes = summed_changes(head, dials)
    rows = [_one(head, n, (rest, points), changes, turns) for n in range(len(head))]
    means, quats, log_scales, sh = (np.array(column, np.float32) for column in zip(*rows, strict=True))
    logits = (head.logits + changes["logit"][:, 0]).astype(np.float32)
    return Splats(means, quats, log_scales, logits, sh)


def summed_changes(head: SplatHead, dials: Dials) -> dict[str, np.ndarray]:
    """Everything that correctives and clips add, float64 [N, columns] by group."""
    total = {"offset": 3, "turn": 3, "log_scale": 3, "logit": 1, "color": 3}
    out = {group: np.zeros((len(head), width)) for group, width in total.items()}
    sets: list[tuple[Deltas, np.ndarray]] = [(head.correctives, dials.correctives)]
    sets += [(head.clips[name].changes, values) for name, values in dials.clips.items()]
    for deltas, values in sets:
        for change, value in enumerate(values):
            splats, numbers = deltas.rows(change)
            for group, place in deltas.columns().items():
                out[group][splats] += float(value) * numbers[:, place]
    return out


def _one(
    head: SplatHead,
    n: int,
    meshes: tuple[np.ndarray, np.ndarray],
    changes: dict[str, np.ndarray],
    turns: Turns,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Place, turn, size and harmonics of splat n; meshes: the template's points at rest and posed."""
    binding = head.binding
    corners = head.template.triangles[binding.triangles[n]]
    _, still, area_before = frame(meshes[0][corners])
    axes, quat, area = frame(meshes[1][corners])
    u, v = binding.places[n].astype(np.float64)
    a, b, c = meshes[1][corners]
    place = (1 - u - v) * a + u * b + v * c + axes @ (binding.offsets[n] + changes["offset"][n])
    local = unit(multiply(binding.quats[n].astype(np.float64), np.array([1, *(changes["turn"][n] / 2)])))
    growth = np.clip(0.5 * np.log(max(area, 1e-20) / max(area_before, 1e-20)), -MOST_GROWTH, MOST_GROWTH)
    log_scale = binding.log_scales[n] + changes["log_scale"][n] + growth
    weights = head.bones.weights[n].astype(np.float64)
    affine = np.einsum("b,bij->ij", weights, turns.affines)
    carried = unit(weights @ turns.quats)
    quat = unit(multiply(carried, multiply(quat, local)))
    before = multiply(still, binding.quats[n].astype(np.float64))
    turn = matrices(quat) @ matrices(unit(before)).T
    sh = turned_sh(head.sh[n : n + 1], turn[None])[0].astype(np.float64)
    sh[0] += changes["color"][n]
    return affine[:, :3] @ place + affine[:, 3], quat, log_scale, sh


def frame(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The frame of a triangle [3, 3]: its axes as columns, the same as a quaternion, and the triangle's area twice."""
    first, second = corners[1] - corners[0], corners[2] - corners[0]
    normal = np.cross(first, second)
    area = float(np.linalg.norm(normal))
    along, out = first / max(np.linalg.norm(first), 1e-12), normal / max(area, 1e-20)
    across = np.cross(out, along)
    quat = from_axes(along[:, None], across[:, None], out[:, None])[:, 0]
    return np.stack([along, across, out], axis=1), quat, area

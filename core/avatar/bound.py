"""A head of splats posed in torch, with gradients; the same mathematics as core.splat.pose, to which tests compare it.

Frames are posed on the used triangles only; bones come as affines, so that any rigid motion may stand for a turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..rig.arkit import ARKIT_52
from ..splat.head import Ceiling, Template
from ..splat.pose_twin import MOST_GROWTH

WIDTHS = {"offset": 3, "turn": 3, "log_scale": 3, "logit": 1, "color": 3}
"""Numbers of a change to a splat, as core.splat.deltas.COLUMNS; ALL together."""
ALL = sum(WIDTHS.values())
PLACES = {
    name: slice(start, start + WIDTHS[name]) for name, start in zip(WIDTHS, np.cumsum([0, 3, 3, 3, 1]), strict=True)
}


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Splats at rest in the frames of their triangles; see core.splat.head.Binding.

    places: [N, 2]; offsets: [N, 3]; quats: [N, 4], of any length; log_scales: [N, 3]; logits: [N]; colors: [N, 3], the
    zeroth harmonic; carried: [N], how much each goes with the head.
    """

    places: torch.Tensor
    offsets: torch.Tensor
    quats: torch.Tensor
    log_scales: torch.Tensor
    logits: torch.Tensor
    colors: torch.Tensor
    carried: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """means [N, 3], quats [N, 4], log_scales [N, 3], logits [N], colors [N, 3] (the zeroth harmonic)."""

    means: torch.Tensor
    quats: torch.Tensor
    log_scales: torch.Tensor
    logits: torch.Tensor
    colors: torch.Tensor


class Mesh(torch.nn.Module):
    """The triangles that carry splats, moved by ARKit's shapes.

    owners: int64 [N], the used triangle of each splat; base: [W, 3]; basis: [52, W * 3]; corners: int64 [G, 3].
    """

    def __init__(self, template: Template, triangles: np.ndarray) -> None:
        """triangles: int [N], the triangle of each splat."""
        super().__init__()
        used, owners = np.unique(triangles, return_inverse=True)
        vertices, corners = np.unique(template.triangles[used], return_inverse=True)
        place = np.full(len(template.points), -1, np.int64)
        place[vertices] = np.arange(len(vertices))
        basis = np.zeros((len(ARKIT_52), len(vertices), 3), np.float32)
        for row, name in enumerate(ARKIT_52):
            moved, offsets = template.shapes.get(name, (np.zeros(0, np.int32), np.zeros((0, 3), np.float32)))
            here = place[moved] >= 0
            basis[row, place[moved[here]]] = offsets[here]
        still = np.abs(basis).max((0, 2)) == 0
        self.center = template.points.mean(0, dtype=np.float64).astype(np.float32)
        self.register_buffer("owners", torch.from_numpy(owners.reshape(-1).astype(np.int64)), False)
        self.register_buffer("corners", torch.from_numpy(corners.reshape(-1, 3).astype(np.int64)), False)
        self.register_buffer("base", torch.from_numpy(template.points[vertices] - self.center), False)
        self.register_buffer("moving", torch.from_numpy(np.nonzero(~still)[0]), False)
        self.register_buffer("basis", torch.from_numpy(basis[:, ~still].reshape(len(ARKIT_52), -1)), False)
        rest = frames(self.base, self.corners)
        self.register_buffer("areas", rest[4], False)
        self.still = rest

    def posed(self, weights: torch.Tensor | None) -> tuple[torch.Tensor, ...]:
        """First corner, two edges [G, 3], axes [G, 3, 3] as columns, area twice [G] and quats [G, 4]; weights: [52]."""
        points = self.base
        if weights is not None and self.basis.shape[1]:
            points = points.index_add(0, self.moving, (weights @ self.basis).reshape(-1, 3))
        return frames(points, self.corners)


def frames(points: torch.Tensor, corners: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """First corner, both edges, axes as columns, twice the area, quats of triangles; see core.splat.pose_twin.frame."""
    a, b, c = points[corners].unbind(1)
    first, second = b - a, c - a
    normal = torch.linalg.cross(first, second)
    area = normal.norm(dim=1)
    along = first / first.norm(dim=1, keepdim=True).clamp_min(1e-12)
    out = normal / area[:, None].clamp_min(1e-20)
    axes = torch.stack([along, torch.linalg.cross(out, along), out], dim=2)
    return a, first, second, axes, area, from_matrices(axes)


def place(mesh: Mesh, rest: Rest, weights: torch.Tensor | None, change: torch.Tensor | None) -> Posed:
    """Splats before any bone turns, about the mesh's center. weights: [52] or None; change: [N, ALL] or None."""
    corner, first, second, axes, area, turned = mesh.posed(weights)
    own = mesh.owners
    parts = {name: change[:, columns] for name, columns in PLACES.items()} if change is not None else {}
    offset = rest.offsets + parts["offset"] if parts else rest.offsets
    means = corner[own] + rest.places[:, :1] * first[own] + rest.places[:, 1:] * second[own]
    means = means + (axes[own] @ offset[:, :, None])[:, :, 0]
    growth = torch.log(area.clamp_min(1e-20) / mesh.areas.clamp_min(1e-20)) / 2
    log_scales = rest.log_scales + growth.clamp(-MOST_GROWTH, MOST_GROWTH)[own][:, None]
    local = unit(rest.quats)
    if not parts:
        return Posed(means, unit(multiply(turned[own], local)), log_scales, rest.logits, rest.colors)
    half = parts["turn"] / 2
    local = multiply(local, torch.cat([torch.ones_like(half[:, :1]), half], dim=1))
    return Posed(
        means,
        unit(multiply(turned[own], local)),
        log_scales + parts["log_scale"],
        rest.logits + parts["logit"][:, 0],
        rest.colors + parts["color"],
    )


def carry(posed: Posed, carried: torch.Tensor, affine: torch.Tensor) -> Posed:
    """Splats that go with the head by as much as carried [N] says; affine: [3, 4], rigid, about the mesh's center."""
    rest = torch.eye(3, 4, dtype=affine.dtype, device=affine.device)
    share = carried[:, None, None]
    mixed = share * affine + (1 - share) * rest
    means = (mixed[:, :, :3] @ posed.means[:, :, None])[:, :, 0] + mixed[:, :, 3]
    turn = from_matrices(affine[None, :, :3])[0]
    turn = torch.where(turn[:1] < 0, -turn, turn)
    still = torch.zeros_like(turn)
    still[0] = 1
    quats = unit(multiply(unit(carried[:, None] * turn + (1 - carried[:, None]) * still), posed.quats))
    return Posed(means, quats, posed.log_scales, posed.logits, posed.colors)


def held_down(weights: torch.Tensor, ceilings: tuple[Ceiling, ...]) -> torch.Tensor:
    """Weights [..., 52] with each shape taken at most at its ceiling, in their order, as core.splat.dials does."""
    for ceiling in ceilings:
        row = ARKIT_52.index(ceiling.shape)
        most = ceiling.base + sum(slope * weights[..., ARKIT_52.index(n)] for n, slope in ceiling.slopes.items())
        held = weights.clone()  # what a gradient needs again must not be written into
        held[..., row] = torch.minimum(weights[..., row], torch.as_tensor(most, dtype=weights.dtype))
        weights = held
    return weights


def multiply(first: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """The quaternion product [N, 4]; see core.quats.multiply."""
    a, b, c, d = first.unbind(-1)
    w, x, y, z = then.unbind(-1)
    return torch.stack(
        [
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ],
        dim=-1,
    )


def unit(quats: torch.Tensor) -> torch.Tensor:
    """Quaternions [..., 4] at length 1."""
    return quats / quats.norm(dim=-1, keepdim=True).clamp_min(1e-12)


def from_matrices(axes: torch.Tensor) -> torch.Tensor:
    """Rotation matrices [G, 3, 3] as quaternions [G, 4]; the largest component is found first."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = (axes[:, row].unbind(1) for row in range(3))
    candidates = torch.stack(
        [
            torch.stack([1 + xx + yy + zz, zy - yz, xz - zx, yx - xy], 1),
            torch.stack([zy - yz, 1 + xx - yy - zz, xy + yx, xz + zx], 1),
            torch.stack([xz - zx, xy + yx, 1 + yy - xx - zz, yz + zy], 1),
            torch.stack([yx - xy, xz + zx, yz + zy, 1 + zz - xx - yy], 1),
        ],
        1,
    )  # [G, candidate, 4]
    best = torch.diagonal(candidates, dim1=1, dim2=2).argmax(1)
    picked = candidates.gather(1, best[:, None, None].expand(-1, 1, 4))[:, 0]
    return picked / picked.norm(dim=1, keepdim=True).clamp_min(1e-12)

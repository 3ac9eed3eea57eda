"""A SplatHead posed in torch, on the device that draws it: what core.splat.pose does, where NumPy is too far away."""

from __future__ import annotations

import numpy as np
import torch

from ..errors import SettingError
from ..splat.dials import turned_bones
from ..splat.head import SplatHead
from ..splat.pose_twin import NO_TURN
from ..splat.render import Camera
from .bound import ALL, PLACES, Mesh, Rest, carry, held_down, multiply, place
from .raster.harmonics import seen_colors
from .raster.protocol import Gaussians
from .start import gaussians_of

BACK = (1.0, -1.0, -1.0, -1.0)


class Played(torch.nn.Module):
    """A baked head whose splats, correctives and bones lie on a device. Clips do not play.

    Correctives are kept whole, [D, N * ALL]: 21 MB for 20 of them over 20,000 splats.
    """

    def __init__(self, head: SplatHead) -> None:
        """Raises SettingError for a head with other bones than those that learned heads have: a still chest, a head."""
        super().__init__()
        if head.bones.shares != (0.0, 1.0):
            raise SettingError("Only a head with a still chest and a head can be posed on a device; draw it as it is.")
        self.head, self.mesh = head, Mesh(head.template, head.binding.triangles)
        own = head.binding
        rows = (
            own.places,
            own.offsets,
            own.quats,
            own.log_scales,
            head.logits,
            head.sh[:, 0],
            head.bones.weights[:, 1],
        )
        for name, row in zip(Rest.__slots__, rows, strict=True):
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(row)), False)
        self.register_buffer("sh", torch.from_numpy(head.sh), False)
        self.register_buffer("mix", torch.from_numpy(head.mix), False)
        self.register_buffer("changes", torch.from_numpy(_whole(head)), False)

    def forward(self, weights: torch.Tensor, turn: np.ndarray = NO_TURN, camera: Camera | None = None) -> Gaussians:
        """weights: [52], on the device. turn: [3], radians, as in Performance.head. camera: whose colours are wanted;
        without one those that do not change with the side.
        """
        held = held_down(weights, self.head.ceilings)
        change = (self.mix @ held) @ self.changes if len(self.mix) else None
        rest = Rest(*(getattr(self, name) for name in Rest.__slots__))
        placed = place(self.mesh, rest, held, None if change is None else change.reshape(-1, ALL))
        posed = carry(placed, self.carried, torch.from_numpy(self._affine(turn)).to(weights.device))
        rows = gaussians_of(posed, self.mesh.center)
        if camera is None or self.sh.shape[1] == 1:
            return rows
        before = place(self.mesh, rest, None, None).quats
        turned = multiply(posed.quats, before * torch.tensor(BACK, device=weights.device))
        sh = torch.cat([posed.colors[:, None], self.sh[:, 1:]], dim=1)
        return Gaussians(
            rows.means, rows.quats, rows.scales, rows.opacities, seen_colors(sh, rows.means, camera, turned)
        )

    def _affine(self, turn: np.ndarray) -> np.ndarray:
        """The head's motion, float32 [3, 4], about the mesh's center."""
        affine = turned_bones(self.head.bones, turn).affines[-1].copy()
        affine[:, 3] += affine[:, :3] @ self.mesh.center - self.mesh.center
        return affine.astype(np.float32)


def _whole(head: SplatHead) -> np.ndarray:
    """Correctives without gaps, float32 [D, N * ALL]."""
    out = np.zeros((len(head.correctives.names), len(head), ALL), np.float32)
    places = [np.arange(ALL)[PLACES[group]] for group in head.correctives.groups]
    for change in range(len(out)):
        splats, numbers = head.correctives.rows(change)
        out[change, splats[:, None], np.concatenate(places)] = numbers
    return out.reshape(len(out), -1)

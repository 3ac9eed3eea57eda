"""Splats that no mesh had, hair or a hat, hung on a head so that they move with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import check
from ..errors import SettingError
from ..quats import CONJUGATE, from_axes, multiply
from .head import Binding, Bones, SplatHead
from .prepared import frames
from .types import Splats


@dataclass(frozen=True, slots=True, eq=False)
class Hung:
    """splats: in the set's axes, at rest, as many harmonics as the head has. triangles: int32 [n], what each hangs on.
    weights: float32 [n, B], its share of the head's bones.
    """

    splats: Splats
    triangles: np.ndarray
    weights: np.ndarray

    def __post_init__(self) -> None:
        check("Hung.triangles", self.triangles, (len(self.splats),), np.int32)
        check("Hung.weights", self.weights, (len(self.splats), "B"))


def attached(head: SplatHead, hung: Hung) -> SplatHead:
    """The head with more splats behind its own; at rest they are exactly where they were.

    Raises SettingError when their harmonics are not the head's.
    """
    if hung.splats.sh.shape[1] != head.sh.shape[1]:
        raise SettingError(f"The head has {head.sh.shape[1]} harmonics a colour, what is hung on it another number.")
    points = head.template.points.T.astype(np.float32)
    corner, first, second, axes, _ = frames(points, head.template.triangles[hung.triangles].T)
    origin = corner + (first + second) / 3
    turn = from_axes(axes[:3], axes[3:6], axes[6:]).T
    away = hung.splats.means.T - origin
    offsets = np.stack([(axes[k : k + 3] * away).sum(0) for k in (0, 3, 6)], axis=1)
    mine, bones = head.binding, head.bones
    binding = Binding(
        np.concatenate([mine.triangles, hung.triangles]),
        np.concatenate([mine.places, np.full((len(offsets), 2), 1 / 3, np.float32)]),
        np.concatenate([mine.offsets, offsets.astype(np.float32)]),
        np.concatenate([mine.quats, multiply(turn * CONJUGATE, hung.splats.quats).astype(np.float32)]),
        np.concatenate([mine.log_scales, hung.splats.log_scales]),
    )
    return replace(
        head,
        binding=binding,
        bones=Bones(bones.names, bones.pivots, bones.shares, np.concatenate([bones.weights, hung.weights])),
        logits=np.concatenate([head.logits, hung.splats.logits]),
        sh=np.concatenate([head.sh, hung.splats.sh]),
    )


def thinned(head: SplatHead, kept: np.ndarray) -> SplatHead:
    """The head with only some of its splats. kept: bool [N].

    Raises SettingError for a head with correctives or clips, whose rows tell splats by number.
    """
    if head.correctives.names or head.clips:
        raise SettingError("Splats can be taken from a head only before it has correctives or clips.")
    mine, bones = head.binding, head.bones
    binding = Binding(*(getattr(mine, name)[kept] for name in Binding.__dataclass_fields__))
    bones = Bones(bones.names, bones.pivots, bones.shares, bones.weights[kept])
    return replace(head, binding=binding, bones=bones, logits=head.logits[kept], sh=head.sh[kept])

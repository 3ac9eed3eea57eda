"""What a rig says, as what a head of splats understands: shape values, corrective values and turned bones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import SettingError
from ..formats.head_turn import quaternions
from ..quats import matrices
from ..rig.arkit import ARKIT_52
from .head import Bones, SplatHead

Weights = np.ndarray | Mapping[str, float]
"""Values of ARKit's shapes, [52] in the order of ARKIT_52, or of any of a head's sliders by name; the rest are 0."""


@dataclass(frozen=True, slots=True)
class Dials:
    """shapes: value by template shape; correctives: float32 [D]; clips: float32 coefficients by clip."""

    shapes: dict[str, float]
    correctives: np.ndarray
    clips: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Turns:
    """What each bone does to a splat: quats float64 [B, 4]; affines float64 [B, 3, 4], rotation and translation."""

    quats: np.ndarray
    affines: np.ndarray


def dialled(head: SplatHead, weights: Weights, moments: Mapping[str, float] | None = None) -> Dials:
    """Values for every layer of a head.

    moments: seconds into each clip that plays, by its name.
    Raises SettingError for a slider or clip the head does not have, and for values that are no numbers.
    """
    values = _named(head, weights)
    for ceiling in head.ceilings:
        most = ceiling.base + sum(slope * values.get(name, 0.0) for name, slope in ceiling.slopes.items())
        if values.get(ceiling.shape, 0.0) > most:
            values[ceiling.shape] = most
    arkit = np.array([values.get(name, 0.0) for name in ARKIT_52], np.float32)
    own = [0.0 if name in ARKIT_52 else values.get(name, 0.0) for name in head.correctives.names]
    correctives = head.mix @ arkit + np.array(own, np.float32)
    missing = [name for name in moments or {} if name not in head.clips]
    if missing:
        raise SettingError(f"This head has no clip called {missing[0]}; it has {_listed(head.clips)}.")
    clips = {name: head.clips[name].at(seconds) for name, seconds in (moments or {}).items()}
    shapes = {name: values.get(name, 0.0) for name in head.template.shapes}
    return Dials(shapes, correctives.astype(np.float32), clips)


def _named(head: SplatHead, weights: Weights) -> dict[str, float]:
    if isinstance(weights, np.ndarray):
        if weights.shape != (len(ARKIT_52),):
            raise SettingError(f"A head takes {len(ARKIT_52)} shape values, but was given {list(weights.shape)}.")
        weights = dict(zip(ARKIT_52, weights.tolist(), strict=True))
    known = set(head.sliders)
    missing = [name for name in weights if name not in known]
    if missing:
        raise SettingError(f"This head has no slider called {missing[0]}; take one of ARKit's 52 or the head's own.")
    if not np.isfinite(list(weights.values())).all():
        raise SettingError("A slider of a head must be a number, but one is not; check the curves.")
    return {name: float(value) for name, value in weights.items()}


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "none"


def turned_bones(bones: Bones, head_rotation: np.ndarray) -> Turns:
    """The chain with the head turned.

    head_rotation: [3], radians, yaw, pitch, roll as in Performance.head. Raises SettingError when it is none.
    """
    angles = np.asarray(head_rotation, np.float64)
    if angles.shape != (3,) or not np.isfinite(angles).all():
        raise SettingError("A head's turn must be three numbers in radians: yaw, pitch and roll.")
    x, y, z, w = quaternions(angles[None])[0]
    sine = float(np.sqrt(x * x + y * y + z * z))
    axis = np.array([x, y, z]) / max(sine, 1e-12)
    halves = np.cumsum(bones.shares) * np.arctan2(sine, w)  # half of each bone's whole turn
    quats = np.concatenate([np.cos(halves)[:, None], np.sin(halves)[:, None] * axis], axis=1)
    affines = np.zeros((len(quats), 3, 4))
    for bone, turn in enumerate(matrices(quats)):
        pivot = bones.pivots[bone].astype(np.float64)
        below = affines[bone - 1] if bone else np.eye(3, 4)
        affines[bone, :, :3] = turn
        affines[bone, :, 3] = below[:, :3] @ pivot + below[:, 3] - turn @ pivot
    return Turns(quats, affines)

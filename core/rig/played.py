"""A performance in the curves that a mapping reads, whichever rigs they belong to."""

from __future__ import annotations

import numpy as np

from ..errors import RigError
from ..types import Performance, RigCurves
from .convert import to_rig
from .names import rig_of_curve
from .targets import HEAD_CURVES, Mapping, Target, apply


def played_curves(performance: Performance, mapping: Mapping, flame_expression: np.ndarray | None = None) -> RigCurves:
    """Exactly the curves that a mapping reads, in its order, of any number of rigs.

    A character of visemes and a blink needs two rigs at once; each is made from the performance only if it is read.
    performance: board or ARKit curves, or curves that have every name already.
    flame_expression: float32 [52, 100], see core.rig.flame.board_to_flame.
    Raises RigError where the performance cannot be turned into one of the rigs.
    """
    have = dict(zip(performance.curves.names, performance.curves.values.T, strict=True))
    have |= dict(zip(HEAD_CURVES, performance.head.T, strict=True))
    for rig in dict.fromkeys(rig_of_curve(name) for name in mapping.sources if name not in have):
        turned = to_rig(performance, str(rig), flame_expression).curves
        have |= dict(zip(turned.names, turned.values.T, strict=True))
    if not mapping.sources:
        raise RigError(f'The mapping "{mapping.name}" moves nothing; match the character first or add a line to it.')
    values = np.stack([have[name] for name in mapping.sources], axis=1)
    return RigCurves(mapping.sources, values, performance.curves.fps)


def played(
    performance: Performance, mapping: Mapping, flame_expression: np.ndarray | None = None
) -> dict[Target, np.ndarray]:
    """What a performance gives each target of a character, float32 [T]; see played_curves and apply."""
    return apply(mapping, played_curves(performance, mapping, flame_expression))

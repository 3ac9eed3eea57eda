"""A take that a mapping wrote, read back from what its targets' curves hold now."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from ...core.errors import FormatError, RigError
from ...core.rig.presets import preset_of
from ...core.rig.targets import Target
from ...core.rig.unplayed import unplayed
from ...core.types import Performance
from .character import Character
from .targets import Moved, locate
from .turning import eulers_of, from_axis_angles

Sampler = Callable[[bpy.types.ID], dict[tuple[str, int], np.ndarray]]
"""From a datablock to the sampled curves of a take, float32 [T], by data path and index."""


def read_mapped(character: Character, preset: str, sampled: Sampler, fps: float) -> Performance:
    """The performance in the curves of a take.

    preset: the mapping that wrote it, as text.

    Raises: RigError when none of its curves is left.
    """
    try:
        mapping = preset_of(preset)
    except FormatError as error:
        raise RigError(f"The mapping that a take of {character.name} was made with cannot be read: {error}") from error
    values: dict[Target, np.ndarray] = {}
    for moved in locate(mapping, character.family, character.name).moved:
        for target, column in _values(moved, sampled(moved.owner)).items():
            values.setdefault(target, column)
    return unplayed(mapping, values, fps)


def _values(moved: Moved, curves: dict[tuple[str, int], np.ndarray]) -> dict[Target, np.ndarray]:
    """What the targets on one datablock hold."""
    found = {lane.target: curves[lane.path, lane.index] for lane in moved.lanes if (lane.path, lane.index) in curves}
    for turn in moved.turns:
        rows = [curves[turn.path, index] for index in range(4) if (turn.path, index) in curves]
        if len(rows) == 4:
            turned = np.stack(rows, axis=1)
            eulers = eulers_of(turned if turn.mode == "QUATERNION" else from_axis_angles(turned))
            found |= {target: eulers[:, axis] for axis, target in enumerate(turn.axes) if target}
    return found

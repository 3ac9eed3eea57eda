"""From a performance to the curves of whatever a mapping moves, worked out beside Blender in plain arrays."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from ...core.layers.regions import groups_of
from ...core.rig.played import played
from ...core.rig.targets import Mapping, Target
from ...core.types import Performance
from .channels import Channel
from .draft import Layer
from .targets import Lane, Moved, Turn
from .turning import axis_angles, quaternions

_WAIT_S = 0.02


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one datablock gets, without a reference to it; fields as in targets.Moved and draft.Layer."""

    id_type: str
    label: str
    lanes: tuple[Lane, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Motion:
    """A mapping and where its targets lie, in plain values that outlive undo."""

    mapping: Mapping
    sheets: tuple[Sheet, ...]

    @classmethod
    def of(cls, mapping: Mapping, moved: tuple[Moved, ...]) -> Motion:
        """The motion of what was found."""
        return cls(
            mapping, tuple(Sheet(each.owner.id_type, each.holder.name, each.lanes, each.turns) for each in moved)
        )

    def layers(self, performance: Performance) -> Generator[None, None, list[Layer]]:
        """Work out a layer for each sheet while the window lives on: long recordings take seconds of arithmetic."""
        pool = ThreadPoolExecutor(1)
        try:
            working = pool.submit(played, performance, self.mapping)
            while not working.done():
                wait([working], timeout=_WAIT_S)
                yield
            values, groups = working.result(), self._groups()
            layers = []
            for sheet in self.sheets:
                channels = [
                    Channel(lane.path, lane.index, groups[lane.target], values[lane.target]) for lane in sheet.lanes
                ]
                for turn in sheet.turns:
                    channels += _turned(turn, values, groups)
                    yield
                layers.append(Layer(sheet.id_type, sheet.label, channels))
        finally:
            # Who cancels does not wait for arithmetic that nobody wants any more.
            pool.shutdown(wait=False)
        return layers

    def _groups(self) -> dict[Target, str]:
        """The part of the face that each target belongs to, as its curves are grouped: that of its first curve."""
        parts = groups_of(self.mapping.sources)
        return {target: parts[drives[0].source].capitalize() for target, drives in self.mapping.by_target().items()}


def _turned(turn: Turn, values: dict[Target, np.ndarray], groups: dict[Target, str]) -> list[Channel]:
    """A bone's rotation with some of its axes moved."""
    moving = [target for target in turn.axes if target]
    rows = len(values[moving[0]])
    eulers = np.stack(
        [values[target] if target else np.full(rows, rest) for target, rest in zip(turn.axes, turn.rest, strict=True)],
        axis=1,
    )
    turned = quaternions(eulers)
    columns = np.ascontiguousarray((turned if turn.mode == "QUATERNION" else axis_angles(turned)).T, np.float32)
    return [Channel(turn.path, index, groups[moving[0]], column) for index, column in enumerate(columns)]

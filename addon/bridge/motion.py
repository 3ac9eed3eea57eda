"""From a performance to the curves of whatever a mapping moves, worked out beside Blender in plain arrays."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from ...core.layers.regions import groups_of
from ...core.rig.arkit import HEAD_AXES
from ...core.rig.played import played
from ...core.rig.targets import HEAD_CURVES, Mapping, Target, apply
from ...core.types import Performance, RigCurves
from .channels import Channel
from .draft import Layer
from .targets import Lane, Moved, Turn
from .turning import axis_angles, quaternions

_WAIT_S = 0.02
_AXES = dict(zip(HEAD_CURVES, HEAD_AXES, strict=True))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one datablock gets, without a reference to it; fields as in targets.Moved and draft.Layer."""

    id_type: str
    label: str
    owner: int
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
        return cls(mapping, tuple(_sheet(each) for each in moved))

    def layers(self, performance: Performance) -> Generator[None, None, list[tuple[Layer, list[float]]]]:
        """Work out a layer for each sheet, and its values at rest, while the window lives on: the arithmetic of long
        recordings takes seconds."""
        pool = ThreadPoolExecutor(1)
        try:
            working = pool.submit(played, performance, self.mapping)
            while not working.done():
                wait([working], timeout=_WAIT_S)
                yield
        finally:
            # Who cancels does not wait for arithmetic that nobody wants any more.
            pool.shutdown(wait=False)
        makers = _Maker(self.mapping, working.result()), _Maker(self.mapping, self._still())
        layers = []
        for sheet in self.sheets:
            moving, still = ([], [])
            for channels, maker in zip((moving, still), makers, strict=True):
                channels += [maker.lane(lane) for lane in sheet.lanes]
                for turn in sheet.turns:
                    channels += maker.turn(turn)
                    yield
            rests = [float(channel.values[0]) for channel in still]
            layers.append((Layer(sheet.id_type, sheet.label, moving, owner=sheet.owner), rests))
        return layers

    def at_once(self, performance: Performance) -> Iterator[tuple[int, Channel]]:
        """The channels of a short performance with the session id of what each moves, worked out on the spot."""
        maker = _Maker(self.mapping, played(performance, self.mapping))
        for sheet in self.sheets:
            yield from ((sheet.owner, maker.lane(lane)) for lane in sheet.lanes)
            for turn in sheet.turns:
                yield from ((sheet.owner, channel) for channel in maker.turn(turn))

    def _still(self) -> dict[Target, np.ndarray]:
        """What a face at rest gives each target."""
        sources = self.mapping.sources
        return apply(self.mapping, RigCurves(sources, np.zeros((1, len(sources)), np.float32), 1.0))


class _Maker:
    """Values as channels."""

    def __init__(self, mapping: Mapping, values: dict[Target, np.ndarray]) -> None:
        """values: of each target, float32 [T]."""
        self._drives = mapping.by_target()
        self._values = values

    def lane(self, lane: Lane) -> Channel:
        """The curve of a target as it is."""
        target, sources = lane.target, self._sources(lane.target)
        return Channel(lane.path, lane.index, _group(sources), self._values[target], sources, self._unit(target))

    def turn(self, turn: Turn) -> list[Channel]:
        """A bone's rotation with some of its axes moved."""
        moving = [target for target in turn.axes if target]
        rows = len(self._values[moving[0]])
        axes = [
            self._values[target] if target else np.full(rows, rest)
            for target, rest in zip(turn.axes, turn.rest, strict=True)
        ]
        turned = quaternions(np.stack(axes, axis=1))
        columns = turned if turn.mode == "QUATERNION" else axis_angles(turned)
        sources = tuple(dict.fromkeys(name for target in moving for name in self._sources(target)))
        # An angle moves the numbers of a quaternion by half as much.
        unit = min(self._unit(target) for target in moving) / 2
        return [
            Channel(turn.path, index, _group(sources), np.ascontiguousarray(column, np.float32), sources, unit)
            for index, column in enumerate(columns.T)
        ]

    def _sources(self, target: Target) -> tuple[str, ...]:
        """The curves a target follows, the head's by the names of its axes."""
        return tuple(_AXES.get(drive.source, drive.source) for drive in self._drives[target])

    def _unit(self, target: Target) -> float:
        return max(abs(drive.gain) for drive in self._drives[target]) or 1.0


def _sheet(moved: Moved) -> Sheet:
    owner = moved.owner
    return Sheet(owner.id_type, moved.holder.name, owner.session_uid, moved.lanes, moved.turns)


def _group(sources: tuple[str, ...]) -> str:
    """The part of the face that the foremost curve belongs to."""
    return groups_of(sources[:1])[sources[0]].capitalize()

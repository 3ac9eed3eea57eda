"""A character shown as a camera sees somebody now: values set, no key, and what was there is put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import bpy
import numpy as np

from ...core.errors import RigError
from ...core.rig.arkit import ARKIT_52
from ...core.types import Performance, RigCurves
from .character import Character
from .headpose import pose_of, rotation_pieces
from .keys import Plan, Take, plan_take

Place = tuple[int, str, int]
"""Session id of a datablock, data path, and index there."""


@dataclass(slots=True)
class LivePose:
    """What a face moves on a character, in plain values that outlive undo.

    plan: where everything lies. name: what the character is called. kept: what was there before.
    """

    plan: Plan
    name: str
    kept: dict[Place, float] = field(default_factory=dict)
    _ways: dict[str, tuple[str, str, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, character: Character) -> LivePose:
        """The pose of a character, which is not changed yet. Raises: RigError, as keying it would."""
        plan = plan_take(character, Take("Live", "", 0, _moment(*_REST)))
        if plan.turn and plan.turn.blend == "COMBINE":
            # A strip would be combined with the user's own below it; what is set here takes its place.
            frame = replace(plan.turn.frame, base=pose_of(character.head))
            plan = replace(plan, turn=replace(plan.turn, frame=frame))
        made = cls(plan, character.name)
        made.kept = {place: value for place in made.values(*_REST) if (value := made._value(place)) is not None}
        return made

    def values(self, weights: np.ndarray, head: np.ndarray) -> dict[Place, float]:
        """What a moment gives each place. weights: [52], 0..1; head: [3], radians."""
        made: dict[Place, float] = {}
        for layer in self.plan.layers:
            for channel in layer.channels:
                made[layer.owner, channel.path, channel.index] = float(weights[_COLUMNS[channel.sources[0]]])
        if self.plan.motion:
            for owner, channel in self.plan.motion.at_once(_moment(weights, head)):
                made[owner, channel.path, channel.index] = float(channel.values[0])
        turn = self.plan.turn
        if turn:
            row = next(rotation_pieces(np.asarray(head, np.float32)[None], turn.frame, turn.mode))[0]
            made |= {(turn.owner, turn.path, index): float(value) for index, value in enumerate(row)}
        return made

    def write(self, values: dict[Place, float]) -> None:
        """Set values where they belong; what is linked or gone is passed over. Raises RigError where all is gone."""
        owners = _owners({uid for uid, _, _ in values})
        if not owners:
            raise RigError(f"{self.name} was deleted, so the live camera was stopped.")
        for (uid, path, index), value in values.items():
            if uid in owners:
                self._set(owners[uid], path, index, value)
        for owner in owners.values():
            owner.update_tag()

    def put_back(self, scene: bpy.types.Scene | None) -> None:
        """Put back what was there, and let the timeline say the rest."""
        owners = _owners({uid for uid, _, _ in self.kept})
        for (uid, path, index), value in self.kept.items():
            if uid in owners:
                self._set(owners[uid], path, index, value)
        for owner in owners.values():
            owner.update_tag()
        if scene:
            scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)

    def _value(self, place: Place) -> float | None:
        uid, path, index = place
        owner = _owners({uid}).get(uid)
        if owner is None:
            return None
        found = owner.path_resolve(path)
        return float(found[index] if hasattr(found, "__len__") else found)

    def _set(self, owner: bpy.types.ID, path: str, index: int, value: float) -> None:
        above, name, own = self._way(path)
        try:
            holder = owner.path_resolve(above) if above else owner
        except ValueError:  # a bone or shape that was removed meanwhile
            return
        if own:
            holder[name] = round(value) if isinstance(holder.get(name), int) else value
            return
        now = getattr(holder, name)
        if hasattr(now, "__len__"):
            now[index] = value
        else:
            setattr(holder, name, value)

    def _way(self, path: str) -> tuple[str, str, bool]:
        """What holds a property, its name, and whether it is a custom one."""
        if path not in self._ways:
            if path.endswith('"]'):
                above, _, name = path[:-2].rpartition('["')
                self._ways[path] = above, bpy.utils.unescape_identifier(name), True
            else:
                above, _, name = path.rpartition(".")
                self._ways[path] = above, name, False
        return self._ways[path]


_COLUMNS = {name: column for column, name in enumerate(ARKIT_52)}
_REST = (np.zeros(len(ARKIT_52)), np.zeros(3))


def _moment(weights: np.ndarray, head: np.ndarray) -> Performance:
    """One moment as a performance of one row."""
    rows = np.ascontiguousarray(np.asarray(weights, np.float32)[None])
    return Performance(RigCurves(ARKIT_52, rows, 1.0), np.ascontiguousarray(np.asarray(head, np.float32)[None]))


def _owners(wanted: set[int]) -> dict[int, Any]:
    """Datablocks of this file by their session ids; linked ones, which cannot be set, are left out."""
    return {each.session_uid: each for each in _candidates() if each.session_uid in wanted and not each.library}


def _candidates() -> Iterator[bpy.types.ID]:
    yield from bpy.data.objects
    yield from bpy.data.shape_keys
    yield from bpy.data.armatures

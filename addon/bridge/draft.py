"""An action that comes into being curve by curve, so that Blender's window never waits for the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy

from .channels import Channel, new_layered_action, write_channel


@dataclass(frozen=True, slots=True)
class Layer:
    """What one datablock gets, in plain values.

    id_type: the datablock's kind, as its slot names it.
    blend:   how its strip lies over what is below.
    owner:   the datablock's session id.
    part:    which part of the face it is, one of GROUPS or REST; empty for all at once.
    """

    id_type: str
    label: str
    channels: list[Channel]
    blend: str = "REPLACE"
    owner: int = 0
    part: str = ""

    @property
    def slot_name(self) -> str:
        """What its slot is called: "Body Mouth"."""
        return f"{self.label} {self.part.capitalize()}".strip()


class Draft:
    """An action nobody uses yet: it shows nowhere and is not saved, so the file is never half animated.

    What is written next is read off the action itself. An undo between two steps may take the action away or bring
    back a shorter one; either way the next step goes on from there.
    """

    def __init__(self, title: str, start: int, layers: list[Layer]) -> None:
        """Nothing is made before the first step.

        start:  scene frame of the first key.
        layers: a slot each.
        """
        self._title = title
        self._start = start
        self._layers = layers
        self._uid: int | None = None

    @property
    def action(self) -> bpy.types.Action | None:
        """The action as far as it is written, or None."""
        return next((action for action in bpy.data.actions if action.session_uid == self._uid), None)

    def steps(self) -> Iterator[None]:
        """Write what is missing, a curve a step."""
        while self._write_next():
            yield

    def remove(self) -> None:
        """Take away what was written."""
        action = self.action
        if action:
            bpy.data.actions.remove(action)

    def _write_next(self) -> bool:
        """Write one curve. Returns: False when all are there."""
        action = self.action or self._begin()
        strip = action.layers[0].strips[0]
        for layer, slot in zip(self._layers, action.slots, strict=True):
            bag = strip.channelbag(slot)
            written = len(bag.fcurves)
            if written < len(layer.channels):
                write_channel(bag, layer.channels[written], self._start)
                return True
        return False

    def _begin(self) -> bpy.types.Action:
        action, strip = new_layered_action(self._title)
        self._uid = action.session_uid
        for layer in self._layers:
            strip.channelbag(action.slots.new(layer.id_type, layer.slot_name), ensure=True)
        return action

"""What the user asked for, in plain values that outlive undo."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import AudioError
from ..core.guidance import Guidance
from ..core.rig.presets import preset_text
from .bridge.character import HeadChoice, find_character
from .bridge.keys import check_closed
from .bridge.layers import LAYERED, Keying
from .bridge.shown import shown_mapping


@dataclass(frozen=True, slots=True)
class Reference:
    """A datablock by its identity in this session; RNA references die at each undo."""

    name: str
    uid: int

    @classmethod
    def to(cls, datablock: bpy.types.ID) -> Reference:
        """The reference to a datablock."""
        return cls(datablock.name, datablock.session_uid)

    def find(self, collection: bpy.types.bpy_prop_collection) -> Any:
        """The datablock in bpy.data.objects or the like, or None when it is gone."""
        return next((datablock for datablock in collection if datablock.session_uid == self.uid), None)


@dataclass(frozen=True, slots=True)
class Request:
    """One performance to make and where it goes.

    start:    scene frame of the first row.
    guidance: emotion, direction and what is said.
    suggest:  whether to tell what emotion the voice suggests.
    keying:   on which tracks it goes, with how many keys.
    judged:   whether to tell what a batch's report says of it.
    """

    recording: Path
    scene: Reference
    character: Reference
    start: int
    seed: int = 0
    head_mode: str = "AUTO"
    head: Reference | None = None
    head_bone: str = ""
    with_sound: bool = True
    extend_end: bool = True
    in_sync: bool = False
    guidance: Guidance = field(default_factory=Guidance)
    suggest: bool = False
    keying: Keying = LAYERED
    judged: bool = False

    def order(self) -> dict[str, Any]:
        """The job line for the worker. Raises: CoreError when something is missing from the start."""
        scene = self.scene.find(bpy.data.scenes)
        if not self.recording.is_file():
            raise AudioError(f'There is no recording "{self.recording.name}"; choose a sound file that exists.')
        character = find_character(self.character.find(bpy.data.objects), self.head_choice())
        check_closed(character)
        judged = {"judge": preset_text(shown_mapping(character))} if self.judged else {}
        return {
            "task": "animate",
            "input": str(self.recording),
            "fps": rate_of(scene),
            "seed": self.seed,
            "rig": character.rig,
            "suggest": self.suggest,
            **self.guidance.members(),
            **judged,
        }

    def head_choice(self) -> HeadChoice:
        """What to turn, looked up anew."""
        head = self.head.find(bpy.data.objects) if self.head else None
        return HeadChoice(self.head_mode, head, self.head_bone)


def rate_of(scene: bpy.types.Scene) -> float:
    """Frames per second of a scene."""
    return scene.render.fps / scene.render.fps_base

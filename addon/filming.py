"""What is asked of a film, in plain values: the performance it shows, blended with what its sound makes of the face."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ..core.blend.shares import Wish, wish_members
from ..core.errors import FormatError
from ..core.layers.regions import GROUPS
from .bridge.character import find_character
from .bridge.keys import check_closed
from .bridge.sliders import Sliders, sampled
from .delivery import Delivery
from .desk import DESK
from .props_video import VIDEO
from .request import Request, rate_of


@dataclass(frozen=True, slots=True)
class FilmRequest(Request):
    """As Request, the recording being a film. wishes: by part of the face, what it follows; face: which of several.

    reach: how far the person's own extremes go on this head, 0..1; None leaves them as the film shows them.
    """

    wishes: dict[str, Wish] = field(default_factory=dict)
    face: str = "largest"
    reach: float | None = None

    def order(self) -> dict[str, Any]:
        """The job line for the worker. Raises: CoreError when something is missing from the start."""
        if not self.recording.is_file():
            raise FormatError(f'There is no film "{self.recording.name}"; choose one that exists.')
        character = find_character(self.character.find(bpy.data.objects), self.head_choice())
        check_closed(character)
        ranged = {} if self.reach is None else {"reach": self.reach}
        return ranged | {
            "task": "film",
            "input": str(self.recording),
            "fps": rate_of(self.scene.find(bpy.data.scenes)),
            "seed": self.seed,
            "rig": character.rig,
            "face": self.face,
            "wishes": wish_members(self.wishes),
        }


class FilmDelivery(Delivery):
    """A film's performance on its way into the file; the panel then tells how far sound and pictures lay apart."""

    def finish(self, sequencer: bpy.types.Scene | None = None) -> tuple[str, ...]:
        """As Delivery. Raises: RigError."""
        warnings = super().finish(sequencer)
        if DESK.job:
            getattr(self.request.scene.find(bpy.data.scenes), VIDEO).told = DESK.job.progress.said
        return warnings


def wishes_of(scene: bpy.types.Scene, start: int) -> dict[str, Wish]:
    """What each part of the face follows from a frame on, as the sliders, their keys and drivers say."""
    settings = getattr(scene, VIDEO)
    times, rows = sampled(Sliders(scene, f"{VIDEO}.", GROUPS), scene, start)
    seconds, values = times.astype(np.float32), np.clip(rows, 0, 1).astype(np.float32)
    return {
        group: Wish(seconds, np.ascontiguousarray(column), bool(settings.as_sure))
        for group, column in zip(GROUPS, values.T, strict=True)
    }

"""From the worker's result to keys in the file: many small steps that change nothing seen, and one that shows all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import bpy

from ..core.errors import RigError
from ..core.formats import read_performance
from ..core.rig.convert import to_rig
from ..core.types import Performance
from .bridge.character import Character, find_character
from .bridge.draft import Draft
from .bridge.keys import Plan, Take, place_take, plan_take
from .bridge.mark import note_script
from .bridge.sound import add_sound, play_in_sync
from .request import Request, rate_of
from .retime import at_rate


def apply(request: Request, output: Path) -> tuple[str, ...]:
    """Put a performance the worker wrote into the file in one go.

    Returns: warnings, each one sentence.
    Raises: RigError, before anything is changed, when scene or character are gone or cannot be keyed.
    """
    delivery = Delivery(request)
    try:
        for _ in delivery.steps(output):
            pass
        return delivery.finish()
    finally:
        delivery.discard()


class Delivery:
    """A result on its way into the file. Holds plain values only, for between two steps the user may undo or delete.

    saved:     once finished, how many keys fewer there are, one sentence.
    remembers: whether the panel's head and emotion are to be kept with the character.
    plays:     whether there is a recording to show in the sequencer.
    """

    remembers = plays = True

    def __init__(self, request: Request) -> None:
        self.request = request
        self.saved = ""
        self._plan: Plan | None = None
        self._draft: Draft | None = None

    @property
    def ready(self) -> bool:
        return self._draft is not None

    def steps(self, output: Path) -> Iterator[None]:
        """Write the keys where nothing shows them yet, each step a small part of 100 ms.

        Raises: RigError when scene or character are gone or cannot be keyed.
        """
        yield from self._work_out(output)
        self._draft = self._plan.draft()
        yield from self._draft.steps()

    def _work_out(self, output: Path) -> Iterator[None]:
        """Make the plan of what will be written."""
        performance = self.read(output)
        yield
        # The frame rate may have changed meanwhile; keys must lie on the frames there are now.
        performance = at_rate(performance, rate_of(self._targets()[0]))
        yield
        request, character = self.request, self._targets()[1]
        if character.mapping is None:
            # ARKit's names move it, though a mapping that was there when the job began may have asked for more.
            performance = to_rig(performance, "arkit52")
        take = Take(request.recording.stem, str(request.recording), request.start, performance, request.keying)
        self._plan = plan_take(character, take)
        yield
        yield from self._plan.steps()

    def read(self, output: Path) -> Performance:
        """The performance that the worker wrote. Raises: FormatError."""
        return read_performance(output)

    def finish(self, sequencer: bpy.types.Scene | None = None) -> tuple[str, ...]:
        """Show the keys on the character, add the sound, lengthen the scene.

        sequencer: the scene that gets the sound; the animated one when None.

        Returns: warnings, each one sentence.
        Raises: RigError, before anything is changed, when scene or character are gone or no longer the same.
        """
        request, plan = self.request, self._plan
        scene, character = self._targets()
        if not math.isclose(rate_of(scene), plan.take.performance.curves.fps, rel_tol=1e-6):
            raise RigError(f"The frame rate of {scene.name} was changed while keys were being written; animate again.")
        written = place_take(character, plan, self._draft)
        self._draft, self.saved = None, written.saved
        note_script(written.action, request.guidance.script)
        warnings = [*_missing(character), *written.warnings]
        if request.with_sound:
            warnings.extend(add_sound(sequencer or scene, plan.take))
        if request.extend_end:
            scene.frame_end = max(scene.frame_end, plan.take.end)
        if request.in_sync:
            play_in_sync(sequencer or scene)
        return tuple(warnings)

    def discard(self) -> None:
        """Take away what was written and not finished."""
        draft, self._draft = self._draft, None
        if draft:
            draft.remove()

    def _targets(self) -> tuple[bpy.types.Scene, Character]:
        """Scene and character as they are now."""
        request = self.request
        scene = request.scene.find(bpy.data.scenes)
        chosen = request.character.find(bpy.data.objects)
        for gone, reference in ((scene, request.scene), (chosen, request.character)):
            if gone is None:
                raise RigError(
                    f"{reference.name} was deleted while its performance was being made; nothing was written."
                )
        return scene, find_character(chosen, request.head_choice())


def _missing(character: Character) -> tuple[str, ...]:
    lacks = character.mapping is None and character.match.missing
    return (f"{character.name}: {character.match.summary}",) if lacks else ()

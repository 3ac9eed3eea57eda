"""From a worker's head of splats to an object in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import FormatError, RigError
from ..core.learned import clip_title
from .bridge.splat_clip import play_clip
from .bridge.splat_files import import_file
from .delivery import Delivery
from .desk import DESK
from .props_heads import HEADS
from .request import Reference, Request

RESULT = "head.splathead"


@dataclass(frozen=True, slots=True)
class HeadRequest:
    """Work on a head that is made of a picture or a film.

    task: "portrait" or "head". source: the picture, film or recording. asked: further members of the job line.
    place: where the object goes, scene units. needed: whether there is no work without the source.
    """

    task: str
    source: Path
    scene: Reference
    place: tuple[float, float, float]
    asked: dict[str, Any] = field(default_factory=dict)
    needed: bool = True

    def order(self) -> dict[str, Any]:
        """The job line for the worker. Raises FormatError where the source is missing."""
        if self.needed and not self.source.is_file():
            raise FormatError(f'There is no file "{self.source.name}"; choose one that exists.')
        return {"task": self.task, "input": str(self.source), "output": RESULT, **self.asked}

    @property
    def name(self) -> str:
        """What the object is called."""
        return self.source.stem or Path(self.asked.get("folder", "Head")).name


class HeadDelivery:
    """As addon.delivery.Delivery, of a head: nothing is written before the last step.

    plays: whether there is a recording to show. remembers, saved: see there.
    """

    plays = remembers = False
    saved = ""

    def __init__(self, request: HeadRequest) -> None:
        self.request = request
        self._output: Path | None = None

    @property
    def ready(self) -> bool:
        return self._output is not None

    def steps(self, output: Path) -> Iterator[None]:
        """Take note of what the worker made."""
        self._output = output
        yield

    def finish(self, sequencer: bpy.types.Scene | None = None) -> tuple[str, ...]:
        """Put the head into the scene, select it and choose it as the character. Raises RigError without a scene."""
        scene = self._told_scene()
        self._add(scene)
        self._output = None
        return ()

    def discard(self) -> None:
        """Forget it; the job's folder goes with the job."""
        self._output = None

    def _told_scene(self) -> bpy.types.Scene:
        """The scene, whose panel now says what the worker said."""
        scene = self.request.scene.find(bpy.data.scenes)
        if scene is None:
            raise RigError(f"{self.request.scene.name} was deleted while the head was being made; nothing was added.")
        if DESK.job and DESK.job.progress.said:
            getattr(scene, HEADS).told = DESK.job.progress.said
        return scene

    def _add(self, scene: bpy.types.Scene) -> bpy.types.Object:
        made, _ = import_file(self._output, "", scene.collection)
        made.name = made.data.name = self.request.name
        made.location = self.request.place
        scene.mouthpiece.character = made
        return made


class ToldDelivery(HeadDelivery):
    """Of work that leaves nothing but files in the head's folder, and a sentence."""

    def finish(self, sequencer: bpy.types.Scene | None = None) -> tuple[str, ...]:
        """Let the panel say it."""
        self._told_scene()
        self._output = None
        return ()


class ClipDelivery(HeadDelivery):
    """Of a head that says a recording through its field: a new object, keys on it, and its clip beside them."""

    plays = True

    def __init__(self, request: HeadRequest, take: Request) -> None:
        """take: how the keys are written; its character will be the new object."""
        super().__init__(request)
        self._take = take

    def finish(self, sequencer: bpy.types.Scene | None = None) -> tuple[str, ...]:
        """Put the head into the scene and let it say the recording. Raises RigError without a scene."""
        scene = self._told_scene()
        made = self._add(scene)
        play_clip(made, clip_title(self._take.recording), self._take.start, scene)
        delivery = Delivery(replace(self._take, character=Reference.to(made)))
        try:
            for _ in delivery.steps(self._output.with_suffix(".npz")):
                pass
            return delivery.finish(sequencer)
        finally:
            delivery.discard()
            self._output = None

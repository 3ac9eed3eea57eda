"""From a worker's head of splats to an object in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import FormatError, RigError
from .bridge.splat_files import import_file
from .request import Reference

RESULT = "head.splathead"


@dataclass(frozen=True, slots=True)
class HeadRequest:
    """A head to make of a picture or a film.

    task: "portrait" or "head". source: the picture or film. asked: further members of the job line.
    place: where the object goes, scene units.
    """

    task: str
    source: Path
    scene: Reference
    place: tuple[float, float, float]
    asked: dict[str, Any] = field(default_factory=dict)

    def order(self) -> dict[str, Any]:
        """The job line for the worker. Raises FormatError where the source is missing."""
        if not self.source.is_file():
            raise FormatError(f'There is no file "{self.source.name}"; choose one that exists.')
        return {"task": self.task, "input": str(self.source), "output": RESULT, **self.asked}


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
        scene = self.request.scene.find(bpy.data.scenes)
        if scene is None:
            raise RigError(f"{self.request.scene.name} was deleted while the head was being made; nothing was added.")
        made, _ = import_file(self._output, "", scene.collection)
        made.name, made.location = self.request.source.stem, self.request.place
        scene.mouthpiece.character = made
        self._output = None
        return ()

    def discard(self) -> None:
        """Forget it; the job's folder goes with the job."""
        self._output = None

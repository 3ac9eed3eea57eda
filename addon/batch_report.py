"""What came of several recordings, gathered as the command line's batches tell it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy

from ..core.batch.plan import Item
from ..core.batch.report import Report, entry_of
from ..core.batch.run import DONE, REFUSED
from ..core.guidance import ENGLISH, Guidance
from .batch import Line
from .bridge.character import find_character
from .bridge.shown import lines_lost
from .request import Request, rate_of

FORMAT = "blend"
"""Stands for the format of takes, which lie in the open file."""


class Gathering:
    """The entries of a report, one after another."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._started, self._fps = time.time(), rate_of(scene)
        self._entries: list[dict[str, Any]] = []
        self._request: Request | None = None

    def done(self, line: Line, entry: dict[str, Any] | None, elapsed_s: float) -> None:
        """Add a recording that was animated. entry: what the worker tells of it."""
        request = line.request
        self._request = self._request or request
        character = find_character(request.character.find(bpy.data.objects), request.head_choice())
        told = dict(entry or {}) | {"elapsed_s": round(elapsed_s, 3)}
        lost = [finding.members() for finding in lines_lost(character)]
        told["findings"] = [*told.get("findings", ()), *lost]
        self._entries.append(entry_of(_item(line, character.name), DONE, told))

    def refused(self, line: Line, sentence: str) -> None:
        """Add a recording that could not be."""
        name = line.request.character.name if line.request else ""
        self._entries.append(entry_of(_item(line, name), REFUSED, {"sentence": sentence}))

    def report(self) -> Report:
        """All of it. Emotion and direction are those of the first recording that was animated."""
        guidance = self._request.guidance if self._request else Guidance()
        settings = {
            "rig": "arkit52",
            "fps": self._fps,
            "seed": self._request.seed if self._request else 0,
            "formats": [FORMAT],
            "phones_ending": "",
            "language": guidance.script.language if guidance.script else ENGLISH,
            "guidance": guidance.members(),
            "mapping": None,
        }
        return Report(settings, tuple(self._entries), self._started, time.time() - self._started)


def _item(line: Line, character: str) -> Item:
    recording = line.request.recording if line.request else Path(line.name)
    return Item(line.name, recording, None, (), character)

"""What a batch remembers between runs: which recordings are done, told by the content of all that went in and out.

The output folder holds a hidden folder of one small JSON file for each recording. A recording counts as done while its
own bytes, those of its words, the settings, Mouthpiece's version and model, and its outputs are what they were.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import CoreError, FormatError
from ..formats.atomic import replacing
from ..paths import reason, shown
from ..speech import weights
from ..version import version
from .plan import Item
from .settings import Settings

FOLDER = ".mouthpiece-batch"
LAYOUT = 1
BLOCK_BYTES = 1 << 20
BEGUN, DONE = "begun", "done"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of the recordings whose outputs go to one folder."""

    folder: Path

    def recall(self, item: Item) -> dict[str, Any]:
        """The record of an item; empty where there is none that can be read."""
        try:
            found = json.loads(self._place(item).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        whole = isinstance(found, dict) and found.get("layout") == LAYOUT and found.get("name") == item.name
        return found if whole else {}

    def begin(self, item: Item) -> None:
        """Note that an item's outputs are about to be written, so that a run after a kill knows them for ours."""
        self._write(item, {"state": BEGUN})

    def finish(self, item: Item, key: str, entry: dict[str, Any]) -> None:
        """Note that an item is done. key: content_key(); entry: its part of the report."""
        hashes = {target.name: file_hash(target) for target in item.targets}
        self._write(item, {"state": DONE, "key": key, "outputs": hashes, "entry": entry})

    def forget(self, item: Item) -> None:
        """Take begin() back: nothing was written."""
        self._place(item).unlink(missing_ok=True)

    def _place(self, item: Item) -> Path:
        name = item.name.encode("utf-8", "surrogateescape")
        return self.folder / FOLDER / f"{hashlib.sha256(name).hexdigest()[:32]}.json"

    def _write(self, item: Item, members: dict[str, Any]) -> None:
        place = self._place(item)
        make_folder(place.parent)
        with replacing(place) as temporary:
            text = json.dumps({"layout": LAYOUT, "name": item.name} | members)
            temporary.write_text(text, encoding="utf-8")


def is_done(item: Item, record: dict[str, Any], key: str) -> bool:
    """Whether a recording need not be done again."""
    return record.get("state") == DONE and record.get("key") == key and _intact(item.targets, record)


def strangers(item: Item, record: dict[str, Any]) -> tuple[Path, ...]:
    """The outputs that are there but were not written by a batch, or were changed since."""
    there = tuple(target for target in item.targets if target.exists())
    if record.get("state") == BEGUN:
        return ()
    return tuple(target for target in there if not _intact((target,), record))


def content_key(item: Item, settings: Settings) -> str:
    """What decides an item's outputs, as one hash. Raises FormatError for a file that cannot be read."""
    parts = {
        "version": version(),
        "model": _model_hash(),
        "settings": settings.members(),
        "recording": file_hash(item.source),
        "words": [item.transcript.suffix.lower(), file_hash(item.transcript)] if item.transcript else None,
        "character": item.character,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """The SHA-256 of a file. Raises FormatError if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    return digest.hexdigest()


def make_folder(folder: Path) -> None:
    """Make a folder and those it lies in. Raises FormatError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"The folder {shown(folder)} cannot be made ({reason(error)}); choose another.") from error


def _intact(targets: tuple[Path, ...], record: dict[str, Any]) -> bool:
    """Whether files are there and still hold what was written."""
    hashes = record.get("outputs") or {}
    try:
        return all(target.name in hashes and file_hash(target) == hashes[target.name] for target in targets)
    except CoreError:
        return False


@lru_cache(maxsize=1)
def _model_hash() -> str:
    return file_hash(weights.SHIPPED)

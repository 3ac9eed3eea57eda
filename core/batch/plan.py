"""What a batch will do: which recordings, with which words, to which files. Nothing is read or written yet."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError, SettingError
from ..formats.atomic import MARK
from ..paths import shown
from .naming import PLAIN, CastRule, character_of, check_pattern, filled, folded
from .settings import Settings

RECORDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".rf64", ".bwf")
"""Endings that are looked for in folders; a file that is named outright may have any."""
TRANSCRIPTS = (".txt", ".lab")
"""Endings of words beside a recording, the first one that is there counts."""


@dataclass(frozen=True, slots=True)
class Item:
    """One recording.

    name:       path of its outputs below the output folder, without ending, "/" between folders; names it everywhere.
    transcript: the file of its words, or None.
    targets:    the files to write, performances first.
    """

    name: str
    source: Path
    transcript: Path | None
    targets: tuple[Path, ...]
    character: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user named.

    sources: recordings, folders and patterns such as takes/*.wav.
    folder:  where outputs go.
    pattern: of output names, see core.batch.naming.
    share:   (k, n): only every n-th recording, beginning with the k-th of 1..n.
    """

    sources: tuple[str, ...]
    folder: Path
    pattern: str = PLAIN
    cast: tuple[CastRule, ...] = ()
    share: tuple[int, int] = (1, 1)


def plan(wanted: Wanted, settings: Settings) -> tuple[Item, ...]:
    """The items of a batch in a fixed order.

    Raises SettingError where nothing is found, where two recordings would be written to one file, or where a file
    that is read would be written over; FormatError for a source that does not exist.
    """
    check_pattern(wanted.pattern)
    number, of = wanted.share
    if not 1 <= number <= of:
        raise SettingError(f"The share {number}/{of} is none; write for example 2/8 for the second of eight.")
    found = list(_recordings(wanted))
    if not found:
        raise SettingError("No recording is found there; name recordings or folders that hold some.")
    items = tuple(_item(wanted, settings, place, *row) for place, row in enumerate(found, 1))
    _check_names(items)
    return items[number - 1 :: of]


def _recordings(wanted: Wanted) -> Iterator[tuple[Path, str]]:
    """Every recording once, with the folder it lies in below the source that named it."""
    seen: set[Path] = set()
    for source in wanted.sources:
        for path, folder in _of_source(source, wanted.folder.absolute()):
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path, folder


def _of_source(source: str, out: Path) -> Iterator[tuple[Path, str]]:
    path = Path(source)
    if path.is_dir():
        yield from _of_folder(path.absolute(), out)
    elif path.exists():
        yield path.absolute(), ""
    elif glob.has_magic(source):
        for match in sorted(glob.glob(source, recursive=True)):  # noqa: PTH207  (patterns may be absolute)
            yield from _of_source(match, out)
    else:
        raise FormatError(f"{shown(path)} does not exist; check the path of the recording or folder.")


def _of_folder(top: Path, out: Path) -> Iterator[tuple[Path, str]]:
    """The recordings below a folder in order of their names; the output folder and hidden files are passed over."""
    for place, folders, files in os.walk(top):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and here / name != out)
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in RECORDINGS:
                yield here / name, "/".join(here.relative_to(top).parts)


def _item(wanted: Wanted, settings: Settings, number: int, source: Path, folder: str) -> Item:
    character = character_of(source.stem, wanted.cast)
    name = filled(wanted.pattern, folder, source.stem, character, number)
    base = wanted.folder.absolute() / name
    endings = (*settings.endings, *([settings.phones] if settings.phones else []))
    targets = tuple(base.with_name(base.name + ending) for ending in endings)
    transcript = next((path for ending in TRANSCRIPTS if (path := source.with_suffix(ending)).is_file()), None)
    return Item(name, source, transcript, targets, character)


def _check_names(items: tuple[Item, ...]) -> None:
    """Raise SettingError where a file would be written twice, or read and written."""
    owners: dict[str, Item] = {}
    for item in items:
        other = owners.setdefault(folded(item.name), item)
        if other is not item:
            raise SettingError(
                f"{shown(other.source)} and {shown(item.source)} would both be written to {shown(item.targets[0])}; "
                "rename one or give --name a pattern that tells them apart, such as {stem}_{number}."
            )
    read = {path for item in items for path in (item.source, item.transcript) if path}
    clash = next((target for item in items for target in item.targets if target in read), None)
    if clash:
        raise SettingError(f"{shown(clash)} is read and would be written over; choose another output folder.")
    if any(MARK in item.name for item in items):
        raise SettingError(f'Names that hold "{MARK}" are kept for unfinished files; rename the recording.')

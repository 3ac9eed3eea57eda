"""Splats that move, as numbered files (head_0001.spz, head_0002.spz) or as one USD stage with time samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from ...formats.atomic import check_place, replacing
from ...paths import reason, shown
from ..types import SplatError, Splats
from . import FORMATS, format_of, write_splats
from .report import Fault
from .usd_course import write_usd_course

DIGITS = 4
"""Of the numbers in names that do not say how many they want."""
MOST_FILES = 100_000
ENDINGS = tuple(ending for form in FORMATS.values() for ending in form.endings if form.name != "usd")
_NUMBER = re.compile(r"(\d+)(?=\D*$)")


def write_sequence(path: Path, frames: Iterable[Splats], fps: float, start: int = 1) -> Iterator[Path]:
    """Write frames one by one and give the path of each file when it is there; a USD stage comes last and alone.

    path: of the stage, or of the files with #### where the number goes (before the ending where there is none).
    frames: may be made as they are asked for. fps matters to USD only.
    Raises what write_splats raises; files written before that stay.
    """
    form = format_of(path)
    if form.name != "usd":
        for number, splats in enumerate(frames, start):
            file = frame_path(path, number)
            write_splats(file, splats)
            yield file
        return
    check_place(path)
    ending = next(ending for ending in form.endings if path.name.lower().endswith(ending))
    with replacing(path) as temporary:
        try:
            write_usd_course(temporary, frames, fps, start, ending)
        except Fault as fault:
            raise SplatError(f"{shown(path)} {fault}.") from None
    yield path


def frame_path(path: Path, number: int) -> Path:
    """The file of one frame. path: as in write_sequence."""
    signs = re.findall(r"#+", path.name)
    if signs:
        place = path.name.rfind(signs[-1])
        name = path.name[:place] + f"{number:0{len(signs[-1])}d}" + path.name[place + len(signs[-1]) :]
    else:
        ending = next(ending for ending in format_of(path).endings if path.name.lower().endswith(ending))
        name = f"{path.name[: -len(ending)]}_{number:0{DIGITS}d}{path.name[-len(ending) :]}"
    return path.with_name(name)


def numbered_files(path: Path) -> dict[int, Path]:
    """The files of the sequence that one of them belongs to, by number and in order; only itself where it has none.

    Raises SplatError where two files have the same number, such as 1 and 01, there are too many, or no such folder.
    """
    own = _parts(path.name)
    if own is None:
        return {0: path}
    found: dict[int, Path] = {}
    try:
        others = sorted(path.parent.iterdir())
    except OSError as error:
        folder = shown(path.parent)
        raise SplatError(f"{folder} cannot be read ({reason(error)}); check the path of the splats.") from None
    for other in others:
        parts = _parts(other.name)
        if parts is None or (parts[0], parts[2]) != (own[0], own[2]) or not other.is_file():
            continue
        number = int(parts[1])
        if number in found:
            raise SplatError(f"{shown(other)} and {shown(found[number])} have the same number; remove one of them.")
        found[number] = other
    if len(found) > MOST_FILES:
        raise SplatError(f"{shown(path)} belongs to more than {MOST_FILES:,} files; move some to another folder.")
    return dict(sorted(found.items())) or {0: path}


def frame_at(files: dict[int, Path], number: float) -> Path:
    """The file shown at a number: the last one that is not later, or the first."""
    numbers = list(files)
    for before, after in pairwise(numbers):
        if number < after:
            return files[before]
    return files[numbers[-1]]


def _parts(name: str) -> tuple[str, str, str] | None:
    """A name before, in and behind its last number, the ending left alone: head_01.compressed.ply, take7_3.spz."""
    # Names hold dots and endings digits: the number is sought before the known ending.
    known = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    if not known:
        return None
    stem, ending = name[: -len(known)], name[-len(known) :]
    match = _NUMBER.search(stem)
    return (stem[: match.start()], match[1], stem[match.end() :] + ending) if match else None

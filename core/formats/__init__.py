"""Performances as files: the ending or a name picks the format. docs/formats.md and docs/engines.md describe each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import FormatError, SettingError, ShapeError
from ..paths import reason, shown
from ..types import Performance
from .atomic import check_place, replacing
from .catalogue import FORMATS, WRITTEN_RIGS
from .file_format import FileFormat, Placing

__all__ = (
    "FORMATS",
    "WRITTEN_RIGS",
    "FileFormat",
    "Placing",
    "check_target",
    "endings",
    "format_for",
    "format_named",
    "format_of",
    "formats_of",
    "read_performance",
    "write_performance",
)


def endings() -> tuple[str, ...]:
    """The endings that performances have, each once."""
    return tuple(dict.fromkeys(form.ending for form in FORMATS.values()))


def check_target(path: Path, rig: str = "") -> None:
    """Raise FormatError unless a performance, of this rig if one is given, can be written to this path.

    Call it before long work.
    """
    path = Path(path)
    found = formats_of(path)
    if rig and not any(form.takes_rig(rig) for form in found):
        takes = " or ".join(found[0].rigs)
        raise FormatError(
            f"{shown(path)} would be {found[0].title}, which takes the rig {takes}, not {rig}; choose one."
        )
    check_place(path)


def write_performance(
    path: Path, performance: Performance, form: FileFormat | None = None, placing: Placing | None = None
) -> None:
    """Write a performance in a format, else in the one its ending names; the file appears whole or not at all.

    Raises FormatError for an unknown ending, a rig the format cannot hold or a place that cannot be written, and
    SettingError for a start frame where the format has none.
    """
    path = Path(path)
    form = form or format_for(path, performance.curves.names)
    placing = _named(placing or Placing(), path)
    for array in (performance.curves.values, performance.head):
        if not np.isfinite(array).all():
            raise ShapeError("Performance values must be finite.")
    form.check(performance.curves.names, placing)
    check_place(path)
    with replacing(path) as temporary:
        form.write(temporary, performance, placing)


def read_performance(path: Path) -> Performance:
    """Read a performance from any of FORMATS that reads; those that share an ending are told by their content.

    Raises FormatError for a missing file, an unknown ending, or content of another layout.
    """
    path = Path(path)
    formats_of(path)
    try:
        performance = format_of(path).read(path)
    except FileNotFoundError:
        raise FormatError(f"{shown(path)} does not exist; check the path of the performance.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    except ShapeError as error:
        raise FormatError(f"{shown(path)} does not hold a performance: {error}") from error
    if not (np.isfinite(performance.curves.values).all() and np.isfinite(performance.head).all()):
        raise FormatError(f"{shown(path)} holds values that are not numbers (NaN or infinite); write it again.")
    return performance


def format_for(path: Path, names: tuple[str, ...]) -> FileFormat:
    """What is written to a path where nobody says more: the first format of its ending that takes these curves.

    Raises FormatError for an unknown ending.
    """
    candidates = formats_of(path)
    return next((form for form in candidates if form.takes(names)), candidates[0])


def format_of(path: Path) -> FileFormat:
    """The format of a file that is there. Raises FormatError for one that is never read, OSError as open does."""
    readers = [form for form in formats_of(path) if form.reads]
    if not readers:
        form = formats_of(path)[0]
        raise FormatError(f"{shown(path)} cannot be read back: {form.title} is only written; give what it was made of.")
    claimed = next((form for form in readers if form.claims and form.claims(path)), None)
    return claimed or next(form for form in readers if not form.claims)


def formats_of(path: Path) -> list[FileFormat]:
    """The formats that share a path's ending. Raises FormatError for an unknown ending."""
    found = [form for form in FORMATS.values() if form.ending == path.suffix.lower()]
    if not found:
        known = ", ".join(endings())
        raise FormatError(f"{shown(path)} has no known ending; name the performance with one of {known}.")
    return found


def format_named(name: str) -> FileFormat:
    """The format of a name. Raises SettingError for an unknown one."""
    if name not in FORMATS:
        raise SettingError(f'There is no format "{name}"; choose one of {", ".join(FORMATS)}.')
    return FORMATS[name]


def _named(placing: Placing, path: Path) -> Placing:
    """The clip is called as its file unless it has a name."""
    return placing if placing.name else replace(placing, name=path.stem)

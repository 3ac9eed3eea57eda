"""Keys over time as people write them, .csv or .json: a second and some named values each (docs/direction.md)."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError, SettingError
from ..paths import reason, shown

TIME = "time_s"
KEYS = "keys"
ENDINGS = (".csv", ".json")
MOST_BYTES = 16 << 20
LATEST_S = 1e9


@dataclass(frozen=True, slots=True)
class Subject:
    """What the keys of a file are of.

    keys:  what the file holds, as sentences name it: "emotion keys".
    names: what a key names: "emotions such as happy".
    check: raises SettingError for a name that is none.
    """

    keys: str
    names: str
    check: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. where: its place in the file, as "line 3"; time_s: its second, 0 or more; values: as they stand."""

    where: str
    time_s: float
    values: Mapping[str, Any]


def read_keys(path: Path, subject: Subject) -> list[Key]:
    """Read keys in order of time, at least one.

    .csv: a header of time_s and names, a line a key; an empty cell names nothing.
    .json: {"keys": [{"time_s": 0, NAME: 0.5}, ...]}.
    Keys may stand in any order of time. Raises FormatError, one sentence with the line or key at fault.
    """
    if path.suffix.lower() not in ENDINGS:
        raise FormatError(f"{shown(path)} has no known ending; give {subject.keys} as .csv or .json.")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{shown(path)} is larger than 16 MB, which is no file of {subject.keys}.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FormatError(f"{shown(path)} does not exist; check the path of the {subject.keys}.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    except UnicodeDecodeError:
        raise FormatError(f"{shown(path)} is not text in UTF-8; save the {subject.keys} again as text.") from None
    read = _csv_keys if path.suffix.lower() == ".csv" else _json_keys
    return _ordered(path, subject, read(path, text, subject))


def fault(path: Path, key: Key, error: SettingError) -> FormatError:
    """The sentence for a key whose values do not do."""
    return FormatError(f"{key.where.capitalize()} of {shown(path)}: {error}")


def _csv_keys(path: Path, text: str, subject: Subject) -> list[Key]:
    rows = csv.reader(text.splitlines())
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        if not header or header[0] != TIME:
            raise FormatError(f"Line 1 of {shown(path)} must begin with {TIME}, followed by {subject.names}.")
        _check_header(path, header[1:], subject)
        keys = []
        for row in rows:
            where = f"line {rows.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header):
                raise FormatError(
                    f"{where.capitalize()} of {shown(path)} has {len(row)} cells, but the header {len(header)}."
                )
            cells = {name: cell.strip() for name, cell in zip(header[1:], row[1:], strict=False) if cell.strip()}
            keys.append(Key(where, _second(path, where, row[0].strip()), cells))
    except csv.Error as error:
        raise FormatError(f"Line {rows.line_num} of {shown(path)} is not CSV ({error}).") from error
    return keys


def _check_header(path: Path, names: list[str], subject: Subject) -> None:
    for name in names:
        if names.count(name) > 1:
            raise FormatError(f'Line 1 of {shown(path)} names the column "{name}" twice.')
        try:
            subject.check(name)
        except SettingError as error:
            raise FormatError(f"Line 1 of {shown(path)}: {error}") from error


def _json_keys(path: Path, text: str, subject: Subject) -> list[Key]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"Line {error.lineno} of {shown(path)} is not JSON ({error.msg.lower()}).") from error
    except (ValueError, RecursionError):  # A number of thousands of digits, or brackets without end.
        raise FormatError(f"{shown(path)} is no JSON of {subject.keys}; write it again.") from None
    rows = found.get(KEYS) if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise FormatError(f'{shown(path)} must hold a list of "{KEYS}", each with {TIME} and {subject.names}.')
    keys = []
    for number, row in enumerate(rows, 1):
        where = f"key {number}"
        if not isinstance(row, dict) or TIME not in row:
            raise FormatError(f"{where.capitalize()} of {shown(path)} has no {TIME}.")
        keys.append(Key(where, _second(path, where, row[TIME]), {n: v for n, v in row.items() if n != TIME}))
    return keys


def _second(path: Path, where: str, value: object) -> float:
    try:
        second = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        second = math.nan
    if not 0 <= second <= LATEST_S:
        raise FormatError(
            f'{where.capitalize()} of {shown(path)} must give {TIME} in seconds of 0 or more, but has "{value}".'
        )
    return second


def _ordered(path: Path, subject: Subject, keys: list[Key]) -> list[Key]:
    if not keys:
        raise FormatError(f"{shown(path)} holds no keys; give at least one line with a time and {subject.names}.")
    keys = sorted(keys, key=lambda key: key.time_s)
    for before, key in pairwise(keys):
        if np.float32(key.time_s) == np.float32(before.time_s):
            raise FormatError(
                f"{key.where.capitalize()} of {shown(path)} gives second {key.time_s:g} again; "
                "every key needs its own time."
            )
    return keys

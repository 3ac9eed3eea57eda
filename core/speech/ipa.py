"""The International Phonetic Alphabet to our 40 phones, by the table data/ipa.csv."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from .tables import read_table

IGNORED = "ˈˌ'ʰʲʷˠˤ‿͜͡-_|.,!?;:"
"""Stress, secondary articulation, ties and pauses: none of them makes another of our phones."""


def phones_of_ipa(text: str) -> tuple[str, ...]:
    """The phones of a word in IPA, a doubled one once; what the table does not know (tones, diacritics) is left out."""
    # A nasal vowel or a dental t is written with a mark on the letter, which has to come off first; c with cedilla
    # is a letter of its own.
    whole = unicodedata.normalize("NFC", text).replace("ç", "\ua794")
    letters = [letter for letter in unicodedata.normalize("NFD", whole) if letter not in IGNORED]
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("\ua794", "ç")
    table, longest = _table()
    phones: list[str] = []
    place = 0
    while place < len(plain):
        for length in range(longest, 0, -1):
            if (found := table.get(plain[place : place + length])) is not None and place + length <= len(plain):
                phones += found if found[:1] != tuple(phones[-1:]) else found[1:]
                break
        place += length
    return tuple(phones)


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, tuple[str, ...]], int]:
    rows = {unicodedata.normalize("NFC", row["ipa"]): tuple(row["phones"].split()) for row in read_table("ipa")}
    return rows, max(map(len, rows))

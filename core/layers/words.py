"""Where words and phrases lie in a phone track, so that a part can be named by what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..speech.phones import SILENCE, Phone, PhoneError, PhoneTrack
from ..speech.transcript import Word

PAUSE_S = 0.3
"""A silence from here on parts two phrases."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something that is said: its text, empty for a phrase, and its seconds."""

    text: str
    start_s: float
    end_s: float


def spoken_words(track: PhoneTrack, words: Sequence[Word]) -> tuple[Spoken, ...]:
    """The seconds of each word. words: as Script.words() gives them, in the order in which they are said.

    Raises PhoneError for a track that does not say these words, such as one that was edited by hand.
    """
    phones = [phone for phone in track.phones if phone.symbol != SILENCE]
    symbols = tuple(phone.symbol for phone in phones)
    # For each number of words, the numbers of phones that they may take, and how many the last word leaves before it.
    reached: list[dict[int, int]] = [{0: 0}]
    for word in words:
        ends = {
            start + len(way): start
            for start in reached[-1]
            for way in word.ways
            if symbols[start : start + len(way)] == tuple(way)
        }
        reached.append(ends)
    if len(phones) not in reached[-1]:
        raise PhoneError("The phones are not those of these words; name the part by its frames or phones instead.")
    return tuple(_spans(phones, words, reached))


def phrases(track: PhoneTrack, pause_s: float = PAUSE_S) -> tuple[Spoken, ...]:
    """The stretches of speech between pauses. pause_s: how long a silence parts two of them."""
    found: list[Spoken] = []
    for phone in track.phones:
        if phone.symbol == SILENCE:
            continue
        if found and phone.start_s - found[-1].end_s < pause_s:
            found[-1] = Spoken("", found[-1].start_s, phone.end_s)
        else:
            found.append(Spoken("", phone.start_s, phone.end_s))
    return tuple(found)


def _spans(phones: list[Phone], words: Sequence[Word], reached: list[dict[int, int]]) -> list[Spoken]:
    """The words' seconds, followed back from the last one."""
    spans, end = [], len(phones)
    for word, ends in zip(reversed(words), reversed(reached[1:]), strict=True):
        start = ends[end]
        spans.append(Spoken(word.text, phones[start].start_s, phones[end - 1].end_s))
        end = start
    return spans[::-1]

"""Where words and phrases lie in a phone track, so that a part can be named by what is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import SettingError
from ..speech.phones import SILENCE, Phone, PhoneError, PhoneTrack
from ..speech.script import Script
from ..speech.transcript import Word, pronounce

PAUSE_S = 0.3
"""A silence from here on parts two phrases."""
PHRASE = "phrase"
"""What a stretch between pauses is called, with its number, where no words are known."""


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


def find_said(wanted: str, track: PhoneTrack, script: Script | None) -> tuple[Spoken, ...]:
    """The words or the phrase that somebody names: "the blue boat", "nobody #2" for the second, "phrase 3".

    script: the words that the track says, where they are known; without them only phrases can be named.
    Raises SettingError for what is not said or is said several times, PhoneError for a track that does not say the
    script, TranscriptError for words that cannot be spoken.
    """
    name, number = _numbered(wanted)
    if name.lower() == PHRASE and number:
        said = phrases(track)
        if number > len(said):
            raise SettingError(f"There are {len(said)} phrases; name one of these, not phrase {number}.")
        return said[number - 1 : number]
    if script is None:
        raise SettingError(f'The words of this take are not known; name a phrase, such as "{PHRASE} 1", or frames.')
    spoken = spoken_words(track, script.words())
    places = _places([word.text.lower() for word in spoken], name, script.language)
    if not places:
        raise SettingError(
            f'"{name}" is not said here; write words that follow each other, as the transcript has them.'
        )
    if len(places) > 1 and not number:
        raise SettingError(
            f'"{name}" is said {len(places)} times; write "{name} #1" to "{name} #{len(places)}", or words beside it.'
        )
    if number > len(places):
        raise SettingError(f'"{name}" is said {len(places)} time(s) only; there is no #{number}.')
    first, last = places[max(number - 1, 0)]
    return spoken[first:last]


def lines_of(text: str) -> tuple[str, ...]:
    """The sentences of a text and the clauses between their commas, each once, to be named as parts."""
    found: dict[str, None] = {}
    for sentence in re.split(r"(?<=[.!?;:])\s+|\n+", text):
        for piece in (sentence, *sentence.split(",")):
            found[piece.strip(" \t.,;:!?")] = None
    return tuple(piece for piece in found if piece)


def _numbered(wanted: str) -> tuple[str, int]:
    """A name and its number, 0 for none: "nobody #2", "phrase 3: 1.20 to 2.41 s"."""
    shown = re.fullmatch(rf"\s*({PHRASE})\s+(\d+)\b.*", wanted, re.IGNORECASE | re.DOTALL)
    counted = shown or re.fullmatch(r"\s*(.*?)\s*#(\d+)\s*", wanted, re.DOTALL)
    return (counted[1], int(counted[2])) if counted else (wanted.strip(), 0)


def _places(said: list[str], name: str, language: str) -> list[tuple[int, int]]:
    """Where some words follow each other among those said: first and behind the last."""
    wanted = [word.text.lower() for word in pronounce(name, language)]
    count = len(wanted)
    return [(start, start + count) for start in range(len(said) - count + 1) if said[start : start + count] == wanted]


def _spans(phones: list[Phone], words: Sequence[Word], reached: list[dict[int, int]]) -> list[Spoken]:
    """The words' seconds, followed back from the last one."""
    spans, end = [], len(phones)
    for word, ends in zip(reversed(words), reversed(reached[1:]), strict=True):
        start = ends[end]
        spans.append(Spoken(word.text, phones[start].start_s, phones[end - 1].end_s))
        end = start
    return spans[::-1]

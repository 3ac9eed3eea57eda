"""What a text sounds like: words with the ways to say them, in our 40 phones.

English comes from the CMU dictionary, with rules for what it lacks, so that it works everywhere. Other languages need
eSpeak NG (see espeak.py); their sounds become the nearest of our phones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import dictionary, espeak
from .align import Pronunciation, TranscriptError
from .english import english_words
from .ipa import phones_of_ipa
from .letters import spell_out

WAYS_MOST = 6
LONGEST = 200_000
"""Letters of the longest text: an hour of hurried speech has 80,000."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_ENDINGS = (("'s", None), ("'", ()), ("ing", ("IH", "NG")), ("ed", None), ("s", None), ("ly", ("L", "IY")))


@dataclass(frozen=True, slots=True)
class Word:
    """A word and the ways to say it, likeliest first; each way is a tuple of phones without silence."""

    text: str
    ways: tuple[Pronunciation, ...]


def check_language(language: str) -> None:
    """Raise TranscriptError unless texts of this language can be spoken here. language: "en", "es", "pt-br"."""
    if not _LANGUAGE.fullmatch(language):
        raise TranscriptError(f'The language "{language}" is not understood; give a code such as en, es or pt-br.')
    if not is_english(language) and not espeak.is_there():
        raise TranscriptError(
            f'A transcript in "{language}" needs eSpeak NG, which was not found on this computer: install eSpeak NG '
            "or the Python package espeakng-loader, or leave the transcript out; sound alone works in any language."
        )


def is_english(language: str) -> bool:
    """True for English of any country."""
    return re.split("[-_]", language.lower())[0] == "en"


def pronounce(text: str, language: str = "en") -> tuple[Word, ...]:
    """The words of a text and how they are said.

    Raises TranscriptError for a language that cannot be spoken here, or a text without words.
    """
    check_language(language)
    if len(text) > LONGEST:
        raise TranscriptError(f"The transcript has {len(text)} letters; give at most {LONGEST}.")
    words = _english(text) if is_english(language) else _foreign(text, language)
    words = tuple(word for word in words if word.ways)
    if not words:
        raise TranscriptError("The transcript holds no word that can be spoken; give the words that are said.")
    return words


def _english(text: str) -> list[Word]:
    shouted = text.isupper()
    said = [word.lower() if shouted else word for word in english_words(text)]
    wanted = {part for word in said for part in (word.lower(), *(stem for stem, _ in _stems(word.lower())))}
    wanted |= {letter + "." for word in said if word.isupper() for letter in word.lower()}
    wanted |= {letter + "." for word in said if word[:1].isupper() for letter in word.removesuffix("'s").lower()}
    known = dictionary.look_up(wanted)
    return [Word(word, _ways(word, known)[:WAYS_MOST]) for word in said]


def _ways(word: str, known: dict[str, dictionary.Ways]) -> tuple[Pronunciation, ...]:
    """How a word may be said: as the dictionary has it, by its stem, letter by letter, or by rule."""
    low = word.lower()
    ways = known.get(low, ())
    if word[:1].isupper():
        stem = low.removesuffix("'s")
        letters = tuple(phone for letter in stem for phone in (known.get(letter + ".") or ((),))[0])
        spelled = letters + (_plural_of(letters) if stem != low else ())
        ways = (*ways, spelled) if spelled else ways
    for stem, ending in () if ways else _stems(low):
        if stem in known:
            add = _plural_of if ending is None and not low.endswith("ed") else _past_of
            ways = tuple(way + (add(way) if ending is None else ending) for way in known[stem])
            break
    return ways or ((spell_out(low),) if spell_out(low) else ())


def _stems(word: str) -> list[tuple[str, Pronunciation | None]]:
    """What a word may be made of: a stem and the sound of its ending, None where the stem decides it."""
    found = []
    for ending, sound in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word.removesuffix(ending)
            found.append((stem, sound))
            if ending in ("ing", "ed"):
                found.append((stem + "e", sound))
                if stem[-1:] == stem[-2:-1]:
                    found.append((stem[:-1], sound))
    return found


def _plural_of(way: Pronunciation) -> Pronunciation:
    if way[-1] in ("S", "Z", "SH", "ZH", "CH", "JH"):
        return ("IH", "Z")
    return ("S",) if way[-1] in ("P", "T", "K", "F", "TH") else ("Z",)


def _past_of(way: Pronunciation) -> Pronunciation:
    if way[-1] in ("T", "D"):
        return ("IH", "D")
    return ("T",) if way[-1] in ("P", "K", "F", "TH", "S", "SH", "CH") else ("D",)


def _foreign(text: str, language: str) -> list[Word]:
    """Words as eSpeak says them, named by their sounds where it joins or parts them."""
    clauses = espeak.transcribe(text, language)
    if clauses is None:
        raise TranscriptError(f'eSpeak NG does not know the language "{language}"; give a code such as es or pt-br.')
    # A change of language is marked in brackets.
    sounds = [word for clause in clauses for word in re.sub(r"\([a-z-]+\)", " ", clause).split()]
    names = [word.strip(".,;:!?\"'()[]«»“”¿¡…—-") for word in text.split()]
    names = [name for name in names if name]
    if len(names) != len(sounds):
        names = sounds
    return [
        Word(name, (phones,) if (phones := phones_of_ipa(sound)) else ())
        for name, sound in zip(names, sounds, strict=True)
    ]

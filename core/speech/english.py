"""English text to the words that are said: numbers, money, dates, abbreviations and acronyms spelled out."""

from __future__ import annotations

import re
import unicodedata

from .tables import read_table

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
COINS = {"$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny"), "¥": ("yen", "sen")}
PLURALS = {"penny": "pence", "yen": "yen", "sen": "sen"}
DIGITS_MOST = 15
"""A longer number is read digit by digit, as telephone numbers are."""
ACRONYM_MOST = 5
"""Letters of the longest word in capitals that may be spelled."""
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
TOKEN = re.compile(
    r"(?P<counted>\b(?:no|fig)\.)(?=\s*\d)"
    rf"|(?P<money>[$€£¥])\s?(?P<sum>{_NUMBER})"
    r"|(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"|(?P<ordinal>\d+)(?:st|nd|rd|th)\b"
    r"|(?P<decade>\d{2,4})s\b"
    rf"|(?P<number>{_NUMBER})"
    r"|(?P<word>[^\W\d_]+(?:['.&][^\W\d_]+)*\.?'?)"
    r"|(?P<sign>[&%+=@°#])",
    re.IGNORECASE,
)
_SHORT = {row["short"]: row["said"] for row in read_table("abbreviations_en")}
_COUNTED = {"no", "fig"}
"""Short only before a number."""
_DOTTED = {"st", "gen", "col", "rev", "est", "ave", "ms", "mt", "sr"}
"""Words or names of their own where no dot follows."""


def english_words(text: str) -> list[str]:
    """The words that are said, in lower case.

    What is spelled comes letter by letter as "b." and "c."; what is written in capitals and may be spelled stays so.
    """
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return [word for match in TOKEN.finditer(plain) for word in _said(match)]


def cardinal(number: int) -> list[str]:
    """A whole number in words."""
    if number < 20:
        return [ONES[number]]
    if number < 100:
        return [TENS[number // 10 - 2], *([ONES[number % 10]] if number % 10 else [])]
    size, name = next(scale for scale in SCALES if number >= scale[0])
    rest = number % size
    return [*cardinal(number // size), name, *(cardinal(rest) if rest else [])]


def ordinal(number: int) -> list[str]:
    """A whole number as a place in a row."""
    *before, last = cardinal(number)
    if last in ORDINALS:
        return [*before, ORDINALS[last]]
    return [*before, last[:-1] + "ieth" if last.endswith("y") else last + "th"]


def year(number: int) -> list[str]:
    """A number of four digits as years are read: nineteen eighty four, two thousand six."""
    high, low = divmod(number, 100)
    if number % 1000 < 10 or not 10 <= high < 100:
        return cardinal(number)
    return [*cardinal(high), *(["hundred"] if not low else ["oh", ONES[low]] if low < 10 else cardinal(low))]


def _said(match: re.Match[str]) -> list[str]:
    found = match.groupdict()
    if found["counted"]:
        return [_SHORT[found["counted"][:-1].lower()]]
    if found["money"]:
        return _money(found["money"], found["sum"].replace(",", ""))
    if found["hour"]:
        return _clock(int(found["hour"]), int(found["minute"]))
    if found["ordinal"]:
        return ordinal(int(found["ordinal"])) if len(found["ordinal"]) <= DIGITS_MOST else _digits(found["ordinal"])
    if found["decade"]:
        return _plural(year(int(found["decade"])))
    if found["number"]:
        return _number(found["number"])
    return _word(found["word"]) if found["word"] else _SHORT[found["sign"]].split()


def _number(text: str) -> list[str]:
    whole, _, part = text.replace(",", "").partition(".")
    if len(whole) > DIGITS_MOST or (len(whole) > 1 and whole.startswith("0")):
        words = _digits(whole)
    else:
        is_year = len(whole) == 4 and "," not in text and not part and 1100 <= int(whole) < 2100
        words = year(int(whole)) if is_year else cardinal(int(whole))
    return [*words, *(["point", *_digits(part)] if part else [])]


def _digits(text: str) -> list[str]:
    return [ONES[int(digit)] for digit in text]


def _plural(words: list[str]) -> list[str]:
    last = words[-1]
    return [*words[:-1], last[:-1] + "ies" if last.endswith("y") else last + ("es" if last.endswith("x") else "s")]


def _money(sign: str, text: str) -> list[str]:
    whole, _, part = text.partition(".")
    coin, small = COINS[sign]
    words = [*_number(whole), coin if int(whole) == 1 else PLURALS.get(coin, coin + "s")]
    if len(part) == 2 and int(part):
        words += [*cardinal(int(part)), small if int(part) == 1 else PLURALS.get(small, small + "s")]
    return words


def _clock(hour: int, minute: int) -> list[str]:
    if not minute:
        return [*cardinal(hour), *(["o'clock"] if 0 < hour <= 12 else [])]
    return [*cardinal(hour), *(["oh", ONES[minute]] if minute < 10 else cardinal(minute))]


def _word(text: str) -> list[str]:
    dotted, bare = text.endswith("."), text.rstrip(".'")
    low = bare.lower()
    if low in _SHORT and low not in _COUNTED and (dotted or low not in _DOTTED):
        return _SHORT[low].split()
    if "&" in bare:
        return [word for part in bare.split("&") for word in (*_word(part), "and")][:-1]
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]", low):
        return [letter + "." for letter in low.split(".")]
    stem, own = bare.removesuffix("'s"), "'s" if bare.endswith("'s") else ""
    if stem.isupper() and 1 < len(stem) <= ACRONYM_MOST and stem.isalpha():
        return [stem + own]
    return [part for part in low.split(".") if part]

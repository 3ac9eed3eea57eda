"""What is said in a recording, from the text file beside it.

.txt  the words; or an Audacity label track of phones
.lab  the words (Montreal Forced Aligner), or HTK labels: "start end label" a line, times in 100 ns
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import CoreError, FormatError
from ..paths import reason, shown
from ..speech import phone_files
from ..speech.phones import NUMBERS, Phone, PhoneTrack
from ..speech.script import Script

LONGEST = 1 << 20
HTK_S = 1e-7
"""HTK counts times in units of 100 ns. Source: The HTK Book, section 6.2.1."""
_HTK = re.compile(r"(\d+)[ \t]+(\d+)[ \t]+(\S+)(?:[ \t].*)?")
_AUDACITY = re.compile(r"\d+(?:\.\d+)?\t\d+(?:\.\d+)?\t.*")
_SILENCES = {"sil", "sp", "spn", "pau", "#", "h#", "<s>", "</s>", "!enter", "!exit", "!null"}
_SYMBOLS = {symbol.lower(): symbol for symbol in NUMBERS}


def read_words(path: Path, language: str) -> Script:
    """The words or phones of a transcript.

    Raises FormatError for a file that cannot be read, TranscriptError for an empty one.
    """
    text = _text(path)
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and all(_AUDACITY.fullmatch(line) for line in lines):
        try:
            return Script.from_track(phone_files.FORMATS[".txt"].read(text))
        except (CoreError, ValueError) as error:
            raise FormatError(f"{shown(path)} is no track of phones ({error}).") from error
    rows = [_HTK.fullmatch(line.strip()) for line in lines]
    if lines and all(rows):
        return _of_labels(path, [(int(row[1]) * HTK_S, int(row[2]) * HTK_S, row[3]) for row in rows], language)
    return Script.from_text(text, language)


def _of_labels(path: Path, rows: list[tuple[float, float, str]], language: str) -> Script:
    """Phones where every label is one of ours, else the labels as words."""
    spoken = [row for row in rows if row[2].lower() not in _SILENCES]
    symbols = [_SYMBOLS.get(label.lower().rstrip("012")) for _, _, label in spoken]
    if not (symbols and all(symbols)):
        return Script.from_text(" ".join(label for _, _, label in spoken), language)
    try:
        phones = tuple(Phone(symbol, row[0], row[1]) for symbol, row in zip(symbols, spoken, strict=True))
        return Script.from_track(PhoneTrack(phones, max(end_s for _, end_s, _ in rows)))
    except CoreError as error:
        raise FormatError(f"{shown(path)} is no track of phones ({error}).") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LONGEST:
            raise FormatError(f"{shown(path)} is larger than 1 MB, which is no transcript.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{shown(path)} is not text in UTF-8; save the transcript again as text.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error

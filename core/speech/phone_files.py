"""Phone tracks as files; the ending picks the format, and what was written is read back to the last digit.

.json  {"duration_s": 1.5, "phones": [{"phone": "M", "start_s": 0.1, "end_s": 0.2, "confidence": 0.9}]}
.csv   start_s,end_s,phone,confidence; a last row "end" gives the length where no phone ends with the recording
.txt   Audacity's label track: start, end, "M" or "M 0.9" between tabs; the same last row
.TextGrid  Praat's long text: the interval tiers "phones" and "confidence"; an empty interval is a gap
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import CoreError, FormatError
from ..formats.atomic import check_place, replacing
from ..paths import reason, shown
from . import textgrid
from .phones import NUMBERS, Phone, PhoneTrack

END = "end"
"""The word that marks the row of the recording's length."""
COLUMNS = ("start_s", "end_s", "phone", "confidence")
MOST_BYTES = 1 << 26
_SPELLING = {symbol.lower(): symbol for symbol in NUMBERS} | {"": "sil", "sp": "sil", "spn": "sil", "pau": "sil"}
Row = tuple[str, float, float, float]


@dataclass(frozen=True, slots=True)
class TrackFormat:
    """One way to store a track; read raises ValueError or KeyError with what is wrong."""

    title: str
    text: Callable[[PhoneTrack], str]
    read: Callable[[str], PhoneTrack]


def check_track_target(path: Path) -> None:
    """Raise FormatError unless a phone track can be written to this path; call it before long work."""
    path = Path(path)
    _format_of(path)
    check_place(path)


def write_track(path: Path, track: PhoneTrack) -> None:
    """Write a track in the format its ending names; the file appears whole or not at all.

    Raises FormatError for an unknown ending or a place that cannot be written.
    """
    path = Path(path)
    check_track_target(path)
    text = _format_of(path).text(track)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read_track(path: Path, duration_s: float | None = None) -> PhoneTrack:
    """Read a track.

    duration_s: length of the recording it belongs to; phones outside it are refused and the track gets its length.
    Raises FormatError for a missing file, an unknown ending or phones that cannot be.
    """
    path = Path(path)
    form = _format_of(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{shown(path)} is larger than 64 MB, which no phone track is; check the path.")
        track = form.read(path.read_text(encoding="utf-8-sig"))
        return track if duration_s is None else PhoneTrack(_trimmed(track.phones, duration_s), duration_s)
    except FileNotFoundError:
        raise FormatError(f"{shown(path)} does not exist; check the path of the phone track.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    except CoreError as error:
        raise error if isinstance(error, FormatError) else FormatError(f"{shown(path)}: {error}") from error
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, csv.Error) as error:
        raise FormatError(f"{shown(path)} is not a phone track as {form.title} ({_plain(error)}).") from error


def _trimmed(phones: tuple[Phone, ...], duration_s: float, slack_s: float = 0.02) -> tuple[Phone, ...]:
    """The same phones, the last one cut where it is less than a frame too long: lengths are rounded by editors."""
    if phones and phones[-1].start_s < duration_s < phones[-1].end_s <= duration_s + slack_s:
        last = phones[-1]
        return (*phones[:-1], Phone(last.symbol, last.start_s, duration_s, last.confidence))
    return phones


def _format_of(path: Path) -> TrackFormat:
    if form := FORMATS.get(path.suffix.lower()):
        return form
    endings = "a phone track can be .json, .csv, .TextGrid or .txt (Audacity labels)"
    raise FormatError(f"{shown(path)} has an unknown ending; {endings}.")


def _plain(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _track(rows: Iterable[Row], duration_s: float | None = None) -> PhoneTrack:
    """A track of (symbol, start, end, confidence) in any order; a row END gives the length."""
    ordered = sorted(rows, key=lambda row: (row[1], row[2]))
    ends = [end_s for symbol, _, end_s, _ in ordered if symbol.lower() == END]
    phones = tuple(Phone(_symbol(row[0]), *row[1:]) for row in ordered if row[0].lower() != END)
    if duration_s is None:
        duration_s = ends[-1] if ends else phones[-1].end_s if phones else 0.0
    return PhoneTrack(phones, duration_s)


def _symbol(text: str) -> str:
    """Our spelling of a phone: case, stress digits and the usual words for a pause are forgiven."""
    bare = text.strip().lower()
    return _SPELLING.get(bare) or _SPELLING.get(bare.rstrip("012"), text.strip())


def _rows(track: PhoneTrack) -> list[Row]:
    """(symbol, start, end, confidence) of each phone, and the length where no phone tells it."""
    rows = [(p.symbol, float(p.start_s), float(p.end_s), float(p.confidence)) for p in track.phones]
    if not rows or rows[-1][2] != track.duration_s:
        rows.append((END, float(track.duration_s), float(track.duration_s), 1.0))
    return rows


def _write_json(track: PhoneTrack) -> str:
    names = ("phone", "start_s", "end_s", "confidence")
    rows = (zip(names, row, strict=True) for row in _rows(track) if row[0] != END)
    lines = ",\n".join(json.dumps(dict(row)) for row in rows)
    return f'{{\n"duration_s": {json.dumps(track.duration_s)},\n"phones": [\n{lines}\n]\n}}\n'


def _read_json(text: str) -> PhoneTrack:
    found = json.loads(text)
    if not isinstance(found, dict) or not isinstance(found.get("phones"), list):
        raise ValueError('an object with "duration_s" and a list "phones" is expected')
    for number, row in enumerate(found["phones"], 1):
        if not isinstance(row, dict) or not isinstance(row.get("phone"), str):
            raise ValueError(f'phone {number} lacks "phone", a symbol')
    rows = [
        (row["phone"], *(_json_number(row[key], key) for key in ("start_s", "end_s")),
         _json_number(row.get("confidence", 1.0), "confidence"))
        for row in found["phones"]
    ]  # fmt: skip
    return _track(rows, _json_number(found["duration_s"], "duration_s"))


def _json_number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} must be a number, but is {value!r}")
    return float(value)


def _write_csv(track: PhoneTrack) -> str:
    lines = [",".join(COLUMNS)]
    lines += [f"{start!r},{end!r},{symbol},{sure!r}" for symbol, start, end, sure in _rows(track)]
    return "\n".join(lines) + "\n"


def _read_csv(text: str) -> PhoneTrack:
    header, *lines = [line for line in csv.reader(io.StringIO(text)) if line] or [[]]
    titles = [title.strip().lower() for title in header]
    missing = [name for name in COLUMNS[:3] if name not in titles]
    if missing:
        raise ValueError(f"the column {missing[0]} is missing")
    places = [titles.index(name) for name in COLUMNS[:3]]
    sure_at = titles.index(COLUMNS[3]) if COLUMNS[3] in titles else len(titles)
    return _track(
        (line[places[2]], float(line[places[0]]), float(line[places[1]]), float((line[sure_at:] or ["1"])[0] or 1))
        for line in lines
    )


def _write_labels(track: PhoneTrack) -> str:
    words = ((f"{symbol} {sure!r}" if sure != 1 else symbol, start, end) for symbol, start, end, sure in _rows(track))
    return "".join(f"{start!r}\t{end!r}\t{word}\n" for word, start, end in words)


def _read_labels(text: str) -> PhoneTrack:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        # A line that begins with a backslash holds the frequencies of the label before it.
        if line.strip() and not line.startswith("\\"):
            start, end, label = (*line.split("\t", 2), "", "")[:3]
            if not end:
                raise ValueError(f"line {number} is not start, end and label between tabs")
            symbol, _, sure = label.strip().partition(" ")
            rows.append((symbol, float(start), float(end), float(sure or 1)))
    return _track(rows)


def _write_textgrid(track: PhoneTrack) -> str:
    rows = [row for row in _rows(track) if row[0] != END]
    phones = [(start, end, symbol) for symbol, start, end, _ in rows]
    sure = [(start, end, repr(sure)) for _, start, end, sure in rows]
    return textgrid.compose({"phones": phones, "confidence": sure}, float(track.duration_s))


def _read_textgrid(text: str) -> PhoneTrack:
    tiers, duration_s = textgrid.parse(text)
    name = next((name for name in tiers if name.lower() in ("phones", "phone", "phonemes")), "")
    name = name or next((name for name in tiers if name.lower().endswith("phones")), "")
    if not name:
        raise ValueError('it has no interval tier "phones"')
    sure = {(start, end): float(text) for start, end, text in tiers.get("confidence", ()) if text}
    rows = ((text, start, end, sure.get((start, end), 1.0)) for start, end, text in tiers[name] if text.strip())
    return _track(rows, duration_s)


FORMATS = {
    ".json": TrackFormat("JSON text", _write_json, _read_json),
    ".csv": TrackFormat("a CSV table", _write_csv, _read_csv),
    ".textgrid": TrackFormat("a Praat TextGrid", _write_textgrid, _read_textgrid),
    ".txt": TrackFormat("an Audacity label track", _write_labels, _read_labels),
}
"""The formats by lower-case ending."""

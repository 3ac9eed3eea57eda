"""Phones: what a track may hold, free recognition, and files that come back to the last digit."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import FormatError
from core.speech.phone_files import FORMATS, read_track, write_track
from core.speech.phones import IPA, PHONES, VISEME, VISEMES, Phone, PhoneError, PhoneTrack, viseme_of

TRACK = PhoneTrack(
    (
        Phone("sil", 0.0, 0.1, 0.99),
        Phone("M", 0.1, 1 / 3, 0.123456789),
        Phone("AA", 1 / 3, 0.5, 1.0),
        Phone("TH", 0.61, 0.7000000000000001, 0.0),
    ),
    0.9,
)
ENDINGS = (".json", ".csv", ".TextGrid", ".txt")


def test_the_forty_phones():
    assert len(PHONES) == len(set(PHONES)) == 40
    assert PHONES[0] == "sil"
    assert list(PHONES[1:]) == sorted(PHONES[1:])
    assert set(VISEME.values()) == set(VISEMES)
    assert len({IPA[symbol] for symbol in PHONES}) == 40
    assert [viseme_of(symbol) for symbol in ("M", "F", "SH", "UW", "sil")] == ["PP", "FF", "CH", "ou", "sil"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (("QQ", 0.0, 1.0), '"QQ" is unknown'),
        (("M", 0.5, 0.5), "end after its start"),
        (("M", -0.1, 0.5), "at 0 s or later"),
        (("M", float("nan"), 0.5), "finite numbers"),
        (("M", 0.0, 0.5, 1.5), "must be 0 to 1, but is 1.5"),
    ],
)
def test_impossible_phones_are_refused(fields, told):
    with pytest.raises(PhoneError, match=told):
        Phone(*fields)


def test_impossible_tracks_are_refused():
    first, second = Phone("M", 0.0, 0.2), Phone("AA", 0.1, 0.4)
    with pytest.raises(PhoneError, match="overlap or are out of order"):
        PhoneTrack((first, second), 1.0)
    with pytest.raises(PhoneError, match=r"ends at 0\.4 s, outside the recording of 0\.3 s"):
        PhoneTrack((second,), 0.3)
    with pytest.raises(PhoneError, match="length of a phone track"):
        PhoneTrack((), float("inf"))


def test_symbols_at_times():
    found = TRACK.symbols_at(np.array([0.0, 0.1, 0.4, 0.55, 0.65, 0.89]))
    assert [PHONES[number] for number in found] == ["sil", "M", "AA", "sil", "TH", "sil"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("track", [TRACK, PhoneTrack((), 2.5), PhoneTrack((Phone("B", 0.0, 1.0),), 1.0)])
def test_files_come_back_exactly(tmp_path, ending, track):
    write_track(tmp_path / f"line{ending}", track)
    assert read_track(tmp_path / f"line{ending}") == track
    assert [path.name for path in tmp_path.iterdir()] == [f"line{ending}"]


def test_numbers_of_numpy_are_written_as_numbers(tmp_path):
    track = PhoneTrack((Phone("B", np.float64(0.25), np.float64(0.5), np.float64(0.5)),), np.float64(1.0))
    for ending in ENDINGS:
        write_track(tmp_path / f"line{ending}", track)
        assert read_track(tmp_path / f"line{ending}") == track


def test_formats_are_the_four_endings():
    assert sorted(FORMATS) == sorted(ending.lower() for ending in ENDINGS)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "start_s,end_s,phone\n0,1,M\n0.5,2,B\n", '"M" .* and "B" .* overlap'),
        ("a.csv", "start_s,end_s,phone\n0,1,Q\n", '"Q" is unknown'),
        ("a.csv", "start_s,end_s,phone\n0,one,M\n", "a CSV table"),
        ("a.csv", "start_s,end_s\n0,1\n", "the column phone is missing"),
        ("a.csv", "", "the column start_s is missing"),
        ("a.txt", "0.0 1.0 M\n", "line 1 is not start, end and label"),
        ("a.txt", "0.0\t-1.0\tM\n", "end after its start"),
        ("a.json", '{"phones": [{"phone": "M", "start_s": "0", "end_s": 1}], "duration_s": 1}', "must be a number"),
        ("a.json", '{"phones": [{"phone": "M", "start_s": 0, "end_s": 1}]}', "'duration_s' is missing"),
        ("a.json", '{"phones": [7], "duration_s": 1}', "phone 1 lacks"),
        ("a.json", "[", "JSON text"),
        ("a.TextGrid", "nothing", "ooTextFile"),
        ("a.TextGrid", 'File type = "ooTextFile"\nObject class = "TextGrid"\n0\n1\n<exists>\n0\n', 'tier "phones"'),
        ("a.TextGrid", 'File type = "ooTextFile"\nObject class = "TextGrid"\n0\n1\n<exists>\n1\n', "is missing"),
        ("a.doc", "", "unknown ending"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, name, text, told):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=told) as caught:
        read_track(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_a_track_must_fit_its_recording(tmp_path):
    write_track(tmp_path / "a.csv", TRACK)
    with pytest.raises(FormatError, match=r"outside the recording of 0\.5 s"):
        read_track(tmp_path / "a.csv", 0.5)
    assert read_track(tmp_path / "a.csv", 3.0).duration_s == 3.0
    assert read_track(tmp_path / "a.csv", 0.69).phones[-1].end_s == 0.69, "less than a frame is rounding"


def test_missing_files_and_places(tmp_path):
    with pytest.raises(FormatError, match="does not exist"):
        read_track(tmp_path / "a.csv")
    with pytest.raises(FormatError, match="does not exist"):
        write_track(tmp_path / "nowhere" / "a.csv", TRACK)


def test_what_other_tools_write_is_understood(tmp_path):
    (tmp_path / "labels.txt").write_text("0.0\t0.2\tm\n\\\t100\t200\n0.2\t0.4\tAA1\n0.4\t0.5\tsp\n")
    assert [phone.symbol for phone in read_track(tmp_path / "labels.txt").phones] == ["M", "AA", "sil"]
    short = '"ooTextFile"\n"TextGrid"\n0\n1.5\n<exists>\n2\n"IntervalTier"\n"words"\n0\n1.5\n1\n0\n1.5\n"say ""a"""\n'
    short += '"IntervalTier"\n"speaker - phones"\n0\n1.5\n2\n0\n0.5\n"EY1"\n0.5\n1.5\n""\n'
    (tmp_path / "short.TextGrid").write_text(short)
    assert read_track(tmp_path / "short.TextGrid") == PhoneTrack((Phone("EY", 0.0, 0.5),), 1.5)

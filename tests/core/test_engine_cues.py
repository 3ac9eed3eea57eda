"""Rhubarb's cues and Moho's switch data."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from engine_cases import RATES, smooth_performance

from core.errors import FormatError
from core.formats import FORMATS, Placing, format_of, read_performance, write_performance
from core.formats.cues import SHAPE_OF_PHONE, SHAPE_OF_VISEME, SHAPES, STAND_IN, Cue, cues_of, performance_of
from core.rig.convert import to_rig
from core.rig.visemes import VISEMES
from core.speech.phones import PHONES, Phone, PhoneTrack
from core.types import Performance, RigCurves

FORMS = ("rhubarb-tsv", "rhubarb-json", "rhubarb-xml")
TRACK = PhoneTrack(
    (
        Phone("HH", 0.2, 0.3),
        Phone("AH", 0.3, 0.42),
        Phone("L", 0.42, 0.5),
        Phone("OW", 0.5, 0.75),
        Phone("M", 0.8, 0.9),
    ),
    1.0,
)
SPOKEN = [
    ("X", 0.0, 0.2), ("B", 0.2, 0.3), ("C", 0.3, 0.42), ("H", 0.42, 0.5), ("E", 0.5, 0.625), ("F", 0.625, 0.75),
    ("X", 0.75, 0.8), ("A", 0.8, 0.9), ("X", 0.9, 1.0),
]  # fmt: skip


def spoken(fps=60.0):
    """A performance that knows its phones."""
    return replace(to_rig(smooth_performance(round(fps), fps), "visemes"), phones=TRACK)


def plain(cues):
    return [(cue.shape, pytest.approx(cue.start_s, abs=1e-9), pytest.approx(cue.end_s, abs=1e-9)) for cue in cues]


def shown(*names, fps=60.0):
    """Frames that each show one viseme."""
    values = np.zeros((len(names), len(VISEMES)), np.float32)
    values[np.arange(len(names)), [VISEMES.index(name) for name in names]] = 1
    return Performance(RigCurves(VISEMES, values, fps), np.zeros((len(names), 3), np.float32))


def test_cues_of_phones():
    assert plain(cues_of(spoken())) == SPOKEN


def test_every_phone_viseme_and_shape_has_a_place():
    assert set(SHAPE_OF_PHONE) | {"AW", "AY", "EY", "OW", "OY"} == set(PHONES)
    assert set(SHAPE_OF_VISEME) == set(VISEMES)
    assert {SHAPE_OF_PHONE[STAND_IN[shape]] for shape in SHAPES} == set(SHAPES)


def test_cues_of_visemes():
    face = shown(*["sil"] * 6, *["PP"] * 6, *["aa"] * 12, *["FF"] * 6, *["sil"] * 6)
    assert plain(cues_of(face)) == [
        ("X", 0.0, 0.1), ("A", 0.1, 0.2), ("D", 0.2, 0.4), ("G", 0.4, 0.5), ("X", 0.5, 0.6)
    ]  # fmt: skip


def test_flicker_is_no_mouth():
    face = shown(*["sil"] * 6, "PP", "PP", *["aa"] * 10)
    assert plain(cues_of(face)) == [("X", 0.0, pytest.approx(8 / 60)), ("D", pytest.approx(8 / 60), pytest.approx(0.3))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fps", RATES)
def test_round_trip(tmp_path, form, fps):
    """Cues come back as they were, to Rhubarb's hundredth of a second, which is less than a frame at 120 too."""
    path = tmp_path / f"a{FORMATS[form].ending}"
    write_performance(path, spoken(fps), FORMATS[form])
    assert format_of(path).name == form
    cues = cues_of(read_performance(path))
    assert [cue.shape for cue in cues] == [shape for shape, _, _ in SPOKEN]
    for cue, (_, start_s, end_s) in zip(cues, SPOKEN, strict=True):
        assert abs(cue.start_s - start_s) <= 0.005 + 1e-9
        assert abs(cue.end_s - end_s) <= 0.005 + 1e-9
    again = tmp_path / f"b{FORMATS[form].ending}"
    write_performance(again, read_performance(path), FORMATS[form], Placing(name="a"))
    assert again.read_bytes() == path.read_bytes()


def test_tsv(tmp_path):
    write_performance(tmp_path / "a.tsv", spoken())
    lines = (tmp_path / "a.tsv").read_text().splitlines()
    assert lines[:3] == ["0.00\tX", "0.20\tB", "0.30\tC"]
    assert lines[-2:] == ["0.90\tX", "1.00\tX"]


def test_json(tmp_path):
    write_performance(tmp_path / "a.json", spoken(), FORMATS["rhubarb-json"])
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert found["metadata"] == {"soundFile": "a.wav", "duration": 1.0}
    assert found["mouthCues"][1] == {"start": 0.2, "end": 0.3, "value": "B"}


def test_xml(tmp_path):
    write_performance(tmp_path / "a&b.xml", spoken())
    root = ElementTree.parse(tmp_path / "a&b.xml").getroot()
    assert root.tag == "rhubarbResult"
    assert root.findtext("metadata/soundFile") == "a&b.wav"
    assert root.findtext("metadata/duration") == "1.00"
    cues = root.findall("mouthCues/mouthCue")
    assert (cues[1].get("start"), cues[1].get("end"), cues[1].text) == ("0.20", "0.30", "B")


@pytest.mark.parametrize("fps", RATES)
def test_moho(tmp_path, fps):
    write_performance(tmp_path / "a.dat", spoken(fps), FORMATS["moho"], Placing(start_frame=10))
    first, *lines = (tmp_path / "a.dat").read_text().splitlines()
    assert first == "MohoSwitch1"
    frames = [int(line.split()[0]) for line in lines]
    assert [line.split()[1] for line in lines] == ["rest", "etc", "E", "L", "O", "U", "rest", "MBP", "rest", "rest"]
    wanted = [10 + 1 + start_s * fps for _, start_s, _ in SPOKEN] + [10 + 1 + fps]
    assert all(0 <= want + 1e-3 - frame < 1 for frame, want in zip(frames, wanted, strict=True))
    assert frames == sorted(set(frames))


def test_cues_move_a_face():
    """What is read shows each mouth, eased, and has phones of no confidence that say the same."""
    performance = performance_of([Cue("X", 0, 0.5), Cue("D", 0.5, 1.0), Cue("A", 1.0, 1.5)])
    assert performance.curves.names == VISEMES
    assert len(performance.head) == 90
    np.testing.assert_allclose(performance.curves.values.sum(1), 1, atol=1e-6)
    assert performance.curves.column("aa")[45] == 1
    assert performance.curves.column("PP")[80] == 1
    assert {phone.confidence for phone in performance.phones.phones} == {0.0}
    assert np.abs(np.diff(performance.curves.values, axis=0)).max() < 0.3


def test_faces_without_visemes_or_phones_are_refused(tmp_path):
    with pytest.raises(FormatError, match="rig visemes"):
        write_performance(tmp_path / "a.tsv", smooth_performance(3))


FAULTS = {
    "a.tsv": ["0.00 X", "0.00\tQ\n1.00\tX", "x\tA\n1\tX", "0.00\tX", "0.5\tA\n0.2\tB\n0.1\tX"],
    "a.json": [
        '{"mouthCues": []}',
        '{"mouthCues": [{"start": 0}]}',
        '{"mouthCues": 3}',
        '["mouthCues"',
        '["mouthCues"]',
    ],
    "a.xml": ["<rhubarbResult></rhubarbResult>", '<mouthCue start="0" end="1">A</mouthCue>', "<a/>"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in FAULTS.items() for text in texts])
def test_faults(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError) as caught:
        read_performance(tmp_path / name)
    assert str(caught.value).startswith(f'"{name}"')
    assert "\n" not in str(caught.value)

"""Curves of every rig, and the phones beside them, come back from disk as they were."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from performances import random_performance

from core.errors import FormatError
from core.formats import read_performance, write_performance
from core.rig.board import BOARD_NAMES
from core.rig.convert import RIGS, to_rig
from core.rig.names import rig_of
from core.speech.phone_files import read_track
from core.speech.phones import Phone, PhoneTrack

ENDINGS = (".npz", ".csv", ".json")
OTHERS = tuple(rig for rig in RIGS if rig != "arkit52")
TRACK = PhoneTrack((Phone("M", 0.1, 0.2, 0.9), Phone("AA", 0.2, 1 / 3, 0.5), Phone("sil", 0.4, 0.5)), 0.5)


def signed(frames=5, fps=60.0, names=BOARD_NAMES, seed=3):
    """A performance whose values lie in -1..1."""
    plain = random_performance(frames, fps, names, seed)
    return replace(plain, curves=replace(plain.curves, values=plain.curves.values * 2 - 1))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("rig", RIGS)
def test_round_trip_tells_the_rig(tmp_path, rig, ending):
    before = to_rig(signed(), rig)
    assert rig_of(before.curves.names) == rig
    path = tmp_path / f"a{ending}"
    write_performance(path, before)
    after = read_performance(path)
    assert rig_of(after.curves.names) == rig
    assert after.curves.names == before.curves.names
    assert after.curves.fps == 60.0
    tolerance = 1e-10 if (rig, ending) == ("arkit52", ".csv") else 0
    np.testing.assert_allclose(after.curves.values, before.curves.values, rtol=0, atol=tolerance)
    np.testing.assert_allclose(after.head, before.head, rtol=0, atol=tolerance)


def test_names_of_no_rig():
    assert rig_of(("jaw", "lip")) is None
    assert rig_of((*BOARD_NAMES, BOARD_NAMES[0])) is None
    assert rig_of(tuple(reversed(BOARD_NAMES))) == "metahuman"


@pytest.mark.parametrize("frames", [1, 2, 400])
@pytest.mark.parametrize("fps", [1.0, 23.976, 24000 / 1001, 30.0, 33.3, 59.94, 240.0])
def test_tables_keep_the_rate(tmp_path, fps, frames):
    path = tmp_path / "a.csv"
    write_performance(path, signed(frames, fps))
    found = read_performance(path).curves.fps
    assert found == pytest.approx(60.0 if frames == 1 else fps, rel=1e-6)


def test_a_table_is_what_the_documentation_says(tmp_path):
    path = tmp_path / "a.csv"
    before = signed(3, 50.0, ("jaw", 'lip, "upper"'))
    write_performance(path, before)
    header, *rows = csv.reader(path.read_text("utf-8").splitlines())
    assert header == ["time_s", "jaw", 'lip, "upper"', "head_yaw", "head_pitch", "head_roll"]
    assert [row[0] for row in rows] == ["0.000000000", "0.020000000", "0.040000000"]
    np.testing.assert_array_equal(np.array([row[1:3] for row in rows], np.float32), before.curves.values)


TABLE = "time_s,jaw,head_yaw,head_pitch,head_roll\n0,.5,0,0,0\n0.02,-1,0,0,0\n"
TABLE_FAULTS = {
    "no frames": TABLE.splitlines()[0],
    "no head": TABLE.replace("head_roll", "roll"),
    "words": TABLE.replace("-1", "low"),
    "a cell too few": TABLE.replace(",-1", ""),
    "times fall": TABLE.replace("0.02,", "-0.02,"),
    "times stand": TABLE.replace("0.02,", "0,"),
    "uneven": TABLE + "0.05,0,0,0,0\n",
    "no number": TABLE.replace("0.02,", "nan,"),
    "endless": TABLE.replace("-1", "1e99"),
    "twice": TABLE.replace("jaw,head_yaw", "head_yaw,head_yaw"),
}


def test_a_table_by_hand_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\ufeff" + TABLE.replace("\n", "\r\n"), encoding="utf-8")
    found = read_performance(path)
    assert (found.curves.names, found.curves.fps, found.curves.values.tolist()) == (("jaw",), 50.0, [[0.5], [-1.0]])


@pytest.mark.parametrize("fault", TABLE_FAULTS)
def test_table_faults(tmp_path, fault):
    path = tmp_path / "fault.csv"
    path.write_text(TABLE_FAULTS[fault], encoding="utf-8")
    with pytest.raises(FormatError, match=r'^"fault\.csv"') as caught:
        read_performance(path)
    assert "\n" not in str(caught.value)


def test_a_control_may_not_be_called_as_our_columns(tmp_path):
    with pytest.raises(FormatError, match="time_s"):
        write_performance(tmp_path / "a.csv", signed(2, names=("time_s", "jaw")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".npz", ".json"])
@pytest.mark.parametrize("track", [TRACK, PhoneTrack((), 1.5), None])
def test_phones_travel_along(tmp_path, ending, track):
    path = tmp_path / f"a{ending}"
    write_performance(path, replace(signed(), phones=track))
    assert read_performance(path).phones == track


def test_a_performance_of_text_is_a_phone_track_too(tmp_path):
    write_performance(tmp_path / "a.json", replace(signed(), phones=TRACK))
    assert read_track(tmp_path / "a.json") == TRACK


def test_tables_and_takes_leave_the_phones_out(tmp_path):
    for rig in RIGS:
        write_performance(tmp_path / "a.csv", replace(to_rig(signed(), rig), phones=TRACK))
        assert read_performance(tmp_path / "a.csv").phones is None


@pytest.mark.parametrize(
    "change",
    [
        {"phones": "M"},
        {"phones": [["M", 0, 1]]},
        {"phones": [{"phone": "Q", "start_s": 0, "end_s": 0.1}]},
        {"phones": [{"phone": "M", "start_s": 0.4, "end_s": 0.1}]},
        {"phones": [{"phone": "M", "start_s": 0, "end_s": 9}]},
        {"duration_s": "long"},
    ],
)
def test_phones_that_cannot_be(tmp_path, change):
    path = tmp_path / "fault.json"
    write_performance(path, replace(signed(), phones=TRACK))
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(FormatError, match=r'^"fault\.json" holds phones that cannot be'):
        read_performance(path)


@pytest.mark.parametrize(
    "change",
    [
        {"phone_symbols": np.array(["Q", "AA", "sil"])},
        {"phone_symbols": np.array([1, 2, 3])},
        {"phone_symbols": np.array("M")},
        {"phone_times": np.zeros((3, 3))},
        {"phone_times": np.full((3, 2), np.nan)},
        {"phone_confidence": np.zeros(2)},
        {"phone_duration": np.float64(0.1)},
    ],
)
def test_phone_arrays_that_cannot_be(tmp_path, change):
    path = tmp_path / "fault.npz"
    write_performance(path, replace(signed(), phones=TRACK))
    with np.load(path) as arrays:
        spoilt = dict(arrays) | change
    np.savez(path, **spoilt)
    with pytest.raises(FormatError, match=r'^"fault\.npz"'):
        read_performance(path)

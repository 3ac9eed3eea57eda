"""MetaHuman controls as JSON and CSV: raw curves and both boards, in every host's spelling."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from engine_cases import RATES, TOLERANCE, drift_in_frames, for_format, largest_error, smooth_performance

from core.errors import FormatError
from core.formats import FORMATS, Placing, format_of, read_performance, write_performance
from core.formats.dna_board import DNA_NAMES, narrowed, widened
from core.rig.board import BOARD_NAMES
from core.rig.convert import to_rig
from core.rig.mapping import METAHUMAN_RAW_251

FORMS = ("metahuman-json", "metahuman-csv")


def in_rig(rig, frames=40, fps=60.0):
    return for_format(replace(FORMATS["unreal"], rigs=(rig,)), frames, fps)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("rig", FORMATS["metahuman-json"].rigs)
@pytest.mark.parametrize("form", FORMS)
def test_round_trip(tmp_path, form, rig, fps):
    path = tmp_path / f"a{FORMATS[form].ending}"
    before = in_rig(rig, fps=fps)
    write_performance(path, before, FORMATS[form], Placing(start_frame=7))
    assert format_of(path).name == form
    after = read_performance(path)
    assert largest_error(after, widened(before) if rig == "metahuman174" else before) <= TOLERANCE
    assert drift_in_frames(after, before) < 0.01


def test_the_dna_has_174_channels():
    assert len(DNA_NAMES) == 174
    assert BOARD_NAMES[:174] == DNA_NAMES
    assert "CTRL_C_tongue_move.tx" in DNA_NAMES
    assert not any("tongue_narrowWide" in name for name in DNA_NAMES)


def test_narrowed_and_widened():
    board = to_rig(smooth_performance(4), "metahuman")
    board.curves.values[:] = 0.5
    back = widened(narrowed(board))
    assert (back.curves.values[:, :174] == 0.5).all()
    assert (back.curves.values[:, 174:] == 0).all()


def test_json_members(tmp_path):
    performance = in_rig("metahuman251", 3)
    write_performance(tmp_path / "a.json", performance, FORMATS["metahuman-json"], Placing(start_frame=5))
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert list(found) == ["fps", "start_frame", "frames", "curves", "head"]
    assert (found["fps"], found["start_frame"], found["frames"]) == (60.0, 5, 3)
    assert list(found["curves"]) == list(METAHUMAN_RAW_251)
    assert found["head"]["HeadPitch"] == pytest.approx((-performance.head[:, 1]).tolist())


def test_csv_columns(tmp_path):
    write_performance(tmp_path / "a.csv", in_rig("metahuman174", 3), FORMATS["metahuman-csv"], Placing(start_frame=5))
    with (tmp_path / "a.csv").open(newline="") as file:
        titles, *lines = csv.reader(file)
    assert titles == ["frame", "time_s", *DNA_NAMES, "HeadYaw", "HeadPitch", "HeadRoll"]
    assert [line[0] for line in lines] == ["5", "6", "7"]
    assert float(lines[0][1]) == pytest.approx(5 / 60, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("CTRL_L_brow_down.translateY", "CTRL_L_brow_down.ty"),
        ("CTRL_C_jaw-translateX", "CTRL_C_jaw.tx"),
        ("CTRL_expressions.jawOpen", "CTRL_expressions_jawOpen"),
        ("CTRL_R_eye.tx", "CTRL_R_eye.tx"),
    ],
)
def test_spellings_of_other_hosts(tmp_path, name, ours):
    found = {"fps": 30, "curves": {name: [0, 0.5]}}
    (tmp_path / "a.json").write_text(json.dumps(found))
    performance = read_performance(tmp_path / "a.json")
    assert performance.curves.names == (ours,)
    assert performance.curves.values[:, 0].tolist() == [0, 0.5]
    assert performance.curves.fps == 30


def test_raw_curves_in_any_order(tmp_path):
    write_performance(tmp_path / "a.json", in_rig("metahuman251", 3), FORMATS["metahuman-json"])
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    found["curves"] = dict(reversed(found["curves"].items()))
    (tmp_path / "b.json").write_text(json.dumps(found))
    first, second = (read_performance(tmp_path / f"{name}.json") for name in "ab")
    assert second.curves.names == METAHUMAN_RAW_251
    np.testing.assert_array_equal(first.curves.values, second.curves.values)


GOOD = {"fps": 30, "curves": {"CTRL_C_jaw.ty": [0, 0.5]}}
FAULTS = {
    "no rate": {"curves": GOOD["curves"]},
    "rate 0": GOOD | {"fps": 0},
    "curves as a list": GOOD | {"curves": ["CTRL_C_jaw.ty"]},
    "ragged": GOOD | {"curves": {"CTRL_C_jaw.ty": [0, 1], "CTRL_C_jaw.tx": [0]}},
    "text": GOOD | {"curves": {"CTRL_C_jaw.ty": ["x"]}},
    "huge": GOOD | {"curves": {"CTRL_C_jaw.ty": [1e300]}},
    "one control twice": GOOD | {"curves": {"CTRL_C_jaw.ty": [0], "CTRL_C_jaw.translateY": [0]}},
    "short head": GOOD | {"head": {"HeadYaw": [0]}},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(tmp_path, fault):
    (tmp_path / "a.json").write_text(json.dumps(FAULTS[fault]))
    with pytest.raises(FormatError) as caught:
        read_performance(tmp_path / "a.json")
    assert str(caught.value).startswith('"a.json"')
    assert "\n" not in str(caught.value)

"""NVIDIA's two files: written as its exporters write them, read from every version of them."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from engine_cases import RATES, TOLERANCE, drift_in_frames, largest_error, smooth_performance, there_and_back

from core.errors import FormatError, SettingError
from core.formats import FORMATS, Placing, format_of, read_performance, write_performance
from core.rig.arkit import ARKIT_52

TONGUE = ("TongueTipUp", "TongueRollLeft", "TongueWide")


@pytest.mark.parametrize("fps", [*RATES, 23.976, 29.97, 59.94])
@pytest.mark.parametrize("form", ["a2f-json", "a2f-csv"])
def test_round_trip(tmp_path, form, fps):
    before = smooth_performance(fps=fps)
    path = tmp_path / f"a{FORMATS[form].ending}"
    after = there_and_back(path, before, form, Placing(start_frame=7 if FORMATS[form].starts else 0))
    assert format_of(path).name == form
    assert largest_error(after, before, with_head=False) <= TOLERANCE
    assert drift_in_frames(after, before) < 0.01


def test_json_has_the_exporters_members(tmp_path):
    performance = smooth_performance(4, 30.0)
    write_performance(tmp_path / "line.json", performance, FORMATS["a2f-json"])
    found = json.loads((tmp_path / "line.json").read_text("utf-8"))
    assert list(found) == ["exportFps", "trackPath", "numPoses", "numFrames", "facsNames", "weightMat"]
    assert (found["exportFps"], found["trackPath"]) == (30.0, "line.wav")
    assert (found["numPoses"], found["numFrames"]) == (52, 4)
    assert found["facsNames"] == list(ARKIT_52)
    np.testing.assert_array_equal(np.array(found["weightMat"], np.float32), performance.curves.values)


def test_csv_has_the_clients_columns(tmp_path):
    performance = smooth_performance(4, 30.0)
    write_performance(tmp_path / "line.csv", performance, FORMATS["a2f-csv"], Placing(start_frame=30))
    with (tmp_path / "line.csv").open(newline="") as file:
        titles, *lines = csv.reader(file)
    assert titles[:4] == ["", "timeCode", "blendShapes.EyeBlinkLeft", "blendShapes.EyeLookDownLeft"]
    assert titles[-1] == "blendShapes.TongueOut"
    assert len(titles) == 54
    assert [line[0] for line in lines] == ["0", "1", "2", "3"]
    assert [float(line[1]) for line in lines] == [frame / 30 for frame in (30, 31, 32, 33)]


def test_legacy_export_of_46_poses(tmp_path):
    """The first versions had no poses for the gaze; a file needs no track path and no counts to be read."""
    names = [name for name in ARKIT_52 if "Look" not in name or name.endswith("UpLeft")][:46]
    rows = np.linspace(0, 1, 3 * len(names)).reshape(3, -1)
    text = json.dumps({"facsNames": names, "exportFps": 30, "weightMat": rows.tolist()})
    (tmp_path / "a.json").write_text(text)
    performance = read_performance(tmp_path / "a.json")
    assert performance.curves.names == ARKIT_52
    np.testing.assert_allclose(performance.curves.column(names[5]), rows[:, 5], atol=1e-7)
    assert np.abs(performance.curves.column("eyeLookInLeft")).max() == 0


@pytest.mark.parametrize("form", ["a2f-json", "a2f-csv"])
def test_poses_of_the_tongue_are_left_out(tmp_path, form):
    if form == "a2f-json":
        names = [*ARKIT_52, *TONGUE]
        found = {"facsNames": names, "exportFps": 60, "weightMat": [[0.5] * len(names)] * 2}
        (tmp_path / "a.json").write_text(json.dumps(found))
        performance = read_performance(tmp_path / "a.json")
    else:
        titles = ["", "timeCode", *(f"blendShapes.{name[0].upper()}{name[1:]}" for name in (*ARKIT_52, *TONGUE))]
        rows = [",".join(map(str, (row, row / 30, *[0.5] * 55))) for row in range(3)]
        (tmp_path / "a.csv").write_text("\n".join([",".join(titles), *rows]) + "\n")
        performance = read_performance(tmp_path / "a.csv")
        assert performance.curves.fps == 30
    assert performance.curves.names == ARKIT_52
    assert (performance.curves.values == 0.5).all()


def test_client_that_missed_a_frame(tmp_path):
    performance = smooth_performance(31, 30.0)
    performance.curves.values[:] = np.linspace(0, 1, 31, dtype=np.float32)[:, None]
    write_performance(tmp_path / "a.csv", performance, FORMATS["a2f-csv"])
    lines = (tmp_path / "a.csv").read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join(lines[:11] + lines[13:]))
    after = read_performance(tmp_path / "a.csv")
    times = np.arange(len(after.head)) / after.curves.fps
    np.testing.assert_allclose(after.curves.column("jawOpen"), times, atol=1e-5)


def test_json_cannot_start_later(tmp_path):
    with pytest.raises(SettingError, match="cannot say at which frame"):
        write_performance(tmp_path / "a.json", smooth_performance(3), FORMATS["a2f-json"], Placing(start_frame=1))
    assert not (tmp_path / "a.json").exists()


def test_other_rigs_are_refused(tmp_path):
    with pytest.raises(FormatError, match="takes curves of the rig arkit52, but these are 2 others"):
        write_performance(tmp_path / "a.json", smooth_performance(3, names=("a", "b")), FORMATS["a2f-json"])


GOOD = {"facsNames": list(ARKIT_52), "exportFps": 30, "weightMat": [[0.0] * 52]}
FAULTS = {
    "no rate": {name: value for name, value in GOOD.items() if name != "exportFps"},
    "rate as text": GOOD | {"exportFps": "fast"},
    "rate 0": GOOD | {"exportFps": 0},
    "no frames": GOOD | {"weightMat": []},
    "short row": GOOD | {"weightMat": [[0.0] * 51]},
    "ragged": GOOD | {"weightMat": [[0.0] * 52, [0.0] * 51]},
    "text": GOOD | {"weightMat": [["x"] * 52]},
    "null": GOOD | {"weightMat": [[None] * 52]},
    "huge": GOOD | {"weightMat": [[1e300] * 52]},
    "other names": GOOD | {"facsNames": [f"x{number}" for number in range(52)]},
    "names as text": GOOD | {"facsNames": "jawOpen"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_json_faults(tmp_path, fault):
    (tmp_path / "a.json").write_text(json.dumps(FAULTS[fault]))
    with pytest.raises(FormatError) as caught:
        read_performance(tmp_path / "a.json")
    assert str(caught.value).startswith('"a.json"')
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [("0.0,", "x,"), ("timeCode", "timecode2"), ("blendShapes.", "shapes.")])
def test_csv_faults(tmp_path, change):
    write_performance(tmp_path / "a.csv", smooth_performance(3), FORMATS["a2f-csv"])
    text = (tmp_path / "a.csv").read_text()
    (tmp_path / "a.csv").write_text(text.replace(*change))
    with pytest.raises(FormatError, match=r'"a\.csv"'):
        read_performance(tmp_path / "a.csv")

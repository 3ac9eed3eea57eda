"""Performances come back from disk as they were, whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import os

import numpy as np
import pytest
from performances import random_performance

from core.errors import FormatError, ShapeError
from core.formats import FORMATS, check_target, format_for, read_performance, write_performance

ENDINGS = (".npz", ".csv", ".json")
"""What is exact and takes any names; the formats of engines have tests of their own."""
RATES = (1.0, 23.976, 24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 50.0, 60000 / 1001, 60.0, 120.0, 240.0)


def listed(folder):
    """The names of what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("frames", [1, 2, 600])
@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_round_trip(tmp_path, ending, fps, frames):
    path = tmp_path / f"a{ending}"
    before = random_performance(frames, fps)
    write_performance(path, before)
    after = read_performance(path)
    assert after.curves.names == before.curves.names
    tolerance = 1e-10 if ending == ".csv" else 0
    for array, twin in ((after.curves.values, before.curves.values), (after.head, before.head)):
        assert array.dtype == np.float32
        assert np.abs(array.astype(float) - twin.astype(float)).max() <= tolerance
    if ending != ".csv":
        assert after.curves.fps == fps
    elif frames > 1:
        assert abs((frames - 1) / after.curves.fps - (frames - 1) / fps) <= 1.5 / 60_000


@pytest.mark.parametrize("ending", ENDINGS)
def test_tiny_and_odd_values(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    before = random_performance(2)
    before.curves.values[0, :6] = [0.0, -0.0, 1e-12, np.float32(1 / 3), 1.0, np.nextafter(np.float32(1), np.float32(0))]
    write_performance(path, before)
    after = read_performance(path)
    tolerance = 1e-10 if ending == ".csv" else 0
    np.testing.assert_allclose(after.curves.values, before.curves.values, rtol=0, atol=tolerance)


@pytest.mark.parametrize("ending", ENDINGS)
def test_equal_performances_give_equal_bytes(tmp_path, ending):
    first, second = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    write_performance(first, random_performance())
    write_performance(second, random_performance())
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("ending", [".NPZ", ".Csv", ".JSON"])
def test_case_of_the_ending_does_not_matter(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    write_performance(path, random_performance())
    assert len(read_performance(path).head) == 7


@pytest.mark.parametrize("name", ["té st ü.csv", "口パク.npz", "a b.json", "x.tar.csv", "n" * 251 + ".csv"])
def test_names_of_files(tmp_path, name):
    write_performance(tmp_path / name, random_performance())
    assert len(read_performance(tmp_path / name).head) == 7
    assert listed(tmp_path) == [name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_odd_names_of_controls(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    write_performance(path, random_performance(names=("jaw", "lip ü", 'quote"')))
    assert read_performance(path).curves.names == ("jaw", "lip ü", 'quote"')


def test_npz_holds_what_the_documentation_says(tmp_path):
    path = tmp_path / "a.npz"
    write_performance(path, random_performance(5, 24.0))
    with np.load(path, allow_pickle=False) as arrays:
        kinds = {name: (arrays[name].dtype.kind, arrays[name].shape) for name in arrays}
        assert arrays["head_names"].tolist() == ["yaw", "pitch", "roll"]
        assert arrays["values"].dtype == np.float32
        assert float(arrays["fps"]) == 24.0
    shapes = {"values": ("f", (5, 52)), "fps": ("f", ()), "head": ("f", (5, 3)), "head_names": ("U", (3,))}
    assert kinds == shapes | {"names": ("U", (52,))}


def test_json_holds_what_the_documentation_says(tmp_path):
    path = tmp_path / "a.json"
    write_performance(path, random_performance(5, 24.0))
    found = json.loads(path.read_text("utf-8"))
    assert list(found) == ["names", "fps", "values", "head_names", "head"]
    assert (len(found["names"]), found["fps"], len(found["values"]), len(found["values"][0])) == (52, 24.0, 5, 52)
    assert found["head_names"] == ["yaw", "pitch", "roll"]
    assert len(path.read_text("utf-8").splitlines()) == 2 * 5 + 9


@pytest.mark.parametrize("check", [check_target, lambda path: write_performance(path, random_performance())])
def test_targets_that_cannot_be(tmp_path, check):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("x")
    faults = {
        "a.txt": "no known ending",
        "a": "no known ending",
        ".csv": "no known ending",
        "a.csv.bak": "no known ending",
        "folder.csv": "is a folder",
        "missing/a.csv": "does not exist",
        "file/a.csv": "does not exist",
        "n" * 300 + ".csv": "cannot be written",
        "nul\0.csv": "cannot be written",
    }
    for name, words in faults.items():
        with pytest.raises(FormatError, match=words) as caught:
            check(tmp_path / name)
        assert str(caught.value).endswith(".")
        assert "\n" not in str(caught.value)
    assert listed(tmp_path) == ["file", "folder.csv"]


def test_unknown_ending_names_the_known_ones():
    with pytest.raises(FormatError, match=r"\.npz, \.csv, \.json"):
        check_target("a.fbx")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_write_protected_places(tmp_path):
    (tmp_path / "kept.csv").write_text("mine")
    (tmp_path / "kept.csv").chmod(0o400)
    with pytest.raises(FormatError, match="write-protected"):
        check_target(tmp_path / "kept.csv")
    tmp_path.chmod(0o500)
    with pytest.raises(FormatError, match="permission"):
        check_target(tmp_path / "a.csv")
    tmp_path.chmod(0o700)


def test_check_leaves_no_trace(tmp_path):
    check_target(tmp_path / "a.csv")
    assert listed(tmp_path) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_failed_write_keeps_what_was_there(tmp_path, ending, monkeypatch):
    path = tmp_path / f"a{ending}"
    path.write_text("mine")

    def full(file, performance, placing):
        file.write_text("half")
        raise OSError(28, "No space left on device")

    form = format_for(path, random_performance().curves.names)
    monkeypatch.setitem(FORMATS, form.name, dataclasses.replace(form, write=full))
    with pytest.raises(FormatError, match="no space left"):
        write_performance(path, random_performance())
    assert listed(tmp_path) == [path.name]
    assert path.read_text() == "mine"


@pytest.mark.parametrize("ending", ENDINGS)
def test_values_that_are_not_numbers_are_not_written(tmp_path, ending):
    performance = random_performance()
    performance.head[0, 0] = np.nan
    with pytest.raises(ShapeError):
        write_performance(tmp_path / f"a{ending}", performance)
    assert listed(tmp_path) == []

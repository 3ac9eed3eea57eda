"""Files that are damaged, foreign or hostile are refused in one sentence that names them."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from performances import random_performance

from core.errors import FormatError
from core.formats import endings, read_performance, write_performance


def arrays(**changes):
    """The arrays of a good archive, with changes; None leaves one out."""
    good = {"names": np.array(["a", "b"]), "values": np.zeros((3, 2), np.float32), "fps": np.float64(30)}
    every = good | {"head": np.zeros((3, 3), np.float32)} | changes
    return {name: array for name, array in every.items() if array is not None}


NPZ_FAULTS = {
    "no names": arrays(names=None),
    "no head": arrays(head=None),
    "names twice": arrays(names=np.array(["a", "a"])),
    "names as numbers": arrays(names=np.array([1, 2])),
    "too few names": arrays(names=np.array(["a"])),
    "doubles": arrays(values=np.zeros((3, 2))),
    "flat": arrays(values=np.zeros(6, np.float32)),
    "NaN": arrays(values=np.full((3, 2), np.nan, np.float32)),
    "fps 0": arrays(fps=np.float64(0)),
    "fps NaN": arrays(fps=np.float64(np.nan)),
    "fps text": arrays(fps=np.array("30")),
    "head short": arrays(head=np.zeros((2, 3), np.float32)),
    "object": arrays(names=np.array(["a", None], object)),
}


@pytest.mark.parametrize("fault", NPZ_FAULTS)
def test_npz_faults(tmp_path, fault):
    path = tmp_path / "fault.npz"
    np.savez(path, **NPZ_FAULTS[fault])
    assert_refused(path)


@pytest.mark.parametrize("member", ["names", "values", "fps", "head"])
@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\0\x06\0{'a': "])
def test_npz_members_that_are_no_arrays(tmp_path, member, content):
    path = tmp_path / "fault.npz"
    np.savez(path, **arrays(**{member: None}))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{member}.npy", content)
    assert_refused(path)


def test_encrypted_npz(tmp_path):
    path = tmp_path / "fault.npz"
    np.savez(path, **arrays())
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    assert_refused(path)


def test_npz_bomb(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("values.npy", bytes(1 << 20))
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = b"\xff\xff\xff\xfe"
    path.write_bytes(content)
    assert_refused(path)


GOOD = '"names": ["a"], "fps": 30, "values": [[0]], "head": [[0, 0, 0]]'
JSON_FAULTS = {
    "empty": "",
    "text": "hello",
    "list": "[]",
    "lacks head": '{"names": ["a"], "fps": 30, "values": [[0]]}',
    "names": "{" + GOOD.replace('["a"]', '"a"') + "}",
    "names of numbers": "{" + GOOD.replace('["a"]', "[1]") + "}",
    "fps text": "{" + GOOD.replace("30", '"30"') + "}",
    "fps true": "{" + GOOD.replace("30", "true") + "}",
    "fps 0": "{" + GOOD.replace("30", "0") + "}",
    "fps NaN": "{" + GOOD.replace("30", "NaN") + "}",
    "ragged": "{" + GOOD.replace("[[0]]", "[[0], [0, 1]]") + "}",
    "too wide": "{" + GOOD.replace("[[0]]", "[[0, 1]]") + "}",
    "text values": "{" + GOOD.replace("[[0]]", '[["0"]]') + "}",
    "null values": "{" + GOOD.replace("[[0]]", "[[null]]") + "}",
    "NaN": "{" + GOOD.replace("[[0]]", "[[NaN]]") + "}",
    "huge": "{" + GOOD.replace("[[0]]", "[[1e999]]") + "}",
    "beyond float": "{" + GOOD.replace("[[0]]", "[[1e300]]") + "}",
    "more frames than head": "{" + GOOD.replace("[[0]]", "[[0], [0]]") + "}",
    "no frames": "{" + GOOD.replace("[[0]]", "[]") + "}",
    "deep": "[" * 100_000,
    "cut": ("{" + GOOD + "}")[:-9],
}


@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_json_faults(tmp_path, fault):
    path = tmp_path / "fault.json"
    path.write_text(JSON_FAULTS[fault])
    assert_refused(path)


def test_good_json_is_read(tmp_path):
    path = tmp_path / "good.json"
    path.write_text("{" + GOOD + ', "more": 1}')
    performance = read_performance(path)
    assert (performance.curves.names, performance.curves.fps) == (("a",), 30.0)
    assert performance.curves.values.tolist() == [[0.0]]


@pytest.mark.parametrize("ending", endings())
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0\1", b"PK\x03\x04", b"{", bytes(1000)])
def test_rubbish(tmp_path, ending, content):
    path = tmp_path / f"fault{ending}"
    path.write_bytes(content)
    assert_refused(path)


@pytest.mark.parametrize("ending", [".npz", ".csv", ".json"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_cut_files(tmp_path, ending, share):
    path = tmp_path / f"fault{ending}"
    write_performance(path, random_performance(20))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert_refused(path)


def test_missing_and_folder(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for name in ("missing.npz", "missing.csv", "missing.json", "folder.csv"):
        assert_refused(tmp_path / name)


def assert_refused(path):
    with pytest.raises(FormatError) as caught:
        read_performance(path)
    assert str(caught.value).startswith(f'"{path.name}"')
    assert "\n" not in str(caught.value)

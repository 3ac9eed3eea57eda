"""Damaged splat files: mended and counted, or refused in one sentence, before anything large is allocated."""

from __future__ import annotations

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from splat_sets import head_like
from test_splat_files import LOSSES, NAMES, ply_of

from core.splat.files import read_splats, write_splats
from core.splat.files.gather import COLOURS, OPACITIES, PLACELESS, SIZES, TURNS
from core.splat.types import SplatError

ALL = [*NAMES, "scale_2"]
SOUND = dict(zip(ALL, [1, 0.1, 0.2, 0.3, 0, 0, 0, 1, 0.1, 0.2, 0.3, -4, -5, -6], strict=True))
LARGE = 3.4e38
NAN, INF = float("nan"), float("inf")


def refused(path, words):
    """The file is refused in one sentence that names it, with little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(SplatError, match=words) as error:
            read_splats(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * path.stat().st_size + (300 << 20)
    finally:
        tracemalloc.stop()
    said = str(error.value)
    assert said.startswith(f'"{path.name}"')
    assert said.endswith(".")
    assert "\n" not in said


MENDED = [
    *(({name: value}, PLACELESS) for name in "xyz" for value in (NAN, INF, -INF, 2e6, LARGE)),
    *(({f"scale_{axis}": value}, PLACELESS) for axis in range(3) for value in (NAN, INF, 88, LARGE)),
    *(({f"scale_{axis}": value}, SIZES) for axis in range(3) for value in (-88, -INF, -LARGE)),
    ({"rot_0": 0}, TURNS),
    *(({f"rot_{part}": value}, TURNS) for part in range(4) for value in (NAN, INF)),
    *(({"opacity": value}, OPACITIES) for value in (INF, -INF, 88, -LARGE)),
    ({"opacity": NAN}, PLACELESS),
    *(({"f_dc_1": value}, COLOURS) for value in (NAN, INF, LARGE, -2e4)),
]


@pytest.mark.parametrize(("change", "fault"), MENDED)
def test_bad_values_are_mended_and_counted(tmp_path, change, fault):
    rows = [list({**SOUND, **(change if bad else {})}.values()) for bad in (False, True, False, True, True)]
    ply_of(tmp_path / "a.ply", ALL, rows)
    found, report = read_splats(tmp_path / "a.ply")
    assert report.repaired == {fault: 3}
    assert report.count == 5
    assert len(found) == (2 if fault == PLACELESS else 5)
    for array in (found.means, found.quats, found.log_scales, found.logits, found.sh):
        assert np.isfinite(array).all()
    np.testing.assert_allclose(np.linalg.norm(found.quats, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1e12, 1e30])
def test_quaternions_of_any_length_are_taken(tmp_path, size):
    ply_of(tmp_path / "a.ply", ALL, [list({**SOUND, "rot_0": size, "rot_1": size}.values())])
    found, report = read_splats(tmp_path / "a.ply")
    assert not report.repaired
    np.testing.assert_allclose(found.quats[0, :2], np.sqrt(0.5), atol=1e-6)


def header(count="1", names=ALL, kind="float", form="binary_little_endian 1.0"):
    lines = ["ply", f"format {form}", f"element vertex {count}", *(f"property {kind} {name}" for name in names)]
    return "\n".join([*lines, "end_header", ""]).encode()


ROW = np.array(list(SOUND.values()), "<f4").tobytes()
BAD_PLY = {
    "empty": (b"", "does not begin"),
    "text": (b"hello", "does not begin"),
    "no end": (header()[:-11] + b"x" * 99, "no end of its header"),
    "a header without end": (b"ply\n" + b"comment x\n" * 600_000, "no end of its header"),
    "no format": (header().replace(b"format binary_little_endian 1.0\n", b""), "ascii or binary"),
    "unknown format": (header(form="binary_middle_endian 1.0"), "ascii or binary"),
    "two to the 31": (header(str(2**31)) + ROW, "between 1 and"),
    "ten to the 12": (header(str(10**12)) + ROW, "between 1 and"),
    "ten million lied": (header("10000000") + ROW, "ends early"),
    "a huge number": (header("9" * 400) + ROW, "how many rows"),
    "a negative count": (header("-1") + ROW, "how many rows"),
    "a count in words": (header("many") + ROW, "how many rows"),
    "none": (header("0"), "between 1 and"),
    "cut": (header("3") + ROW * 3, None),
    "cut by a byte": (header("3") + (ROW * 3)[:-1], "ends early"),
    "a property twice": (header(names=[*ALL, "x"]) + ROW, "twice"),
    "an unknown type": (header(kind="quad") + ROW, "unknown type"),
    "lists": (header().replace(b"end_header", b"property list uchar int f\nend_header") + ROW, "holds lists"),
    "an element twice": (header().replace(b"end_header", b"element vertex 1\nend_header"), "element twice"),
    "a property of nothing": (b"ply\nformat ascii 1.0\nproperty float x\nend_header\n", "before any element"),
    "no vertices": (b"ply\nformat ascii 1.0\nelement face 1\nproperty float x\nend_header\n1\n", "no element"),
    "a lie before": (header().replace(b"element v", b"element a 999999999999\nproperty char b\nelement v"), "early"),
    "text of words": (header(form="ascii 1.0") + b"one " * 14, "words"),
    "text too short": (header("500", form="ascii 1.0") + b"1 " * 99, "ends early"),
    "text one short": (header("2", form="ascii 1.0") + b"1.0000 " * 27, "holds 1 splats"),
    "a word without end": (header("2", form="ascii 1.0") + b"1" * (3 << 20), "holds 0 splats|words"),
    "a long word among short": (header("9999", form="ascii 1.0") + b"1" * 999_999 + b" 1" * 499_999, "words"),
    "properties without end": (header(names=[f"f_rest_{k}" for k in range(30_000)]), "far more"),
    "elements without end": (header().replace(b"element v", b"element a 0\n" * 70 + b"element v"), "far more"),
    "all lost": (header("2") + np.full(28, np.nan, "<f4").tobytes(), "no splat with"),
    "no dc": (header(names=ALL[:8]) + ROW, "no splat file: it has points without"),
    "half a degree": (header(names=[*ALL, "f_rest_0"]) + ROW * 2, "no whole degree"),
    "a gap": (header(names=[*ALL, *(f"f_rest_{k}" for k in range(10) if k != 3)]) + ROW * 2, "no whole degree"),
    "degree five": (header(names=[*ALL, *(f"f_rest_{k}" for k in range(105))]) + ROW * 9, "no whole degree"),
    "chunks of nothing": (header().replace(b"vertex", b"chunk") + ROW, "lacks chunks"),
    "too few chunks": (header("9").replace(b"element vertex", b"element chunk 9\nelement vertex"), "one for each"),
}


@pytest.mark.parametrize("name", BAD_PLY)
def test_bad_ply(tmp_path, name):
    content, words = BAD_PLY[name]
    path = tmp_path / "a.ply"
    path.write_bytes(content)
    if words:
        refused(path, words)
    else:
        assert len(read_splats(path)[0]) == 3


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("share", np.linspace(0, 0.99, 20))
def test_cut_files(tmp_path, name, share):
    if ".usd" in name:
        pytest.importorskip("pxr")
    path = tmp_path / name
    write_splats(path, head_like(50))
    content = path.read_bytes()
    length = int(len(content) * share)
    path.write_bytes(content[: length | 1 if name == "a.splat" else length])
    refused(path, ".")


def spz(version=3, count=1, degree=0, bits=12, body=b"\0" * 20, magic=b"NGSP"):
    return gzip.compress(struct.pack("<4sIIBBBB", magic, version, count, degree, bits, 0, 0) + body)


BAD_SPZ = {
    "no gzip": (b"hello", "damaged gzip"),
    "version 0": (spz(0), "no SPZ file of version"),
    "version 4": (b"NGSP\4\0\0\0" + bytes(24), "version 4"),
    "version 4 in gzip": (spz(4), "no SPZ file of version"),
    "version 9": (spz(9), "no SPZ file of version"),
    "another magic": (spz(magic=b"PSGN"), "no SPZ file"),
    "degree 9": (spz(degree=9), "degree 9"),
    "60 bits": (spz(bits=60), "60 bits"),
    "none": (spz(count=0), "between 1 and"),
    "four milliards": (spz(count=2**32 - 1), "between 1 and"),
    "forty millions": (spz(count=40_000_000), "says it holds"),
    "one more": (spz(count=2), "cut short"),
    "one short": (spz(body=b"\0" * 19), "cut short"),
    "half a header": (gzip.compress(b"NGSP\3\0"), "cut short"),
    "a wrong checksum": (spz()[:-8] + b"12345678", "damaged gzip"),
}


@pytest.mark.parametrize("name", BAD_SPZ)
def test_bad_spz(tmp_path, name):
    content, words = BAD_SPZ[name]
    (tmp_path / "a.spz").write_bytes(content)
    refused(tmp_path / "a.spz", words)


@pytest.mark.parametrize("megabytes", [64, 256])
def test_an_spz_bomb_is_refused_unpacked(tmp_path, megabytes):
    """The count says what the stream holds, but nothing real packs a thousandfold."""
    size = megabytes << 20
    (tmp_path / "a.spz").write_bytes(spz(count=size // 20, body=bytes(size)))
    tracemalloc.start()
    refused(tmp_path / "a.spz", "which no splat file does")
    (tmp_path / "b.spz").write_bytes(spz(body=bytes(size)))
    found, _ = read_splats(tmp_path / "b.spz")
    assert len(found) == 1


def test_missing_files_and_folders(tmp_path):
    refused_words = {"gone.ply": "does not exist", "folder.ply": "no ordinary file"}
    (tmp_path / "folder.ply").mkdir()
    for name, words in refused_words.items():
        with pytest.raises(SplatError, match=words):
            read_splats(tmp_path / name)

"""Older and rarer kinds of the packed formats, and USD where there is no library for it."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from splat_sets import head_like, opacities

from core.splat.files import read_splats, usd, write_splats
from core.splat.types import SH_DC, SplatError


def spz(path, version, places, turns):
    """One splat at (1, -2, 0.5) m, sizes e^-5, e^-4, e^-3, half opaque, of colour 0, mid and full, degree 1."""
    head = struct.pack("<4sIIBBBB", b"NGSP", version, 1, 1, 12, 0, 0)
    sizes, harmonics = bytes([80, 96, 112]), bytes([128, 129, 130, 0, 64, 192, 255, 127, 126])
    path.write_bytes(gzip.compress(head + places + bytes([128]) + bytes([0, 128, 255]) + sizes + turns + harmonics))


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_spz(tmp_path, version):
    """A quarter turn about y: w and y are the square root of a half."""
    half = np.sqrt(0.5)
    fixed = b"".join((round(place * 4096) & 0xFFFFFF).to_bytes(3, "little") for place in (1, -2, 0.5))
    places = np.array([1, -2, 0.5], "<f2").tobytes() if version == 1 else fixed
    three = bytes([128, round(127.5 + 127.5 * half), 128])
    # The largest is w, the fourth of x y z w: two bits of 3, then x, y and z of sign and nine bits each.
    word = (3 << 30) | (0 << 20) | (511 << 10) | 0
    spz(tmp_path / "a.spz", version, places, struct.pack("<I", word) if version == 3 else three)
    found, report = read_splats(tmp_path / "a.spz")
    assert (found.degree, report.repaired) == (1, {})
    np.testing.assert_allclose(found.means, [[1, -2, 0.5]], atol=1e-3)
    np.testing.assert_allclose(found.quats, [[half, 0, half, 0]], atol=6e-3)
    np.testing.assert_allclose(found.log_scales, [[-5, -4, -3]])
    np.testing.assert_allclose(opacities(found), [128 / 255], atol=1e-6)
    np.testing.assert_allclose(found.sh[0, 0], (np.array([0, 128, 255]) / 255 - 0.5) / 0.15, atol=1e-5)
    np.testing.assert_allclose(found.sh[0, 1], [0, 1 / 128, 2 / 128])
    np.testing.assert_allclose(found.sh[0, 3], [127 / 128, -1 / 128, -2 / 128])


def test_extensions_of_spz_are_passed_over(tmp_path):
    write_splats(tmp_path / "a.spz", head_like(20))
    data = bytearray(gzip.decompress((tmp_path / "a.spz").read_bytes()))
    data[14] |= 2
    (tmp_path / "b.spz").write_bytes(gzip.compress(bytes(data) + b"an extension"))
    first, second = (read_splats(tmp_path / name)[0] for name in ("a.spz", "b.spz"))
    np.testing.assert_array_equal(first.sh, second.sh)


@pytest.mark.parametrize("byte", [0, 255])
def test_bytes_of_opacity_stay_finite(tmp_path, byte):
    """A byte of 0 or 255 would have an infinite logit; it is read as a quarter of a step inside."""
    splats = head_like(1, 0)
    splats.logits[:] = 30 if byte else -30
    for name in ("a.spz", "a.splat", "a.compressed.ply"):
        write_splats(tmp_path / name, splats)
        found, report = read_splats(tmp_path / name)
        assert not report.repaired
        np.testing.assert_allclose(255 * opacities(found), abs(byte - 0.25), atol=1e-3)


def test_compressed_ply_without_bounds_of_colour(tmp_path):
    """As the first version had it: colours lie between 0 and 1."""
    splats = head_like(300, 0)
    splats.sh[:] = splats.sh.clip(-0.49 / SH_DC, 0.49 / SH_DC)
    splats.sh[0], splats.sh[256] = -0.5 / SH_DC, -0.5 / SH_DC
    splats.sh[1], splats.sh[257] = 0.5 / SH_DC, 0.5 / SH_DC
    write_splats(tmp_path / "a.compressed.ply", splats)
    head, mark, body = (tmp_path / "a.compressed.ply").read_bytes().partition(b"end_header\n")
    lines = [line for line in head.split(b"\n") if not line.endswith((b"_r", b"_g", b"_b"))]
    bounds = np.frombuffer(body[: 2 * 72], "<f4").reshape(2, 18)
    np.testing.assert_allclose(bounds[:, 12:15], 0, atol=1e-6)
    np.testing.assert_allclose(bounds[:, 15:], 1, atol=1e-6)
    (tmp_path / "b.ply").write_bytes(b"\n".join(lines) + mark + bounds[:, :12].tobytes() + body[2 * 72 :])
    found, report = read_splats(tmp_path / "b.ply")
    assert report.format == "packed-ply"
    np.testing.assert_allclose(SH_DC * found.sh, SH_DC * splats.sh, atol=2.1e-3)


def test_usd_without_its_library_is_a_sentence(tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(usd, "import_module", missing)
    (tmp_path / "a.usda").write_text("#usda 1.0\n")
    with pytest.raises(SplatError, match="install usd-core"):
        read_splats(tmp_path / "a.usda")
    with pytest.raises(SplatError, match="install usd-core"):
        write_splats(tmp_path / "b.usdc", head_like(2))
    assert [path.name for path in tmp_path.iterdir()] == ["a.usda"]


def test_a_process_that_dies_over_usd_is_a_damaged_file(tmp_path, monkeypatch):
    pytest.importorskip("pxr")
    write_splats(tmp_path / "a.usda", head_like(2))
    killer = tmp_path / "killer.py"
    killer.write_text("import os\nos.abort()\n")
    monkeypatch.setattr(usd, "CHILD", killer)
    with pytest.raises(SplatError, match="is damaged: Pixar's library cannot read it"):
        read_splats(tmp_path / "a.usda")

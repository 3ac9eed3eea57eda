"""Every splat format, there and back: what is kept exactly, and how much of the rest is lost."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from splat_sets import apart, covariances, head_like

from core.errors import FormatError, SettingError
from core.splat.files import AXES, FORMATS, format_of, read_splats, write_splats
from core.splat.files.axes import CORE, Turn, half_turned
from core.splat.files.ply import write_ply
from core.splat.files.usd import _pxr
from core.splat.rotate_sh import turned_splats
from core.splat.types import SplatError, Splats

# The most that a head of 0.6 m loses: metres, degrees, log scale, opacity, colour, other harmonics (docs/splats.md).
EXACT = (0, 0.1, 0, 0, 0, 0)
ACTIVATED = (0, 0.1, 1e-6, 1e-6, 0, 0)
LOSSES = {
    "a.ply": EXACT,
    "a.compressed.ply": (4e-4, 0.25, 5e-3, 2e-3, 2.1e-3, 0.0157),
    "a.splat": (0, 0.95, 1e-6, 2e-3, 2.1e-3, 0),
    "a.spz": (5e-7, 0.27, 0.0313, 2e-3, 3.8e-3, 4e-3),
    "a.glb": ACTIVATED,
    "a.gltf": ACTIVATED,
    "a.usda": ACTIVATED,
    "a.usdc": ACTIVATED,
}


def usd_there():
    try:
        return bool(_pxr())
    except SplatError:
        return False


def skip_without_usd(name):
    if ".usd" in name and not usd_there():
        pytest.skip("usd-core is not installed")


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("name", LOSSES)
def test_there_and_back(tmp_path, name, degree):
    skip_without_usd(name)
    splats = head_like(degree=degree)
    write_splats(tmp_path / name, splats)
    found, report = read_splats(tmp_path / name)
    assert (len(found), report.count, report.repaired) == (600, 600, {})
    assert found.degree == min(degree, format_of(tmp_path / name).degree)
    for (kind, loss), most in zip(apart(splats, found).items(), LOSSES[name], strict=True):
        assert loss <= most, kind


@pytest.mark.parametrize("name", LOSSES)
def test_the_same_splats_give_the_same_bytes(tmp_path, name):
    skip_without_usd(name)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write_splats(tmp_path / folder / name, head_like())
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("count", [1, 255, 257, 16385])
def test_any_number_of_splats(tmp_path, name, count):
    skip_without_usd(name)
    if count > 1000 and name in ("a.usda", "a.gltf"):
        pytest.skip("the same code with fewer splats is enough")
    splats = head_like(count, 1)
    write_splats(tmp_path / name, splats)
    found, _ = read_splats(tmp_path / name)
    assert len(found) == count
    assert apart(splats, found)["means"] <= 1e-3


def test_every_ending_has_its_format(tmp_path):
    assert {format_of(tmp_path / name).name for name in LOSSES} == set(FORMATS)
    assert format_of(tmp_path / "HEAD.Compressed.PLY").name == "packed-ply"
    with pytest.raises(FormatError, match="no known ending"):
        format_of(tmp_path / "head.obj")


def test_a_ply_is_told_by_its_header(tmp_path):
    write_splats(tmp_path / "a.compressed.ply", head_like())
    (tmp_path / "a.compressed.ply").rename(tmp_path / "b.ply")
    assert read_splats(tmp_path / "b.ply")[1].format == "packed-ply"


@pytest.mark.parametrize("axes", AXES)
def test_half_turns_turn_what_is_seen(axes):
    """The signs against the general way: matrices for shapes, sampled functions for harmonics."""
    splats = head_like(50)
    signs = np.array(AXES[axes], np.float64)
    quat = np.array([1, 0, 0, 0] if axes == CORE else [0, *(signs > 0)], np.float64)
    turned = turned_splats(splats, quat, np.zeros(3))
    found = half_turned(splats, Turn(axes))
    np.testing.assert_allclose(found.means, turned.means, atol=1e-6)
    np.testing.assert_allclose(found.sh, turned.sh, atol=1e-5)
    np.testing.assert_allclose(covariances(found), covariances(turned), atol=1e-7)


def test_axes_can_be_told(tmp_path):
    splats = head_like(20)
    write_splats(tmp_path / "a.ply", splats, CORE)
    np.testing.assert_array_equal(read_splats(tmp_path / "a.ply", CORE)[0].sh, splats.sh)
    turned, _ = read_splats(tmp_path / "a.ply")
    np.testing.assert_array_equal(turned.means, splats.means * Turn("right-down-front").means)
    with pytest.raises(SettingError, match="no axes"):
        read_splats(tmp_path / "a.ply", "up")


def rewritten(path, kind, order="<", ending=b"\n"):
    """A PLY of ours with other types, another order of bytes or ends of lines, or as text."""
    content = path.read_bytes()
    head, _, body = content.partition(b"end_header\n")
    names = [line.split()[2].decode() for line in head.split(b"\n") if line.startswith(b"property")]
    rows = np.frombuffer(body, "<f4").reshape(-1, len(names))
    form = {"<": "binary_little_endian", ">": "binary_big_endian", "": "ascii"}[order]
    lines = ["ply", f"format {form} 1.0", "comment made elsewhere", f"element vertex {len(rows)}"]
    lines += [f"property {kind} {name}" for name in names] + ["end_header", ""]
    text = ending.join(line.encode() for line in lines)
    if order:
        return text + rows.astype(order + {"float": "f4", "double": "f8"}[kind]).tobytes()
    return text + b"".join(b" ".join(b"%.9g" % value for value in row) + ending for row in rows)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("kind", ["float", "double"])
@pytest.mark.parametrize("order", ["<", ">", ""])
def test_every_kind_of_ply(tmp_path, kind, order, ending):
    splats = head_like(300, 2)
    path = tmp_path / "a.ply"
    write_ply(path, splats)
    path.write_bytes(rewritten(path, kind, order, ending))
    found, report = read_splats(path)
    assert (found.degree, report.repaired) == (2, {})
    np.testing.assert_array_equal(found.sh, splats.sh)
    np.testing.assert_array_equal(found.means, splats.means)


def test_long_text_is_read_in_pieces(tmp_path):
    splats = head_like(17000, 1)
    write_ply(tmp_path / "a.ply", splats)
    (tmp_path / "a.ply").write_bytes(rewritten(tmp_path / "a.ply", "float", ""))
    assert (tmp_path / "a.ply").stat().st_size > 3 << 20
    np.testing.assert_array_equal(read_splats(tmp_path / "a.ply")[0].logits, splats.logits)


def ply_of(path, names, rows, before=b"", rows_before=b""):
    lines = [b"ply", b"format binary_little_endian 1.0", *([before] if before else [])]
    lines += [b"element vertex %d" % len(rows), *(b"property float " + name.encode() for name in names)]
    lines += [b"end_header", b""]
    path.write_bytes(b"\n".join(lines) + rows_before + np.asarray(rows, "<f4").tobytes())


NAMES = ["opacity", "x", "y", "z", "rot_3", "rot_2", "rot_1", "rot_0", "f_dc_0", "f_dc_1", "f_dc_2"]
NAMES += ["scale_0", "scale_1"]


def test_columns_in_any_order_and_flat_splats(tmp_path):
    """2DGS files have two sizes; other elements may come first."""
    rows = [[1, 2, 3, 4, 0, 0, 0, 5, 0.1, 0.2, 0.3, -4, -5]]
    before = b"element camera 2\nproperty uchar a\nproperty double b"
    ply_of(tmp_path / "a.ply", NAMES, rows, before, struct.pack("<BdBd", 1, 2, 3, 4))
    found, _ = read_splats(tmp_path / "a.ply")
    np.testing.assert_allclose(found.means, [[2, -3, -4]])
    np.testing.assert_allclose(found.quats, [[1, 0, 0, 0]])
    np.testing.assert_allclose(found.log_scales, [[-4, -5, -30]])


def test_degree_four_is_cut_and_counted(tmp_path):
    names = [*NAMES, *(f"f_rest_{number}" for number in range(72))]
    row = np.zeros(len(names))
    row[7], row[13:] = 1, np.arange(72) / 100
    ply_of(tmp_path / "a.ply", names, [row])
    found, report = read_splats(tmp_path / "a.ply", "right-down-front")
    assert found.degree == 3
    assert report.repaired == {"splats whose harmonics of degree 4 were left out": 1}
    # Green's first coefficient stands after all 24 of red.
    assert abs(found.sh[0, 1, 1]) == pytest.approx(0.24)


def test_spz_gives_a_head_a_thousandth_of_a_millimetre(tmp_path):
    near, far = head_like(10), head_like(10)
    far = Splats(far.means * 1000, far.quats, far.log_scales, far.logits, far.sh)
    for name, splats, most in (("near.spz", near, 5e-7), ("far.spz", far, 1e-4)):
        write_splats(tmp_path / name, splats)
        assert apart(splats, read_splats(tmp_path / name)[0])["means"] <= most


def test_writing_refuses_what_cannot_be_held(tmp_path):
    splats = head_like(3)
    far = Splats(splats.means + np.float32(2e7), splats.quats, splats.log_scales, splats.logits, splats.sh)
    with pytest.raises(SplatError, match="SPZ cannot hold"):
        write_splats(tmp_path / "a.spz", far)
    broken = Splats(splats.means * np.float32(np.nan), splats.quats, splats.log_scales, splats.logits, splats.sh)
    with pytest.raises(SplatError, match="no numbers"):
        write_splats(tmp_path / "a.ply", broken)
    nothing = head_like(0)
    with pytest.raises(SplatError, match="no splats"):
        write_splats(tmp_path / "a.ply", nothing)
    with pytest.raises(FormatError, match="does not exist"):
        write_splats(tmp_path / "nowhere" / "a.ply", splats)
    assert not list(tmp_path.iterdir())

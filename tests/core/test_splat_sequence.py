"""Splats that move, as files: one a frame, or a USD stage; from a performance by the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from splat_heads import small_head
from splat_sets import head_like
from test_splat_course import performance, same

from core.cli import main
from core.formats import write_performance
from core.retime import at_rate
from core.splat.course import course_of, posed
from core.splat.files import read_splats
from core.splat.files.sequence import frame_at, frame_path, numbered_files, write_sequence
from core.splat.head_files import write_head
from core.splat.pose import pose
from core.splat.types import SplatError


def moving(count=4):
    head, course = small_head(40, degree=1), course_of(performance(count))
    return [posed(head, course.at(frame)) for frame in range(count)]


@pytest.mark.parametrize(
    ("name", "number", "wanted"),
    [
        ("head.ply", 7, "head_0007.ply"),
        ("head_##.spz", 7, "head_07.spz"),
        ("head_##.spz", 1234, "head_1234.spz"),
        ("a#_###b.compressed.ply", 5, "a#_005b.compressed.ply"),
        ("Take.SPZ", 1, "Take_0001.SPZ"),
    ],
)
def test_names_have_the_number_where_it_is_wanted(tmp_path, name, number, wanted):
    assert frame_path(tmp_path / name, number) == tmp_path / wanted


def test_a_sequence_is_found_by_any_of_its_files(tmp_path):
    for name in ("v2_head_1.ply", "v2_head_3.ply", "v2_head_10.ply", "v2_head_3.spz", "other_3.ply", "v3_head_3.ply"):
        (tmp_path / name).touch()
    files = numbered_files(tmp_path / "v2_head_3.ply")
    assert [(number, path.name) for number, path in files.items()] == [
        (1, "v2_head_1.ply"),
        (3, "v2_head_3.ply"),
        (10, "v2_head_10.ply"),
    ]
    shown = [frame_at(files, number).name for number in (-5, 1, 2.9, 3, 9, 10, 400)]
    assert [name.split("_")[2] for name in shown] == ["1.ply", "1.ply", "1.ply", "3.ply", "3.ply", "10.ply", "10.ply"]
    (tmp_path / "alone.ply").touch()
    assert numbered_files(tmp_path / "alone.ply") == {0: tmp_path / "alone.ply"}
    (tmp_path / "v2_head_03.ply").touch()
    with pytest.raises(SplatError, match="same number"):
        numbered_files(tmp_path / "v2_head_3.ply")


@pytest.mark.parametrize("ending", [".ply", ".spz"])
def test_files_are_the_frames(tmp_path, ending):
    frames = moving()
    written = list(write_sequence(tmp_path / f"head{ending}", iter(frames), 24, start=8))
    assert [path.name for path in written] == [f"head_{number:04d}{ending}" for number in range(8, 12)]
    assert list(numbered_files(written[1]).values()) == written
    for path, splats in zip(written, frames, strict=True):
        back = read_splats(path)[0]
        assert np.abs(back.means - splats.means).max() < (1e-4 if ending == ".spz" else 1e-7)


def test_a_stage_has_a_sample_for_each_frame_and_one_for_what_rests(tmp_path):
    pxr = pytest.importorskip("pxr.Usd")
    frames = moving()
    still = frames[0].logits
    frames = [type(s)(s.means, s.quats, s.log_scales, still, s.sh) for s in (frames[0], *frames)]
    assert list(write_sequence(tmp_path / "a.usdc", iter(frames), 30, start=101)) == [tmp_path / "a.usdc"]
    stage = pxr.Stage.Open(str(tmp_path / "a.usdc"))
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode(), stage.GetTimeCodesPerSecond()) == (101, 105, 30)
    prim = stage.GetDefaultPrim()
    assert prim.GetTypeName() == "ParticleField3DGaussianSplat"
    assert prim.GetAttribute("positions").GetTimeSamples() == [102, 103, 104, 105]
    assert prim.GetAttribute("opacities").GetTimeSamples() == []
    for number, splats in enumerate(frames, 101):
        means, quats = (np.array(prim.GetAttribute(name).Get(number)) for name in ("positions", "orientations"))
        assert (means == splats.means).all() and (quats[:, [3, 0, 1, 2]] == splats.quats).all()
        sh = np.array(prim.GetAttribute("radiance:sphericalHarmonicsCoefficients").Get(number))
        assert (sh.reshape(splats.sh.shape) == splats.sh).all()
    back = read_splats(tmp_path / "a.usdc")[0]
    assert np.abs(back.means - frames[0].means).max() < 1e-6 and back.degree == 1


def test_what_rests_first_and_moves_later_does_not_creep(tmp_path):
    pxr = pytest.importorskip("pxr.Usd")
    first, last = moving(2)
    list(write_sequence(tmp_path / "a.usda", iter([first, first, first, last, last]), 24))
    stage = pxr.Stage.Open(str(tmp_path / "a.usda"))
    positions = stage.GetDefaultPrim().GetAttribute("positions")
    assert positions.GetTimeSamples() == [3, 4, 5]
    assert (np.array(positions.Get(2)) == first.means).all() and (np.array(positions.Get(2.5)) == first.means).all()
    assert (np.array(positions.Get(4)) == last.means).all()


def test_other_splats_or_none_are_refused_and_nothing_is_left(tmp_path):
    pytest.importorskip("pxr.Usd")
    with pytest.raises(SplatError, match="Frame 2 has other splats"):
        list(write_sequence(tmp_path / "a.usdc", iter([head_like(5), head_like(6)]), 24))
    with pytest.raises(SplatError, match="no frames"):
        list(write_sequence(tmp_path / "a.usdc", iter([]), 24))
    assert not list(tmp_path.iterdir())


@pytest.fixture
def files(tmp_path):
    head, take = small_head(), performance(6)
    write_head(head, tmp_path / "nobody.splathead")
    write_performance(tmp_path / "take.npz", take)
    return tmp_path, head, take


def test_the_command_poses_once(files, capsys):
    folder, head, take = files
    out = folder / "a.ply"
    words = ["splat", "pose", str(folder / "nobody.splathead"), str(out)]
    assert main([*words, "--set", "wink=1", "--set", "jawOpen=0.4", "--turn", "10", "-5", "0"]) == 0
    assert "150 splats as 3DGS PLY" in capsys.readouterr().out
    wanted = pose(head, {"wink": 1, "jawOpen": 0.4}, np.radians([10, -5, 0]))
    assert np.abs(read_splats(out)[0].means - wanted.means).max() < 1e-6
    assert main([*words, "--performance", str(folder / "take.npz"), "--at", str(3 / 24)]) == 0
    wanted = pose(head, take.curves.values[3], take.head[3])
    assert np.abs(read_splats(out)[0].means - wanted.means).max() < 1e-6


def test_the_command_says_what_a_head_holds(files, capsys):
    folder = files[0]
    assert main(["splat", "info", str(folder / "nobody.splathead")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["splats"], said["degree"], said["triangles"], said["correctives"]) == (150, 1, 50, 3)
    assert said["own_sliders"] == ["wink", "smile", "pout"] and said["arkit_shapes"] == 11
    assert said["clips_s"] == {"take": 0.24} and said["facts"] == {"name": "Nobody"} and 0 < said["moving"] <= 150
    (folder / "nobody.splathead").write_bytes(b"nothing")
    assert main(["splat", "info", str(folder / "nobody.splathead")]) > 0
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_writes_sequences(files, capsys):
    folder, head, take = files
    words = ["splat", "sequence", str(folder / "nobody.splathead"), str(folder / "take.npz")]
    assert main([*words, str(folder / "f_##.ply"), "--fps", "12", "--start-frame", "0"]) == 0
    assert "3 files: 3 frames of 150 splats at 12 fps" in capsys.readouterr().out
    slow = at_rate(take, 12)
    for number in range(3):
        wanted = pose(head, slow.curves.values[number], slow.head[number])
        assert same(read_splats(folder / f"f_{number:02d}.ply")[0], read_back(wanted, folder))
    assert main([*words, str(folder / "g.spz"), "--from-s", "0.1", "--to-s", "0.2"]) == 0
    assert sorted(path.name for path in folder.glob("g_*")) == ["g_0001.spz", "g_0002.spz"]


def read_back(splats, folder):
    from core.splat.files import write_splats

    write_splats(folder / "wanted.ply", splats)
    return read_splats(folder / "wanted.ply")[0]


@pytest.mark.parametrize(
    "words",
    [
        ["pose", "nobody.splathead", "a.ply", "--set", "jawOpen"],
        ["pose", "nobody.splathead", "a.ply", "--set", "jawOpen=wide"],
        ["pose", "nobody.splathead", "a.ply", "--set", "beak=1"],
        ["pose", "nobody.splathead", "a.obj"],
        ["pose", "gone.splathead", "a.ply"],
        ["pose", "take.npz", "a.ply"],
        ["pose", "nobody.splathead", "no/folder/a.ply"],
        ["sequence", "nobody.splathead", "gone.npz", "a.ply"],
        ["sequence", "nobody.splathead", "take.npz", "a.txt"],
        ["sequence", "nobody.splathead", "take.npz", "a.ply", "--from-s", "9"],
        ["sequence", "nobody.splathead", "nobody.splathead", "a.ply"],
    ],
)
def test_faults_are_sentences(files, capsys, words, monkeypatch):
    monkeypatch.chdir(files[0])
    before = sorted(files[0].iterdir())
    assert main(["splat", *words]) > 0
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1
    assert sorted(files[0].iterdir()) == before

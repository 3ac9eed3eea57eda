"""The command splat."""

from __future__ import annotations

import json

import pytest
from splat_sets import head_like
from test_splat_faults import ALL, SOUND
from test_splat_files import ply_of

from core.cli import main
from core.splat.files import AXES, read_splats, write_splats


def test_info_is_json(tmp_path, capsys):
    ply_of(tmp_path / "a.ply", ALL, [list({**SOUND, "rot_0": turn}.values()) for turn in (0, 1)])
    assert main(["splat", "info", str(tmp_path / "a.ply")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["format"], said["splats"], said["records"], said["degree"]) == ("ply", 2, 2, 0)
    assert list(said["repaired"].values()) == [1]


@pytest.mark.parametrize("name", ["b.spz", "b.splat", "b.glb", "b.compressed.ply"])
def test_convert(tmp_path, capsys, name):
    write_splats(tmp_path / "a.ply", head_like(40, 1))
    assert main(["splat", "convert", str(tmp_path / "a.ply"), str(tmp_path / name)]) == 0
    assert len(read_splats(tmp_path / name)[0]) == 40
    said = capsys.readouterr()
    assert "40 splats" in said.out
    assert ("left out" in said.err) == (name == "b.splat")


def test_convert_says_what_was_mended(tmp_path, capsys):
    ply_of(tmp_path / "a.ply", ALL, [list({**SOUND, "rot_0": 0}.values())])
    assert main(["splat", "convert", str(tmp_path / "a.ply"), str(tmp_path / "b.ply")]) == 0
    assert "mended: 1 rotations" in capsys.readouterr().err


def test_faults_are_sentences(tmp_path, capsys):
    (tmp_path / "a.ply").write_bytes(b"hello")
    for words in ("info a.ply", "convert a.ply b.spz", "convert a.ply b.obj", "info gone.spz"):
        deed, *names = words.split()
        assert main(["splat", deed, *(str(tmp_path / name) for name in names)]) == 4
        assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.ply"]


@pytest.mark.parametrize("axes", AXES)
def test_every_axes_can_be_chosen(tmp_path, axes):
    write_splats(tmp_path / "a.ply", head_like(3))
    assert main(["splat", "info", str(tmp_path / "a.ply"), "--axes", axes]) == 0

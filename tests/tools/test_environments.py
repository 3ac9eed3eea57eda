"""Environments: found Pythons, stamps that make a second call instant, plain sentences when something lacks."""

from __future__ import annotations

import sys

import pytest

from tools import environments, interpreters
from tools.errors import BuildError
from tools.layers import LAYERS, Layer


def test_this_python_is_found_first():
    assert interpreters.find_python(sys.version_info[:2]) == [sys.executable]


def test_a_missing_python_is_one_sentence():
    with pytest.raises(BuildError, match=r"Python 3\.99 was not found on this machine; install it and call again\."):
        interpreters.find_python((3, 99))


def test_every_package_is_pinned():
    for name, layer in LAYERS.items():
        for requirement in (*layer.packages, *layer.alone):
            assert "==" in requirement, f"{name}: {requirement}"


def test_layers_of_one_folder_share_a_python():
    pythons = {}
    for layer in LAYERS.values():
        assert pythons.setdefault(layer.folder, layer.python) == layer.python


def test_only_training_and_its_tests_need_torch():
    with_torch = {name for name, layer in LAYERS.items() if any(row.startswith("torch") for row in layer.packages)}
    assert with_torch == {"torch", "engine"}


def test_a_stamp_saves_the_second_installation(tmp_path, monkeypatch):
    installed = []
    python = tmp_path / "probe" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    monkeypatch.setattr(environments, "_install", lambda name, layer: installed.append(layer.packages))
    monkeypatch.setitem(LAYERS, "probe", Layer("probe", (3, 11), ("a==1",)))
    assert environments.ensure("probe") == environments.ensure("probe") == python
    assert installed == [("a==1",)]
    monkeypatch.setitem(LAYERS, "probe", Layer("probe", (3, 11), ("a==2",)))
    environments.ensure("probe")
    assert installed == [("a==1",), ("a==2",)]


def test_a_failed_installation_leaves_no_stamp(tmp_path, monkeypatch):
    def refuse(name, layer):
        raise BuildError("no")

    (tmp_path / "probe").mkdir()
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    monkeypatch.setattr(environments, "_install", refuse)
    monkeypatch.setitem(LAYERS, "probe", Layer("probe", (3, 11), ("a==1",)))
    with pytest.raises(BuildError):
        environments.ensure("probe")
    assert not list((tmp_path / "probe").iterdir())

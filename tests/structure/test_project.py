"""The project's descriptions agree, and nothing that belongs to one machine is in the repository."""

from __future__ import annotations

import json
import re
import tomllib

from sources import ROOT, name_of, tracked_files

MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".cfg", ".lock", ".sh", ".mjs", ".glsl", ".yml", ""}
# Home folders, work folders and drives of one machine; hosts of package registries.
MACHINE = re.compile(
    r"(?<![\w.])/(?:root|home|work|opt|tmp|Users)/\w|\b[A-Z]:\\\\?(?:Users|work)|"
    r"\b(?:registry\.npmjs|npmjs|files\.pythonhosted|pypi\.python|deb\.debian|archive\.ubuntu)\.org\b|\b(?:pypi|npmjs)\.(?:org|com)\b",
)
WEIGHTS_MB = 20


def test_manifest_equals_pyproject():
    ours = PROJECT["tool"]["mouthpiece"]
    assert MANIFEST["id"] == ours["id"] == PROJECT["project"]["name"]
    assert MANIFEST["name"] == ours["title"]
    assert MANIFEST["version"] == PROJECT["project"]["version"]
    assert MANIFEST["license"] == ours["license"] == ["SPDX:" + PROJECT["project"]["license"]]


def test_manifest_keeps_blenders_rules():
    assert MANIFEST["schema_version"] == "1.0.0"
    assert MANIFEST["type"] == "add-on"
    assert MANIFEST["blender_version_min"] == "4.5.0"
    assert len(MANIFEST["tagline"]) <= 64
    assert MANIFEST["tagline"][-1].isalnum()
    assert set(MANIFEST["permissions"]) == {"files", "camera"}
    for reason in MANIFEST["permissions"].values():
        assert len(reason) <= 64
        assert reason[-1].isalnum()


def test_build_can_add_the_wheels():
    from tools.manifest import staged_manifest
    from tools.wheels import PLATFORMS, read_lock

    names = [platform.name for platform in PLATFORMS]
    staged = tomllib.loads(staged_manifest([ROOT / name for name in read_lock()], names))
    assert staged["platforms"] == names
    assert len(staged["wheels"]) == len(read_lock())
    assert not [name for name in staged["wheels"] if "numpy" in name], "Blender brings its own NumPy"
    assert {key: value for key, value in staged.items() if key in MANIFEST} == MANIFEST


def test_changelog_has_this_version():
    assert f"## {MANIFEST['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_engine_requirements_are_those_that_are_tested():
    from tools.layers import LAYERS

    lines = (ROOT / "core" / "engine_requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = {line for line in lines if line and not line.startswith("#")}
    assert asked
    for layer in ("engine", "main"):
        names = ("engine",) if layer == "engine" else ("main", "torch", "sight")
        pinned = {package for name in names for package in (*LAYERS[name].packages, *LAYERS[name].alone)}
        assert asked <= pinned, f"{sorted(asked - pinned)} are not in the layers of {layer}"


def test_runtime_needs_are_pinned_for_the_extension():
    from tools.layers import RUNTIME

    pinned = {row.split("==")[0] for row in RUNTIME}
    needed = {re.split(r"[<>=]", row)[0] for row in PROJECT["project"]["dependencies"]} - {"numpy"}
    assert needed <= pinned


def test_no_machine_is_named():
    """No path and no registry host of one machine."""
    found = {
        name_of(path): MACHINE.findall(path.read_text(encoding="utf-8", errors="replace"))
        for path in tracked_files()
        if path.suffix in TEXT
    }
    assert not {name: hits[:3] for name, hits in found.items() if hits}


def test_no_large_or_generated_file_is_tracked():
    faults = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB"
        for path in tracked_files()
        if path.suffix in (".blend", ".zip", ".whl", ".pt", ".pkl") or path.stat().st_size > 20e6
    ]
    assert not faults, faults


def test_weights_are_small_and_have_their_card():
    weights = [path for path in tracked_files() if path.suffix == ".safetensors"]
    for path in weights:
        assert path.stat().st_size <= WEIGHTS_MB * 1e6, path.name
        assert path.with_suffix(".card.md").is_file(), f"{path.name} has no card beside it"


def test_json_files_can_be_read():
    for path in tracked_files():
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))

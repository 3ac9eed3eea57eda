"""The arrow of imports: addon to core, never back; no host in core; no torch outside training."""

from __future__ import annotations

import pytest
from sources import ROOT, imported_modules, package_files, python_files

HOST = {"bpy", "bpy_extras", "bmesh", "gpu", "gpu_extras", "mathutils", "aud", "blf", "bl_ext"}
HEAVY = {"torch", "scipy", "librosa", "mediapipe", "onnxruntime", "av", "cv2", "PIL", "matplotlib", "yaml"}


def files_of(package: str) -> list:
    return [path for path in package_files() if path.relative_to(ROOT).parts[0] == package]


def name_of(path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", files_of("core"), ids=name_of)
def test_core_knows_no_host_and_no_addon(path):
    faults = [row for row in imported_modules(path) if row[1].split(".")[0] in HOST | {"addon", "tools", "benchmarks"}]
    assert not faults, faults


@pytest.mark.parametrize("path", files_of("core"), ids=name_of)
def test_base_install_needs_nothing_heavy(path):
    """Only core/training, which is not shipped, may import what a Blender user does not have."""
    if "training" in path.parts:
        pytest.skip("training is not shipped")
    faults = [row for row in imported_modules(path) if row[1].split(".")[0] in HEAVY]
    assert not faults, faults
    assert not [row for row in imported_modules(path) if row[1].startswith("core.training")]


@pytest.mark.parametrize("path", files_of("addon"), ids=name_of)
def test_addon_asks_only_core(path):
    banned = {"tools", "benchmarks", "tests", "core", "addon"} | HEAVY
    # Relative imports resolve to "core..." and "addon..." too, so only absolute ones may be judged by name.
    text = path.read_text(encoding="utf-8")
    faults = [row for row in imported_modules(path) if row[1].split(".")[0] in banned and is_absolute(text, row)]
    assert not faults, f"extensions import relatively and need no other package: {faults}"
    assert not [row for row in imported_modules(path) if row[1].startswith("core.training")]


def is_absolute(text: str, row: tuple[int, str]) -> bool:
    line = text.splitlines()[row[0] - 1].strip()
    return not line.startswith("from .")


@pytest.mark.parametrize("path", files_of("tools"), ids=name_of)
def test_tools_start_on_a_bare_python(path):
    """build.py must run before anything is installed; only the scripts that tools starts may need more."""
    if path.parent.name == "scripts":
        pytest.skip("runs inside an environment")
    faults = [row for row in imported_modules(path) if row[1].split(".")[0] in HEAVY | HOST | {"numpy", "soundfile"}]
    assert not faults, faults


def test_top_package_does_not_need_blender_to_be_imported():
    """The root __init__ may name bpy only inside its functions, so that core can be used without Blender."""
    import ast

    path = ROOT / "__init__.py"
    if not path.is_file():
        pytest.skip("not there yet")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    assert not HOST & set(names)


def test_the_lists_are_not_empty():
    assert files_of("core")
    assert files_of("tools")
    assert len(python_files()) > 20

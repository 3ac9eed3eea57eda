"""The arrow of imports: addon to core, never back; no host in core; no torch outside training."""

from __future__ import annotations

import ast

import pytest
from sources import ROOT, imported_modules, name_of, package_files, python_files

HOST = {"bpy", "bpy_extras", "bmesh", "gpu", "gpu_extras", "mathutils", "aud", "blf", "bl_ext"}
HEAVY = {"torch", "scipy", "librosa", "mediapipe", "onnxruntime", "av", "cv2", "PIL", "matplotlib", "yaml"}
HEAVY |= {"numba", "gsplat", "lpips"}
ENGINE = {"training", "avatar", "video", "portrait"}
"""Rooms of core that run in the engine environment only."""
DOORS = {"core/cli_head.py", "core/cli_portrait.py", "core/cli_track.py", "core/engine_tasks.py", "core/head_tasks.py"}
DOORS |= {"core/cli_live.py", "core/live_tasks.py"}
"""Files that may open them, inside functions, once they have seen that the environment is there."""


def files_of(package):
    return [path for path in package_files() if path.relative_to(ROOT).parts[0] == package]


def imports_of(paths, banned):
    """Every import of a banned top-level name, as "file:line module"."""
    return [
        f"{name_of(path)}:{line} {module}"
        for path in paths
        for line, module in imported_modules(path)
        if module.split(".")[0] in banned
    ]


def shipped_core():
    return [path for path in files_of("core") if not ENGINE & set(path.parts)]


def test_core_knows_no_host_and_no_addon():
    assert not imports_of(files_of("core"), HOST | {"addon", "tools", "benchmarks", "blend_templates"})


def test_base_install_needs_nothing_heavy():
    """Only rooms of the engine environment may import what a Blender user does not have."""
    assert not imports_of([*shipped_core(), *files_of("addon")], HEAVY)


def test_nothing_else_asks_for_rooms_of_the_engine():
    rooms = tuple(f"core.{room}" for room in ENGINE)
    for path in (*shipped_core(), *files_of("addon")):
        if name_of(path) not in DOORS:
            assert not [module for _, module in imported_modules(path) if module.startswith(rooms)], path


def test_doors_open_a_room_of_the_engine_only_when_asked():
    rooms = tuple(f"core.{room}" for room in ENGINE)
    for name in DOORS:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not [n for n in top if f"core.{getattr(n, 'module', '') or ''}".startswith(rooms)], name


def test_addon_asks_core_and_nothing_else_of_ours():
    assert not imports_of(files_of("addon"), {"tools", "benchmarks", "tests", "blend_templates"})


def test_addon_and_core_import_relatively():
    """An extension is a package of a name it does not choose."""
    for path in (*shipped_core(), *files_of("addon")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        plain += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
        assert not [name for name in plain if name.split(".")[0] in {"core", "addon"}], path


def test_tools_start_on_a_bare_python():
    """build.py must run before anything is installed; only the scripts that tools starts may need more."""
    bare = [path for path in files_of("tools") if path.parent.name != "scripts"]
    assert not imports_of(bare, HEAVY | HOST | {"numpy", "soundfile"})


def test_top_package_can_be_imported_without_blender():
    path = ROOT / "__init__.py"
    if not path.is_file():
        pytest.skip("not there yet")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    assert not HOST & set(names)


def test_the_lists_are_not_empty():
    assert all(files_of(package) for package in ("core", "addon", "tools", "benchmarks", "blend_templates"))
    assert len(python_files()) > 20

"""The files and functions that the structural tests walk over."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "addon", "tools", "blend_templates", "benchmarks")
TOP = ("__init__.py", "worker_main.py", "build.py")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the repository, committed or about to be (what git does not ignore)."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:  # an unpacked archive, without git
        skipped = {".git", ".venvs", "out", "dist", "__pycache__"}
        found = (path for path in ROOT.rglob("*") if not skipped & set(path.relative_to(ROOT).parts))
        return tuple(sorted(path for path in found if path.is_file()))
    return tuple(sorted(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()))


def python_files() -> list[Path]:
    """Every Python file, tests included."""
    return [path for path in tracked_files() if path.suffix == ".py"]


def package_files() -> list[Path]:
    """Every Python file that is not a test."""
    return [path for path in python_files() if in_packages(path.relative_to(ROOT))]


def name_of(path: Path) -> str:
    """A file's path as one reads it."""
    return path.relative_to(ROOT).as_posix()


def in_packages(path: Path) -> bool:
    """True for a file of one of our packages or a top-level one."""
    return path.parts[0] in PACKAGES or path.as_posix() in TOP


def functions(path: Path) -> list[ast.FunctionDef]:
    """Every function and method of a file, nested ones included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def imported_modules(path: Path) -> list[tuple[int, str]]:
    """Line and absolute dotted name of everything a file imports, also inside functions."""
    here = path.relative_to(ROOT).with_suffix("").parts
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level] if node.level else ()
            module = ".".join((*base, *(node.module.split(".") if node.module else ())))
            found += [(node.lineno, f"{module}.{alias.name}".strip(".")) for alias in node.names]
    return found

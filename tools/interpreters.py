"""Find a Python of a given version on Linux, macOS or Windows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .errors import BuildError

ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def find_python(version: tuple[int, int]) -> list[str]:
    """The command that starts this Python.

    Raises BuildError when the machine has none.
    """
    if sys.version_info[:2] == version:
        return [sys.executable]
    for command in _candidates(version):
        if _answers(command, version):
            return command
    raise BuildError(f"Python {version[0]}.{version[1]} was not found on this machine; install it and call again.")


def _candidates(version: tuple[int, int]) -> Iterator[list[str]]:
    dotted = f"{version[0]}.{version[1]}"
    if named := shutil.which(f"python{dotted}"):
        yield [named]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for folder in sorted(pyenv.glob(f"{dotted}.*"), reverse=True):
        yield [str(folder / ("python.exe" if os.name == "nt" else "bin/python"))]
    if launcher := shutil.which("py"):
        yield [launcher, f"-{dotted}"]
    for name in ("python3", "python"):
        if plain := shutil.which(name):
            yield [plain]


def _answers(command: list[str], version: tuple[int, int]) -> bool:
    """True if the command runs and is of this version (a pyenv shim may exist and still refuse)."""
    try:
        said = subprocess.run([*command, "-c", ASK], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and said.stdout.strip() == f"{version[0]}.{version[1]}"

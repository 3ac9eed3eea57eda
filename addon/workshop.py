"""Where the engine environment is, which films, portraits and learned heads need, and how a worker is started in it."""

from __future__ import annotations

import os
from pathlib import Path

import bpy

from ..core.errors import SettingError
from .places import PACKAGE, ROOT, logs_folder
from .worker_command import WorkerCommand

VARIABLE = "MOUTHPIECE_ENGINE"
"""Names the engine's Python where nobody sets preferences, on farms and in tests."""
FOLDER = "engine"
"""The environment's place in the extension's own folder, where it is looked for last."""
ABOUT = "docs/engine.md tells how to make one"


def engine_python() -> Path:
    """The engine's Python: the one of the preferences, else that of VARIABLE, else the one in FOLDER.

    Raises SettingError where there is none.
    """
    for place in (_preferred(), os.environ.get(VARIABLE, "")):
        if place:
            return _python_at(Path(bpy.path.abspath(place)))
    try:
        own = Path(bpy.utils.extension_path_user(PACKAGE, path=FOLDER))
    except ValueError:  # not installed as an extension
        own = None
    if own and own.is_dir():
        return _python_at(own)
    raise SettingError(
        f"Films, portraits and learned heads need the engine environment; {ABOUT}, "
        "Preferences > Add-ons > Mouthpiece then names it."
    )


def workshop_command() -> WorkerCommand:
    """How this Blender starts a worker in the engine environment. Raises SettingError where there is none."""
    return WorkerCommand(flags=("-I",), main=ROOT / "worker_main.py", logs=logs_folder(), python=str(engine_python()))


def why_no_engine() -> str | None:
    """One sentence, or None where there is an engine environment."""
    try:
        engine_python()
    except SettingError as error:
        return str(error)
    return None


def _preferred() -> str:
    addon = bpy.context.preferences.addons.get(PACKAGE)
    return addon.preferences.engine if addon and addon.preferences else ""


def _python_at(place: Path) -> Path:
    """An interpreter, given itself or the folder of its environment."""
    for path in (place, place / "bin" / "python", place / "Scripts" / "python.exe"):
        if path.is_file():
            return path
    raise SettingError(f"There is no Python at {place}; {ABOUT}, and Preferences > Add-ons > Mouthpiece names it.")

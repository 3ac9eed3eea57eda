"""Where the extension's own files lie and where it may write."""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy

from .worker_command import WorkerCommand

# The extension as Blender names it; bl_ext.<repository>.mouthpiece when installed.
PACKAGE = __package__.rpartition(".")[0]
ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "line.wav"
CHARACTERS = {"WOMAN": ROOT / "blend_templates" / "woman.blend", "MAN": ROOT / "blend_templates" / "man.blend"}
SPLAT_HEADS = {name: blend.with_suffix(".splathead") for name, blend in CHARACTERS.items()}


def logs_folder() -> Path:
    """The user's folder for logs; an extension may not write beside its own code."""
    try:
        return Path(bpy.utils.extension_path_user(PACKAGE, path="logs", create=True))
    except (ValueError, OSError):
        # Not installed as an extension: run from a checkout or under the bpy module.
        return Path(tempfile.gettempdir())


def worker_command() -> WorkerCommand:
    """How this Blender starts a worker."""
    return WorkerCommand(flags=tuple(bpy.app.python_args), main=ROOT / "worker_main.py", logs=logs_folder())

"""Leaving a process for good."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process at once with this exit code, everything printed and nothing else awaited.

    Blender as a Python module can wait for ever on its own threads while its libraries are taken down at exit
    (seen with bpy 4.5.15); all files are closed by then, so nothing is lost by not waiting.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

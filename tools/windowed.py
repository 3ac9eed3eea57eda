"""Find a Blender 5.2 or newer that can open a window."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

NEEDED = (5, 2)


def find_windowed_blender() -> str | None:
    """The command that starts such a Blender: MOUTHPIECE_BLENDER, or blender on PATH when a screen can be had."""
    if named := os.environ.get("MOUTHPIECE_BLENDER"):
        return named
    found = shutil.which("blender")
    if found and _has_screen() and version_of(found) >= NEEDED:
        return found
    return None


def version_of(command: str) -> tuple[int, int]:
    """Major and minor version of a Blender; (0, 0) when it does not answer."""
    try:
        said = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = re.search(r"Blender (\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or shutil.which("Xvfb"))

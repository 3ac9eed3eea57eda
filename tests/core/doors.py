"""Mouthpiece's command line as the tests call it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).with_name("stand_in.py")


def run(*arguments, mode=None, **settings):
    """Run `python -m core`, or the stand-in that behaves in a certain mode."""
    program = ["-m", "core"] if mode is None else [str(STAND_IN), mode, "cli"]
    command = [sys.executable, *program, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **settings)


def beside(line):
    """The names of what lies beside a recording in its folder."""
    return sorted(path.name for path in line.parent.iterdir() if path != line)

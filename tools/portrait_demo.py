"""The third part of the demo: one picture becomes a head that says the line (engine environment)."""

from __future__ import annotations

from pathlib import Path

from . import environments
from .paths import ROOT, SAMPLE
from .shooting import must

PORTRAIT = ROOT / "samples" / "portrait.jpg"
SIZE_PX = 320


def show(out: Path) -> None:
    """Make portrait.splathead and portrait.mp4. Raises BuildError when a step fails."""
    python = str(environments.ensure("main", "torch", "sight"))
    head = out / "portrait.splathead"
    must([python, "-m", "core", "portrait", str(PORTRAIT), str(head), "--force"], "The portrait could not be made")
    drive = [python, "-m", "core", "head", "drive", str(head), str(SAMPLE), str(out / "portrait.mp4")]
    must([*drive, "--size", str(SIZE_PX)], "The portrait could not say the line")

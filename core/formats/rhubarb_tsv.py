"""Mouth cues as Rhubarb Lip Sync's table: start in seconds, tab, shape; a last line X at the end."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from ..errors import CoreError, FormatError
from ..paths import shown
from ..types import Performance
from .cues import REST, Cue, cues_of, performance_of
from .file_format import Placing


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write hundredths of a second, as Rhubarb does."""
    cues = cues_of(performance)
    lines = [f"{cue.start_s:.2f}\t{cue.shape}\n" for cue in cues] + [f"{cues[-1].end_s:.2f}\t{REST}\n"]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read(path: Path) -> Performance:
    """Read a table; the last line only tells the end."""
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        starts = [(float(start), shape.strip()) for start, shape in rows]
        return performance_of(Cue(shape, start, end) for (start, shape), (end, _) in pairwise(starts))
    except (ValueError, CoreError) as error:
        raise FormatError(f"{shown(path)} is not Rhubarb's table ({error}); run Rhubarb again.") from error

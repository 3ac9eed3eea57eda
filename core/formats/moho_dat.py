"""Mouth cues as switch data of Moho (and OpenToonz): the first line MohoSwitch1, then a frame and a mouth a line.

Source: frames count from 1, at the rate of the project; mouths have the names of Preston Blair's set. The file says
neither its rate nor where it ends, so it is only written.
"""

from __future__ import annotations

from pathlib import Path

from ..types import Performance
from .cues import REST, cues_of
from .file_format import Placing

MOUTHS = {
    "A": "MBP", "B": "etc", "C": "E", "D": "AI", "E": "O", "F": "U", "G": "FV", "H": "L", "X": "rest",
}  # fmt: skip


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write one line a change, at the performance's own frame rate; of changes in one frame the last counts."""
    fps = performance.curves.fps
    cues = cues_of(performance)
    moments = [*((cue.start_s, cue.shape) for cue in cues), (cues[-1].end_s, REST)]
    frames = {placing.start_frame + 1 + int(second * fps + 1e-6): shape for second, shape in moments}
    lines = [f"{frame} {MOUTHS[shape]}\n" for frame, shape in frames.items()]
    path.write_text("MohoSwitch1\n" + "".join(lines), encoding="utf-8", newline="\n")

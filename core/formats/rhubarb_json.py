"""Mouth cues as Rhubarb Lip Sync's JSON: metadata, and start, end and value of each cue."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import CoreError, FormatError
from ..paths import shown
from ..types import Performance
from .content import holds
from .cues import Cue, cues_of, performance_of
from .file_format import Placing


def is_rhubarb(path: Path) -> bool:
    """Whether a JSON file is one of these."""
    return holds(path, b'"mouthCues"')


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write hundredths of a second, as Rhubarb does."""
    cues = cues_of(performance)
    lines = [f'    {{ "start": {cue.start_s:.2f}, "end": {cue.end_s:.2f}, "value": "{cue.shape}" }}' for cue in cues]
    sound = json.dumps(f"{placing.name}.wav", ensure_ascii=False)
    about = f'  "metadata": {{\n    "soundFile": {sound},\n    "duration": {cues[-1].end_s:.2f}\n  }},\n'
    text = "{\n" + about + '  "mouthCues": [\n' + ",\n".join(lines) + "\n  ]\n}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def read(path: Path) -> Performance:
    """Read the cues; the metadata is not needed."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))["mouthCues"]
        return performance_of(Cue(row["value"], float(row["start"]), float(row["end"])) for row in rows)
    except (ValueError, KeyError, TypeError, RecursionError, CoreError) as error:
        raise FormatError(f"{shown(path)} is not Rhubarb's JSON ({error}); run Rhubarb again.") from error

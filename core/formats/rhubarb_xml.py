"""Mouth cues as Rhubarb Lip Sync's XML: metadata, and a mouthCue with start and end for each."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from xml.sax.saxutils import escape

from ..errors import CoreError, FormatError
from ..paths import shown
from ..types import Performance
from .cues import Cue, cues_of, performance_of
from .file_format import Placing

CUE = re.compile(r"<mouthCue\b([^>]*)>([^<]*)</mouthCue>")
ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*["']([^"']*)["']""")


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write hundredths of a second, as Rhubarb does."""
    cues = cues_of(performance)
    lines = [f'    <mouthCue start="{cue.start_s:.2f}" end="{cue.end_s:.2f}">{cue.shape}</mouthCue>\n' for cue in cues]
    sound, seconds = escape(f"{placing.name}.wav"), f"{cues[-1].end_s:.2f}"
    about = f"    <soundFile>{sound}</soundFile>\n    <duration>{seconds}</duration>\n"
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n'
        f"  <metadata>\n{about}  </metadata>\n  <mouthCues>\n{''.join(lines)}  </mouthCues>\n</rhubarbResult>\n"
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def read(path: Path) -> Performance:
    """Read the cues. They are found as text: a parser of XML would follow what a stranger's file tells it to."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if not text.rstrip().endswith("</rhubarbResult>"):
            raise ValueError("it does not end as one")
        cues = []
        for attributes, shape in CUE.findall(text):
            found = dict(ATTRIBUTE.findall(attributes))
            cues.append(Cue(unescape(shape).strip(), float(found["start"]), float(found["end"])))
        return performance_of(cues)
    except (ValueError, KeyError, CoreError) as error:
        raise FormatError(f"{shown(path)} is not Rhubarb's XML ({error}); run Rhubarb again.") from error

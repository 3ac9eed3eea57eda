"""Time as Live Link Face writes it: HH:MM:SS:FF.mmm, where FF counts sixtieths of a second at any frame rate.

mmm are thousandths of such a tick, so that rates which do not divide 60 keep their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

TICKS = 60
PARTS = 1000
PATTERN = re.compile(r"(\d+):(\d+):(\d+):(\d+)(?:\.(\d+))?")


def format_timecode(frame: int, fps: float) -> str:
    """The timecode of a frame, reckoned from the start each time, so that no error adds up."""
    ticks, parts = divmod(round(frame * TICKS * PARTS / fps), PARTS)
    seconds, ticks = divmod(ticks, TICKS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}:{ticks:02}.{parts:03}"


def parse_timecode(text: str) -> float:
    """Seconds since midnight; the part behind the dot may be missing, as other writers leave it out.

    Raises ValueError for anything else.
    """
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a timecode such as 00:00:01:30.000")
    hours, minutes, seconds, ticks = (int(part) for part in match.groups()[:4])
    part = float(f"0.{match[5] or 0}")
    return (hours * 60 + minutes) * 60 + seconds + (ticks + part) / TICKS


def parse_timecodes(texts: Sequence[str]) -> np.ndarray:
    """Seconds since midnight of a take's rows, float64 [T]. Raises ValueError.

    Some writers count whole frames of their own rate instead of sixtieths: then every step is one frame, and the
    count falls from the last frame of a second to 0. A take shorter than a second gives no such sign and is read in
    sixtieths.
    """
    times = np.array([parse_timecode(text) for text in texts])
    if any("." in text for text in texts):
        return times
    counts = np.array([int(text.strip().rpartition(":")[2]) for text in texts])
    base = int(counts.max(initial=0)) + 1
    steps = np.diff(counts)
    whole = (steps == 1) | ((steps == 1 - base) & (counts[1:] == 0))
    if base >= TICKS or not whole.all() or not (steps < 0).any():
        return times
    return times - counts / TICKS + counts / base

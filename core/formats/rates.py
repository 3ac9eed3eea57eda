"""Frame rates that people use, found again from rounded times."""

from __future__ import annotations

from .timecode import PARTS, TICKS

NTSC_BASES = (24, 30, 48, 60, 120)
WHOLE = (12, 15, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120, 144, 200, 240)
COMMON = tuple(float(rate) for rate in WHOLE) + tuple(base * 1000 / 1001 for base in NTSC_BASES)


def nearest_rate(steps: int, seconds: float, rounding_s: float = 1 / (TICKS * PARTS)) -> float:
    """The frame rate of a take that makes so many steps in so many seconds.

    A common rate is preferred if rounding, that of timecodes unless told otherwise, can explain the difference.
    """
    best = min(COMMON, key=lambda rate: abs(steps / rate - seconds))
    return best if abs(steps / best - seconds) <= 1.01 * rounding_s else steps / seconds

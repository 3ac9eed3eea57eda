"""A recording and its lips in a few hundred numbers, and those as a drawing for the report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..types import Speech

COLUMNS = 300
WIDEST = 0.25
"""Lip opening, of outer-eye distances, that fills the drawing; speech rarely goes farther."""
WIDTH, SOUND, LIPS, MARKS = 600, 44, 44, 8
"""Sizes of the drawing and its three bands, pixels."""


def picture_of(speech: Speech, opening: np.ndarray, closures: list[tuple[float, float, bool]]) -> dict[str, Any]:
    """The numbers of a drawing.

    opening:  float [T], the lips' gap over the recording.
    closures: start and end in seconds, and whether the lips met.
    Returns envelope, whole percent of full scale, and opening, whole percent of WIDEST, a value for each of at most
    COLUMNS equal stretches of time (the greatest and the least in it), and closures as rows of start, end and 0 or 1.
    """
    return {
        "envelope": _percent(np.maximum.reduceat(np.abs(speech.samples), _starts(len(speech.samples))), 1.0),
        "opening": _percent(np.minimum.reduceat(opening, _starts(len(opening))), WIDEST),
        "closures": [[round(start_s, 3), round(end_s, 3), int(met)] for start_s, end_s, met in closures],
    }


def drawing(picture: dict[str, Any], duration_s: float) -> str:
    """A picture as one SVG element; only numbers go into it, so that nothing needs escaping."""
    height = SOUND + LIPS + MARKS
    marks = "".join(_mark(row, duration_s) for row in picture["closures"])
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        'aria-label="Waveform, lip opening and closures">'
        f'<path class="sound" d="{_band(picture["envelope"])}"/>'
        f'<path class="lips" d="{_hill(picture["opening"])}"/>{marks}</svg>'
    )


def _starts(length: int) -> np.ndarray:
    """Where each stretch begins, int64 [at most COLUMNS]."""
    count = min(COLUMNS, length)
    return np.arange(count) * length // count


def _percent(values: np.ndarray, full: float) -> list[int]:
    return np.clip(np.round(100 * values / full), 0, 100).astype(int).tolist()


def _places(values: list[int]) -> list[float]:
    return [WIDTH * (place + 0.5) / len(values) for place in range(len(values))]


def _band(values: list[int]) -> str:
    """A waveform: as far up as down."""
    middle = SOUND / 2
    points = [
        f"{x:.1f} {middle - middle * int(value) / 100:.1f}" for x, value in zip(_places(values), values, strict=True)
    ]
    back = [
        f"{x:.1f} {middle + middle * int(value) / 100:.1f}" for x, value in zip(_places(values), values, strict=True)
    ]
    return f"M{' L'.join((*points, *reversed(back)))}Z"


def _hill(values: list[int]) -> str:
    """Lip opening over its floor."""
    floor = SOUND + LIPS
    points = [
        f"{x:.1f} {floor - LIPS * int(value) / 100:.1f}" for x, value in zip(_places(values), values, strict=True)
    ]
    return f"M0 {floor} L{' L'.join(points)} L{WIDTH} {floor}Z"


def _mark(row: list[float], duration_s: float) -> str:
    """A closure below the lips: where it should be and whether it is."""
    start_s, end_s, met = (float(value) for value in row)
    scale = WIDTH / max(duration_s, 1e-6)
    width = max(1.0, (end_s - start_s) * scale)
    kind = "met" if met else "open"
    place = f'x="{start_s * scale:.1f}" y="{SOUND + LIPS + 1}" width="{width:.1f}" height="{MARKS - 1}"'
    return f'<rect class="{kind}" {place}/>'

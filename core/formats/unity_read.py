"""Reads the blend-shape curves and the head's turn out of a Unity clip, ours or one that Unity saved.

Unity's text is YAML of a narrow kind: two spaces a level, one member a line. That much is understood here, so that
nothing but the standard library is needed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..types import Performance, RigCurves
from .grid import check_rising, rows_between
from .head_turn import MIRROR, angles

PREFIX = "blendShape."
FULL = 100.0
WRAPPED = re.compile(r",\r?\n +")
NUMBER = re.compile(r"([xyzw]): ([^,}]+)")


@dataclass(slots=True)
class _Curve:
    """Keys as they are collected line by line; a key is time, values, slope in, slope out."""

    attribute: str = ""
    path: str = ""
    keys: list[dict[str, list[float]]] = field(default_factory=list)


def read(path: Path) -> Performance:
    """Read a clip at its own sample rate, from its first key to its last; weights become 0 to 1.

    If shapes of one name move on several renderers, the first counts. Slopes are followed, weighted ones as plain ones.
    """
    try:
        # Unity breaks long vectors in two lines.
        lines = WRAPPED.sub(", ", path.read_text(encoding="utf-8-sig")).splitlines()
        rate = next(float(line.partition(":")[2]) for line in lines if line.startswith("  m_SampleRate:"))
        faces = [curve for curve in _curves(lines, "m_FloatCurves") if curve.attribute.startswith(PREFIX)]
        heads = [curve for curve in _curves(lines, "m_RotationCurves") if curve.keys]
        with np.errstate(over="ignore", invalid="ignore"):  # What no float32 can hold the caller refuses.
            return _performance([curve for curve in faces if curve.keys], heads[:1], rate)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        why = str(error) if isinstance(error, ValueError) and str(error) else "its layout is another"
        raise FormatError(f"{shown(path)} is not a Unity animation clip as text ({why}); save it as text.") from error


def _performance(faces: list[_Curve], heads: list[_Curve], rate: float) -> Performance:
    """Raises ValueError for a clip without shapes or rate."""
    if not faces or not (math.isfinite(rate) and rate > 0):
        raise ValueError("it moves no blend shapes")
    unique: dict[str, _Curve] = {}
    for curve in faces:
        unique.setdefault(curve.attribute.removeprefix(PREFIX), curve)
    edges = [curve.keys[place]["time"][0] for curve in (*unique.values(), *heads) for place in (0, -1)]
    times = rows_between(min(edges), max(edges), rate)
    values = np.concatenate([_sampled(curve, times) for curve in unique.values()], axis=1) / FULL
    head = angles(_sampled(heads[0], times) * MIRROR) if heads else np.zeros((len(times), 3), np.float32)
    return Performance(RigCurves(tuple(unique), values.astype(np.float32), rate), head)


def _sampled(curve: _Curve, times: np.ndarray) -> np.ndarray:
    """The values at some seconds, float64 [T, N]: Hermite's cubic between keys, held outside, infinite slopes step."""
    keyed, values, arriving, leaving = (
        np.array([key[name] for key in curve.keys]) for name in ("time", "value", "inSlope", "outSlope")
    )
    keyed = keyed[:, 0]
    check_rising(keyed)
    left = np.clip(np.searchsorted(keyed, times, side="right") - 1, 0, max(len(keyed) - 2, 0))
    right = np.minimum(left + 1, len(keyed) - 1)
    span = np.maximum(keyed[right] - keyed[left], 1e-9)[:, None]
    part = np.clip((times[:, None] - keyed[left][:, None]) / span, 0, 1)
    out, back = leaving[left] * span, arriving[right] * span
    steps = ~(np.isfinite(out) & np.isfinite(back))
    out, back = np.where(steps, 0, out), np.where(steps, 0, back)
    rise = part * part * (3 - 2 * part)
    smooth = values[left] + (values[right] - values[left]) * rise
    smooth = smooth + out * part * (1 - part) ** 2 - back * part * part * (1 - part)
    return np.where(steps, np.where(part < 1, values[left], values[right]), smooth)


def _curves(lines: list[str], member: str) -> Iterator[_Curve]:
    """The curves of one of the clip's lists."""
    inside, curve = False, None
    for line in lines:
        if line.startswith("  ") and not line.startswith(("   ", "  - ")):
            inside = line.startswith(f"  {member}:")
        elif inside:
            if line.startswith("  - "):
                if curve:
                    yield curve
                curve = _Curve()
            if curve:
                _take(line.strip().removeprefix("- "), curve, new_key=line.startswith("      - "))
    if curve:
        yield curve


def _take(line: str, curve: _Curve, new_key: bool) -> None:
    """Put one line into the curve it belongs to."""
    name, _, text = line.partition(":")
    text = text.strip()
    if new_key:
        curve.keys.append({})
    if name in ("attribute", "path"):
        setattr(curve, name, json.loads(text) if text.startswith('"') else text.strip("'"))
    elif curve.keys and name in ("time", "value", "inSlope", "outSlope"):
        curve.keys[-1][name] = [_number(found) for _, found in NUMBER.findall(text)] or [_number(text)]


def _number(text: str) -> float:
    """A number as Unity writes it, where infinity is spelt out."""
    return float(text.strip().replace("Infinity", "inf"))

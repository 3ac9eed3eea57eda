"""A performance in the layout of Epic's Live Link Face app, so that what reads its takes reads ours.

Facts measured on takes of the app: jaw and mouth list right before left, against Apple's order; eye angles
are radians that follow the look shapes at 35 degrees a unit, yaw positive to the character's own right,
pitch positive down; head angles are those of Apple's face anchor: yaw positive to the character's own left,
pitch positive down, roll positive towards its right shoulder.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..rig.arkit import ARKIT_52
from ..types import Performance, RigCurves
from .file_format import Placing
from .grid import evened
from .timecode import PARTS, TICKS, format_timecode, parse_timecodes

SWAPPED = {"jawLeft": "jawRight", "jawRight": "jawLeft", "mouthLeft": "mouthRight", "mouthRight": "mouthLeft"}
SHAPES = tuple(SWAPPED.get(name, name) for name in ARKIT_52)
"""The 52 shapes in the order of the columns."""
HEAD_COLUMNS = ("HeadYaw", "HeadPitch", "HeadRoll")
EYE_COLUMNS = tuple(f"{side}Eye{axis}" for side in ("Left", "Right") for axis in ("Yaw", "Pitch", "Roll"))
COLUMNS = tuple(name[0].upper() + name[1:] for name in SHAPES) + HEAD_COLUMNS + EYE_COLUMNS
"""The 61 columns of numbers behind Timecode and BlendShapeCount."""
HEAD_SIGNS = np.array([1, -1, -1], np.float32)
"""Ours to the file's: only yaw agrees."""
EYE_RANGE = math.radians(35)
DECIMALS = 10
DAY_S = 86_400.0
ROUNDING_S = 1 / (TICKS * PARTS)


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write one line a frame; the first timecode is that of the start frame, 00:00:00:00.000 for 0.

    Raises FormatError if the curves are not those of ARKit.
    """
    curves = performance.curves
    if set(curves.names) != set(ARKIT_52):
        raise FormatError("A Live Link Face CSV holds the 52 ARKit shapes and no others; write .npz or .json instead.")
    template = ",".join(["%s", str(len(COLUMNS)), *[f"%.{DECIMALS}f"] * len(COLUMNS)]) + "\n"
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(",".join(("Timecode", "BlendShapeCount", *COLUMNS)) + "\n")
        for frame, row in enumerate(_table(performance)):
            file.write(template % (format_timecode(placing.start_frame + frame, curves.fps), *row.tolist()))


def read(path: Path) -> Performance:
    """Read a take of ours, of the app or of other writers; further columns are ignored.

    Where a phone dropped or delayed frames, all are put on an even grid by linear interpolation.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [line for line in csv.reader(file) if line]
        times, table = _parse(header, lines)
    except (ValueError, IndexError, csv.Error) as error:
        raise FormatError(f"{shown(path)} is not a Live Link Face CSV ({error}); export it again.") from error
    table, fps = evened(times, table, ROUNDING_S)
    shapes, head = table[:, : len(SHAPES)], table[:, len(SHAPES) :]
    values = np.ascontiguousarray(shapes[:, [SHAPES.index(name) for name in ARKIT_52]])
    return Performance(RigCurves(ARKIT_52, values, fps), head * HEAD_SIGNS + 0)


def _table(performance: Performance) -> np.ndarray:
    """The columns of numbers, float64 [T, 61], without negative zeros."""
    curves = performance.curves
    shapes = np.stack([curves.column(name) for name in SHAPES], axis=1)
    head = performance.head * HEAD_SIGNS
    eyes = [_eye_angles(curves, side) for side in ("Left", "Right")]
    table = np.concatenate([shapes, head, *eyes], axis=1).astype(np.float64)
    return np.round(table, DECIMALS) + 0.0


def _eye_angles(curves: RigCurves, side: str) -> np.ndarray:
    """Yaw, pitch and roll of one eye in radians, float64 [T, 3]; roll is not in the look shapes and stays 0."""
    inwards = curves.column(f"eyeLookIn{side}").astype(np.float64) - curves.column(f"eyeLookOut{side}")
    down = curves.column(f"eyeLookDown{side}").astype(np.float64) - curves.column(f"eyeLookUp{side}")
    rightwards = inwards if side == "Left" else -inwards
    return np.stack([rightwards * EYE_RANGE, down * EYE_RANGE, np.zeros_like(down)], axis=1)


def _parse(header: list[str], lines: list[list[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Seconds float64 [T], rising, and the shape and head columns float64 [T, 55]. Raises ValueError."""
    titles = [title.strip().lower() for title in header]
    wanted = ("Timecode", *COLUMNS[: len(SHAPES)])
    missing = [name for name in wanted if name.lower() not in titles]
    if missing or not lines:
        raise ValueError(f"the column {missing[0]} is missing" if missing else "it has no frames")
    times = parse_timecodes([line[titles.index("timecode")] for line in lines])
    times = np.where(times < times[0] - DAY_S / 2, times + DAY_S, times)
    if not (np.diff(times) > 0).all():
        raise ValueError("its timecodes do not rise")
    places = [titles.index(name.lower()) if name.lower() in titles else -1 for name in COLUMNS[: len(SHAPES) + 3]]
    return times, np.array([[float(line[place]) if place >= 0 else 0.0 for place in places] for line in lines])

"""A performance of any rig as a plain table: seconds, one column a control, and the head."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..types import Performance, RigCurves
from .file_format import Placing
from .grid import SINGLE_FRAME_FPS, times_of
from .rates import nearest_rate

TIME = "time_s"
HEAD_COLUMNS = ("head_yaw", "head_pitch", "head_roll")
TIME_DECIMALS = 9


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write one line a frame, in columns named as the controls are.

    Raises FormatError if a control carries the name of one of our own columns.
    """
    curves = performance.curves
    taken = {TIME, *HEAD_COLUMNS}.intersection(curves.names)
    if taken:
        raise FormatError(f"A table cannot hold a control named {taken.pop()}; write .npz or .json instead.")
    # Nine digits tell every float32 from its neighbours.
    template = ",".join([f"%.{TIME_DECIMALS}f", *["%.9g"] * (len(curves.names) + 3)]) + "\n"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow((TIME, *curves.names, *HEAD_COLUMNS))
        times = times_of(len(curves.values), curves.fps, placing.start_frame)
        for time, row, head in zip(times.tolist(), curves.values, performance.head, strict=True):
            file.write(template % (time, *row.tolist(), *head.tolist()))


def is_table(path: Path) -> bool:
    """Whether a CSV file begins as write() begins it."""
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").startswith(TIME.encode() + b",")


def read(path: Path) -> Performance:
    """Read what write() wrote, also after a spreadsheet program reordered the columns behind the first."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [line for line in csv.reader(file) if line]
        if not lines:
            raise ValueError("it has no frames")
        if len(set(header)) != len(header):
            raise ValueError("two of its columns have the same name")
        missing = [name for name in HEAD_COLUMNS if name not in header]
        if missing:
            raise ValueError(f"the column {missing[0]} is missing")
        with np.errstate(over="ignore"):  # What no float32 can hold becomes infinite, which the caller refuses.
            cells = np.array(lines, np.float64)
        fps = _rate(cells[:, header.index(TIME)])
    except (ValueError, csv.Error) as error:
        raise FormatError(f"{shown(path)} is not a table of curves ({error}); write it again.") from error
    places = [place for place, name in enumerate(header) if name not in (TIME, *HEAD_COLUMNS)]
    with np.errstate(over="ignore"):
        values, head = (
            np.ascontiguousarray(cells[:, columns], np.float32)
            for columns in (places, [header.index(name) for name in HEAD_COLUMNS])
        )
    return Performance(RigCurves(tuple(header[place] for place in places), values, fps), head)


def _rate(times: np.ndarray) -> float:
    """Frames per second of an even grid, seconds float64 [T]. Raises ValueError for an uneven one."""
    if len(times) == 1:
        return SINGLE_FRAME_FPS
    rounding = 10.0**-TIME_DECIMALS
    steps, seconds = len(times) - 1, float(times[-1] - times[0])
    if not (np.isfinite(times).all() and (np.diff(times) > 0).all()):
        raise ValueError("its times do not rise")
    fps = nearest_rate(steps, seconds, rounding)
    if np.abs(times - times[0] - np.arange(len(times)) / fps).max() > 0.01 / fps + rounding:
        raise ValueError("its times are not evenly spaced")
    return fps

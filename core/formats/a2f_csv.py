"""A performance as the client of NVIDIA's Audio2Face-3D service leaves it: animation_frames.csv.

Source: the client writes a list of {timeCode, blendShapes{Name}} as a table, so the columns are an index without a
title, timeCode in seconds, and blendShapes.EyeBlinkLeft to blendShapes.TongueOut, in ARKit's order.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..rig.arkit import ARKIT_52
from ..types import Performance, RigCurves
from .arkit_columns import arkit_values, pascal
from .content import header
from .file_format import Placing
from .grid import evened, times_of

TIME = "timeCode"
PREFIX = "blendShapes."
ROUNDING_S = 1e-6
"""The service sends seconds that were single precision."""


def is_audio2face(path: Path) -> bool:
    """Whether a CSV file begins as one of these."""
    titles = header(path).split(",")
    return TIME in titles and any(title.startswith(PREFIX) for title in titles)


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write the 52 shapes; the head has no place."""
    curves = performance.curves
    values = np.stack([curves.column(name) for name in ARKIT_52], axis=1)
    times = times_of(len(values), curves.fps, placing.start_frame)
    template = ",".join(["%d", "%r", *["%.9g"] * len(ARKIT_52)]) + "\n"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(("", TIME, *(PREFIX + pascal(name) for name in ARKIT_52))) + "\n")
        for frame, (time, row) in enumerate(zip(times.tolist(), values, strict=True)):
            file.write(template % (frame, time, *row.tolist()))


def read(path: Path) -> Performance:
    """Read a file of the client: shapes it lacks rest, poses of the tongue that ARKit lacks are left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            titles, *lines = [line for line in csv.reader(file) if line]
        if not lines:
            raise ValueError("it has no frames")
        columns = [place for place, title in enumerate(titles) if title.startswith(PREFIX)]
        times = np.array([float(line[titles.index(TIME)]) for line in lines])
        rows = np.array([[float(line[place]) for place in columns] for line in lines])
        values = arkit_values([titles[place].removeprefix(PREFIX) for place in columns], rows)
        values, fps = evened(times, values, ROUNDING_S)
    except (ValueError, IndexError, csv.Error) as error:
        raise FormatError(f"{shown(path)} is not an Audio2Face table ({error}); export it again.") from error
    return Performance(RigCurves(ARKIT_52, values, fps), np.zeros((len(values), 3), np.float32))

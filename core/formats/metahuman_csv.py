"""MetaHuman controls as a table: frame, seconds, a column a control, and the head.

    frame,time_s,CTRL_L_brow_down.ty,...,HeadYaw,HeadPitch,HeadRoll

Names are Unreal's for the 251 raw curves and the DNA's for the board; the head is in radians with the signs of Live
Link Face, as the curves of Epic's own heads are.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..types import Performance
from .content import header
from .file_format import Placing
from .grid import evened, times_of
from .livelink_csv import HEAD_COLUMNS, HEAD_SIGNS
from .metahuman_names import performance_of

FIRST = ("frame", "time_s")
TIME_DECIMALS = 9


def is_metahuman(path: Path) -> bool:
    """Whether a CSV file begins as write() begins it."""
    return header(path).startswith(",".join(FIRST) + ",")


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write one line a frame."""
    curves = performance.curves
    rows = np.concatenate([curves.values, performance.head * HEAD_SIGNS + 0], axis=1)
    times = times_of(len(rows), curves.fps, placing.start_frame)
    template = ",".join(["%d", f"%.{TIME_DECIMALS}f", *["%.9g"] * rows.shape[1]]) + "\n"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow((*FIRST, *curves.names, *HEAD_COLUMNS))
        for frame, (time, row) in enumerate(zip(times.tolist(), rows, strict=True), placing.start_frame):
            file.write(template % (frame, time, *row.tolist()))


def read(path: Path) -> Performance:
    """Read a table of this layout; a head that is missing rests."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            titles, *lines = [line for line in csv.reader(file) if line]
        if not lines:
            raise ValueError("it has no frames")
        cells = np.array(lines, np.float64)
        rows, fps = evened(cells[:, titles.index(FIRST[1])], cells, 10.0**-TIME_DECIMALS)
        names = [title for title in titles if title not in (*FIRST, *HEAD_COLUMNS)]
        values = np.ascontiguousarray(rows[:, [titles.index(name) for name in names]])
        head = [rows[:, titles.index(name)] if name in titles else np.zeros(len(rows)) for name in HEAD_COLUMNS]
        return performance_of(names, values, fps, (np.stack(head, axis=1) * HEAD_SIGNS + 0).astype(np.float32))
    except (ValueError, IndexError, csv.Error) as error:
        raise FormatError(f"{shown(path)} is not a table of MetaHuman controls ({error}); write it again.") from error

"""A performance as JSON text: every float32 comes back as it was, one frame a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..rig.arkit import HEAD_AXES
from ..types import Performance, RigCurves
from .file_format import Placing
from .phone_text import phones_of, phones_text

MOST_BYTES = 1 << 30
NEEDED = ("names", "fps", "values", "head")


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write an object of names [C], fps, values [T][C], head_names [3], head [T][3] and, if there are any, phones."""
    curves = performance.curves
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{\n"names": {json.dumps(curves.names)},\n"fps": {json.dumps(float(curves.fps))},\n')
        _write_rows(file, "values", curves.values)
        file.write(f',\n"head_names": {json.dumps(HEAD_AXES)},\n')
        _write_rows(file, "head", performance.head)
        if performance.phones is not None:
            file.write(f",\n{phones_text(performance.phones)}")
        file.write("\n}\n")


def read(path: Path) -> Performance:
    """Read what write() wrote; further keys are ignored."""
    if path.stat().st_size > MOST_BYTES:
        raise FormatError(f"{shown(path)} is larger than 1 GB, which is no performance.")
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{shown(path)} is not JSON text; write it again with Mouthpiece.") from error
    if not isinstance(found, dict) or any(key not in found for key in NEEDED):
        raise FormatError(f"{shown(path)} lacks one of {', '.join(NEEDED)}; write it again with Mouthpiece.")
    names, fps = found["names"], found["fps"]
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise FormatError(f"{shown(path)} must hold names as a list of texts; write it again with Mouthpiece.")
    if isinstance(fps, bool) or not isinstance(fps, int | float):
        raise FormatError(f"{shown(path)} must hold fps as a number; write it again with Mouthpiece.")
    values, head = (_rows(path, found, key, width) for key, width in (("values", len(names)), ("head", 3)))
    return Performance(RigCurves(tuple(names), values, float(fps)), head, phones_of(path, found))


def _write_rows(file: TextIO, key: str, rows: np.ndarray) -> None:
    # Nine digits tell every float32 from its neighbours.
    template = "[" + ", ".join(["%.9g"] * rows.shape[1]) + "]"
    lines = (template % tuple(row.tolist()) for row in rows)
    file.write(f'"{key}": [\n')
    for index, line in enumerate(lines):
        file.write(",\n" + line if index else line)
    file.write("\n]")


def _rows(path: Path, found: dict[str, Any], key: str, width: int) -> np.ndarray:
    """One array of the object, float32 [T, width]."""
    try:
        rows = np.array(found[key])
    except ValueError:
        rows = np.empty(0, object)
    if rows.dtype.kind not in "fiu" or rows.ndim != 2 or rows.shape[1] != width:
        raise FormatError(f"{shown(path)} must hold {key} as rows of {width} numbers; write it again with Mouthpiece.")
    with np.errstate(over="ignore"):  # What no float32 can hold becomes infinite, which the caller refuses.
        return rows.astype(np.float32)

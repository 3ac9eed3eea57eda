"""MetaHuman controls as JSON: what frame rate, where it begins, and a list of values for each control.

    {"fps": 60.0, "start_frame": 0, "frames": 2, "curves": {"CTRL_expressions_browDownL": [0, 0.1], ...},
     "head": {"HeadYaw": [0, 0.01], "HeadPitch": ..., "HeadRoll": ...}}

Names are Unreal's for the 251 raw curves and the DNA's for the board; the head is in radians with the signs of Live
Link Face, as the curves of Epic's own heads are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..types import Performance
from .content import holds
from .file_format import Placing
from .livelink_csv import HEAD_COLUMNS, HEAD_SIGNS
from .metahuman_names import performance_of

MOST_BYTES = 1 << 30


def is_metahuman(path: Path) -> bool:
    """Whether a JSON file is one of these."""
    return holds(path, b'"curves"', b'"CTRL_')


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write one line a control."""
    curves = performance.curves
    first = {"fps": float(curves.fps), "start_frame": placing.start_frame, "frames": len(curves.values)}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in first.items()]
    lines.append(f'"curves": {_object(curves.names, curves.values)}')
    lines.append(f'"head": {_object(HEAD_COLUMNS, performance.head * HEAD_SIGNS + 0)}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


def read(path: Path) -> Performance:
    """Read a file of this layout; a head that is missing rests."""
    if path.stat().st_size > MOST_BYTES:
        raise FormatError(f"{shown(path)} is larger than 1 GB, which is no performance.")
    try:
        return _performance(json.loads(path.read_text(encoding="utf-8-sig")))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else error
        raise FormatError(f"{shown(path)} is not a file of MetaHuman controls ({why}); write it again.") from error


def _performance(found: Any) -> Performance:
    """Raises ValueError, TypeError or KeyError for what cannot be."""
    if not isinstance(found, dict) or not isinstance(found["curves"], dict) or not found["curves"]:
        raise ValueError('an object with "fps" and "curves" is expected')
    rows = np.array(list(found["curves"].values()), np.float64)
    turns = found.get("head", {})
    if rows.ndim != 2 or not isinstance(turns, dict):
        raise ValueError("every curve must be a list of as many numbers")
    rest = [0.0] * rows.shape[1]
    head = np.array([turns.get(name, rest) for name in HEAD_COLUMNS], np.float64)
    if head.shape != (3, rows.shape[1]):
        raise ValueError("the head must have as many frames as the curves")
    with np.errstate(over="ignore"):  # What no float32 can hold becomes infinite, which the caller refuses.
        values = np.ascontiguousarray(rows.T, np.float32)
    return performance_of(
        list(found["curves"]), values, float(found["fps"]), (head.T * HEAD_SIGNS + 0).astype(np.float32)
    )


def _object(names: tuple[str, ...], values: np.ndarray) -> str:
    """A member a column of values [T, N], nine digits, which tell every float32 from its neighbours."""
    template = "[" + ", ".join(["%.9g"] * len(values)) + "]"
    rows = zip(names, values.T.tolist(), strict=True)
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {template % tuple(row)}" for name, row in rows) + "\n}"

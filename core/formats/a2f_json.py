"""A performance as NVIDIA Audio2Face exports blend-shape weights: one object, a row of weights a frame.

Source: the exporter's members exportFps, trackPath, numPoses, numFrames, facsNames and weightMat [frames][poses]. Names
are ARKit's; the first versions had 46 poses, later ones 52, newer networks 16 more for the tongue.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..rig.arkit import ARKIT_52
from ..types import Performance, RigCurves
from .arkit_columns import arkit_values
from .content import holds
from .file_format import Placing

MOST_BYTES = 1 << 30
NEEDED = ("exportFps", "facsNames", "weightMat")


def is_audio2face(path: Path) -> bool:
    """Whether a JSON file is one of these."""
    return holds(path, b'"facsNames"', b'"weightMat"')


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write the 52 shapes in ARKit's order; the head and the phones have no place."""
    curves = performance.curves
    values = np.stack([curves.column(name) for name in ARKIT_52], axis=1)
    members = {
        "exportFps": float(curves.fps),
        "trackPath": f"{placing.name}.wav",
        "numPoses": len(ARKIT_52),
        "numFrames": len(values),
        "facsNames": ARKIT_52,
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in members.items()]
    template = "[" + ", ".join(["%.9g"] * len(ARKIT_52)) + "]"  # Nine digits tell every float32 from its neighbours.
    rows = ",\n".join(template % tuple(row.tolist()) for row in values)
    path.write_text("{\n" + "".join(lines) + f'"weightMat": [\n{rows}\n]\n}}\n', encoding="utf-8", newline="\n")


def read(path: Path) -> Performance:
    """Read an export of any version: shapes it lacks rest, poses of the tongue that ARKit lacks are left out."""
    if path.stat().st_size > MOST_BYTES:
        raise FormatError(f"{shown(path)} is larger than 1 GB, which is no performance.")
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
        return _performance(found)
    except (ValueError, TypeError, RecursionError) as error:
        raise FormatError(f"{shown(path)} is not an Audio2Face export ({error}); export it again.") from error


def _performance(found: Any) -> Performance:
    """Raises ValueError or TypeError for what cannot be."""
    if not isinstance(found, dict) or any(key not in found for key in NEEDED):
        raise ValueError(f"it lacks one of {', '.join(NEEDED)}")
    names, fps = found["facsNames"], float(found["exportFps"])
    rows = np.array(found["weightMat"], np.float64)
    if not isinstance(names, list) or rows.ndim != 2 or rows.shape[1] != len(names) or not len(rows):
        raise ValueError("weightMat must have a row a frame and a number for each of facsNames")
    values = arkit_values([str(name) for name in names], rows)
    return Performance(RigCurves(ARKIT_52, values, fps), np.zeros((len(values), 3), np.float32))

"""Take the arrays of splats out of a USD stage; a script of its own, because Pixar's library ends its process on some
damaged files, and that must not be Blender's.

python usd_child.py IN OUT: writes OUT.npz with the arrays of each prim, or OUT.txt with what is wrong.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

KIND = "ParticleField3DGaussianSplat"
DEGREE, COEFFICIENTS = "radiance:sphericalHarmonicsDegree", "radiance:sphericalHarmonicsCoefficients"
UNWRITTEN_DEGREE = 3
"""What the schema says where a file says nothing."""
NAMES = ("positions", "orientations", "scales", "opacities", COEFFICIENTS)
Z_UP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float64)
ROOM, TIMES = 4 << 30, 64
DAMAGED = "is damaged: Pixar's library cannot read it"


def main(source: str, out: str) -> None:
    """Write the one file or the other."""
    _limit_memory(Path(source).stat().st_size)
    try:
        arrays = _arrays(source)
    except ValueError as fault:
        Path(out + ".txt").write_text(str(fault), encoding="utf-8")
    except (RuntimeError, TypeError, MemoryError):  # What pxr raises when its own reader complains.
        Path(out + ".txt").write_text(DAMAGED, encoding="utf-8")
    else:
        np.savez(out + ".npz", **arrays)


def _limit_memory(size: int) -> None:
    """A wild allocation must fail here instead of taking the machine's memory; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    most, hard = ROOM + TIMES * size, resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _arrays(source: str) -> dict[str, np.ndarray]:
    """Every array of every prim, named by the prim's number. Raises ValueError with what is wrong."""
    from pxr import Usd, UsdGeom

    stage = Usd.Stage.Open(_layer(source))
    room = np.diag([*[UsdGeom.GetStageMetersPerUnit(stage)] * 3, 1.0])
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z:
        room = Z_UP @ room
    prims = [prim for prim in stage.Traverse() if prim.GetTypeName() == KIND]
    if not prims:
        raise ValueError(f"holds no {KIND}")
    cache, first = UsdGeom.XformCache(Usd.TimeCode.EarliestTime()), Usd.TimeCode.EarliestTime()
    found: dict[str, np.ndarray] = {}
    degrees = []
    for number, prim in enumerate(prims):
        # USD multiplies rows by matrices, everyone else matrices by columns.
        found[f"{number} matrix"] = room @ np.array(cache.GetLocalToWorldTransform(prim)).T
        found |= {f"{number} {name}": _rows(prim, name, first) for name in NAMES}
        attribute = prim.GetAttribute(DEGREE)
        degree = attribute.Get(first) if attribute else None
        degrees.append(degree if isinstance(degree, int) else UNWRITTEN_DEGREE)
    found["degrees"] = np.frombuffer(json.dumps(degrees).encode(), np.uint8)
    return found


def _layer(source: str) -> Any:
    from pxr import Sdf

    layer = Sdf.Layer.OpenAsAnonymous(source)
    if layer is None:
        raise ValueError(DAMAGED)
    # A stranger's file must not open others.
    if layer.GetExternalReferences():
        raise ValueError("refers to other files; flatten it into one first")
    return layer


def _rows(prim: Any, name: str, time: Any) -> np.ndarray:
    """An attribute's numbers, whether they were written as floats or as halves. Raises ValueError."""
    attributes = (prim.GetAttribute(name), prim.GetAttribute(name + "h"))
    values = (np.array(attribute.Get(time)) for attribute in attributes if attribute and attribute.HasValue())
    rows = next((rows for rows in values if rows.ndim and rows.size), None)
    if rows is None or rows.dtype.kind != "f":
        raise ValueError(f"is damaged: its splats have no {name}")
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])

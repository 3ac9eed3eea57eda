"""OpenUSD's ParticleField3DGaussianSplat, as .usda, .usdc or .usd, through Pixar's library (usd-core, or Blender's).

Attributes: positions, orientations (quaternions), scales (no logarithm), opacities (0 to 1), each as floats or as
halves with an h at the end of the name, radiance:sphericalHarmonicsDegree and -Coefficients, all of a splat together.
The stage says which axis is up and how long its unit is. Source: OpenUSD 26.03, UsdVol.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..types import SplatError, Splats
from . import usd_child
from .axes import CORE
from .gltf import BYTES_A_SPLAT, logits, logs, opacities_of
from .inflate import check_growth
from .merge import Placed, merged
from .ply import CUT, checked_count
from .report import BLOCK, Block, Fault, Source
from .usd_child import COEFFICIENTS, DEGREE, KIND, NAMES

ROOT = "Splats"
MISSING = "USD needs Pixar's library; install usd-core, run this inside Blender, or choose PLY, SPZ or glTF."
CHILD = Path(usd_child.__file__)
LONGEST_S = 600


def read_usd(path: Path) -> tuple[Splats, int, dict[str, int]]:
    """All splats of a stage at its first moment, how many there were, and what was mended.

    Raises Fault, SplatError, OSError.
    """
    _pxr()
    size = path.stat().st_size
    with TemporaryDirectory() as folder:
        arrays = _taken_out(path, Path(folder) / "splats")
    degrees = json.loads(arrays["degrees"].tobytes())
    parts = []
    for number, degree in enumerate(degrees):
        own = {name: arrays[f"{number} {name}"] for name in ("matrix", *NAMES)}
        parts.append(Placed(_source(own, degree, size), own["matrix"]))
    return merged(parts)


def _taken_out(path: Path, out: Path) -> dict[str, np.ndarray]:
    """What a process of its own finds in a stage. Raises Fault."""
    command = [sys.executable, "-P", str(CHILD), str(path), str(out)]
    places = {**os.environ, "PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, env=places, timeout=LONGEST_S, check=False, **quiet)
    found, fault = out.with_suffix(".npz"), out.with_suffix(".txt")
    if not found.is_file():
        raise Fault(fault.read_text("utf-8") if fault.is_file() else usd_child.DAMAGED)
    with np.load(found) as arrays:
        return dict(arrays)


def _pxr() -> Any:
    """Pixar's package with the modules used here. Raises SplatError where there is none."""
    try:
        for name in ("Gf", "Sdf", "Usd", "UsdGeom", "Vt"):
            import_module(f"pxr.{name}")
    except ImportError:
        raise SplatError(MISSING) from None
    return import_module("pxr")


def _source(arrays: dict[str, np.ndarray], degree: int, size: int) -> Source:
    if any(arrays[name].size % width for name, width in zip(NAMES, (3, 4, 3, 1, 3), strict=True)):
        raise Fault("is damaged: the attributes of its splats are not as wide as they must be")
    rows = tuple(arrays[name].reshape(-1, width) for name, width in zip(NAMES, (3, 4, 3, 1, 3), strict=True))
    count = checked_count(len(rows[0]))
    check_growth(BYTES_A_SPLAT * count, size)
    fits = 0 <= degree <= 16 and len(rows[4]) == count * (degree + 1) ** 2
    if not fits or any(len(array) != count for array in rows[:4]):
        raise Fault("is damaged: its attributes are not as long as its splats need")
    kept = min(degree, 3)
    table = rows[4].reshape(count, -1, 3)[:, : (kept + 1) ** 2]
    return Source(count, kept, CORE, _blocks(rows[:4], table), {CUT: count} if degree > 3 else {})


def _blocks(rows: tuple[np.ndarray, ...], sh: np.ndarray) -> Iterator[Block]:
    for start in range(0, len(sh), BLOCK):
        part = slice(start, start + BLOCK)
        means, quats, scales, opacities = (array[part] for array in rows)
        # pxr lays a quaternion out as x y z w.
        turned = quats[:, [3, 0, 1, 2]]
        yield Block(means, turned, logs(scales), logits(opacities[:, 0]), sh[part, 0], sh[part, 1:])


def write_usd(path: Path, splats: Splats, ending: str) -> None:
    """Write a stage of one prim, +y up, in metres; ending: .usda for text, .usdc or .usd for binary."""
    stage, prim = new_stage(ending)
    for name, array in attributes_of(splats).items():
        created(prim, name).Set(array)
    set_degree(prim, splats.degree)
    export(stage, path, ending)


def new_stage(ending: str) -> tuple[Any, Any]:
    """A stage of a file's kind, and the one prim of splats in it, which lives as long as the stage; +y up, metres."""
    pxr = _pxr()
    stage = pxr.Usd.Stage.Open(pxr.Sdf.Layer.CreateAnonymous(ending))
    pxr.UsdGeom.SetStageUpAxis(stage, pxr.UsdGeom.Tokens.y)
    pxr.UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    prim = stage.DefinePrim(f"/{ROOT}", KIND)
    stage.SetDefaultPrim(prim)
    return stage, prim


def attributes_of(splats: Splats) -> dict[str, Any]:
    """Pixar's arrays for every attribute that may change over time."""
    pxr = _pxr()
    reach = 3 * np.exp(splats.log_scales).max(1, keepdims=True)
    corners = (splats.means - reach).min(0), (splats.means + reach).max(0)
    return {
        "positions": pxr.Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(splats.means)),
        "orientations": pxr.Vt.QuatfArray.FromNumpy(splats.quats[:, [1, 2, 3, 0]]),
        "scales": pxr.Vt.Vec3fArray.FromNumpy(np.exp(splats.log_scales)),
        "opacities": pxr.Vt.FloatArray.FromNumpy(opacities_of(splats)),
        COEFFICIENTS: pxr.Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(splats.sh.reshape(-1, 3))),
        "extent": pxr.Vt.Vec3fArray([pxr.Gf.Vec3f(*map(float, corner)) for corner in corners]),
    }


def created(prim: Any, name: str) -> Any:
    """A prim's attribute of one of those names, made where it is missing."""
    kinds = _pxr().Sdf.ValueTypeNames
    own = {"positions": kinds.Point3fArray, "orientations": kinds.QuatfArray, "opacities": kinds.FloatArray}
    return prim.CreateAttribute(name, own.get(name, kinds.Float3Array), custom=False)


def set_degree(prim: Any, degree: int) -> None:
    """Say of which degree a prim's harmonics are."""
    pxr = _pxr()
    attribute = prim.CreateAttribute(
        DEGREE, pxr.Sdf.ValueTypeNames.Int, custom=False, variability=pxr.Sdf.VariabilityUniform
    )
    attribute.Set(degree)


def export(stage: Any, path: Path, ending: str) -> None:
    """Write a stage to a path whatever the path's own ending is. Raises Fault."""
    # The library picks the kind of file by the name it writes to, which a temporary one does not have.
    exported = path.with_name(path.name + ending)
    try:
        if not stage.GetRootLayer().Export(str(exported)):
            raise Fault("could not be written by Pixar's library; choose another place")
        exported.replace(path)
    except RuntimeError:
        raise Fault("could not be written by Pixar's library; choose another place") from None
    finally:
        exported.unlink(missing_ok=True)

"""OpenUSD's ParticleField3DGaussianSplat, as .usda, .usdc or .usd, through Pixar's library (usd-core, or Blender's).

Attributes: positions, orientations (quaternions), scales (no logarithm), opacities (0 to 1), each as floats or as
halves with an h at the end of the name, radiance:sphericalHarmonicsDegree and -Coefficients, all of a splat together.
The stage says which axis is up and how long its unit is. Source: OpenUSD 26.03, UsdVol.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..types import SplatError, Splats
from .axes import CORE
from .gltf import BYTES_A_SPLAT, logits, logs, opacities_of
from .inflate import check_growth
from .merge import Placed, merged
from .ply import CUT, checked_count
from .report import BLOCK, Block, Fault, Source

if TYPE_CHECKING:
    from pxr import Usd

KIND, ROOT = "ParticleField3DGaussianSplat", "Splats"
DEGREE, COEFFICIENTS = "radiance:sphericalHarmonicsDegree", "radiance:sphericalHarmonicsCoefficients"
UNWRITTEN_DEGREE = 3
"""What the schema says where a file says nothing."""
Z_UP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float64)
MISSING = "USD needs Pixar's library; install usd-core, run this inside Blender, or choose PLY, SPZ or glTF."


def read_usd(path: Path) -> tuple[Splats, int, dict[str, int]]:
    """All splats of a stage at its first moment, how many there were, and what was mended. Raises Fault, OSError."""
    pxr = _pxr()
    path.open("rb").close()
    try:
        stage = pxr.Usd.Stage.Open(_layer(path))
        room = np.diag([*[pxr.UsdGeom.GetStageMetersPerUnit(stage)] * 3, 1.0])
        if pxr.UsdGeom.GetStageUpAxis(stage) == pxr.UsdGeom.Tokens.z:
            room = Z_UP @ room
        prims = [prim for prim in stage.Traverse() if prim.GetTypeName() == KIND]
        if not prims:
            raise Fault(f"holds no {KIND}")
        cache = pxr.UsdGeom.XformCache(pxr.Usd.TimeCode.EarliestTime())
        size = path.stat().st_size
        # USD multiplies rows by matrices, everyone else matrices by columns.
        places = [room @ np.array(cache.GetLocalToWorldTransform(prim)).T for prim in prims]
        return merged([Placed(_source(prim, size), place) for prim, place in zip(prims, places, strict=True)])
    except RuntimeError:  # What pxr raises when its own reader complains.
        raise Fault("is damaged: Pixar's library cannot read it") from None


def _pxr() -> Any:
    """Pixar's package with the modules used here. Raises SplatError where there is none."""
    try:
        for name in ("Gf", "Sdf", "Usd", "UsdGeom", "Vt"):
            import_module(f"pxr.{name}")
    except ImportError:
        raise SplatError(MISSING) from None
    return import_module("pxr")


def _layer(path: Path) -> Any:
    layer = _pxr().Sdf.Layer.OpenAsAnonymous(str(path))
    if layer is None:
        raise Fault("is damaged: Pixar's library cannot read it")
    # A stranger's file must not open others.
    if layer.GetExternalReferences():
        raise Fault("refers to other files; flatten it into one first")
    return layer


def _source(prim: Usd.Prim, size: int) -> Source:
    means, quats, scales, opacities = (
        _rows(prim, name, width)
        for name, width in (("positions", 3), ("orientations", 4), ("scales", 3), ("opacities", 1))
    )
    count = checked_count(len(means))
    check_growth(BYTES_A_SPLAT * count, size)
    degree = _first(prim, DEGREE)
    degree = UNWRITTEN_DEGREE if degree is None else degree
    sh = _rows(prim, COEFFICIENTS, 3)
    fits = 0 <= degree <= 16 and len(sh) == count * (degree + 1) ** 2
    if not fits or any(len(rows) != count for rows in (quats, scales, opacities)):
        raise Fault("is damaged: its attributes are not as long as its splats need")
    kept = min(degree, 3)
    table = sh.reshape(count, -1, 3)[:, : (kept + 1) ** 2]
    cut = {CUT: count} if degree > 3 else {}
    return Source(count, kept, CORE, _blocks((means, quats, scales, opacities), table), cut)


def _blocks(rows: tuple[np.ndarray, ...], sh: np.ndarray) -> Iterator[Block]:
    for start in range(0, len(sh), BLOCK):
        part = slice(start, start + BLOCK)
        means, quats, scales, opacities = (array[part] for array in rows)
        # pxr lays a quaternion out as x y z w.
        turned = quats[:, [3, 0, 1, 2]]
        yield Block(means, turned, logs(scales), logits(opacities[:, 0]), sh[part, 0], sh[part, 1:])


def _rows(prim: Usd.Prim, name: str, width: int) -> np.ndarray:
    """An attribute [n, width], whether it was written as floats or halves. Raises Fault where it is neither."""
    value = _first(prim, name)
    value = _first(prim, name + "h") if value is None or not len(value) else value
    if value is None:
        raise Fault(f"is damaged: its splats have no {name}")
    rows = np.array(value)
    if rows.dtype.kind != "f" or rows.size % width or rows.shape[1:] not in ((), (width,)):
        raise Fault(f"is damaged: the {name} of its splats are no numbers of this kind")
    return rows.reshape(-1, width)


def _first(prim: Usd.Prim, name: str) -> Any:
    """An attribute's value at its first moment, None where it has none."""
    attribute = prim.GetAttribute(name)
    return attribute.Get(_pxr().Usd.TimeCode.EarliestTime()) if attribute else None


def write_usd(path: Path, splats: Splats, ending: str) -> None:
    """Write a stage of one prim, +y up, in metres; ending: .usda for text, .usdc or .usd for binary."""
    pxr = _pxr()
    layer = pxr.Sdf.Layer.CreateAnonymous(ending)
    stage = pxr.Usd.Stage.Open(layer)
    pxr.UsdGeom.SetStageUpAxis(stage, pxr.UsdGeom.Tokens.y)
    pxr.UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    prim = stage.DefinePrim(f"/{ROOT}", KIND)
    stage.SetDefaultPrim(prim)
    reach = 3 * np.exp(splats.log_scales).max(1, keepdims=True)
    corners = (splats.means - reach).min(0), (splats.means + reach).max(0)
    extent = [pxr.Gf.Vec3f(*map(float, corner)) for corner in corners]
    kinds = pxr.Sdf.ValueTypeNames
    values = (
        ("positions", kinds.Point3fArray, pxr.Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(splats.means))),
        ("orientations", kinds.QuatfArray, pxr.Vt.QuatfArray.FromNumpy(splats.quats[:, [1, 2, 3, 0]])),
        ("scales", kinds.Float3Array, pxr.Vt.Vec3fArray.FromNumpy(np.exp(splats.log_scales))),
        ("opacities", kinds.FloatArray, pxr.Vt.FloatArray.FromNumpy(opacities_of(splats))),
        (COEFFICIENTS, kinds.Float3Array, pxr.Vt.Vec3fArray.FromNumpy(splats.sh.reshape(-1, 3))),
        ("extent", kinds.Float3Array, pxr.Vt.Vec3fArray(extent)),
    )
    for name, kind, value in values:
        prim.CreateAttribute(name, kind, custom=False).Set(value)
    prim.CreateAttribute(DEGREE, kinds.Int, custom=False, variability=pxr.Sdf.VariabilityUniform).Set(splats.degree)
    _export(layer, path, ending)


def _export(layer: Any, path: Path, ending: str) -> None:
    # The library picks the kind of file by the name it writes to, which a temporary one does not have.
    exported = path.with_name(path.name + ending)
    try:
        if not layer.Export(str(exported)):
            raise Fault("could not be written by Pixar's library; choose another place")
        exported.replace(path)
    except RuntimeError:
        raise Fault("could not be written by Pixar's library; choose another place") from None
    finally:
        exported.unlink(missing_ok=True)

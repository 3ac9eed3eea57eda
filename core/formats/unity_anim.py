"""A performance as an animation clip of Unity, its own YAML text.

Source: AnimationClip (class 74, serializedVersion 6); blend shapes are float curves blendShape.NAME of class 137
(SkinnedMeshRenderer) with weights 0 to 100, the head a rotation curve in Unity's left-handed axes. Keys have the slopes
of straight lines (tangent mode 69: broken, linear on both sides), so that nothing overshoots between frames; a row that
equals both its neighbours needs no key.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..types import Performance
from .file_format import Placing
from .grid import needed_keys, times_of
from .head_turn import MIRROR, quaternions
from .unity_read import read

__all__ = ("read", "write")

FULL = 100.0
RENDERER, TRANSFORM = 137, 4
BLEND_SHAPE_CURVE, ROTATION = 20, 2
"""What Unity's binding table calls a blend shape's weight and a rotation."""
LINEAR = 69
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./]*")
MEANING = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))
"""What YAML takes for something other than text."""
HEADER = """\
%YAML 1.1
%TAG !u! tag:unity3d.com,2011:
--- !u!74 &7400000
AnimationClip:
  m_ObjectHideFlags: 0
  m_CorrespondingSourceObject: {fileID: 0}
  m_PrefabInstance: {fileID: 0}
  m_PrefabAsset: {fileID: 0}
"""


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write a clip that moves the renderer placing.face and, unless it is empty, the transform placing.head."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER)
        for line in _members(performance, placing):
            file.write(f"  {line}\n")


def _members(performance: Performance, placing: Placing) -> Iterator[str]:
    """The clip's members in Unity's own order."""
    curves = performance.curves
    times = times_of(len(curves.values), curves.fps, placing.start_frame)
    yield from (f"m_Name: {_text(placing.name)}", "serializedVersion: 6", "m_Legacy: 0", "m_Compressed: 0")
    yield "m_UseHighQualityCurve: 1"
    yield "m_RotationCurves:" if placing.head else "m_RotationCurves: []"
    yield from _head_curve(times, performance.head, placing.head) if placing.head else ()
    yield from (f"{name}: []" for name in ("m_CompressedRotationCurves", "m_EulerCurves", "m_PositionCurves"))
    yield "m_ScaleCurves: []"
    yield "m_FloatCurves:" if curves.names else "m_FloatCurves: []"
    yield from _face_curves(times, performance, placing.face)
    yield from ("m_PPtrCurves: []", f"m_SampleRate: {curves.fps:.12g}", "m_WrapMode: 0")
    yield from ("m_Bounds:", "  m_Center: {x: 0, y: 0, z: 0}", "  m_Extent: {x: 0, y: 0, z: 0}")
    yield from ("m_ClipBindingConstant:", "  genericBindings:" if curves.names else "  genericBindings: []")
    yield from _bindings(curves.names, placing)
    yield "  pptrCurveMapping: []"
    yield from _settings(float(times[-1]))
    # As in a clip copied out of a model, the editor takes the curves above.
    yield from (
        "m_EditorCurves: []",
        "m_EulerEditorCurves: []",
        "m_HasGenericRootTransform: 0",
        "m_HasMotionFloatCurves: 0",
        "m_Events: []",
    )


def _settings(stop_s: float) -> Iterator[str]:
    yield "m_AnimationClipSettings:"
    yield from ("  serializedVersion: 2", "  m_AdditiveReferencePoseClip: {fileID: 0}")
    yield from ("  m_AdditiveReferencePoseTime: 0", "  m_StartTime: 0", f"  m_StopTime: {stop_s:.12g}")
    yield from (f"  {name}: 0" for name in ("m_OrientationOffsetY", "m_Level", "m_CycleOffset"))
    yield from (f"  {name}: 0" for name in ("m_HasAdditiveReferencePose", "m_LoopTime", "m_LoopBlend"))
    yield from (f"  m_LoopBlend{name}: 0" for name in ("Orientation", "PositionY", "PositionXZ"))
    yield from (f"  m_KeepOriginal{name}: {value}" for name, value in _KEPT)
    yield from ("  m_HeightFromFeet: 0", "  m_Mirror: 0")


_KEPT = (("Orientation", 0), ("PositionY", 1), ("PositionXZ", 0))


def _bindings(names: tuple[str, ...], placing: Placing) -> Iterator[str]:
    """What each curve moves, by the check sums of path and attribute; Unity makes this table anew on import."""
    if placing.head:
        yield from _binding(placing.head, ROTATION, TRANSFORM, 0)
    for name in names:
        yield from _binding(placing.face, zlib.crc32(f"blendShape.{name}".encode()), RENDERER, BLEND_SHAPE_CURVE)


def _binding(path: str, attribute: int, kind: int, custom: int) -> Iterator[str]:
    yield from ("  - serializedVersion: 2", f"    path: {zlib.crc32(path.encode())}", f"    attribute: {attribute}")
    yield from ("    script: {fileID: 0}", f"    typeID: {kind}", f"    customType: {custom}", "    isPPtrCurve: 0")


def _face_curves(times: np.ndarray, performance: Performance, face: str) -> Iterator[str]:
    """One float curve a control."""
    for name, column in zip(performance.curves.names, performance.curves.values.T, strict=True):
        yield from ("- serializedVersion: 2", "  curve:", "    serializedVersion: 2", "    m_Curve:")
        kept = needed_keys(column)
        yield from _keys(times[kept], column[kept, None].astype(np.float64) * FULL)
        yield from ("    m_PreInfinity: 2", "    m_PostInfinity: 2", "    m_RotationOrder: 4")
        yield from (f"  attribute: {_text(f'blendShape.{name}')}", f"  path: {_text(face)}", f"  classID: {RENDERER}")
        yield from ("  script: {fileID: 0}", "  flags: 0")


def _head_curve(times: np.ndarray, head: np.ndarray, path: str) -> Iterator[str]:
    """One rotation curve."""
    yield from ("- curve:", "    serializedVersion: 2", "    m_Curve:")
    kept = needed_keys(head)
    yield from _keys(times[kept], quaternions(head[kept]) * MIRROR)
    yield from ("    m_PreInfinity: 2", "    m_PostInfinity: 2", "    m_RotationOrder: 4", f"  path: {_text(path)}")


def _keys(times: np.ndarray, values: np.ndarray) -> Iterator[str]:
    """Keys of one to four numbers. times: [K]; values: float64 [K, N]."""
    steps = np.diff(values, axis=0) / np.diff(times)[:, None]
    slopes = (
        np.concatenate([steps[:1] * 0, steps, steps[-1:] * 0]) if len(values) > 1 else np.zeros((2, values.shape[1]))
    )
    for place, time in enumerate(times.tolist()):
        yield from ("    - serializedVersion: 3", f"      time: {time:.12g}", f"      value: {_number(values[place])}")
        yield f"      inSlope: {_number(slopes[place])}"
        yield f"      outSlope: {_number(slopes[place + 1])}"
        yield from (f"      tangentMode: {LINEAR if values.shape[1] == 1 else 0}", "      weightedMode: 0")
        third = _number(np.full(values.shape[1], 1 / 3))
        yield from (f"      inWeight: {third}", f"      outWeight: {third}")


def _number(values: np.ndarray) -> str:
    """One number, or several by name as Unity writes vectors."""
    if len(values) == 1:
        return f"{values[0]:.9g}"
    return "{" + ", ".join(f"{axis}: {value:.9g}" for axis, value in zip("xyzw", values, strict=True)) + "}"


def _text(words: str) -> str:
    """Words as YAML takes them: bare where nothing else can be read in them, else in double quotes."""
    plain = PLAIN.fullmatch(words) and words.lower() not in MEANING
    return words if plain else json.dumps(words)

"""A performance as a VRM animation (.vrma): glTF whose nodes stand for expressions and bones of any VRM 1.0 avatar.

Source: VRMC_vrm_animation 1.0: an expression's weight is the x of its node's translation, 0 to 1; presets have names of
their own, everything else is custom. The humanoid's required bones stand in a T-pose and only the head turns. Eyes move
by the avatar's own look-at, so look shapes stay custom expressions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..rig.arkit import ARKIT_52
from ..rig.visemes import VISEMES
from ..types import Performance, RigCurves
from ..version import version
from .file_format import Placing
from .glb import Buffer, packed, rows_of, unpacked
from .grid import evened, times_of
from .head_turn import angles, quaternions

EXTENSION = "VRMC_vrm_animation"
SPEC_VERSION = "1.0"
PRESETS = {"aa": "aa", "E": "ee", "ih": "ih", "oh": "oh", "ou": "ou"}
"""The visemes that VRM knows by names of its own; what ARKit's shapes do, no preset does alone."""
BONES = {
    "hips": ("", (0, 1, 0)),
    "spine": ("hips", (0, 0.1, 0)),
    "head": ("spine", (0, 0.4, 0)),
    "leftUpperArm": ("spine", (0.2, 0.3, 0)),
    "leftLowerArm": ("leftUpperArm", (0.25, 0, 0)),
    "leftHand": ("leftLowerArm", (0.25, 0, 0)),
    "rightUpperArm": ("spine", (-0.2, 0.3, 0)),
    "rightLowerArm": ("rightUpperArm", (-0.25, 0, 0)),
    "rightHand": ("rightLowerArm", (-0.25, 0, 0)),
    "leftUpperLeg": ("hips", (0.1, -0.05, 0)),
    "leftLowerLeg": ("leftUpperLeg", (0, -0.45, 0)),
    "leftFoot": ("leftLowerLeg", (0, -0.45, 0)),
    "rightUpperLeg": ("hips", (-0.1, -0.05, 0)),
    "rightLowerLeg": ("rightUpperLeg", (0, -0.45, 0)),
    "rightFoot": ("rightLowerLeg", (0, -0.45, 0)),
}
"""The bones a humanoid must have: the one above, and metres from it, x to the character's left, y up."""
TIME_ROUNDING_S = 1e-4
"""Times are single precision: coarser, the longer a clip is."""


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write the curves as expressions and the head's turn."""
    curves = performance.curves
    nodes = _skeleton()
    head = list(BONES).index("head")
    first = len(nodes)
    nodes += [{"name": name} for name in curves.names]
    buffer = Buffer()
    times = buffer.add(times_of(len(curves.values), curves.fps, placing.start_frame), bounded=True)
    samplers = [{"input": times, "output": buffer.add(quaternions(performance.head))}]
    channels = [{"sampler": 0, "target": {"node": head, "path": "rotation"}}]
    for place, column in enumerate(curves.values.T):
        weights = np.zeros((len(column), 3), np.float32)
        weights[:, 0] = column
        samplers.append({"input": times, "output": buffer.add(weights)})
        channels.append({"sampler": place + 1, "target": {"node": first + place, "path": "translation"}})
    animation = {"name": placing.name, "channels": channels, "samplers": samplers}
    path.write_bytes(packed(_document(nodes, animation, buffer, _expressions(curves.names, first)), buffer.data))


def read(path: Path) -> Performance:
    """Read the expressions of a VRM animation and its head, on the times of the first expression."""
    try:
        document, data = unpacked(path.read_bytes())
        return _performance(document, data)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, StopIteration) as error:
        why = str(error) if isinstance(error, ValueError) else "its layout is another"
        raise FormatError(f"{shown(path)} is not a VRM animation with expressions ({why}); export it again.") from error


def _skeleton() -> list[dict[str, Any]]:
    """The nodes of BONES, in that order."""
    order = list(BONES)
    nodes: list[dict[str, Any]] = [{"name": bone, "translation": list(place)} for bone, (_, place) in BONES.items()]
    for number, (above, _) in enumerate(BONES.values()):
        if above:
            nodes[order.index(above)].setdefault("children", []).append(number)
    return nodes


def _expressions(names: tuple[str, ...], first: int) -> dict[str, dict[str, Any]]:
    """Presets and custom expressions by name. Those of visemes are presets where VRM has one."""
    presets = PRESETS if set(names) == set(VISEMES) else {}
    found: dict[str, dict[str, Any]] = {"preset": {}, "custom": {}}
    for number, name in enumerate(names, first):
        kind = "preset" if name in presets else "custom"
        found[kind][presets.get(name, name)] = {"node": number}
    return {kind: members for kind, members in found.items() if members}


def _document(
    nodes: list[dict[str, Any]], animation: dict[str, Any], buffer: Buffer, expressions: dict[str, Any]
) -> dict[str, Any]:
    bones = {bone: {"node": number} for number, bone in enumerate(BONES)}
    roots = [0, *range(len(BONES), len(nodes))]
    return {
        "asset": {"version": "2.0", "generator": f"Mouthpiece {version()}"},
        "extensionsUsed": [EXTENSION],
        "extensions": {
            EXTENSION: {"specVersion": SPEC_VERSION, "humanoid": {"humanBones": bones}, "expressions": expressions}
        },
        "scene": 0,
        "scenes": [{"nodes": roots}],
        "nodes": nodes,
        "animations": [animation],
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }


def _performance(document: dict[str, Any], data: bytes) -> Performance:
    about = document["extensions"][EXTENSION]
    kinds = about.get("expressions", {})
    named = {name: entry["node"] for kind in ("preset", "custom") for name, entry in kinds.get(kind, {}).items()}
    tracks = _tracks(document, data)
    keyed = {
        _spelt(name): tracks[node, "translation"] for name, node in named.items() if (node, "translation") in tracks
    }
    if not keyed:
        raise ValueError("it moves no expressions")
    times = next(iter(keyed.values()))[0]
    turn = tracks.get((about.get("humanoid", {}).get("humanBones", {}).get("head", {}).get("node"), "rotation"))
    columns = [np.interp(times, own, rows[:, 0]) for own, rows in keyed.values()]
    if turn:
        columns += [np.interp(times, turn[0], column) for column in turn[1].T]
    table, fps = evened(times, np.stack(columns, axis=1), TIME_ROUNDING_S)
    head = angles(table[:, len(keyed) :]) if turn else np.zeros((len(table), 3), np.float32)
    names, values = _ordered(tuple(keyed), table[:, : len(keyed)])
    return Performance(RigCurves(names, values, fps), head)


def _tracks(document: dict[str, Any], data: bytes) -> dict[tuple[int, str], tuple[np.ndarray, np.ndarray]]:
    """Seconds [K] and values [K, N] of what the first animation moves, by node and property."""
    animation = document["animations"][0]
    tracks = {}
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        times, rows = (rows_of(document, data, sampler[end]) for end in ("input", "output"))
        if sampler.get("interpolation") == "CUBICSPLINE":
            rows = rows[1::3]  # Each key is tangent in, value, tangent out.
        tracks[channel["target"]["node"], channel["target"]["path"]] = times[:, 0], rows
    return tracks


def _spelt(name: str) -> str:
    """Our name of an expression: that of the viseme, or of the ARKit shape whatever its capitals."""
    known = {preset: viseme for viseme, preset in PRESETS.items()} | {shape.lower(): shape for shape in ARKIT_52}
    return known.get(name) or known.get(name.lower(), name)


def _ordered(names: tuple[str, ...], values: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """In the rig's own order where they are a rig's."""
    for rig in (ARKIT_52, VISEMES):
        if set(names) == set(rig):
            return rig, np.ascontiguousarray(values[:, [names.index(name) for name in rig]])
    return names, np.ascontiguousarray(values)

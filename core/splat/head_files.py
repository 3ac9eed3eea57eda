"""Heads of splats as files: one safetensors file, its words as JSON in the file's own metadata. docs/splat_heads.md.

What is read is checked before it is believed: sizes, indices, finite numbers, unit quaternions.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from ..errors import ShapeError
from ..formats.atomic import check_place, replacing
from ..paths import reason, shown
from ..quats import unit
from ..rig.arkit import ARKIT_52
from .deltas import Deltas
from .head import Binding, Bones, Ceiling, Clip, SplatHead, Template
from .types import SplatError

LAYOUT = "mouthpiece-splat-head-1"
ENDING = ".splathead"
MOST_BYTES = 2 * 1024**3
MOST_SPLATS = 2_000_000
LARGEST = 1e4
"""No length in metres, logarithm, logit or harmonic of a head is as large as this."""


def write_head(head: SplatHead, path: Path) -> None:
    """Write a head; the file appears whole or not at all. Raises FormatError when the place does not do."""
    check_place(path)
    data = head_bytes(head)
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def head_bytes(head: SplatHead) -> bytes:
    """A head as its file holds it; the same head is the same bytes."""
    from safetensors.numpy import save

    # One key only: safetensors writes several in any order.
    return save(_tensors(head), {"head": json.dumps(_words(head), ensure_ascii=False)})


def read_head(path: Path) -> SplatHead:
    """Read a head. Raises SplatError in one sentence when the file is missing, damaged or none of ours."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise SplatError(f"{shown(path)} is larger than 2 GB; a head of splats is not.")
        data = path.read_bytes()
    except OSError as fault:
        raise SplatError(f"{shown(path)} cannot be read ({reason(fault)}); choose another file.") from None
    return head_of_bytes(data, shown(path))


def head_of_bytes(data: bytes, name: str) -> SplatHead:
    """A head from what its file holds. name: of the file, in sentences.

    Raises SplatError in one sentence when it is damaged or none of ours.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(data)
        words = _metadata(data)
        _check_layout(words)
        head = _head(tensors, words)
        _check_numbers(head)
    except SafetensorError:
        raise SplatError(f"{name} is no head of splats or is damaged; write it again.") from None
    except (ShapeError, SplatError) as fault:
        raise SplatError(f"{name} is no sound head of splats: {fault}") from None
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as fault:
        words = f"{type(fault).__name__}: {fault}"
        raise SplatError(f"{name} is a damaged head of splats ({words}); write it again.") from None
    return head


def _metadata(data: bytes) -> dict:
    """The words in the header of a safetensors file that was found sound: its length in 8 bytes, then JSON."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(header.get("__metadata__", {}).get("head", "{}"))


def _tensors(head: SplatHead) -> dict[str, np.ndarray]:
    shapes = list(head.template.shapes.values())
    tensors = {
        "template.points": head.template.points,
        "template.triangles": head.template.triangles,
        "shapes.starts": np.cumsum([0, *(len(vertices) for vertices, _ in shapes)], dtype=np.int64),
        "shapes.vertices": np.concatenate([np.zeros(0, np.int32), *(vertices for vertices, _ in shapes)]),
        "shapes.offsets": np.concatenate([np.zeros((0, 3), np.float32), *(offsets for _, offsets in shapes)]),
        "bones.pivots": head.bones.pivots,
        "bones.weights": head.bones.weights,
        "logits": head.logits,
        "sh": head.sh,
        "mix": head.mix,
    }
    for name in Binding.__dataclass_fields__:
        tensors[f"binding.{name}"] = getattr(head.binding, name)
    tensors |= _delta_tensors("correctives", head.correctives)
    for k, clip in enumerate(head.clips.values()):
        tensors[f"clip{k}.coefficients"] = clip.coefficients
        tensors |= _delta_tensors(f"clip{k}", clip.changes)
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def _delta_tensors(prefix: str, deltas: Deltas) -> dict[str, np.ndarray]:
    return {f"{prefix}.{name}": getattr(deltas, name) for name in ("starts", "splats", "values", "scales")}


def _words(head: SplatHead) -> dict:
    clips = [{"name": name, "fps": clip.fps, **_delta_words(clip.changes)} for name, clip in head.clips.items()]
    return {
        "layout": LAYOUT,
        "arkit": list(ARKIT_52),
        "shapes": list(head.template.shapes),
        "bones": list(head.bones.names),
        "shares": list(head.bones.shares),
        "correctives": _delta_words(head.correctives),
        "ceilings": [{"shape": c.shape, "base": c.base, "slopes": c.slopes} for c in head.ceilings],
        "clips": clips,
        "facts": head.facts,
    }


def _delta_words(deltas: Deltas) -> dict:
    return {"names": list(deltas.names), "groups": list(deltas.groups)}


def _check_layout(words: dict) -> None:
    if words.get("layout") != LAYOUT:
        found = str(words.get("layout", "unknown"))[:40]
        raise SplatError(f"its layout is {found!r}, but this version reads {LAYOUT}.")


def _head(tensors: dict[str, np.ndarray], words: dict) -> SplatHead:
    if tuple(words["arkit"]) != ARKIT_52:
        raise SplatError("it was made for other shapes than ARKit's 52.")
    if len(tensors["logits"]) > MOST_SPLATS:
        raise SplatError(f"it holds more than {MOST_SPLATS} splats.")
    clips = {
        _text(row["name"]): Clip(tensors[f"clip{k}.coefficients"], float(row["fps"]), _deltas(tensors, f"clip{k}", row))
        for k, row in enumerate(words["clips"])
    }
    if len(clips) != len(words["clips"]):
        raise SplatError("two of its clips share a name.")
    ceilings = tuple(
        Ceiling(_text(c["shape"]), float(c["base"]), {_text(n): float(s) for n, s in c["slopes"].items()})
        for c in words["ceilings"]
    )
    return SplatHead(
        Template(tensors["template.points"], tensors["template.triangles"], _shapes(tensors, words["shapes"])),
        Binding(*(tensors[f"binding.{name}"] for name in Binding.__dataclass_fields__)),
        Bones(_texts(words["bones"]), tensors["bones.pivots"], _floats(words["shares"]), tensors["bones.weights"]),
        tensors["logits"],
        tensors["sh"],
        _deltas(tensors, "correctives", words["correctives"]),
        tensors["mix"],
        ceilings,
        clips,
        {_text(name): _text(value) for name, value in words["facts"].items()},
    )


def _shapes(tensors: dict[str, np.ndarray], names: list) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    starts, vertices, offsets = (tensors[f"shapes.{name}"] for name in ("starts", "vertices", "offsets"))
    sound = len(starts) == len(names) + 1 and starts[0] == 0 and starts[-1] == len(vertices) == len(offsets)
    if not sound or (np.diff(starts) < 0).any() or len(set(_texts(names))) != len(names):
        raise SplatError("its shapes do not add up.")
    parts = [slice(int(a), int(b)) for a, b in pairwise(starts)]
    return {name: (vertices[part], offsets[part]) for name, part in zip(names, parts, strict=True)}


def _deltas(tensors: dict[str, np.ndarray], prefix: str, words: dict) -> Deltas:
    parts = (tensors[f"{prefix}.{name}"] for name in ("starts", "splats", "values", "scales"))
    return Deltas(_texts(words["names"]), _texts(words["groups"]), *parts)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise SplatError(f"a name in it is {value!r}, not a word.")
    return value


def _texts(values: list) -> tuple[str, ...]:
    return tuple(_text(value) for value in values)


def _floats(values: list) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _check_numbers(head: SplatHead) -> None:
    """Raise SplatError for numbers no head has: not finite, absurdly large, or quaternions of another length."""
    numbers = {
        "points": head.template.points,
        "shapes": np.concatenate([np.zeros((0, 3)), *(offsets for _, offsets in head.template.shapes.values())]),
        "places": head.binding.places,
        "offsets": head.binding.offsets,
        "quaternions": head.binding.quats,
        "sizes": head.binding.log_scales,
        "opacities": head.logits,
        "colours": head.sh,
        "pivots": head.bones.pivots,
        "shares": np.array(head.bones.shares),
        "ceilings": np.array([x for c in head.ceilings for x in (c.base, *c.slopes.values())]),
        "mix": head.mix,
        "frame rates": np.array([clip.fps for clip in head.clips.values()]),
    }
    for name, deltas in {"correctives": head.correctives, **{n: c.changes for n, c in head.clips.items()}}.items():
        numbers |= {f"scales of {name}": deltas.scales, f"values of {name}": deltas.values}
    numbers |= {f"coefficients of {name}": clip.coefficients for name, clip in head.clips.items()}
    for name, array in numbers.items():
        if array.size and not np.abs(array.astype(np.float64)).max() < LARGEST:  # nan is not smaller either
            raise SplatError(f"its {name} are no sensible numbers.")
    if np.abs(head.binding.quats - unit(head.binding.quats)).max(initial=0) > 1e-3:
        raise SplatError("its quaternions are not of unit length.")

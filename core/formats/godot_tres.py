"""A performance as an Animation resource of Godot 4: a blend-shape track a control, a rotation track for the head.

Source: text resources of format 3; keys of a blend-shape track are time, transition and value, those of a rotation
track time, transition and x y z w, in Godot's axes, which are glTF's. Godot's own importers put "_" for ":" in names
of blend shapes, because a colon parts node and property in a path, and so do we. Rows that equal both neighbours need
no key, because tracks run in straight lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..types import Performance, RigCurves
from .file_format import Placing
from .grid import check_rising, needed_keys, rows_between, times_of
from .head_turn import angles, quaternions
from .rates import nearest_rate

SHAPE, TURN = "blend_shape", "rotation_3d"
WIDTHS = {SHAPE: 1, TURN: 4}
LINEAR = 1
MEMBER = re.compile(r"^tracks/(\d+)/(type|path|keys) = (.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^step = ([-+.\deE]+)", re.MULTILINE)
NEAR = 1e-5
SETTLINGS = 3
"""How often keys are settled: what one changes its neighbour sees, a thousandth as much each time."""
DEFAULT_FPS = 30.0
"""What Godot leaves unsaid."""


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write an animation whose tracks move the node placing.face and, unless it is empty, placing.head."""
    curves = performance.curves
    times = times_of(len(curves.values), curves.fps, placing.start_frame)
    kept_times = times.astype(np.float32).astype(np.float64)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('[gd_resource type="Animation" format=3]\n\n[resource]\n')
        file.write(f"resource_name = {json.dumps(placing.name, ensure_ascii=False)}\n")
        file.write(f"length = {_moment(max(times[-1], 1 / curves.fps))}\nstep = {_moment(1 / curves.fps)}\n")
        for number, (kind, target, values) in enumerate(_tracks(performance, placing)):
            kept = _keys_for(values)
            settled = in_single_time(times[kept], kept_times[kept], values[kept])
            keys = np.column_stack([kept_times[kept], np.ones(len(kept)), settled])
            file.write(_track_text(number, kind, target, keys))


def in_single_time(times: np.ndarray, kept_times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The values of keys whose times Godot keeps in single precision, such that at the very times the curves are right.

    times: float64 [K], seconds; kept_times: the same as Godot keeps them; values: [K, N].
    At a moment that is about that of a key Godot follows the line that leaves the key, before it as well as behind it.
    What that line does between the kept and the very time is taken off the key. Returns float64 [K, N].
    """
    length = np.append(np.diff(kept_times), 1.0)
    share = ((times - kept_times) / length)[:, None]
    settled = wanted = values.astype(np.float64)
    for _ in range(SETTLINGS):
        settled = wanted - share * np.diff(settled, axis=0, append=settled[-1:])
    return settled


def played(times: np.ndarray, keys: np.ndarray, column: int) -> np.ndarray:
    """What Godot shows of a column of keys at some moments, float64 [T].

    times: seconds [T]; keys: float64 [K, C], the first column seconds. Source: Animation::_find and _interpolate, which
    take a moment within 0.00001 of a key, as a share of the time, for that key's.
    """
    moments, values = keys[:, 0], keys[:, column]
    found = np.searchsorted(moments - NEAR * np.maximum(moments, 1.0), times, side="right") - 1
    last = len(keys) - 1
    key, after = np.clip(found, 0, last), np.clip(found + 1, 0, last)
    length = moments[after] - moments[key]
    share = np.divide(times - moments[key], length, out=np.zeros(len(times)), where=length > 0)
    return values[key] + np.where(found < 0, 0.0, share) * (values[after] - values[key])


def read(path: Path) -> Performance:
    """Read an animation at its own step, from its first key to its last; tracks of other kinds are left out.

    If shapes of one name move on several nodes, the first counts.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        step = STEP.search(text)
        rate = _rate(step[1]) if step else DEFAULT_FPS
        shapes, heads = _keys_of(text)
        if not text.startswith("[gd_resource") or not shapes:
            raise ValueError("it has no blend-shape tracks")
        with np.errstate(over="ignore", invalid="ignore"):  # What no float32 can hold the caller refuses.
            return _performance(shapes, heads, rate)
    except (ValueError, KeyError, IndexError, ZeroDivisionError) as error:
        raise FormatError(f"{shown(path)} is not a Godot animation as text ({error}); save it as .tres.") from error


def _tracks(performance: Performance, placing: Placing) -> Iterator[tuple[str, str, np.ndarray]]:
    """Kind, path and values [T, 1 or 4] of each track."""
    if placing.head:
        yield TURN, placing.head, quaternions(performance.head)
    for name, column in zip(performance.curves.names, performance.curves.values.T, strict=True):
        yield SHAPE, f"{placing.face}:{name.replace(':', '_')}", column[:, None]


def _keys_for(values: np.ndarray) -> np.ndarray:
    """The rows that need a key, int64 [K]: also the one before each that ends a rest, for that key is a little off."""
    kept = needed_keys(values)
    return np.union1d(kept, kept[1:][np.diff(kept) > 1] - 1)


def _track_text(number: int, kind: str, target: str, keys: np.ndarray) -> str:
    """One track. keys: float64 [K, 3 or 6]."""
    members = {
        "type": f'"{kind}"',
        "imported": "false",
        "enabled": "true",
        "path": f"NodePath({json.dumps(target, ensure_ascii=False)})",
        "interp": LINEAR,
        "loop_wrap": "false",
        "keys": f"PackedFloat32Array({', '.join(map(_key, keys))})",
    }
    return "".join(f"tracks/{number}/{name} = {value}\n" for name, value in members.items())


def _keys_of(text: str) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """The keys [K, 3] of each shape by name, and those [K, 6] of each turn."""
    tracks: dict[str, dict[str, str]] = {}
    for number, member, value in MEMBER.findall(text):
        tracks.setdefault(number, {})[member] = value.strip()
    shapes: dict[str, np.ndarray] = {}
    heads = []
    for track in tracks.values():
        kind = track["type"].strip('"')
        numbers = _inside(track["keys"], "PackedFloat32Array").strip() if kind in WIDTHS else ""
        if numbers:
            keys = np.array([float(number) for number in numbers.split(",")]).reshape(-1, 2 + WIDTHS[kind])
            keys[:, 0] = keys[:, 0].astype(np.float32)  # Godot writes no more digits than tell them apart.
            check_rising(keys[:, 0])
            target = json.loads(_inside(track["path"], "NodePath"))
            if kind == TURN:
                heads.append(keys)
            else:
                shapes.setdefault(target.rpartition(":")[2], keys)
    return shapes, heads


def _inside(value: str, kind: str) -> str:
    """What a constructor such as NodePath(...) holds. Raises ValueError for anything else."""
    if not (value.startswith(f"{kind}(") and value.endswith(")")):
        raise ValueError(f"a {kind} is broken off")
    return value[len(kind) + 1 : -1]


def _performance(shapes: dict[str, np.ndarray], heads: list[np.ndarray], rate: float) -> Performance:
    edges = [keys[place, 0] for keys in (*shapes.values(), *heads) for place in (0, -1)]
    times = rows_between(_on_frame(min(edges), rate), _on_frame(max(edges), rate), rate)
    values = np.stack([played(times, keys, 2) for keys in shapes.values()], axis=1)
    head = np.zeros((len(times), 3), np.float32)
    for keys in heads[:1]:
        head = angles(np.stack([played(times, keys, column) for column in range(2, 6)], axis=1))
    return Performance(RigCurves(tuple(shapes), values.astype(np.float32), rate), head)


def _on_frame(time_s: float, rate: float) -> float:
    """The time of the frame that a key lies on but for single precision, else its own."""
    frame_s = round(time_s * rate) / rate
    return frame_s if abs(frame_s - time_s) <= np.finfo(np.float32).eps * max(frame_s, 1.0) else time_s


def _rate(step: str) -> float:
    """The frame rate of a step in seconds, a common one where its last digit or precision explain the difference."""
    decimals = len(step.partition("e")[0].partition(".")[2]) - int(step.partition("e")[2] or 0)
    return nearest_rate(1, float(step), max(0.5 * 10.0**-decimals, np.finfo(np.float32).eps * float(step)))


def _key(numbers: np.ndarray) -> str:
    """A key of time, transition and values; nine digits tell every float32 from its neighbours."""
    return ", ".join((_moment(numbers[0]), *(f"{number:.9g}" for number in numbers[1:])))


def _moment(seconds: float) -> str:
    """Seconds to the nanosecond after a quarter of an hour too."""
    return f"{seconds:.12g}"

"""New keys in a stretch of an F-curve; what lies outside keeps its keys and its shape."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.layers.reduce import reduce_keys

_BEZIER = 2
_FREE, _AUTO_CLAMPED, _ALIGNED = 0, 4, 3
_PLACES = ("co", "handle_left", "handle_right")
_NUMBERS = ("interpolation", "handle_left_type", "handle_right_type", "easing", "type")
_SIZES = ("back", "amplitude", "period")
_KINDS = dict.fromkeys((*_PLACES, *_SIZES), np.float32) | dict.fromkeys(_NUMBERS, np.int32)
NEAR = 0.01
"""Frames within which a key counts as lying on a frame."""
SAME = 1e-6
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Stretch:
    """New values from a frame on.

    frame:  the first one, on which the curve is still what it was; so is it on the last.
    values: float32 [n], one a frame.
    bound:  how far fewer keys may be off; 0 keys every frame.
    kept:   bool [n], where there must be a key all the same; None for nowhere.
    """

    frame: int
    values: np.ndarray
    bound: float
    kept: np.ndarray | None = None


def splice(curve: bpy.types.FCurve, stretch: Stretch) -> bool:
    """Put new values into a curve. Returns: False where it says the same already and nothing was changed."""
    frames = stretch.frame + np.arange(len(stretch.values))
    old = np.array([curve.evaluate(frame) for frame in frames.tolist()])
    if not len(frames) or np.abs(old - stretch.values).max() <= SAME:
        return False
    keys = _read(curve)
    keys, first = _cut(keys, float(frames[0]), float(stretch.values[0]))
    keys, last = _cut(keys, float(frames[-1]), float(stretch.values[-1]))
    middle = _middle(stretch)
    before, after = _rows(keys, slice(first, first + 1)), _rows(keys, slice(last, last + 1))
    # What leads into the stretch and out of it is as it was; the other side of these two keys is new.
    for name in ("handle_left", "handle_left_type"):
        middle[name][0] = before[name][0]
    for name in ("handle_right", "handle_right_type", "interpolation"):
        middle[name][-1] = after[name][0]
    pieces = (_rows(keys, slice(0, first)), middle, _rows(keys, slice(last + 1, None)))
    _write(curve, {name: np.concatenate([piece[name] for piece in pieces]) for name in keys})
    return True


def _middle(stretch: Stretch) -> dict[str, np.ndarray]:
    """The new keys, first and last frame included; their own sides of the border are free of the old ones."""
    values = np.ascontiguousarray(stretch.values, np.float32)
    if stretch.bound:
        keyed = reduce_keys(values, stretch.bound, kept=stretch.kept).curves[0]
        frames, left, right, handle = keyed.frames, keyed.left, keyed.right, _ALIGNED
    else:
        frames, handle = np.arange(len(values)), _AUTO_CLAMPED
        left = right = np.stack([frames, values], axis=1)
    count, away = len(frames), np.array([stretch.frame, 0.0])
    made = {
        "co": np.stack([frames, values[frames]], axis=1) + away,
        "handle_left": left + away,
        "handle_right": right + away,
        "interpolation": np.full(count, _BEZIER),
        "handle_left_type": np.full(count, handle),
        "handle_right_type": np.full(count, handle),
        "easing": np.zeros(count),
        "type": np.zeros(count),
        "back": np.full(count, 1.70158),
        "amplitude": np.zeros(count),
        "period": np.zeros(count),
    }
    if stretch.bound:
        made["handle_right_type"][0] = made["handle_left_type"][-1] = _FREE
    return {name: np.array(column, _KINDS[name]) for name, column in made.items()}


def _cut(keys: dict[str, np.ndarray], frame: float, value: float) -> tuple[dict[str, np.ndarray], int]:
    """The keys with one on a frame, and its place. A new one leaves the curve's shape as it is."""
    frames = keys["co"][:, 0]
    place = int(np.searchsorted(frames, frame - NEAR))
    if place < len(frames) and abs(frames[place] - frame) <= NEAR:
        return _let_go(keys, place), place
    source = min(max(place - 1, 0), len(frames) - 1)
    keys = {name: np.insert(column, place, column[source], axis=0) for name, column in keys.items()}
    inside = 0 < place < len(frames)
    for name in _PLACES:
        keys[name][place] = (frame, value)
    if inside and keys["interpolation"][source] == _BEZIER:
        _share_cubic(keys, place, frame)
    keys = _let_go(keys, place)
    for beside in (place - 1, place + 1) if inside else ():
        keys = _let_go(keys, beside)
    return keys, place


def _let_go(keys: dict[str, np.ndarray], place: int) -> dict[str, np.ndarray]:
    """Keep a key's handles where they are: automatic ones would follow their new neighbours."""
    for name in ("handle_left_type", "handle_right_type"):
        keys[name][place] = _FREE
    return keys


def _share_cubic(keys: dict[str, np.ndarray], place: int, frame: float) -> None:
    """Part the cubic around a new key in two, in place. Source: de Casteljau's construction."""
    start, end = keys["co"][place - 1].astype(float), keys["co"][place + 1].astype(float)
    leaving, arriving = keys["handle_right"][place - 1].astype(float), keys["handle_left"][place + 1].astype(float)
    # Blender shortens handles that together are longer than the stretch.
    length = end[0] - start[0]
    reach = abs(leaving[0] - start[0]) + abs(end[0] - arriving[0])
    if reach > length:
        leaving, arriving = start + (leaving - start) * length / reach, end + (arriving - end) * length / reach
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        row = _halfway(_halfway(np.stack([start, leaving, arriving, end]), middle), middle)
        low, high = (middle, high) if _halfway(row, middle)[0, 0] < frame else (low, middle)
    first = _halfway(np.stack([start, leaving, arriving, end]), low)
    second = _halfway(first, low)
    keys["handle_right"][place - 1], keys["handle_left"][place] = first[0], second[0]
    keys["handle_right"][place], keys["handle_left"][place + 1] = second[1], first[2]


def _halfway(points: np.ndarray, share: float) -> np.ndarray:
    """Points between neighbours. points: [n, 2]. Returns [n - 1, 2]."""
    return points[:-1] * (1 - share) + points[1:] * share


def _rows(keys: dict[str, np.ndarray], rows: slice) -> dict[str, np.ndarray]:
    return {name: column[rows] for name, column in keys.items()}


def _read(curve: bpy.types.FCurve) -> dict[str, np.ndarray]:
    """All that keys hold, by name: float32 [K, 2], int32 [K] or float32 [K]."""
    points, keys = curve.keyframe_points, {}
    for name, kind in _KINDS.items():
        column = np.empty((len(points), 2) if name in _PLACES else len(points), kind)
        flat = column.ravel()
        points.foreach_get(name, flat)
        keys[name] = flat.reshape(column.shape)
    return keys


def _write(curve: bpy.types.FCurve, keys: dict[str, np.ndarray]) -> None:
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys["co"]))
    for name, column in keys.items():
        points.foreach_set(name, np.ascontiguousarray(column).ravel())
    curve.update()

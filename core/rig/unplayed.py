"""Back from what the targets of a mapping hold to the curves that put it there."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly

import numpy as np

from ..errors import RigError
from ..types import Performance, RigCurves
from .arkit import ARKIT_52
from .board import BOARD
from .convert import to_rig
from .names import RIG_NAMES, rig_of_curve
from .targets import HEAD_CURVES, Mapping, Target

_SIGNED = frozenset({"flame", None})
_SIGNED_CONTROLS = frozenset(control.name for control in BOARD if control.low < 0)


def unplayed(mapping: Mapping, values: ReadOnly[Target, np.ndarray], fps: float) -> Performance:
    """The performance that a mapping turns into these values, as near as its targets tell it.

    The least squares answer, so it is exact where no limit held and every curve has a target that tells it apart;
    curves that share all their targets share what is there. The head is what HEAD_CURVES say, else at rest.

    values: of the targets that are there, float32 [T].
    Returns curves of the one rig that the mapping reads; of ARKit where it reads several.
    Raises RigError where none of the targets is there.
    """
    drives = [drive for drive in mapping.drives if drive.target in values]
    if not drives:
        raise RigError(f'Nothing that the mapping "{mapping.name}" moves has a curve any more; animate it again.')
    found = _solved(Mapping(mapping.name, mapping.rig, tuple(drives)), values)
    rows = len(next(iter(found.values())))
    still = np.zeros(rows, np.float32)
    head = np.stack([found.pop(name, still) for name in HEAD_CURVES], axis=1)
    rigs = dict.fromkeys(rig_of_curve(name) for name in mapping.sources if name not in HEAD_CURVES)
    faces = {rig: _whole(str(rig), found, rows, fps) for rig in rigs or ("arkit52",)}
    if len(faces) == 1:
        return Performance(next(iter(faces.values())), head)
    face = to_rig(Performance(faces.get(mapping.rig, next(iter(faces.values()))), head), "arkit52").curves.values.copy()
    for name in set(found).intersection(ARKIT_52):
        face[:, ARKIT_52.index(name)] = found[name]
    return Performance(RigCurves(ARKIT_52, face, fps), head)


def _whole(rig: str, found: dict[str, np.ndarray], rows: int, fps: float) -> RigCurves:
    """All curves of a rig; those that nothing tells rest."""
    still = np.zeros(rows, np.float32)
    return RigCurves(RIG_NAMES[rig], np.stack([found.get(name, still) for name in RIG_NAMES[rig]], axis=1), fps)


def _solved(mapping: Mapping, values: ReadOnly[Target, np.ndarray]) -> dict[str, np.ndarray]:
    """The curves, float32 [T] each."""
    columns = _columns(mapping)
    places = {column: place for place, column in enumerate(columns)}
    terms = mapping.by_target()
    gains = np.zeros((len(terms), len(columns)))
    given = np.empty((len(terms), len(values[next(iter(terms))])))
    for row, (target, drives) in enumerate(terms.items()):
        given[row] = values[target] - sum(drive.offset for drive in drives)
        for drive in drives:
            for side, sign in _sides(drive.part, (drive.source, "whole") in places):
                gains[row, places[drive.source, side]] += sign * drive.gain
    solved = np.linalg.pinv(gains) @ given
    found: dict[str, np.ndarray] = {}
    for (source, side), row in zip(columns, solved, strict=True):
        kept = row if side == "whole" and _signed(source) else np.maximum(row, 0)
        found[source] = found.get(source, 0) + (-kept if side == "negative" else kept)
    return {source: row.astype(np.float32) for source, row in found.items()}


def _columns(mapping: Mapping) -> list[tuple[str, str]]:
    """What is solved for: each curve as a whole, or above and below zero where lines take only one of these."""
    halved = {drive.source for drive in mapping.drives if drive.part != "whole" and _signed(drive.source)}
    return [
        column
        for source in mapping.sources
        for column in ([(source, "positive"), (source, "negative")] if source in halved else [(source, "whole")])
    ]


def _sides(part: str, whole: bool) -> list[tuple[str, float]]:
    """Which columns a line reads with which sign."""
    if whole:
        # A curve that is never below zero is its own positive part, and has no negative one.
        return [("whole", 0.0 if part == "negative" else 1.0)]
    both = [("positive", 1.0), ("negative", -1.0)]
    return both if part == "whole" else [(part, 1.0)]


def _signed(source: str) -> bool:
    rig = rig_of_curve(source)
    return rig in _SIGNED or source in _SIGNED_CONTROLS

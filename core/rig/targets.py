"""What a performance moves on a character, and which curves move it how much.

A Target is one number of a character: a shape key, a channel of a pose bone, or a custom property. A Drive is one term
of what a target gets, a Mapping all of them. The values come out as plain arrays; whoever knows the character writes
them.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from ..errors import RigError
from ..types import RigCurves
from .mirror import mirrored_curve
from .names import RIG_NAMES, rig_of_curve

KINDS: tuple[str, ...] = ("shape_key", "bone", "property")
PARTS: tuple[str, ...] = ("whole", "positive", "negative")
HEAD_CURVES: tuple[str, ...] = ("headYaw", "headPitch", "headRoll")
"""A performance's head, radians, as curves that a drive may read beside those of the rigs."""
BONE_CHANNELS: tuple[str, ...] = tuple(f"{kind}.{axis}" for kind in ("location", "rotation", "scale") for axis in "xyz")

_Term = tuple[str, str, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Target:
    """One number of a character.

    kind:    one of KINDS.
    owner:   "shape_key": the mesh object, "" for every mesh that has the key; "bone": the armature, "" for any;
             "property": the object, or "armature/bone", "" for any object that has it.
    name:    the key, bone or custom property.
    channel: of a bone one of BONE_CHANNELS, in its own axes, rotations as Euler radians; "" for the other kinds.
    """

    kind: str
    owner: str
    name: str
    channel: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise RigError(f'A target cannot be a "{self.kind}"; choose one of {", ".join(KINDS)}.')
        if not self.name:
            raise RigError(f"A target of the kind {self.kind} needs the name of what it moves.")
        wanted = BONE_CHANNELS if self.kind == "bone" else ("",)
        if self.channel not in wanted:
            choice = f"one of {', '.join(BONE_CHANNELS)}" if self.kind == "bone" else "no channel"
            raise RigError(f'The target "{self.name}" must have {choice}, but it has "{self.channel}".')

    def __str__(self) -> str:
        return " ".join(word for word in (self.owner and f"{self.owner}:", self.name, self.channel) if word)


@dataclass(frozen=True, slots=True)
class Drive:
    """One term of a target's value: offset + gain * part(curve). The terms of one target add, then its limits hold.

    source:    the curve, of any rig (core.rig.names) or HEAD_CURVES.
    gain:      target units per curve unit.
    offset:    what the target gets at rest, for instance 1 for a scale.
    low, high: limits of the target; several drives of one target keep the narrowest.
    part:      "whole" x, "positive" max(x, 0) or "negative" max(-x, 0).
    """

    target: Target
    source: str
    gain: float = 1.0
    offset: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    part: str = "whole"

    def __post_init__(self) -> None:
        if self.source not in HEAD_CURVES and rig_of_curve(self.source) is None:
            raise RigError(f'No rig has a curve "{self.source}" to drive {self.target}; docs/rigs.md tells the names.')
        if self.part not in PARTS:
            raise RigError(f'The drive of {self.target} cannot take the part "{self.part}"; choose {", ".join(PARTS)}.')
        if not (math.isfinite(self.gain) and math.isfinite(self.offset)):
            raise RigError(f"The drive of {self.target} by {self.source} needs a gain and an offset that are numbers.")
        if not (self.low <= self.high and self.low < math.inf and self.high > -math.inf):
            raise RigError(f"The drive of {self.target} needs limits in order, but has {self.low:g} to {self.high:g}.")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything that moves a character.

    name:   what people call it.
    rig:    one of core.rig.convert.RIGS, the rig that its curves mostly belong to.
    drives: its terms; no target is driven twice by the same part of the same curve.
    """

    name: str
    rig: str
    drives: tuple[Drive, ...]

    def __post_init__(self) -> None:
        if self.rig not in RIG_NAMES:
            raise RigError(f'There is no rig "{self.rig}"; choose one of {", ".join(RIG_NAMES)}.')
        seen: set[tuple[Target, str, str]] = set()
        for drive in self.drives:
            term = drive.target, drive.source, drive.part
            if term in seen:
                raise RigError(f"{drive.target} is driven twice by {drive.source}; remove one of the two lines.")
            seen.add(term)
        for target, terms in self.by_target().items():
            low, high = _limits(terms)
            if low > high:
                raise RigError(f"The limits of {target} leave nothing between {low:g} and {high:g}; widen one of them.")

    @property
    def sources(self) -> tuple[str, ...]:
        """The curves that are read, each once, in the order of the drives."""
        return tuple(dict.fromkeys(drive.source for drive in self.drives))

    @property
    def targets(self) -> tuple[Target, ...]:
        """What is moved, each once, in the order of the drives."""
        return tuple(dict.fromkeys(drive.target for drive in self.drives))

    def by_target(self) -> dict[Target, tuple[Drive, ...]]:
        """The terms of each target."""
        found: dict[Target, list[Drive]] = {}
        for drive in self.drives:
            found.setdefault(drive.target, []).append(drive)
        return {target: tuple(drives) for target, drives in found.items()}


def apply(mapping: Mapping, curves: RigCurves) -> dict[Target, np.ndarray]:
    """What each target gets, clip(sum of offset + gain * part(curve), low, high), float32 [T], read only.

    curves: must have every curve that the mapping reads; core.rig.played.played_curves makes them.
    Raises RigError for a curve that is not there.
    """
    places = {name: place for place, name in enumerate(curves.names)}
    lacking = [name for name in mapping.sources if name not in places]
    if lacking:
        raise RigError(f'The mapping "{mapping.name}" reads {_listed(lacking)}, which these curves do not have.')
    columns = np.ascontiguousarray(curves.values.T)
    made: dict[tuple[_Term, ...], np.ndarray] = {}  # Twenty meshes with the same keys are worked out once.
    out = {}
    for target, drives in mapping.by_target().items():
        terms = tuple(_term(drive) for drive in drives)
        if terms not in made:
            made[terms] = _value(drives, [columns[places[drive.source]] for drive in drives])
        out[target] = made[terms]
    return out


def swap_sides(mapping: Mapping, sources: Collection[str] | None = None) -> Mapping:
    """The same mapping for a character whose left is the other's right: every curve gives way to its mirror.

    sources: only the drives that read one of these; all of them if None. Some rigs write jawLeft and mouthLeft as the
    onlooker sees them and all else as the character does.
    """
    chosen = mapping.sources if sources is None else sources
    return replace(mapping, drives=tuple(_swapped(d) if d.source in chosen else d for d in mapping.drives))


def _swapped(drive: Drive) -> Drive:
    other, sign = mirrored_curve(drive.source)
    if sign > 0:
        return replace(drive, source=other)
    if drive.part == "whole":
        return replace(drive, source=other, gain=-drive.gain)
    return replace(drive, source=other, part="negative" if drive.part == "positive" else "positive")


def _term(drive: Drive) -> _Term:
    return drive.source, drive.part, drive.gain, drive.offset, drive.low, drive.high


def _value(drives: tuple[Drive, ...], columns: list[np.ndarray]) -> np.ndarray:
    total = np.full(len(columns[0]), sum(drive.offset for drive in drives), np.float32)
    for drive, column in zip(drives, columns, strict=True):
        total += np.float32(drive.gain) * _part(column, drive.part)
    low, high = _limits(drives)
    np.clip(total, np.float32(low), np.float32(high), out=total)
    total.setflags(write=False)
    return total


def _part(column: np.ndarray, part: str) -> np.ndarray:
    if part == "whole":
        return column
    return np.maximum(column if part == "positive" else -column, np.float32(0))


def _limits(drives: Collection[Drive]) -> tuple[float, float]:
    return max(drive.low for drive in drives), min(drive.high for drive in drives)


def _listed(names: list[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more

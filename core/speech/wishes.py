"""Wishes that change over time: which of a direction's numbers are keyed, and how they run from key to key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import check
from ..errors import SettingError, ShapeError
from .direction import PARAMETERS, Direction, check_number, known_wish, number_of
from .key_files import Subject, fault, read_keys

KEYABLE: tuple[str, ...] = tuple(parameter.name for parameter in PARAMETERS if parameter.unit == "×")
"""Wishes that may change while a face speaks: all strengths, styles and rates. smoothing_s is a window and offset_s
moves time itself, so both are one number for a whole recording."""

_RANGES = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True, slots=True, eq=False)
class WishCurve:
    """One wish over time. Before the first key and after the last its value holds.

    name:   one of KEYABLE.
    times:  float32 [K], seconds from the start of the recording, rising; K is at least 1.
    values: float32 [K], each within the wish's range.
    Raises ShapeError for arrays of other shapes, SettingError for another name, a value out of range or keys out of
    order.
    """

    name: str
    times: np.ndarray
    values: np.ndarray

    def __post_init__(self) -> None:
        check_keyable(self.name)
        check(f"WishCurve.times of {self.name}", self.times, ("K",))
        check(f"WishCurve.values of {self.name}", self.values, (len(self.times),))
        if not len(self.times):
            raise ShapeError(f"The keys of {self.name} must be at least one.")
        if not (np.isfinite(self.times).all() and (np.diff(self.times) > 0).all()):
            raise SettingError(f"The keys of {self.name} must come in order of time, each at a time of its own.")
        for value in (self.values.min(), self.values.max()):
            check_number(_RANGES[self.name], value)

    def at(self, times: np.ndarray) -> np.ndarray:
        """The wish at some moments, float32 [N], times: seconds [N].

        A cubic that never leaves the values of the keys beside it: level at peaks, at both ends and along stretches
        that hold. Two keys ease; keys as dense as frames are followed without ripples.
        Source: Fritsch & Butland 1984, "A method for constructing local monotone piecewise cubic interpolants".
        """
        if len(self.times) == 1:
            return np.full(len(times), self.values[0], np.float32)
        keys, values = self.times.astype(np.float64), self.values.astype(np.float64)
        steps, rises = np.diff(keys), np.diff(values)
        place = np.clip(np.searchsorted(keys, times, side="right") - 1, 0, len(steps) - 1)
        into = np.clip((times - keys[place]) / steps[place], 0, 1)
        slopes = _slopes(steps, rises / steps)
        leaving, arriving = slopes[place] * steps[place], slopes[place + 1] * steps[place]
        eased = (3 - 2 * into) * into * into
        bent = leaving * into * (1 - into) ** 2 - arriving * (1 - into) * into**2
        read = values[place] + rises[place] * eased + bent
        low, high = np.minimum(values[place], values[place + 1]), np.maximum(values[place], values[place + 1])
        return np.clip(read, low, high).astype(np.float32)  # rounding must not leave a stretch that holds


@dataclass(frozen=True, slots=True, eq=False)
class WishTrack:
    """The wishes of a performance that change over time, each once; the others are the direction's.

    Raises SettingError for a wish that is named twice.
    """

    curves: tuple[WishCurve, ...] = ()

    def __post_init__(self) -> None:
        names = self.names
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise SettingError(f"{twice} is keyed twice; give it one curve.")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(curve.name for curve in self.curves)

    def read(self, name: str, direction: Direction, times: np.ndarray) -> np.ndarray | float:
        """A wish at some moments: float32 [N] where it is keyed, else the direction's number. times: seconds [N]."""
        curve = next((curve for curve in self.curves if curve.name == name), None)
        return curve.at(times) if curve else getattr(direction, name)

    def over(self, others: WishTrack) -> WishTrack:
        """These and, of others, those that are not keyed here."""
        return WishTrack((*self.curves, *(curve for curve in others.curves if curve.name not in self.names)))

    def members(self) -> dict[str, Any]:
        """As members of a JSON object: {name: {"times": [K], "values": [K]}}."""
        return {
            curve.name: {"times": curve.times.tolist(), "values": [round(value, 4) for value in curve.values.tolist()]}
            for curve in self.curves
        }


STEADY = WishTrack()
"""Nothing changes over time."""


def wishes_from(members: Mapping[str, Any]) -> WishTrack:
    """Read what WishTrack.members() gave. Raises a CoreError, ValueError, KeyError or TypeError for anything else."""
    if not isinstance(members, Mapping):
        raise TypeError("wishes over time are an object")
    return WishTrack(
        tuple(
            WishCurve(name, np.array(member["times"], np.float32), np.array(member["values"], np.float32))
            for name, member in members.items()
        )
    )


def check_keyable(name: str) -> None:
    """Raise SettingError for a wish that is none, or that cannot change over time."""
    if known_wish(name) not in KEYABLE:
        raise SettingError(f"{name} holds for a whole recording and cannot be keyed; give it in the direction.")


def read_wishes(path: Path) -> WishTrack:
    """Read keys of wishes, .csv or .json; a wish has keys only where it is named, and eases from one to the next.

    Raises FormatError, one sentence with the line or key at fault.
    """
    path = Path(path)
    found: dict[str, list[tuple[float, float]]] = {}
    for key in read_keys(path, Subject("direction keys", "wishes such as style_jaw", check_keyable)):
        try:
            for name, value in key.values.items():
                check_keyable(name)
                number = number_of(value)
                check_number(_RANGES[name], number)
                found.setdefault(name, []).append((key.time_s, number))
        except SettingError as error:
            raise fault(path, key, error) from error
    return WishTrack(tuple(WishCurve(name, *np.array(keys, np.float32).T.copy()) for name, keys in found.items()))


def _slopes(steps: np.ndarray, rises: np.ndarray) -> np.ndarray:
    """Value per second at each key [K]. steps: seconds [K-1]; rises: value per second of each stretch [K-1]."""
    slopes = np.zeros(len(steps) + 1)
    before, after = rises[:-1], rises[1:]
    same = before * after > 0
    long, short = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean = (long + short) / (long / before + short / after)
    slopes[1:-1][same] = mean[same]
    return slopes

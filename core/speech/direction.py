"""What a director asks of a performance beyond its words: how much, in which style, and what lives by itself."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError, SettingError
from ..formats.atomic import check_place, replacing
from ..paths import reason, shown

ENDING = ".json"
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Parameter:
    """One continuous wish: its Direction field, range, default, unit and meaning in one sentence."""

    name: str
    low: float
    high: float
    default: float
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Switch:
    """One part of the face that lives by itself and can be left still."""

    name: str
    default: bool
    meaning: str


_TIMES = "×"
PARAMETERS: tuple[Parameter, ...] = (
    Parameter("strength_jaw", 0, 2, 1, _TIMES, "How far the jaw moves, teeth with it."),
    Parameter("strength_lips", 0, 2, 1, _TIMES, "How far the lips move, expressions such as a smile included."),
    Parameter("strength_cheeks", 0, 2, 1, _TIMES, "How far cheeks and nose move."),
    Parameter("strength_brows", 0, 2, 1, _TIMES, "How far the brows move, their accents included."),
    Parameter("strength_eyes", 0, 2, 1, _TIMES, "How far gaze and lids move; a blink always closes."),
    Parameter("strength_tongue", 0, 2, 1, _TIMES, "How far the tongue moves."),
    Parameter("strength_head", 0, 2, 1, _TIMES, "How far the head turns and nods."),
    Parameter("style_jaw", 0, 2, 1, _TIMES, "Jaw per syllable: 0 speaks through a still jaw, 2 drops it on vowels."),
    Parameter("style_lip", 0, 2, 1, _TIMES, "Lips per sound: 0 mumbles, 2 shapes each; a lasting smile stays."),
    Parameter("emphasis", 0, 2, 1, _TIMES, "Contrast of stressed syllables in mouth, brows and head; 0 has none."),
    Parameter("smoothing_s", 0, 0.4, 0, "s", "Softens motion over this long a window; closed lips stay closed."),
    Parameter("offset_s", -0.5, 0.5, 0, "s", "Moves the face against the sound: above 0 it comes later."),
    Parameter("blink_rate", 0, 2, 1, _TIMES, "How often the eyes blink."),
    Parameter("breath_depth", 0, 2, 1, _TIMES, "How deep the breaths between phrases are."),
)
"""Every continuous wish. The command line, the panel and docs/direction.md are made from this table."""

SWITCHES: tuple[Switch, ...] = (
    Switch("live_blinks", True, "Blinks."),
    Switch("live_gaze", True, "Eyes that look about."),
    Switch("live_brows", True, "Brows that move with the voice."),
    Switch("live_head", True, "A head that moves with the voice."),
    Switch("live_breath", True, "Breaths before phrases."),
)
"""Every part that lives by itself. Each draws from a chance of its own, so none changes when another is left still."""

_PARAMETERS = {parameter.name: parameter for parameter in PARAMETERS}
_SWITCHES = {switch.name: switch for switch in SWITCHES}


@dataclass(frozen=True, slots=True)
class Direction:
    """One value for each of PARAMETERS and SWITCHES; the defaults leave what was heard exactly as it is.

    Raises SettingError, one sentence, for a value out of its range or of another kind.
    """

    strength_jaw: float = 1.0
    strength_lips: float = 1.0
    strength_cheeks: float = 1.0
    strength_brows: float = 1.0
    strength_eyes: float = 1.0
    strength_tongue: float = 1.0
    strength_head: float = 1.0
    style_jaw: float = 1.0
    style_lip: float = 1.0
    emphasis: float = 1.0
    smoothing_s: float = 0.0
    offset_s: float = 0.0
    blink_rate: float = 1.0
    breath_depth: float = 1.0
    live_blinks: bool = True
    live_gaze: bool = True
    live_brows: bool = True
    live_head: bool = True
    live_breath: bool = True

    def __post_init__(self) -> None:
        for name, parameter in _PARAMETERS.items():
            check_number(parameter, getattr(self, name))
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise SettingError(f'{name} must be true or false, but is "{getattr(self, name)}".')


def direct(wishes: Mapping[str, Any]) -> Direction:
    """A direction of some wishes, the rest at its defaults. wishes: name to number, bool or the text of either.

    Raises SettingError for an unknown name or a value that does not do.
    """
    return Direction(**{known_wish(name): _read(name, value) for name, value in wishes.items()})


def parse_direction(text: str) -> Direction:
    """Read wishes such as "strength_jaw=1.3,live_blinks=off". Empty text wishes nothing. Raises SettingError."""
    wishes: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals:
            raise SettingError(f'"{part}" gives no value; write for example strength_jaw=1.3.')
        if name in wishes:
            raise SettingError(f'"{text}" names {name} twice; give it one value.')
        wishes[name] = value
    return direct(wishes)


def write_direction(path: Path, direction: Direction) -> None:
    """Write a direction as a JSON object of all its wishes. Raises FormatError if the place cannot be written."""
    path = Path(path)
    if path.suffix.lower() != ENDING:
        raise FormatError(f"{shown(path)} must end in {ENDING} to hold a direction.")
    check_place(path)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(direction), indent=2) + "\n", encoding="utf-8")


def read_direction(path: Path) -> Direction:
    """Read what write_direction wrote, or some of it. Raises FormatError, one sentence."""
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{shown(path)} is larger than 1 MB, which is no direction.")
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FormatError(f"{shown(path)} does not exist; check the path of the direction.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    except json.JSONDecodeError as error:
        raise FormatError(f"Line {error.lineno} of {shown(path)} is not JSON ({error.msg.lower()}).") from error
    except (ValueError, RecursionError):
        raise FormatError(f"{shown(path)} is not JSON text; write the direction again.") from None
    if not isinstance(found, dict):
        raise FormatError(f'{shown(path)} must hold one object such as {{"strength_jaw": 1.3}}.')
    try:
        return direct(found)
    except SettingError as error:
        raise FormatError(f"{shown(path)}: {error}") from error


def face_times(times: np.ndarray, direction: Direction) -> np.ndarray:
    """The moments of the sound that the face shows at given frames: offset_s applied. times: seconds [T].

    Read mouth and life alike at these. They may lie before 0 or after the end, where the ends hold.
    """
    return times - direction.offset_s if direction.offset_s else times


def known_wish(name: str) -> str:
    """The name of a wish as it is. Raises SettingError, with the nearest name, where there is none such."""
    if name in _PARAMETERS or name in _SWITCHES:
        return name
    names = (*_PARAMETERS, *_SWITCHES)
    close = difflib.get_close_matches(name, names, 1)
    raise SettingError(f'There is no wish "{name}"; ' + (f"did you mean {close[0]}?" if close else _all(names)))


def _all(names: tuple[str, ...]) -> str:
    return f"choose {', '.join(names[:-1])} or {names[-1]}."


def _read(name: str, value: Any) -> Any:
    """A number or bool where text holds one; anything else as it is, for Direction to judge."""
    if not isinstance(value, str):
        return value
    if name in _SWITCHES:
        return {"on": True, "true": True, "off": False, "false": False}.get(value.lower(), value)
    return number_of(value)


def number_of(value: Any) -> Any:
    """The number that a text holds; anything else as it is, for check_number to judge."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def check_number(parameter: Parameter, value: Any) -> None:
    """Raise SettingError for what is no number, or none within the wish's range."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number or value != value:  # NaN
        raise SettingError(
            f'{parameter.name} must be a number from {parameter.low:g} to {parameter.high:g}, but is "{value}".'
        )
    if not parameter.low <= value <= parameter.high:
        raise SettingError(
            f"{parameter.name} must be {parameter.low:g} to {parameter.high:g}, but is {str(value)[:12]}."
        )

"""The MetaHuman control board: the 185 channels that a performance is made in.

The channels are data (data/metahuman_board.csv), so another board is another file. Their order, names and ranges are
those of Epic's archetype DNA, followed by the eleven that only older boards or the board itself have.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..errors import RigError

DATA = Path(__file__).parent / "data"
REGIONS: tuple[str, ...] = ("jaw", "lips", "cheeks", "brows", "eyes", "nose", "tongue", "neck", "switches")
"""Teeth count as jaw, chin raise as lips, ears as cheeks; switches are no muscles and rest at 0."""
SIDES: tuple[str, ...] = ("L", "R", "C")


@dataclass(frozen=True, slots=True)
class Control:
    """One channel of the board.

    name:      DNA spelling, "CTRL_L_brow_down.ty".
    low, high: its range; rest is 0.
    region:    one of REGIONS.
    side:      "L" or "R", the character's own, or "C".
    mirror:    the channel of the other side; itself for one of the middle.
    flips:     True where mirroring turns its sign (what moves sideways).
    """

    name: str
    low: float
    high: float
    region: str
    side: str
    mirror: str
    flips: bool


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the rig's own tables, by column name."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read_board() -> tuple[Control, ...]:
    return tuple(
        Control(
            name=row["name"],
            low=float(row["low"]),
            high=float(row["high"]),
            region=row["region"],
            side=row["side"],
            mirror=row["mirror"].removeprefix("-"),
            flips=row["mirror"].startswith("-"),
        )
        for row in read_rows("metahuman_board.csv")
    )


BOARD: tuple[Control, ...] = _read_board()
BOARD_NAMES: tuple[str, ...] = tuple(control.name for control in BOARD)
LOWS: np.ndarray = np.array([control.low for control in BOARD], np.float32)
HIGHS: np.ndarray = np.array([control.high for control in BOARD], np.float32)
_PLACES: dict[str, int] = {name: place for place, name in enumerate(BOARD_NAMES)}


def index(name: str) -> int:
    """The column of a control. Raises RigError for a name the board lacks."""
    if name not in _PLACES:
        raise RigError(f'The control board has no channel "{name}"; its names are written like {BOARD_NAMES[0]}.')
    return _PLACES[name]


@cache
def columns(region: str) -> np.ndarray:
    """The columns of a region, int64 [n], read only. Raises RigError for a region the board lacks."""
    if region not in REGIONS:
        raise RigError(f'The control board has no region "{region}"; choose one of {", ".join(REGIONS)}.')
    found = np.array([place for place, control in enumerate(BOARD) if control.region == region])
    found.setflags(write=False)
    return found


def mirrored(values: np.ndarray) -> np.ndarray:
    """The same motion on the other side of the face. values: [T, 185]. Returns a new array."""
    signs = np.array([-1 if control.flips else 1 for control in BOARD], values.dtype)
    return values[:, [index(control.mirror) for control in BOARD]] * signs

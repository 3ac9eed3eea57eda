"""Which part of the face a control belongs to: the four layers that are muted, blended and scaled by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from ..errors import RigError
from ..rig.arkit import ARKIT_REGIONS, HEAD_AXES
from ..rig.board import BOARD, read_rows
from ..rig.convert import RIGS
from ..rig.flame import FLAME_NAMES
from ..rig.visemes import VISEMES

MOUTH, EYES, BROWS, HEAD = "mouth", "eyes", "brows", "head"
GROUPS: tuple[str, ...] = (MOUTH, EYES, BROWS, HEAD)
"""Mouth is all that speech moves: jaw, lips, cheeks, nose and tongue; head has the neck too."""
_OF_BOARD = {
    "jaw": MOUTH, "lips": MOUTH, "cheeks": MOUTH, "nose": MOUTH, "tongue": MOUTH,
    "eyes": EYES, "brows": BROWS, "neck": HEAD,
}  # fmt: skip
_OF_SWITCHES = {"look": EYES, "neck": HEAD}
"""Switches are no part of the face; their names tell whose they are."""
_OF_ARKIT = {
    "jaw": MOUTH, "mouth": MOUTH, "cheek": MOUTH, "nose": MOUTH, "tongue": MOUTH,
    "eye": EYES, "gaze": EYES, "brow": BROWS,
}  # fmt: skip
_OF_FLAME = {"expr": MOUTH, "rotation": HEAD, "neck": HEAD, "jaw": MOUTH, "eyes": EYES}
"""FLAME's expressions move the whole face at once; speech is most of it."""


def groups_of_rig(rig: str) -> dict[str, str]:
    """The group of each control of one of RIGS, in the rig's order. Raises RigError for an unknown rig."""
    if rig not in RIGS:
        raise RigError(f'There is no rig "{rig}"; choose one of {", ".join(RIGS)}.')
    return dict(_rigs()[rig])


def groups_of(names: Iterable[str]) -> dict[str, str]:
    """The group of each of some controls, of any rig, or of the head's axes. Raises RigError for a name of none."""
    known = _controls()
    names = tuple(names)
    strange = [name for name in names if name not in known]
    if strange:
        raise RigError(f'No rig has a control "{strange[0]}"; its part of the face is not known.')
    return {name: known[name] for name in names}


def columns_of(names: Iterable[str], group: str) -> np.ndarray:
    """The columns of a group among some controls, int64 [n]. Raises RigError for an unknown group or control."""
    if group not in GROUPS:
        raise RigError(f'There is no part of the face "{group}"; choose {", ".join(GROUPS)}.')
    return np.flatnonzero([found == group for found in groups_of(names).values()])


@lru_cache(maxsize=1)
def _controls() -> dict[str, str]:
    """Every control of every rig. No name is in two groups, whichever rigs share it."""
    return {name: group for groups in _rigs().values() for name, group in groups.items()} | dict.fromkeys(
        HEAD_AXES, HEAD
    )


@lru_cache(maxsize=1)
def _rigs() -> dict[str, dict[str, str]]:
    board = {control.name: _of_channel(control.name, control.region) for control in BOARD}
    # Several channels may drive one raw curve; the first one named is the one it is called after.
    raw: dict[str, str] = {}
    for row in read_rows("metahuman_raw_from_board.csv"):
        raw.setdefault(row["raw"], board[row["control"]])
    return {
        "arkit52": {name: _OF_ARKIT[region] for name, region in ARKIT_REGIONS.items()},
        "metahuman": board,
        "metahuman251": raw,
        "flame": {name: _OF_FLAME[name.partition("_")[0]] for name in FLAME_NAMES},
        "visemes": dict.fromkeys(VISEMES, MOUTH),
    }


def _of_channel(name: str, region: str) -> str:
    if region == "switches":
        return next(group for word, group in _OF_SWITCHES.items() if word in name.lower())
    return _OF_BOARD[region]

"""The curve that does on the other side of the face what a curve does on this one."""

from __future__ import annotations

import re

from .board import BOARD, index
from .names import rig_of_curve

_OTHER = {"Left": "Right", "Right": "Left", "L": "R", "R": "L"}
# A direction, or the side letter that a raw curve ends in; the phases of sticky lips come after it.
_RAW_SIDE = re.compile(r"Left|Right|(?<=[a-zDUNT])[LR](?=$|Ph\d$)")


def mirrored_curve(name: str) -> tuple[str, int]:
    """The mirror of a curve and its sign, -1 where what moves sideways turns round.

    name: a curve of any rig, or one of the head's three. FLAME's expressions have no sides that are known, and visemes
    have none; they stay.
    """
    if name in ("headYaw", "headRoll"):
        return name, -1
    rig = rig_of_curve(name)
    if rig == "metahuman":
        control = BOARD[index(name)]
        return control.mirror, -1 if control.flips else 1
    if rig == "flame":
        return _swap(name, "left", "right"), -1 if name.endswith(("_y", "_z")) else 1
    if rig == "metahuman251":
        return _RAW_SIDE.sub(lambda found: _OTHER[found.group()], name), 1
    return (_swap(name, "Left", "Right") if rig == "arkit52" else name), 1


def _swap(name: str, left: str, right: str) -> str:
    return name.replace(left, right) if left in name else name.replace(right, left)

"""The axes that splat files use, and what turning one into another does to the signs of everything.

All of them differ by half turns about an axis, so that turning only changes signs, exactly and for every harmonic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..types import Splats

CORE = "right-up-back"
"""Ours and glTF's: +x right, +y up, +z back, that is toward the viewer."""
AXES = {
    CORE: (1, 1, 1),
    "right-down-front": (1, -1, -1),
    "left-down-back": (-1, -1, 1),
    "left-up-front": (-1, 1, -1),
}
"""The signs that turn each into CORE, and CORE into each."""
# Which of x, y, z each basis function of degree 1 to 3 is odd in. Source: Kerbl et al. 2023, the order of its code.
ODD_IN = ("y", "z", "x", "xy", "yz", "", "xz", "", "y", "xyz", "y", "z", "x", "z", "x")


@dataclass(frozen=True)
class Turn:
    """What the half turn of a name in AXES multiplies means [3], quaternions w x y z [4] and harmonics [16, 1] by."""

    axes: str

    @cached_property
    def means(self) -> np.ndarray:
        return np.array(AXES[self.axes], np.float32)

    @cached_property
    def quats(self) -> np.ndarray:
        x, y, z = AXES[self.axes]
        return np.array((1, y * z, x * z, x * y), np.float32)

    @cached_property
    def harmonics(self) -> np.ndarray:
        signs = dict(zip("xyz", AXES[self.axes], strict=True))
        rest = [np.prod([signs[letter] for letter in letters]) for letters in ODD_IN]
        return np.array((1, *rest), np.float32)[:, None]


def turn_between(first: str, second: str) -> Turn:
    """What turns one of AXES into another."""
    signs = tuple(a * b for a, b in zip(AXES[first], AXES[second], strict=True))
    return Turn(next(name for name, own in AXES.items() if own == signs))


def half_turned(splats: Splats, turn: Turn) -> Splats:
    """All splats turned."""
    return Splats(
        splats.means * turn.means,
        splats.quats * turn.quats,
        splats.log_scales,
        splats.logits,
        splats.sh * turn.harmonics[: splats.sh.shape[1]],
    )

"""What the targets of a mapping hold is turned back into the curves that put it there."""

from __future__ import annotations

import numpy as np
import pytest
from mouthpiece.core.errors import RigError
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.rig.board import BOARD_NAMES
from mouthpiece.core.rig.names import RIG_NAMES
from mouthpiece.core.rig.played import played
from mouthpiece.core.rig.targets import Drive, Mapping, Target
from mouthpiece.core.rig.unplayed import unplayed
from mouthpiece.core.types import Performance, RigCurves


def performance(names: tuple[str, ...], low: float = 0.0) -> Performance:
    random = np.random.default_rng(0)
    values = random.uniform(low, 1, (20, len(names))).astype(np.float32)
    return Performance(RigCurves(names, values, 24.0), random.uniform(-0.3, 0.3, (20, 3)).astype(np.float32))


def key(name: str) -> Target:
    return Target("shape_key", "", name)


@pytest.mark.parametrize("rig", RIG_NAMES)
def test_every_curve_of_every_rig_comes_back(rig: str) -> None:
    names = RIG_NAMES[rig]
    made = performance(names, -1.0 if rig == "flame" else 0.0)
    drives = tuple(Drive(key(f"k{row}"), name, gain=0.2 + row / 100, offset=row / 10) for row, name in enumerate(names))
    mapping = Mapping("All", rig, drives)
    back = unplayed(mapping, played(made, mapping), 24.0)
    assert back.curves.names == names
    assert np.allclose(back.curves.values, made.curves.values, atol=1e-4)
    assert not back.head.any()


def test_halves_of_a_signed_curve_and_the_head() -> None:
    made = performance(BOARD_NAMES)
    jaw = "CTRL_C_jaw.tx"
    made.curves.values[:, BOARD_NAMES.index(jaw)] = np.linspace(-1, 1, 20)
    drives = (
        Drive(key("left"), jaw, part="positive", gain=0.5),
        Drive(key("right"), jaw, part="negative"),
        Drive(key("turn"), "headYaw", gain=-2),
    )
    mapping = Mapping("Halves", "metahuman", drives)
    back = unplayed(mapping, played(made, mapping), 24.0)
    assert np.allclose(back.curves.column(jaw), np.linspace(-1, 1, 20), atol=1e-5)
    assert np.allclose(back.head[:, 0], made.head[:, 0], atol=1e-5)


def test_curves_of_two_rigs_come_back_as_arkit() -> None:
    made = performance(ARKIT_52)
    drives = (Drive(key("blink"), "eyeBlinkLeft"), Drive(key("a"), "aa"), Drive(key("b"), "PP"))
    mapping = Mapping("Visemes", "visemes", drives)
    back = unplayed(mapping, played(made, mapping), 24.0)
    assert back.curves.names == ARKIT_52
    assert np.allclose(back.curves.column("eyeBlinkLeft"), made.curves.column("eyeBlinkLeft"), atol=1e-5)


def test_curves_that_share_a_target_share_what_it_holds_and_lost_ones_rest() -> None:
    drives = (
        Drive(key("smile"), "mouthSmileLeft"),
        Drive(key("smile"), "mouthSmileRight"),
        Drive(key("gone"), "jawOpen"),
    )
    back = unplayed(Mapping("One", "arkit52", drives), {key("smile"): np.full(3, 0.6, np.float32)}, 24.0)
    assert np.allclose(back.curves.column("mouthSmileLeft"), 0.3)
    assert np.allclose(back.curves.column("mouthSmileRight"), 0.3)
    assert not back.curves.column("jawOpen").any()
    with pytest.raises(RigError, match="has a curve any more"):
        unplayed(Mapping("One", "arkit52", drives), {}, 24.0)

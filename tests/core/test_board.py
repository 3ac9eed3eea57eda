"""The control board: its list, its ranges, its halves."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import RigError
from core.rig import board
from core.rig.board import BOARD, BOARD_NAMES, HIGHS, LOWS, REGIONS, SIDES


def test_there_are_185_channels_and_none_twice():
    assert len(BOARD) == len(set(BOARD_NAMES)) == 185
    assert BOARD_NAMES[0] == "CTRL_L_brow_down.ty"
    assert BOARD_NAMES[148:151] == ("CTRL_C_jaw.ty", "CTRL_C_jaw.tx", "CTRL_C_jaw_fwdBack.ty")
    assert BOARD_NAMES[-1] == "CTRL_neckCorrectivesMultiplyerU.ty"


def test_ranges_are_those_of_the_dna():
    """104 one-sided and 70 signed channels of the DNA, seven signed and four one-sided ones beside it."""
    assert set(LOWS[:174]) == {-1.0, 0.0}
    assert (LOWS[:174] == -1).sum() == 70
    assert (LOWS[174:] == -1).sum() == 7
    assert (HIGHS == 1).all()
    assert LOWS.dtype == HIGHS.dtype == np.float32


def test_every_channel_has_a_region_and_a_side():
    assert {control.region for control in BOARD} == set(REGIONS)
    assert {control.side for control in BOARD} == set(SIDES)
    together = np.sort(np.concatenate([board.columns(region) for region in REGIONS]))
    assert np.array_equal(together, np.arange(185))
    assert all(control.side == control.name[5] for control in BOARD if control.name[5:7] in ("L_", "R_"))


def test_a_mirror_is_mutual_and_of_the_same_kind():
    by_name = {control.name: control for control in BOARD}
    for control in BOARD:
        other = by_name[control.mirror]
        assert other.mirror == control.name
        assert (other.low, other.high, other.region, other.flips) == (
            control.low, control.high, control.region, control.flips,
        )  # fmt: skip
        assert other.side == {"L": "R", "R": "L", "C": "C"}[control.side]
        assert not control.flips or control.low == -1


def test_mirroring_twice_changes_nothing():
    values = np.random.default_rng(1).uniform(LOWS, HIGHS, (20, 185)).astype(np.float32)
    once = board.mirrored(values)
    assert np.array_equal(board.mirrored(once), values)
    assert np.array_equal(once[:, board.index("CTRL_R_brow_down.ty")], values[:, board.index("CTRL_L_brow_down.ty")])
    assert np.array_equal(once[:, board.index("CTRL_C_jaw.tx")], -values[:, board.index("CTRL_C_jaw.tx")])
    assert np.array_equal(once[:, board.index("CTRL_R_eye.tx")], -values[:, board.index("CTRL_L_eye.tx")])


def test_unknown_names_are_told_plainly():
    with pytest.raises(RigError, match=r'no channel "jawOpen"'):
        board.index("jawOpen")
    with pytest.raises(RigError, match="choose one of jaw, lips"):
        board.columns("mouth")

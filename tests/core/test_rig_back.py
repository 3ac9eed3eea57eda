"""Other rigs' curves back on the board: inverses that are exact where they can be, and the figures that docs tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import ShapeError
from core.rig import back, carried
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD, BOARD_NAMES, LOWS, index
from core.rig.convert import RIGS, to_rig
from core.rig.flame import board_to_flame, turn_vector
from core.rig.mapping import METAHUMAN_RAW_251, arkit_to_board, board_to_raw
from core.rig.names import RIG_NAMES
from core.rig.visemes import VISEMES, viseme_poses
from core.types import Performance, RigCurves

SHARED = [index(f"CTRL_C_{name}") for name in (
    "eye.tx", "eye.ty", "tongue.tx", "tongue.ty", "tongue_narrowWide.ty", "tongue_tip.tx", "tongue_tip.ty",
)]  # fmt: skip
"""Channels that move the same curves as others."""
SILENT = [index(control.name) for control in BOARD if "Switch" in control.name or "Multiplyer" in control.name]


def performance(values, names=BOARD_NAMES):
    return Performance(RigCurves(names, values, 30.0), np.zeros((len(values), 3), np.float32))


def test_raw_curves_come_back_exactly():
    values = carried.random_poses(500)
    values[:, SHARED] = 0
    found = back.raw_to_board(board_to_raw(values))
    wrinkles = [index(f"CTRL_{side}_nose_wrinkleUpper.ty") for side in "LR"]
    kept = np.setdiff1d(np.arange(len(BOARD)), [*SILENT, *wrinkles])
    np.testing.assert_allclose(found[:, kept], values[:, kept], atol=1e-6)
    assert not found[:, SILENT].any()
    for wrinkle, side in zip(wrinkles, "LR", strict=True):
        sneers = values[:, index(f"CTRL_{side}_nose.ty")] >= back.LEAST_FACTOR
        assert sneers.any()
        np.testing.assert_allclose(found[sneers, wrinkle], values[sneers, wrinkle], atol=1e-5)
        assert not found[~sneers, wrinkle].any()


def test_what_channels_share_goes_to_one_of_them():
    values = np.zeros((1, len(BOARD)), np.float32)
    values[0, SHARED] = 0.5
    found = back.raw_to_board(board_to_raw(values))
    names = ("L_eye.tx", "R_eye.tx", "L_eye.ty", "R_eye.ty", "C_tongue_move.tx", "C_tongue_wideNarrow.ty")
    assert [found[0, index(f"CTRL_{name}")] for name in names] == pytest.approx([0.5] * 6)
    np.testing.assert_allclose(board_to_raw(found), board_to_raw(values), atol=1e-6)


def test_every_raw_curve_is_read_back():
    from core.rig.board import read_rows

    assert {row["raw"] for row in read_rows("metahuman_board_from_raw.csv")} == set(METAHUMAN_RAW_251)


def test_turns_are_undone():
    angles = np.random.default_rng(0).uniform(-1.4, 1.4, (400, 3))
    np.testing.assert_allclose(np.stack(back.turn_angles(turn_vector(*angles.T)), -1), angles, atol=1e-9)
    assert not np.stack(back.turn_angles(np.zeros((2, 3)))).any()


def test_flames_joints_come_back():
    rng = np.random.default_rng(1)
    values = carried.random_poses(300)
    values[:, SHARED] = 0
    values[:, index("CTRL_C_jaw_openExtreme.ty")] = 0
    head = rng.uniform(-0.6, 0.6, (300, 3)).astype(np.float32)
    flame = board_to_flame(values, head)
    found = back.flame_to_board(flame)
    moved = [index(f"CTRL_{name}") for name in ("C_jaw.ty", "C_jaw.tx", "L_eye.tx", "L_eye.ty", "R_eye.tx", "R_eye.ty")]
    np.testing.assert_allclose(found[:, moved], values[:, moved], atol=1e-5)
    assert not np.delete(found, moved, axis=1).any()
    np.testing.assert_allclose(back.flame_head(flame), head, atol=1e-6)


def test_a_jaw_beyond_open_is_extreme():
    values = np.zeros((1, len(BOARD)), np.float32)
    values[0, [index("CTRL_C_jaw.ty"), index("CTRL_C_jaw_openExtreme.ty")]] = 1, 0.6
    found = back.flame_to_board(board_to_flame(values, np.zeros((1, 3), np.float32)))
    np.testing.assert_allclose(found, values, atol=1e-5)


def test_expressions_come_back_through_a_bridge():
    rng = np.random.default_rng(2)
    bridge = rng.normal(0, 1, (52, 100)).astype(np.float32)
    shapes = (rng.random((50, 52)) * (rng.random((50, 52)) < 0.2)).astype(np.float32)
    shapes[:, [ARKIT_52.index(name) for name in ("mouthClose", "mouthFunnel", "mouthPucker")]] = 0
    for one, other in (("eyeBlink", "eyeWide"), ("eyeLookUp", "eyeLookDown"), ("eyeLookIn", "eyeLookOut")):
        for side in ("Left", "Right"):
            shapes[:, ARKIT_52.index(f"{other}{side}")] *= shapes[:, ARKIT_52.index(f"{one}{side}")] == 0
    for name in ("mouth", "jaw"):
        shapes[:, ARKIT_52.index(f"{name}Left")] *= shapes[:, ARKIT_52.index(f"{name}Right")] == 0
    board = arkit_to_board(shapes)
    found = back.flame_to_board(board_to_flame(board, np.zeros((50, 3), np.float32), bridge), bridge)
    np.testing.assert_allclose(found, board, atol=0.02)


def test_a_bridge_of_nothing_is_no_fault():
    flame = np.ones((2, 115), np.float32)
    assert np.isfinite(back.flame_to_board(flame, np.zeros((52, 100), np.float32))).all()


def test_visemes_are_their_poses():
    weights = np.eye(len(VISEMES), dtype=np.float32)
    np.testing.assert_array_equal(back.visemes_to_arkit(weights), viseme_poses())
    mix = back.visemes_to_arkit(weights[[10, 13]].mean(0, keepdims=True))
    np.testing.assert_allclose(mix[0], viseme_poses()[[10, 13]].mean(0), atol=1e-6)
    found = to_rig(performance(weights, VISEMES), "arkit52").curves.values
    np.testing.assert_allclose(found, viseme_poses(), atol=1e-5)


@pytest.mark.parametrize("first", RIGS)
@pytest.mark.parametrize("second", RIGS)
def test_every_rig_becomes_every_other(first, second):
    motion = to_rig(performance(carried.random_poses(20)), first)
    turned = to_rig(motion, second)
    assert turned.curves.names == RIG_NAMES[second]
    assert np.isfinite(turned.curves.values).all()
    if first == second:
        assert turned.curves.values is motion.curves.values


@pytest.mark.parametrize("rig", RIGS)
def test_the_order_of_curves_does_not_matter(rig):
    motion = to_rig(performance(carried.random_poses(10)), rig).curves
    order = np.random.default_rng(3).permutation(len(motion.names))
    mixed = performance(motion.values[:, order], tuple(motion.names[k] for k in order))
    np.testing.assert_array_equal(to_rig(mixed, rig).curves.values, motion.values)
    straight = to_rig(performance(motion.values, motion.names), "metahuman").curves.values
    np.testing.assert_array_equal(to_rig(mixed, "metahuman").curves.values, straight)


def test_shapes_are_checked():
    for read in (back.raw_to_board, back.visemes_to_arkit, back.flame_to_board, back.flame_head):
        with pytest.raises(ShapeError):
            read(np.zeros((2, 3), np.float32))
    with pytest.raises(ShapeError, match=r"float32\[52, 100\]"):
        back.flame_to_board(np.zeros((2, 115), np.float32), np.zeros((3, 3), np.float32))


def test_values_stay_within_the_boards_ranges():
    high = back.raw_to_board(np.ones((1, 251), np.float32))
    assert (high >= LOWS).all()
    assert (high <= 1).all()


def test_the_documented_round_trips_hold():
    """The table of docs/rigs.md, to its two digits."""
    text = (Path(__file__).parents[2] / "docs" / "rigs.md").read_text(encoding="utf-8")
    lines = text.split("<!-- round trips -->")[1].split("\n\n")[0].strip().splitlines()
    heads, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in (lines[0], *lines[2:])]
    found = carried.round_trips(carried.random_poses(2000))
    assert [row[0] for row in rows] == heads[1:] == list(RIGS)
    for first, *cells in rows:
        for between, cell in zip(heads[1:], cells, strict=True):
            assert (cell == "–") == (first == between)
            if first != between:
                assert float(cell) == pytest.approx(found[first][between], abs=0.0151), (first, between)

"""Lips that meet when they must, on faces made up for it."""

from __future__ import annotations

import numpy as np
import pytest
from models import random_model

from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD_NAMES, HIGHS, LOWS, index
from core.rig.mapping import LIPS_TOGETHER, board_to_arkit
from core.speech import articulation
from core.types import RigCurves

MODEL = random_model()
LIPS = articulation.read_lips(MODEL)
CLOSED = 0.006  # lip opening that nobody sees


def poses(count: int = 200, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.uniform(LOWS, HIGHS, (count, len(LOWS))) * (rng.random((count, len(LOWS))) < 0.4)
    return values.astype(np.float32)


def face(**controls: float) -> np.ndarray:
    """One row; names as mouth_cornerPull__ty, both sides where there are two."""
    board = np.zeros((1, len(BOARD_NAMES)), np.float32)
    for name, value in controls.items():
        name = name.replace("__", ".")
        sides = [f"CTRL_{side}_{name}" for side in "LRC"]
        for place in [index(side) for side in sides if side in BOARD_NAMES]:
            board[0, place] = value
    assert board.any()
    return board


SHOUT = {"jaw__ty": 0.9, "mouth_funnelU__ty": 0.6, "mouth_funnelD__ty": 0.6, "mouth_lowerLipDepress__ty": 0.8}
GRIN = {"jaw__ty": 0.15, "mouth_cornerPull__ty": 1.0, "mouth_upperLipRaise__ty": 0.8, "mouth_stretch__ty": 0.6}
SNARL = {"nose__ty": 1.0, "mouth_upperLipRaise__ty": 1.0, "jaw_ChinRaiseU__ty": 1.0}


def test_the_gauge_equals_the_mapping():
    board = poses()
    expected = np.maximum(board_to_arkit(board) @ MODEL.opening[:-1] + MODEL.opening[-1], 0)
    np.testing.assert_allclose(LIPS.opening(board), expected, atol=2e-3)
    curves = RigCurves(BOARD_NAMES, board, 50.0)
    np.testing.assert_allclose(articulation.curve_opening(curves, MODEL), expected, atol=1e-6)
    arkit = RigCurves(ARKIT_52, board_to_arkit(board), 50.0)
    np.testing.assert_allclose(articulation.curve_opening(arkit, MODEL), expected, atol=1e-6)


@pytest.mark.parametrize("pose", [SHOUT, GRIN, SNARL, {}], ids=["shout", "grin", "snarl", "rest"])
def test_a_sure_seal_closes_any_face(pose):
    board = face(**pose) if pose else np.zeros((1, len(BOARD_NAMES)), np.float32)
    corners, jaw = index("CTRL_L_mouth_cornerPull.ty"), index("CTRL_C_jaw.ty")
    before = board.copy()
    articulation.close_lips(board, np.ones(1, np.float32), LIPS)
    assert LIPS.opening(board)[0] <= CLOSED
    assert board[0, corners] == before[0, corners] and board[0, jaw] == before[0, jaw]
    assert (board >= LOWS).all() and (board <= HIGHS).all()


def test_any_pose_closes_and_closing_again_changes_nothing():
    board = poses(seed=1)
    board[:, LIPS_TOGETHER] = 0
    articulation.close_lips(board, np.ones(len(board), np.float32), LIPS)
    assert LIPS.opening(board).max() <= CLOSED
    again = board.copy()
    articulation.close_lips(again, np.ones(len(board), np.float32), LIPS)
    np.testing.assert_allclose(again, board, atol=1e-5)


def test_open_lips_without_a_seal_are_left_alone():
    board = face(**SHOUT)
    kept = board.copy()
    articulation.close_lips(board, np.zeros(1, np.float32), LIPS)
    np.testing.assert_array_equal(board, kept)


def test_nearly_closed_lips_meet():
    board = face(jaw__ty=0.04)
    assert CLOSED < LIPS.opening(board)[0] < articulation.SEALED
    articulation.close_lips(board, np.zeros(1, np.float32), LIPS)
    assert LIPS.opening(board)[0] < CLOSED
    board = face(jaw__ty=0.06)
    before = LIPS.opening(board)[0]
    assert articulation.SEALED < before < articulation.PARTED
    articulation.close_lips(board, np.zeros(1, np.float32), LIPS)
    assert CLOSED < LIPS.opening(board)[0] < before


def test_a_faint_closure_counts_but_its_slopes_do_not():
    sharp = articulation.sharpen(np.array([0, 0.02, 0.05, 0.2, 0.05, 0.02, 0, 0, 0, 0, 1, 1, 1], np.float32))
    np.testing.assert_allclose(sharp[[3, 10, 11, 12]], [0.2, 1, 1, 1], atol=1e-6)
    assert sharp[[0, 1, 5, 6, 7, 8, 9]].max() == 0 and sharp[[2, 4]].max() < 0.01


def test_the_tongue_stays_behind_closed_lips():
    board = face(jaw__ty=0.5, tongue_inOut__ty=0.8)
    articulation.close_lips(board, np.ones(1, np.float32), LIPS)
    assert board[0, index("CTRL_C_tongue_inOut.ty")] < 0.01


def test_silence_rests_the_mouth_and_leaves_the_brows():
    board = poses(400)
    gate = np.linspace(0, 1, 400).astype(np.float32)
    rested = board.copy()
    articulation.rest_in_silence(rested, gate)
    np.testing.assert_allclose(rested[:, articulation.MOUTH], board[:, articulation.MOUTH] * gate[:, None], atol=1e-6)
    others = np.setdiff1d(np.arange(len(BOARD_NAMES)), articulation.MOUTH)
    np.testing.assert_array_equal(rested[:, others], board[:, others])


def test_silence_keeps_the_pose_of_an_emotion():
    board, smile = poses(10), face(mouth_cornerPull__ty=0.7)
    articulation.rest_in_silence(board, np.zeros(10, np.float32), np.repeat(smile, 10, axis=0))
    np.testing.assert_array_equal(board[:, articulation.MOUTH], np.repeat(smile, 10, axis=0)[:, articulation.MOUTH])


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 60.0])
def test_sampling_keeps_closures(fps):
    times = np.arange(500) / 50
    board = np.repeat(face(jaw__ty=0.5), 500, axis=0)
    closed = np.arange(23, 480, 31)
    board[closed[:, None], LIPS_TOGETHER] = 1
    frames = np.arange(int(times[-1] * fps)) / fps
    opening = LIPS.opening(articulation.sample(board, frames * 50, LIPS))
    for moment in closed / 50:
        near = np.abs(frames - moment) <= 0.5 / fps + 1e-6
        assert opening[near].min() <= CLOSED


def test_interpolation_goes_through_its_rows_and_never_overshoots():
    values = np.random.default_rng(2).random((40, 3)).astype(np.float32)
    np.testing.assert_allclose(articulation.interpolate(values, np.arange(40.0)), values, atol=1e-6)
    places = np.linspace(-2, 42, 991)
    read = articulation.interpolate(values, places)
    low = np.clip(np.floor(places), 0, 39).astype(int)
    high = np.clip(np.ceil(places), 0, 39).astype(int)
    assert (read >= np.minimum(values[low], values[high]) - 1e-6).all()
    assert (read <= np.maximum(values[low], values[high]) + 1e-6).all()


def test_interpolation_in_blocks_equals_interpolation_at_once():
    board, places = poses(300), np.linspace(0, 299, 1000)
    rows = articulation.reach_closures(places, articulation.closures(LIPS, board))
    np.testing.assert_allclose(
        articulation.sample(board, places, LIPS), articulation.interpolate(board, rows), atol=1e-6
    )

"""Board to visemes: each pose is itself, mixes are found, nothing flickers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from core.errors import ShapeError
from core.rig import visemes
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD_NAMES, HIGHS, LOWS, read_rows
from core.rig.convert import to_rig
from core.rig.mapping import arkit_to_board, board_to_arkit
from core.rig.visemes import VISEMES, board_to_visemes, expected_visemes, viseme_poses
from core.speech.phones import Phone, PhoneTrack
from core.types import Performance, RigCurves


def faces(values):
    return arkit_to_board(np.asarray(values, np.float32))


@pytest.mark.parametrize("viseme", VISEMES)
def test_a_pure_pose_is_itself(viseme):
    place = VISEMES.index(viseme)
    row = board_to_visemes(faces(viseme_poses()[[place]]))[0]
    assert row[place] >= 0.9
    assert np.delete(row, place).max() <= 0.05


def test_rest_is_silence_and_so_is_a_moving_brow():
    values = np.zeros((2, 52), np.float32)
    values[1, [ARKIT_52.index(name) for name in ("browInnerUp", "eyeBlinkLeft", "noseSneerLeft")]] = 1
    rows = board_to_visemes(faces(values))
    np.testing.assert_array_equal(rows[:, 0], 1)
    assert not rows[:, 1:].any()


def test_half_a_pose_is_half_the_viseme():
    aa = VISEMES.index("aa")
    row = board_to_visemes(faces(0.5 * viseme_poses()[[aa]]))[0]
    assert row[aa] == pytest.approx(0.5, abs=0.05)
    assert row[0] == pytest.approx(0.5, abs=0.05)


def test_a_mix_is_found():
    one, other = VISEMES.index("ou"), VISEMES.index("FF")
    row = board_to_visemes(faces(0.5 * viseme_poses()[[one]] + 0.5 * viseme_poses()[[other]]))[0]
    assert set(np.argsort(row)[-2:]) == {one, other}
    assert row[[one, other]] == pytest.approx([0.5, 0.5], abs=0.05)


def test_rows_are_shares():
    values = np.random.default_rng(4).uniform(LOWS, HIGHS, (500, 185)).astype(np.float32)
    rows = board_to_visemes(values)
    assert rows.dtype == np.float32
    assert rows.min() >= 0
    assert rows.max() <= 1
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-5)


def test_weights_move_no_faster_than_the_face():
    """Small noise on a moving mouth may not make visemes flicker."""
    rng = np.random.default_rng(5)
    keys = viseme_poses()[rng.integers(0, 15, 30)]
    track = np.stack([np.interp(np.arange(1500) / 50, np.arange(30), column) for column in keys.T], 1)
    noise = 0.002 * rng.standard_normal(track.shape)
    calm, rough = (board_to_visemes(faces(np.clip(values, 0, 1))) for values in (track, track + noise))
    assert np.abs(calm - rough).max() < 0.06
    fastest = np.linalg.norm(np.diff(track, axis=0), axis=1).max()
    assert np.linalg.norm(np.diff(calm, axis=0), axis=1).max() < 3 * fastest


def test_the_solver_gives_what_a_slow_one_gives():
    """Against projected gradient steps, run until nothing moves."""
    values = faces(np.random.default_rng(6).random((20, 52)) * 0.5)
    poses = viseme_poses()[1:].astype(np.float64)
    spoken = poses.any(0)
    normal = poses @ poses.T + visemes.STIFFNESS * np.eye(14)
    goal = board_to_arkit(values)[:, spoken] @ poses[:, spoken].T
    slow = np.zeros((20, 14))
    for _ in range(20000):
        slow = np.maximum(slow - (slow @ normal - goal) / np.linalg.norm(normal, 2), 0)
    slow /= np.maximum(slow.sum(1, keepdims=True), 1)
    np.testing.assert_allclose(board_to_visemes(values)[:, 1:], slow, atol=2e-3)


def test_poses_are_symmetric_and_within_range():
    poses = viseme_poses()
    assert poses.min() >= 0
    assert poses.max() <= 1
    for name in ARKIT_52:
        if name.endswith("Left") and name not in ("mouthLeft", "jawLeft"):
            other = ARKIT_52.index(name.removesuffix("Left") + "Right")
            np.testing.assert_array_equal(poses[:, ARKIT_52.index(name)], poses[:, other])
    assert {row["viseme"] for row in read_rows("viseme_poses.csv")} == set(VISEMES) - {"sil"}


def test_wrong_widths_are_refused():
    with pytest.raises(ShapeError, match=r"float32\[T, 185\]"):
        board_to_visemes(np.zeros((3, 52), np.float32))
    assert board_to_visemes(np.zeros((0, 185), np.float32)).shape == (0, 15)


TRACK = PhoneTrack((Phone("S", 0.2, 0.3), Phone("AA", 0.3, 0.5)), 1.0)


def test_phones_are_looked_for_where_they_are():
    times = np.arange(50) / 50
    expected = expected_visemes(TRACK, times)
    ss, aa = VISEMES.index("SS"), VISEMES.index("aa")
    assert expected[[10, 14], ss].tolist() == [1, 1]
    assert expected[8, ss] == pytest.approx(0.5, abs=1e-5)
    assert expected[20, aa] == 1
    assert 0 < expected[13, aa] < 1
    assert not np.delete(expected, [ss, aa], axis=1).any()
    assert not expected[:5].any()
    assert not expected[30:].any()


def test_phones_choose_between_poses_that_look_alike():
    """A mouth half way between d and k is read as the one that is said; a grin in a pause as none."""
    dd, kk, ih = (VISEMES.index(name) for name in ("DD", "kk", "ih"))
    between = faces(viseme_poses()[[dd, dd]] / 2 + viseme_poses()[[kk, kk]] / 2)
    expected = np.eye(15, dtype=np.float32)[[dd, kk]]
    rows = board_to_visemes(between, expected)
    assert rows[:, 1:].argmax(1).tolist() == [dd - 1, kk - 1]
    grin = faces(viseme_poses()[[ih]])
    assert board_to_visemes(grin)[0, ih] > 0.9
    assert board_to_visemes(grin, np.zeros((1, 15), np.float32))[0, 0] > 0.8


def test_a_performance_with_phones_is_read_by_them():
    @dataclass(frozen=True)
    class Spoken(Performance):
        phones: PhoneTrack | None = None

    mouth = faces(np.repeat(viseme_poses()[[VISEMES.index("kk")]], 50, axis=0))
    curves, head = RigCurves(BOARD_NAMES, mouth, 50.0), np.zeros((50, 3), np.float32)
    said = to_rig(Spoken(curves, head, TRACK), "visemes")
    np.testing.assert_array_equal(
        said.curves.values, board_to_visemes(mouth, expected_visemes(TRACK, np.arange(50) / 50))
    )
    assert said.phones is TRACK
    assert said.curves.column("aa")[20] > 0.1
    assert to_rig(Spoken(curves, head), "visemes").curves.column("kk")[20] > 0.9

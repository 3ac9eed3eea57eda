"""ARKit to the board and back, and the board's raw curves."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ShapeError
from core.rig import mapping
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD, BOARD_NAMES, HIGHS, LOWS, index, read_rows

OPPOSITES = (
    ("jawLeft", "jawRight"),
    ("mouthLeft", "mouthRight"),
    *((f"eyeBlink{side}", f"eyeWide{side}") for side in ("Left", "Right")),
    *((f"eyeLookUp{side}", f"eyeLookDown{side}") for side in ("Left", "Right")),
    *((f"eyeLookIn{side}", f"eyeLookOut{side}") for side in ("Left", "Right")),
)
"""Two ARKit shapes that one signed channel holds: only one of them can be there at a time."""


def shape(name, value=1.0):
    values = np.zeros((1, 52), np.float32)
    values[0, ARKIT_52.index(name)] = value
    return values


def channels(**set_to):
    """One frame of the board; keys without CTRL_ and with __ for the dot."""
    values = np.zeros((1, 185), np.float32)
    for name, value in set_to.items():
        values[0, index(f"CTRL_{name.replace('__', '.')}")] = value
    return values


def possible_mixes(count):
    """Mixes that the board has room for: no opposites, the lips closed no further than the jaw is open."""
    rng = np.random.default_rng(7)
    values = rng.random((count, 52)) * (rng.random((count, 52)) < 0.5)
    for pair in OPPOSITES:
        one, other = (ARKIT_52.index(name) for name in pair)
        values[:, one] *= values[:, one] >= values[:, other]
        values[:, other] *= values[:, other] > values[:, one]
    jaw, close, pucker, funnel = (
        ARKIT_52.index(name) for name in ("jawOpen", "mouthClose", "mouthPucker", "mouthFunnel")
    )
    values[:, close] *= values[:, jaw] * (values[:, jaw] > 0.05)
    values[:, funnel] = np.minimum(values[:, funnel], 1 - 0.6 * values[:, pucker])
    return values.astype(np.float32)


@pytest.mark.parametrize("name", [name for name in ARKIT_52 if name != "mouthClose"])
@pytest.mark.parametrize("value", [0.3, 1.0])
def test_every_shape_comes_back(name, value):
    there = mapping.arkit_to_board(shape(name, value))
    assert there.any()
    np.testing.assert_allclose(mapping.board_to_arkit(there), shape(name, value), atol=1e-5)


def test_random_mixes_come_back():
    values = possible_mixes(3000)
    back = mapping.board_to_arkit(mapping.arkit_to_board(values))
    np.testing.assert_allclose(back, values, atol=1e-5)


@pytest.mark.parametrize(("jaw", "close"), [(0.06, 0.06), (0.3, 0.1), (0.5, 0.5), (1.0, 0.8)])
def test_lips_close_over_an_open_jaw(jaw, close):
    values = shape("jawOpen", jaw) + shape("mouthClose", close)
    there = mapping.arkit_to_board(values)
    np.testing.assert_allclose(there[0, mapping.LIPS_TOGETHER], close / jaw, atol=1e-6)
    np.testing.assert_allclose(mapping.board_to_arkit(there), values, atol=1e-5)


def test_lips_together_stay_within_their_range():
    """mouthClose without an open jaw is no pose of ARKit; it becomes what the board can hold."""
    there = mapping.arkit_to_board(shape("mouthClose"))
    assert (there[0, mapping.LIPS_TOGETHER] == 1).all()
    assert not mapping.board_to_arkit(there).any()


def test_opposites_keep_the_difference():
    values = shape("eyeBlinkLeft", 0.8) + shape("eyeWideLeft", 0.3)
    back = mapping.board_to_arkit(mapping.arkit_to_board(values))
    np.testing.assert_allclose(back, shape("eyeBlinkLeft", 0.5), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "channel", "sign"),
    [
        ("eyeBlinkLeft", "CTRL_L_eye_blink.ty", 1),
        ("eyeWideLeft", "CTRL_L_eye_blink.ty", -1),
        ("eyeLookOutLeft", "CTRL_L_eye.tx", 1),
        ("eyeLookInRight", "CTRL_R_eye.tx", 1),
        ("eyeLookInLeft", "CTRL_L_eye.tx", -1),
        ("eyeLookDownRight", "CTRL_R_eye.ty", -1),
        ("mouthLeft", "CTRL_C_mouth.tx", 1),
        ("jawLeft", "CTRL_C_jaw.tx", 1),
        ("jawRight", "CTRL_C_jaw.tx", -1),
        ("jawForward", "CTRL_C_jaw_fwdBack.ty", -1),
        ("mouthRollLower", "CTRL_L_mouth_lipsRollD.ty", 1),
        ("noseSneerRight", "CTRL_R_nose.ty", 1),
        ("cheekPuff", "CTRL_R_mouth_suckBlow.ty", 1),
        ("tongueOut", "CTRL_C_tongue_inOut.ty", 1),
    ],
)
def test_signs(name, channel, sign):
    assert mapping.arkit_to_board(shape(name))[0, index(channel)] == sign


@pytest.mark.parametrize("name", [name for name in ARKIT_52 if name.endswith("Left")])
def test_left_and_right_are_treated_alike(name):
    """A shape's mirror gives the mirrored board, and so back."""
    from core.rig.board import mirrored

    other = name.removesuffix("Left") + "Right"
    there, mirror = mapping.arkit_to_board(shape(name)), mapping.arkit_to_board(shape(other))
    np.testing.assert_array_equal(mirrored(there), mirror)


def test_finer_channels_show_in_arkit():
    def found(**set_to):
        row = mapping.board_to_arkit(channels(**set_to))[0]
        return {ARKIT_52[k] for k in np.flatnonzero(row > 0.05)}

    assert found(L_mouth_lipBiteD__ty=1, R_mouth_lipBiteD__ty=1) == {"mouthRollLower"}
    assert found(L_mouth_sharpCornerPull__ty=1) == {"mouthSmileLeft", "mouthDimpleLeft"}
    assert found(C_tongue_tipMove__ty=1) == {"tongueOut"}
    assert found(C_eye__tx=1) == {"eyeLookOutLeft", "eyeLookInRight"}
    assert found(L_neck_stretch__ty=1, C_teethU__ty=1, L_eye_pupil__ty=1, lookAtSwitch__ty=1) == set()


def test_the_matrix_says_what_the_function_does():
    values = np.random.default_rng(3).uniform(LOWS, HIGHS, (50, 185)).astype(np.float32)
    halves = np.concatenate([values.clip(0), (-values).clip(0)], 1)
    said = np.clip(halves @ mapping.board_to_arkit_matrix().T, 0, 1)
    close = ARKIT_52.index("mouthClose")
    assert not said[:, close].any()
    said[:, close] = values[:, mapping.JAW_OPEN] * values[:, mapping.LIPS_TOGETHER].mean(1)
    np.testing.assert_allclose(mapping.board_to_arkit(values), said, atol=1e-6)
    assert mapping.board_to_arkit_matrix().shape == (52, 370)


def test_tables_name_only_what_exists_and_nothing_twice():
    for table, keys in (
        ("metahuman_from_arkit.csv", ("control", "arkit")),
        ("arkit_from_metahuman.csv", ("arkit", "control", "half")),
        ("metahuman_raw_from_board.csv", ("raw", "control", "from")),
    ):
        rows = read_rows(table)
        said = [tuple(row[key] for key in keys) for row in rows]
        assert len(said) == len(set(said)), table
        assert {row["control"] for row in rows} <= set(BOARD_NAMES), table
        assert {row.get("arkit", "jawOpen") for row in rows} <= set(ARKIT_52), table


def test_the_only_factors_are_those_the_code_knows():
    """The division and the product are written out in code; the tables must not promise others."""
    over = {(row["arkit"], row["over"]) for row in read_rows("metahuman_from_arkit.csv") if row["over"]}
    times = {(row["arkit"], row["times"]) for row in read_rows("arkit_from_metahuman.csv") if row["times"]}
    assert over == {("mouthClose", "jawOpen")}
    assert times == {("mouthClose", "CTRL_C_jaw.ty")}
    together = {index(row["control"]) for row in read_rows("arkit_from_metahuman.csv") if row["times"]}
    assert together == set(mapping.LIPS_TOGETHER)


def test_raw_curves_are_the_251():
    names = mapping.METAHUMAN_RAW_251
    assert len(names) == len(set(names)) == 251
    assert list(names) == sorted(names)
    assert all(name.startswith("CTRL_expressions_") for name in names)


def raw(name, **set_to):
    column = mapping.METAHUMAN_RAW_251.index(f"CTRL_expressions_{name}")
    return float(mapping.board_to_raw(channels(**set_to))[0, column])


def test_halves_feed_their_own_curve():
    assert raw("jawOpen", C_jaw__ty=0.4) == pytest.approx(0.4)
    assert raw("eyeWidenL", L_eye_blink__ty=-0.6) == pytest.approx(0.6)
    assert raw("eyeBlinkL", L_eye_blink__ty=-0.6) == 0
    assert raw("jawFwd", C_jaw_fwdBack__ty=-1) == 1
    assert raw("mouthLipsPressR", R_mouth_lipsPressU__ty=0.5) == 0.5


def test_wrinkle_needs_the_sneer():
    assert raw("noseWrinkleUpperL", L_nose_wrinkleUpper__ty=1) == 0
    assert raw("noseWrinkleUpperL", L_nose_wrinkleUpper__ty=1, L_nose__ty=0.5) == pytest.approx(0.5)
    assert raw("noseWrinkleUpperL", L_nose_wrinkleUpper__ty=1, L_nose__ty=-0.5) == 0


@pytest.mark.parametrize(("stem", "channel", "phases"), [
    ("mouthLipsStickyLPh{}", "L_mouth_lipSticky__ty", 3), ("neckSwallowPh{}", "C_neck_swallow__ty", 4),
])  # fmt: skip
def test_phases_follow_one_another(stem, channel, phases):
    """Each phase is full at its own place and gone at the next one's; between them they hand over without a step."""
    names = [stem.format(k + 1) for k in range(phases)]
    for k in range(phases):
        said = [raw(name, **{channel: (k + 1) / phases}) for name in names]
        np.testing.assert_allclose(said, np.eye(phases)[k], atol=2e-5)
    track = np.zeros((1001, 185), np.float32)
    track[:, index(f"CTRL_{channel.replace('__', '.')}")] = np.linspace(0, 1, 1001)
    moved = mapping.board_to_raw(track)
    assert np.abs(np.diff(moved, axis=0)).max() < 0.006


def test_every_channel_of_the_dna_reaches_a_raw_curve_and_switches_none():
    for place, control in enumerate(BOARD):
        values = np.zeros((2, 185), np.float32)
        values[:, place] = control.high, control.low
        if "wrinkleUpper" in control.name:
            values[:, index(control.name.replace("_wrinkleUpper", ""))] = 1
        rest = values.copy()
        rest[:, place] = 0
        moves = (mapping.board_to_raw(values) != mapping.board_to_raw(rest)).any(1)
        reaches = place < 174 or control.region != "switches"
        assert moves.tolist() == [reaches, reaches and control.low < 0], control.name


def test_long_motion_is_turned_as_short_motion_is():
    values = np.random.default_rng(5).uniform(LOWS, HIGHS, (mapping.BLOCK + 3, 185)).astype(np.float32)
    for turn in (mapping.board_to_arkit, mapping.board_to_raw):
        np.testing.assert_allclose(turn(values)[-5:], turn(values[-5:]), atol=1e-6)
    assert mapping.board_to_arkit(values[:0]).shape == (0, 52)


def test_wrong_widths_are_refused():
    with pytest.raises(ShapeError, match=r"float32\[T, 52\]"):
        mapping.arkit_to_board(np.zeros((3, 51), np.float32))
    with pytest.raises(ShapeError, match=r"float32\[T, 185\]"):
        mapping.board_to_raw(np.zeros((3, 52), np.float32))

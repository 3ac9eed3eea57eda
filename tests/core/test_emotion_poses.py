"""Emotions on neutral speech: the words stay on the lips, the rest of the face takes the pose."""

from __future__ import annotations

import numpy as np
import pytest

from core.rig.board import BOARD_NAMES, HIGHS, LOWS
from core.speech.emotion import EMOTIONS
from core.training import emotion_poses
from core.training.emotion_poses import compose, opening, read_poses

FRAMES = 60


def column(name: str) -> int:
    return BOARD_NAMES.index(f"CTRL_{name}")


def speech(**controls: float) -> np.ndarray:
    """A held mouth in the middle of speech, float32 [FRAMES, 185]; names without CTRL_ and .ty, side L for both."""
    board = np.zeros((FRAMES, len(BOARD_NAMES)), np.float32)
    for name, value in controls.items():
        for side in ("L_", "R_") if name.startswith("L_") else (name[:2],):
            board[:, column(f"{side}{name[2:]}.ty")] = value
    return board


def feeling(frames: int = FRAMES, **intensities: float) -> np.ndarray:
    emotion = np.zeros((frames, len(EMOTIONS)), np.float32)
    for name, value in intensities.items():
        emotion[:, EMOTIONS.index(name)] = value
    return emotion


LOUD = np.full(FRAMES, 0.8, np.float32)
SILENT = np.zeros(FRAMES, np.float32)
P_SOUND = {"C_jaw": 0.1, "L_mouth_lipsTogetherU": 1.0, "L_mouth_lipsTogetherD": 1.0}


def babble(seed: int) -> np.ndarray:
    """Board values all over their ranges, float32 [FRAMES, 185]."""
    return np.random.default_rng(seed).uniform(LOWS, HIGHS, (FRAMES, len(BOARD_NAMES))).astype(np.float32)


def at(board: np.ndarray, name: str) -> float:
    return float(board[FRAMES // 2, column(name)])


def test_no_emotion_changes_nothing():
    moving = babble(0)
    np.testing.assert_array_equal(compose(moving, feeling(), LOUD), moving)


@pytest.mark.parametrize("name", EMOTIONS)
def test_values_stay_in_range_and_are_float32(name):
    full = compose(babble(1), feeling(**{name: 1.0, "surprised": 1.0}), LOUD)
    assert full.dtype == np.float32
    assert (full >= LOWS - 1e-6).all()
    assert (full <= HIGHS + 1e-6).all()


@pytest.mark.parametrize("name", EMOTIONS)
@pytest.mark.parametrize("energy", [LOUD, SILENT], ids=["loud", "silent"])
def test_more_emotion_never_gives_less_of_its_pose(name, energy):
    mouth = speech(C_jaw=0.2, L_mouth_lowerLipDepress=0.1)
    steps = np.stack([compose(mouth, feeling(**{name: value}), energy)[30] for value in np.linspace(0, 1, 11)])
    poses, k = read_poses(), EMOTIONS.index(name)
    way = np.sign(poses.tonic[k] + poses.phasic[k] + poses.rest[k])
    assert (np.diff(steps, axis=0) * np.where(poses.gain[k] == 1, way, 0) >= -1e-6).all()
    assert np.abs(steps[-1] - steps[0]).sum() > 3


@pytest.mark.parametrize("name", EMOTIONS)
def test_lips_still_meet_on_p(name):
    closed = compose(speech(**P_SOUND), feeling(**{name: 1.0}), LOUD)
    assert opening(closed).max() < 0.005
    assert at(closed, "L_mouth_upperLipRaise.ty") == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", EMOTIONS)
def test_vowels_keep_their_opening(name):
    mouth = speech(C_jaw=0.4, L_mouth_lowerLipDepress=0.25, L_mouth_upperLipRaise=0.1)
    assert 0.7 < float((opening(compose(mouth, feeling(**{name: 1.0}), LOUD)) / opening(mouth))[30]) < 1.6


def test_rounded_lips_take_the_corners_back():
    smiling = feeling(happy=1.0)
    spread, round_ = (compose(speech(C_jaw=0.2, L_mouth_purseU=v, L_mouth_purseD=v), smiling, LOUD) for v in (0, 0.8))
    assert at(round_, "L_mouth_cornerPull.ty") < 0.4 * at(spread, "L_mouth_cornerPull.ty")
    assert at(round_, "L_mouth_purseU.ty") == pytest.approx(0.8)
    assert at(round_, "L_eye_cheekRaise.ty") == at(spread, "L_eye_cheekRaise.ty")


def test_the_jaw_moves_more_in_anger_and_surprise_and_less_in_sadness():
    mouth = speech(C_jaw=0.4)
    jaws = {name: at(compose(mouth, feeling(**{name: 1.0}), LOUD), "C_jaw.ty") for name in EMOTIONS}
    assert jaws["sad"] == pytest.approx(0.32)
    assert jaws["sad"] < 0.4 < jaws["angry"] < jaws["surprised"]


def test_the_mouth_falls_open_in_surprise_only_where_nobody_speaks():
    half = np.concatenate([LOUD, SILENT])
    still = np.zeros((2 * FRAMES, len(BOARD_NAMES)), np.float32)
    jaw = compose(still, feeling(2 * FRAMES, surprised=1.0), half)[:, column("C_jaw.ty")]
    assert jaw[:FRAMES].max() < 0.1
    assert jaw[FRAMES + 20 :].min() > 0.2


@pytest.mark.parametrize(("angry", "surprised"), [(1.0, 0.4), (0.4, 1.0)])
def test_the_stronger_of_two_opposed_brows_wins(angry, surprised):
    mixed = compose(speech(), feeling(angry=angry, surprised=surprised), LOUD)
    lowered, raised = at(mixed, "L_brow_down.ty"), at(mixed, "L_brow_raiseOut.ty")
    strong, weak = (lowered, raised) if angry > surprised else (raised, lowered)
    assert strong > 0.6
    assert weak < 0.15


def test_mixtures_show_both_parts():
    mixed = compose(speech(), feeling(happy=0.6, surprised=0.6), LOUD)
    assert at(mixed, "L_mouth_cornerPull.ty") > 0.25
    assert at(mixed, "L_brow_raiseIn.ty") > 0.4


@pytest.mark.parametrize("name", EMOTIONS)
def test_a_blink_closes_the_eye_under_every_emotion(name):
    shut = compose(speech(L_eye_blink=1.0), feeling(**{name: 1.0}), LOUD)
    assert at(shut, "L_eye_blink.ty") == pytest.approx(1.0)


def test_poses_are_even_and_every_action_of_the_tables_is_there():
    poses = read_poses()
    for table in (poses.tonic, poses.phasic, poses.rest, poses.gain):
        for name in BOARD_NAMES:
            if name.startswith("CTRL_L_"):
                mirrored = BOARD_NAMES.index(name.replace("CTRL_L_", "CTRL_R_"))
                np.testing.assert_array_equal(table[:, BOARD_NAMES.index(name)], table[:, mirrored])
    rows = emotion_poses.POSES.read_text().splitlines()[1:]
    actions = {name: {row.split(",")[4] for row in rows if row.startswith(name)} for name in EMOTIONS}
    core = {
        "happy": "6 12", "sad": "1 4 15 17", "angry": "4 5 7 23 24", "surprised": "1 2 5 26",
        "fearful": "1 2 4 5 20 26", "disgusted": "9 10 15 16 17",
    }  # fmt: skip
    assert all(set(core[name].split()) <= actions[name] for name in EMOTIONS)


def test_torch_gives_the_same_and_passes_gradients():
    torch = pytest.importorskip("torch")
    moving, felt = babble(3)[None], feeling(happy=0.7, angry=0.2)[None]
    emotion = torch.tensor(felt, requires_grad=True)
    neutral = torch.tensor(moving, requires_grad=True)
    composed = compose(neutral, emotion, torch.tensor(LOUD)[None])
    np.testing.assert_allclose(composed.detach().numpy(), compose(moving, felt, LOUD[None]), atol=1e-6)
    composed.sum().backward()
    assert torch.isfinite(emotion.grad).all()
    assert torch.isfinite(neutral.grad).all()
    assert emotion.grad.abs().sum() > 0

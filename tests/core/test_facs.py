"""The FACS reading knows textbook faces, says neutral to speech, and reads what emotion_poses makes."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ShapeError
from core.rig.arkit import ARKIT_52
from core.rig.mapping import arkit_to_board, board_to_arkit
from core.speech.emotion import EMOTIONS
from core.training.emotion_poses import compose
from core.training.facs import SIGNS, UNITS, read_emotion, read_performance


def face(units: str, amount: float) -> np.ndarray:
    """A face with some action units, float32 [52]: face("6 12", 0.7)."""
    pose = np.zeros(len(ARKIT_52), np.float32)
    for unit in units.split():
        for name in UNITS[unit]:
            pose[ARKIT_52.index(name)] = amount
    return pose


def spoken(seed: int, seconds: float = 4.0) -> np.ndarray:
    """Mouth motion of speech at 50 Hz with closures, and small brow accents: float32 [T, 52]."""
    rng = np.random.default_rng(seed)
    times = np.arange(0, seconds, 0.02)
    values = np.zeros((len(times), len(ARKIT_52)), np.float32)
    syllables = 0.5 - 0.5 * np.cos(2 * np.pi * (4 * times + rng.uniform()))
    for name, amount in (("jawOpen", 0.35), ("mouthLowerDown", 0.25), ("mouthUpperUp", 0.12), ("mouthStretch", 0.15)):
        for key in (name,) if name in ARKIT_52 else (f"{name}Left", f"{name}Right"):
            values[:, ARKIT_52.index(key)] = amount * syllables * rng.uniform(0.7, 1.2)
    values[:, ARKIT_52.index("mouthPucker")] = 0.4 * np.maximum(np.sin(2 * np.pi * 1.1 * times), 0)
    values[:, ARKIT_52.index("browInnerUp")] = 0.15 * np.maximum(np.sin(2 * np.pi * 0.5 * times), 0)
    return values


def performed(neutral: np.ndarray, **intensities: float) -> np.ndarray:
    emotion = np.zeros((len(neutral), len(EMOTIONS)), np.float32)
    for name, value in intensities.items():
        emotion[:, EMOTIONS.index(name)] = value
    return board_to_arkit(compose(arkit_to_board(neutral), emotion, np.full(len(neutral), 0.6, np.float32)))


@pytest.mark.parametrize("amount", [0.4, 0.7, 1.0])
@pytest.mark.parametrize(
    ("units", "name"),
    [
        ("6 12", "happy"), ("12", "happy"), ("6 12 26", "happy"),
        ("1 4 15", "sad"), ("1 4 15 17", "sad"), ("1 15", "sad"),
        ("4 5 7 24", "angry"), ("4 7 17 24", "angry"), ("4 5 7 10 26", "angry"),
        ("1 2 5 26", "surprised"), ("1 2 5", "surprised"), ("1 2 26", "surprised"),
        ("1 2 4 5 20 26", "fearful"), ("1 2 4 5 20", "fearful"), ("5 20 26", "fearful"),
        ("9", "disgusted"), ("9 16 15", "disgusted"), ("9 17", "disgusted"), ("9 10 4 7", "disgusted"),
        ("", "neutral"), ("26", "neutral"), ("10 16 26", "neutral"),
    ],
)  # fmt: skip
def test_textbook_faces_are_read(units, name, amount):
    assert read_emotion(face(units, amount))[0] == name


def test_a_trace_is_neutral_and_evidence_grows():
    assert read_emotion(face("6 12", 0.07)) == ("neutral", {**dict.fromkeys(SIGNS, 0.0), "neutral": 1.0})
    grown = [read_emotion(face("6 12", amount))[1]["happy"] for amount in (0.1, 0.3, 0.5, 0.7)]
    assert grown == sorted(grown)
    assert grown[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(4))
def test_plain_speech_is_neutral(seed):
    assert read_performance(spoken(seed))[0] == "neutral"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", EMOTIONS)
def test_composed_performances_are_read_as_what_they_are(name, seed):
    assert read_performance(performed(spoken(seed), **{name: 1.0}))[0] == name


@pytest.mark.parametrize("name", EMOTIONS)
def test_composed_intensity_is_read_monotonically(name):
    scores = [read_performance(performed(spoken(0), **{name: v}))[1][name] for v in np.linspace(0, 1, 6)]
    assert scores == sorted(scores)
    assert scores[-1] > scores[0] + 0.4


def test_the_weights_are_shares():
    for signs in SIGNS.values():
        assert sum(weight for weight in signs.values() if weight > 0) == pytest.approx(1.0)


def test_a_wrong_shape_is_told():
    with pytest.raises(ShapeError, match="pose"):
        read_emotion(np.zeros(51, np.float32))

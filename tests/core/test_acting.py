"""Drawn people who act: what they do, how they look, and that a network learns to read it off."""

from __future__ import annotations

import numpy as np
import pytest

from core.rig.arkit import ARKIT_52
from core.template.camera import Lens
from core.template.files import head_template
from core.training.acting.acts import CALM, MOST, random_acts
from core.training.acting.footage import Footage, read_footage, write_footage
from core.training.acting.mirror import mirrored_marks
from core.video.reading import mirrored_shapes

COUNT = 120
NAMES = {name: k for k, name in enumerate(ARKIT_52)}
SILENCE = np.zeros((200, 52))


def test_people_act_within_what_faces_can_and_begin_calmly():
    acts = random_acts(COUNT, SILENCE, np.random.default_rng(1))
    assert acts.weights.shape == (COUNT, 52) and acts.angles.shape == (COUNT, 3)
    assert acts.weights.min() >= 0 and acts.weights.max() <= 1 and acts.weights.sum(1).max() <= MOST + 1e-6
    assert acts.weights[:CALM].max() <= 0.12 < acts.weights[CALM:].max()
    again = random_acts(COUNT, SILENCE, np.random.default_rng(1))
    np.testing.assert_array_equal(again.weights, acts.weights)


def test_lips_close_only_over_an_open_jaw_and_eyes_look_together():
    acts = random_acts(3000, SILENCE, np.random.default_rng(2)).weights
    assert (acts[:, NAMES["mouthClose"]] <= acts[:, NAMES["jawOpen"]] + 1e-9).all()
    np.testing.assert_allclose(acts[:, NAMES["eyeLookUpLeft"]], acts[:, NAMES["eyeLookUpRight"]])
    np.testing.assert_allclose(acts[:, NAMES["eyeLookInLeft"]], acts[:, NAMES["eyeLookOutRight"]])
    assert acts[:, NAMES["mouthSmileLeft"]].std() > 0.02


def test_voices_speak_through_them():
    voice = SILENCE.copy()
    voice[:, NAMES["mouthRollLower"]] = 0.5
    spoken, silent = (random_acts(COUNT, words, np.random.default_rng(3)).weights for words in (voice, SILENCE))
    assert spoken[:, NAMES["mouthRollLower"]].mean() > silent[:, NAMES["mouthRollLower"]].mean() + 0.02


def test_people_are_painted_as_faces_a_tracker_finds():
    pytest.importorskip("mediapipe")
    from core.training.acting.painting import painted, random_look
    from core.video.faces import FaceFollower

    template, rng, size = head_template(), np.random.default_rng(4), 256
    pose = np.eye(4)
    pose[:3, 3] = (0, -0.02, -0.7)
    lens = Lens(2.2 * size, (size / 2, size / 2))
    look = random_look(template, rng)
    opened = template.points + template.shapes[NAMES["jawOpen"]]
    with FaceFollower() as follower:
        shut, wide = (follower.find(painted(template, p, (pose, lens, size), look)) for p in (template.points, opened))
    assert shut is not None and wide is not None
    assert np.linalg.norm(wide[13] - wide[14]) > 4 * np.linalg.norm(shut[13] - shut[14])


def test_mirrored_landmarks_are_pairs():
    marks = mirrored_marks()
    np.testing.assert_array_equal(marks[marks], np.arange(478))
    assert (marks[61], marks[33], marks[468], marks[1]) == (291, 263, 473, 1)


def test_footage_is_kept(tmp_path):
    rng = np.random.default_rng(5)
    shapes = ((4, 478, 2), (4, 3), (4, 52), (4, 52))
    footage = Footage(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))
    write_footage(tmp_path / "0001.npz", footage)
    for name in Footage.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(read_footage(tmp_path / "0001.npz"), name), getattr(footage, name))


def test_a_network_learns_what_landmarks_mean_on_either_side(monkeypatch):
    pytest.importorskip("torch")
    from core.training.acting import fit

    monkeypatch.setattr(fit, "STEPS", 250)
    rng = np.random.default_rng(6)
    moves = rng.normal(0, 0.03, (478, 2))
    left, right = NAMES["mouthSmileLeft"], NAMES["mouthSmileRight"]
    people = [_smiling(rng, moves, left) for _ in range(6)]
    reader = fit.calibrated(fit.fitted_reader(people, lambda text: None), people)
    other = _smiling(rng, moves, left)
    found = reader.read(other.motions, other.angles, other.fitted)
    assert np.corrcoef(found[:, left], other.truth[:, left])[0, 1] > 0.9
    turned = reader.read(other.motions[:, reader.mirror] * (-1, 1), -other.angles, other.fitted[:, mirrored_shapes()])
    assert np.corrcoef(turned[:, right], other.truth[:, left])[0, 1] > 0.9


def _smiling(rng, moves, shape):
    """Somebody who smiles with one side, as the landmarks go."""
    truth = np.zeros((60, 52), np.float32)
    truth[:, shape] = rng.uniform(0, 1, 60)
    motions = (truth[:, shape, None, None] * moves + rng.normal(0, 0.002, (60, 478, 2))).astype(np.float32)
    return Footage(motions, np.zeros((60, 3), np.float32), np.zeros((60, 52), np.float32), truth)

"""Who is in a picture: what was drawn from the template is found again."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import SettingError
from core.rig.arkit import ARKIT_52
from core.template.camera import Lens, first_pose, moved, refined_pose
from core.template.files import head_template
from core.template.fit import fit_identity
from core.template.weights import solved_weights

SIZE = (512, 512)
SMILE, OPEN = ARKIT_52.index("mouthSmileLeft"), ARKIT_52.index("jawOpen")


def turned(yaw, pitch):
    (cy, cp), (sy, sp) = np.cos((yaw, pitch)), np.sin((yaw, pitch))
    pose = np.eye(4)
    pose[:3, :3] = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    pose[:3, 3] = (0.01, -0.05, -1.1)
    return pose


@pytest.fixture(scope="module")
def shot():
    """Ten views of a drawn person: pixels, poses, identity, weights and the lens."""
    template, rng, lens = head_template(), np.random.default_rng(1), Lens(1300.0, (256.0, 256.0))
    identity = np.zeros(len(template.basis))
    identity[:12] = rng.normal(size=12)
    poses = np.stack(
        [turned(y, p) for y, p in zip(np.linspace(-0.4, 0.4, 10), np.linspace(0.15, -0.15, 10), strict=True)]
    )
    weights = np.zeros((10, len(ARKIT_52)))
    weights[3:6, SMILE], weights[6:, OPEN] = 0.7, 0.5
    rest = template.at_landmarks(template.shaped(identity))
    points = rest + np.einsum("tc,cld->tld", weights, template.at_landmarks(template.shapes))
    return lens.pixels(moved(poses, points)), poses, identity, weights, lens


def test_slopes_are_those_of_pixels():
    lens, place = Lens(700.0, (200.0, 100.0)), np.array([[0.03, -0.02, -0.8]])
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-6
        measured = (lens.pixels(place + step) - lens.pixels(place - step)) / 2e-6
        np.testing.assert_allclose(lens.slopes(place)[..., axis], measured, rtol=1e-5)


def test_pose_is_found_again(shot):
    pixels, poses, identity, _, lens = shot
    template = head_template()
    rest = np.repeat(template.at_landmarks(template.shaped(identity))[None], 3, 0).astype(np.float64)
    ones = np.ones(len(rest[0]))
    found = refined_pose(first_pose(rest, pixels[:3], ones, lens), rest, pixels[:3], ones, lens, steps=12)
    np.testing.assert_allclose(found, poses[:3], atol=1e-4)


def test_person_is_found_again(shot):
    pixels, poses, identity, _, _ = shot
    person = fit_identity(pixels, SIZE, focal=1300.0)
    assert person.error.max() < 0.012
    template = head_template()
    truth = template.at_landmarks(template.shaped(identity))
    found, mean = template.at_landmarks(person.points), template.at_landmarks(template.points)
    assert np.abs(found - truth).mean() < 0.6 * np.abs(mean - truth).mean()
    turn = person.pose[:, :3, :3] @ np.swapaxes(poses[:, :3, :3], 1, 2)
    degrees = np.degrees(np.arccos(np.clip((np.trace(turn, axis1=1, axis2=2) - 1) / 2, -1, 1)))
    assert degrees.max() < 4
    assert person.weights[3:6, SMILE].min() > person.weights[:3, SMILE].max() + 0.3
    assert person.weights[6:, OPEN].min() > person.weights[:6, OPEN].max() + 0.25
    assert person.template.points.shape == template.points.shape


def test_one_picture_is_enough(shot):
    pixels = shot[0]
    person = fit_identity(pixels[4:5], SIZE)
    assert person.error.max() < 0.012
    assert 0.5 < person.lens.focal / 1300 < 2
    projected = person.lens.pixels(moved(person.pose.astype(float), person.posed(0)[None].astype(float)))
    miss = np.linalg.norm(head_template().at_landmarks(projected)[0] - pixels[4], axis=1)
    assert np.median(miss) < 1.0


def test_no_face_is_refused():
    for landmarks, words in ((np.zeros((2, 478, 2)), "four pixels"), (np.zeros((2, 68, 2)), "must be")):
        with pytest.raises(SettingError, match=words):
            fit_identity(landmarks, SIZE)


def test_bounded_weights_are_the_best():
    rng = np.random.default_rng(2)
    system = rng.normal(size=(20, 6))
    gram, goal = system.T @ system, system.T @ (system @ rng.uniform(-0.5, 1.5, 6))
    best = solved_weights(gram[None], goal[None])[0]
    cost = lambda w: w @ gram @ w / 2 - goal @ w  # noqa: E731
    assert best.min() >= 0 and best.max() <= 1
    for _ in range(200):
        other = np.clip(best + rng.normal(0, 0.05, 6), 0, 1)
        assert cost(best) <= cost(other) + 1e-9

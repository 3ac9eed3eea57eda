"""Landmarks over time to curves: what a drawn face does is read off it again, each side by itself."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import SettingError
from core.rig.arkit import ARKIT_52
from core.template.camera import Lens, moved
from core.template.files import head_template
from core.template.lids import blink_growth, lid_gaps
from core.video.blinks import shut
from core.video.gaps import filled
from core.video.live import CALIBRATION, LiveSolver
from core.video.response import undamped
from core.video.smoothing import OneEuro, both_ways
from core.video.solve import Seen, solve
from core.video.trust import SAMPLES
from core.video.turns import head_angles

FPS, COUNT, SIZE = 25.0, 100, (512, 512)
NAMES = {name: k for k, name in enumerate(ARKIT_52)}


def turn(yaw, pitch, roll):
    (cy, cp, cr), (sy, sp, sr) = np.cos((yaw, pitch, roll)), np.sin((yaw, pitch, roll))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])  # pitch up
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])  # tilt to the left, +x
    return about_y @ about_x @ about_z


def bump(middle, width):
    return np.exp(-(((np.arange(COUNT) - middle) / width) ** 2))


@pytest.fixture(scope="module")
def film():
    """A drawn person who blinks, smiles with the left side, talks and turns: what is seen, and the truth."""
    template, rng, lens = head_template(), np.random.default_rng(4), Lens(1200.0, (256.0, 256.0))
    identity = np.zeros(len(template.basis))
    identity[:10] = rng.normal(0, 0.8, 10)
    weights = np.zeros((COUNT, 52))
    for side in ("Left", "Right"):
        weights[:, NAMES[f"eyeBlink{side}"]] = bump(20, 2) + bump(70, 2)
    weights[:, NAMES["mouthSmileLeft"]] = 0.8 * bump(45, 8)
    weights[:, NAMES["browOuterUpRight"]] = 0.7 * bump(85, 6)
    weights[:, NAMES["jawOpen"]] = 0.4 * (bump(35, 3) + bump(60, 3))
    angles = np.stack(
        [0.25 * np.sin(np.arange(COUNT) / 15), 0.1 * np.cos(np.arange(COUNT) / 20), 0.05 * bump(50, 9)], 1
    )
    poses = np.tile(np.eye(4), (COUNT, 1, 1))
    poses[:, :3, :3] = [turn(*row) for row in angles]
    poses[:, :3, 3] = (0.0, -0.04, -1.0)
    rest = template.at_landmarks(template.shaped(identity))
    points = rest + np.einsum("tc,cld->tld", weights, template.at_landmarks(template.shapes))
    pixels = lens.pixels(moved(poses, points)) + rng.normal(0, 0.15, (COUNT, 478, 2))
    landmarks = np.concatenate([pixels, np.zeros((COUNT, 478, 1))], 2).astype(np.float32)
    landmarks[50:54] = np.nan
    colors = np.full((COUNT, len(SAMPLES), 3), 120, np.uint8)
    return Seen(landmarks, colors, FPS, SIZE), weights, angles


def test_every_side_is_read_by_itself(film):
    seen, truth, angles = film
    track = solve(seen)
    weights = track.weights.values
    for name in ("eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "browOuterUpRight", "jawOpen"):
        assert np.corrcoef(weights[:, NAMES[name]], truth[:, NAMES[name]])[0, 1] > 0.9, name
    assert weights[20, NAMES["eyeBlinkLeft"]] > 0.85 and weights[20, NAMES["eyeBlinkRight"]] > 0.85
    assert weights[[5, 30, 55, 90], NAMES["eyeBlinkLeft"]].max() < 0.15
    for one, other in (("mouthSmileLeft", "mouthSmileRight"), ("browOuterUpRight", "browOuterUpLeft")):
        peak = truth[:, NAMES[one]].argmax()
        assert weights[peak, NAMES[one]] > 0.35
        assert weights[peak, NAMES[other]] < 0.1 * weights[peak, NAMES[one]] + 0.02
    error = np.degrees(track.head - (angles - np.median(angles, axis=0)))
    assert np.abs(error - np.median(error, axis=0)).max() < 3


def test_lost_pictures_are_bridged_and_said_so(film):
    track = solve(film[0])
    assert (track.confidence[50:54] == 0).all() and track.confidence[:50].min() > 0.5
    assert np.isfinite(track.landmarks).all() and np.isfinite(track.weights.values).all()
    steps = np.abs(np.diff(track.weights.column("mouthSmileLeft")[46:58]))
    assert steps.max() < 0.2
    np.testing.assert_allclose(
        track.pose[:, :3, :3] @ np.swapaxes(track.pose[:, :3, :3], 1, 2), np.tile(np.eye(3), (COUNT, 1, 1)), atol=1e-5
    )


def test_a_film_without_a_face_is_refused(film):
    seen = film[0]
    lost = Seen(np.full_like(seen.landmarks, np.nan), seen.colors, FPS, SIZE)
    with pytest.raises(SettingError, match="No face"):
        solve(lost)


def test_angles_are_those_of_a_performance():
    for yaw, pitch, roll in ((0.3, 0, 0), (0, 0.2, 0), (0, 0, 0.4), (0.3, -0.2, 0.1)):
        pose = np.eye(4)
        pose[:3, :3] = turn(yaw, pitch, roll)
        np.testing.assert_allclose(head_angles(pose[None])[0], (yaw, pitch, roll), atol=1e-9)


def test_filter_has_no_lag_both_ways_and_the_lag_it_says_live():
    time = np.arange(200) / FPS
    wave = np.sin(2 * np.pi * 0.5 * time)[:, None]
    smooth = both_ways(wave, FPS, 4.0, 6.0)
    shifts = range(-6, 7)
    best = max(shifts, key=lambda s: (np.roll(smooth[:, 0], s)[20:-20] * wave[20:-20, 0]).sum())
    assert best == 0 and np.abs(smooth - wave)[10:-10].max() < 0.1
    live = OneEuro(FPS, 1.0, 0.0)
    assert live.lag_s == pytest.approx(0.159, abs=1e-3)
    ramp = np.array([live.step(np.array([t]))[0] for t in time])
    assert time[-1] - ramp[-1] == pytest.approx(live.lag_s, rel=0.3)


def test_gaps_are_bridged_when_short_and_fade_when_long():
    rows = np.ones((100, 1))
    rows[60:] = 0.5
    good = np.ones(100, bool)
    good[20:25] = good[58:62] = False
    made = filled(rows, good, FPS)
    np.testing.assert_allclose(made[20:25], 1)
    assert 0.5 < made[60, 0] < 1
    good[20:80] = False
    assert filled(rows, good, FPS)[50, 0] == 0
    assert filled(rows, good, FPS, fade=False)[50, 0] > 0.5


def test_who_never_blinks_is_not_made_to():
    gaps = 0.3 + 0.02 * np.sin(np.arange(200))[:, None] * np.ones(2)
    still = shut(gaps, np.zeros((200, 2)), np.ones(200, bool))
    assert still.max() < 0.15
    gaps[100:104] = 0.03
    assert shut(gaps, np.zeros((200, 2)), np.ones(200, bool))[101].min() > 0.9


def test_one_eye_winks_alone():
    gaps = np.full((200, 2), 0.3)
    gaps[50:54, 0] = 0.04
    closed = shut(gaps, np.zeros((200, 2)), np.ones(200, bool))
    assert closed[51, 0] > 0.9 > 0.1 > closed[51, 1]


def test_lid_gaps_are_of_both_eyes():
    template = head_template()
    points = template.at_landmarks(template.points)[None]
    closed = points + template.at_landmarks(template.shapes[[NAMES["eyeBlinkLeft"]]])
    rest, shut_left = lid_gaps(points)[0], lid_gaps(closed)[0]
    assert shut_left[1] < 0.6 * rest[1] and shut_left[0] == pytest.approx(rest[0], rel=0.02)


def test_damping_and_spill_are_taken_back():
    rows = np.zeros((3, 52))
    left, right = NAMES["mouthSmileLeft"], NAMES["mouthSmileRight"]
    rows[0, [left, right]] = 0.4, 0.4 * 0.18  # drawn on the left alone
    rows[1, [left, right]] = 0.3 * 1.18  # on both
    made = undamped(rows)
    assert made[0, right] == pytest.approx(0, abs=1e-9) and made[0, left] == pytest.approx(0.64)
    np.testing.assert_allclose(made[1, [left, right]], 1.6 * 0.3)
    assert not made[2].any()


def test_live_answers_follow_with_the_lag_they_say(film):
    seen, truth, _ = film
    live = LiveSolver(FPS, SIZE)
    answers = [live.step(None if lost else row) for row, lost in zip(seen.landmarks, ~seen.found, strict=True)]
    assert all(answer is None for answer in answers[:CALIBRATION]) and live.lag_s < 0.05
    rows = np.stack([answer.weights for answer in answers[CALIBRATION:]])
    smile, wanted = rows[:, NAMES["mouthSmileLeft"]], truth[CALIBRATION:, NAMES["mouthSmileLeft"]]
    best = max(range(6), key=lambda shift: np.corrcoef(smile[shift:], wanted[: len(wanted) - shift])[0, 1])
    assert best / FPS <= 0.08 and np.corrcoef(smile, wanted)[0, 1] > 0.85
    assert rows[70 - CALIBRATION : 73 - CALIBRATION, NAMES["eyeBlinkRight"]].max() > 0.6
    np.testing.assert_array_equal(answers[51].weights, answers[50].weights)  # lost: held


def test_a_blink_shuts_wide_and_narrow_eyes_alike():
    template, rng = head_template(), np.random.default_rng(6)
    for _ in range(4):
        points = template.shaped(rng.normal(size=len(template.basis)))
        growth = blink_growth(template, points)
        both = [NAMES["eyeBlinkLeft"], NAMES["eyeBlinkRight"]]
        closed = points + np.tensordot(growth[both], template.shapes[both], 1)
        gaps = lid_gaps(template.at_landmarks(closed)[None])
        assert gaps.max() < 0.02 and gaps.min() > -0.2

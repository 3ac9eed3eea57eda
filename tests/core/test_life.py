"""Eyes, brows and head stay within what is known of people, and repeat with their seed."""

from __future__ import annotations

import numpy as np
import pytest

from core.speech import blinks, gaze, level, life
from core.speech.prosody import hear_prosody


def phrases(seconds: int) -> np.ndarray:
    """Levels of a speaker who talks in syllables, 2.4 s on and 0.6 s off."""
    times = np.arange(seconds * 50) / 50
    syllables = -20 - 12 * (0.5 + 0.5 * np.cos(2 * np.pi * 4.3 * times)) - 4 * np.sin(times)
    return np.where(times % 3.0 < 2.4, syllables, -75).astype(np.float32)


TIMES = np.arange(0, 120, 1 / 30)


@pytest.fixture(scope="module")
def minutes():
    return hear_prosody(phrases(120))


def test_pauses_and_stresses_are_heard(minutes):
    assert len(minutes.pause_starts()) == pytest.approx(40, abs=2)
    assert len(minutes.stresses) > 60
    assert minutes.speaking[(minutes.stresses * 50).astype(int)].all()


@pytest.mark.parametrize("seed", range(4))
def test_blinks_come_as_often_as_in_conversation(minutes, seed):
    starts = blinks.blink_times(minutes, np.random.default_rng(seed))
    assert 14 <= len(starts) / 2 <= 36  # a minute
    assert np.diff(starts).min() >= blinks.SHORTEST_GAP_S - 1e-9


def test_a_blink_closes_fully_and_falls_faster_than_it_rises():
    times = np.arange(0, 1, 0.001)
    closure = blinks.blink_curve(times, np.array([0.2]))
    assert closure.max() == pytest.approx(1.0)
    falling, rising = (closure[:-1] < np.float32(0.99)) & (np.diff(closure) > 0), np.diff(closure) < 0
    assert falling.sum() * 1.5 < rising.sum()


def test_eyes_jump_fast_stay_small_and_never_look_two_ways_at_once():
    path = gaze.gaze_path(TIMES, np.random.default_rng(0))
    assert np.degrees(np.abs(path)).max() < 20
    shapes = gaze.look_shapes(path)
    assert (np.minimum(shapes["eyeLookUpLeft"], shapes["eyeLookDownLeft"]) == 0).all()
    np.testing.assert_array_equal(shapes["eyeLookOutLeft"], shapes["eyeLookInRight"])


def test_the_head_moves_a_few_degrees_and_begins_at_rest(minutes):
    _, head = life.live(TIMES, minutes, seed=5)
    degrees = np.degrees(head)
    assert np.abs(degrees).max() < 15
    assert (degrees.std(axis=0) > 0.3).all()
    assert np.abs(degrees[0]).max() < 1.5
    assert np.abs(np.diff(degrees, axis=0)).max() * 30 < 60  # degrees a second


def test_a_seed_repeats_and_another_differs(minutes):
    first, again, other = (life.live(TIMES, minutes, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[1], again[1])
    assert all((first[0][name] == again[0][name]).all() for name in first[0])
    assert not np.allclose(first[1], other[1])


def test_every_shape_stays_in_range(minutes):
    shapes, _ = life.live(TIMES, minutes, seed=3)
    for name, curve in shapes.items():
        assert 0 <= curve.min() <= curve.max() <= 1, name


def test_silence_has_blinks_but_no_accents():
    quiet = hear_prosody(np.full(60 * 50, level.QUIETEST_DB, np.float32))
    assert len(quiet.stresses) == 0
    shapes, _ = life.live(np.arange(0, 60, 1 / 30), quiet, seed=0)
    assert shapes["eyeBlinkLeft"].max() > 0.9
    assert shapes["browInnerUp"].max() < 0.2

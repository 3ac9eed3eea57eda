"""What of a face is covered: hands of its own colour are noticed, light and open mouths are not taken for them."""

from __future__ import annotations

import numpy as np
import pytest

from core.video.lips import LIPS, PLACES
from core.video.trust import SAMPLES, SKIN_SAMPLES, colors_at, covered_parts

SKIN = np.array([180, 140, 120])


def test_a_hand_before_the_mouth_is_seen_and_light_is_not():
    colors = np.random.default_rng(0).integers(118, 122, (100, len(SAMPLES), 3)).astype(np.uint8)
    colors[70:] += 40  # the lamp is switched on
    colors[40:50, :22] = (30, 60, 200)
    covered = covered_parts(colors, np.ones(100, bool))
    assert covered["mouth"][40:50].min() > 0.9
    assert covered["mouth"][60:].max() == 0 == covered["brows"].max()


@pytest.fixture
def mouth():
    """A hundred pictures of a mouth that opens and shuts, its lips redder and darker than the skin; uint8 [T, S, 3]."""
    rng = np.random.default_rng(1)
    usual = np.tile(np.array(SKIN, float), (len(SAMPLES), 1))
    usual[: len(SKIN_SAMPLES)] += rng.integers(-30, 30, (len(SKIN_SAMPLES), 1))
    lips = np.arange(len(PLACES)) + len(SKIN_SAMPLES)
    usual[lips[LIPS]] = 150, 80, 80
    opening = np.clip(np.sin(np.arange(100) / 4), 0, 1)[:, None, None]
    colors = np.repeat(usual[None], 100, axis=0)
    colors[:, lips[20:40]] = (1 - opening) * np.array([120, 60, 60]) + opening * 35
    return np.clip(colors + rng.normal(0, 3, colors.shape), 0, 255).astype(np.uint8)


def test_a_hand_of_the_colour_of_the_face_is_seen(mouth):
    shade = np.random.default_rng(2).normal(0, 12, (len(PLACES), 1))
    for covered_until in (50, 65):  # a while, and for a good part of the film
        colors = mouth.copy()
        colors[40:covered_until, -len(PLACES) :] = np.clip(shade + SKIN, 0, 255)
        covered = covered_parts(colors, np.ones(100, bool))
        assert covered["mouth"][41 : covered_until - 1].min() > 0.9
        assert covered["mouth"][70:].max() == 0 == covered["eyes"].max()


def test_a_mouth_that_opens_or_stands_in_other_light_is_bare(mouth):
    slope = np.linspace(0.5, 1.3, len(SAMPLES))[None, :, None]
    for colors in (mouth, mouth * 0.5, mouth * slope, np.repeat(mouth.mean(-1, keepdims=True), 3, -1)):
        assert covered_parts(colors.astype(np.uint8), np.ones(100, bool))["mouth"].max() == 0


def test_a_mouth_covered_all_but_a_moment_is_known_by_its_lips(mouth):
    colors = mouth.copy()
    hand = np.random.default_rng(2).normal(0, 12, (len(PLACES), 1)) + SKIN
    colors[:60, -len(PLACES) :] = np.clip(hand, 0, 255)
    covered = covered_parts(colors, np.ones(100, bool))["mouth"]
    assert covered[:58].min() > 0.9 and covered[62:].max() == 0


def test_colours_are_looked_at_where_the_landmarks_are():
    landmarks = np.random.default_rng(3).uniform(60, 180, (478, 3)).astype(np.float32)
    landmarks[33, :2], landmarks[263, :2] = (70, 100), (170, 100)
    columns, rows = np.meshgrid(np.arange(256), np.arange(256))
    picture = np.stack([columns, rows, np.zeros_like(rows)], -1).astype(np.uint8)
    seen = colors_at(picture, landmarks)[: len(SKIN_SAMPLES), :2]
    wanted = landmarks[[first for first, _, _ in SKIN_SAMPLES], :2]
    assert np.abs(seen - wanted).max() <= 1.5
    beyond = colors_at(picture, landmarks + 500)
    assert beyond.shape == (len(SAMPLES), 3)

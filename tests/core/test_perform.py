"""The whole road from samples to curves, with the shipped weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.audio.read import read_speech
from core.errors import AudioError
from core.rig.arkit import ARKIT_52, names_of_region
from core.speech import articulation
from core.speech.perform import perform
from core.speech.weights import load_model
from core.types import Speech

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
MOUTH = [ARKIT_52.index(name) for name in names_of_region("jaw", "mouth", "tongue")]


@pytest.fixture(scope="module")
def line() -> Speech:
    return read_speech(LINE)


def opening(speech: Speech, fps: float = 100.0) -> np.ndarray:
    model = load_model()
    return articulation.curve_opening(perform(speech, fps=fps).curves, model)


@pytest.mark.parametrize("fps", [1.0, 23.976, 24, 29.97, 60, 120, 240])
def test_rows_fall_on_frames(line, fps):
    performance = perform(line, fps=fps)
    assert performance.curves.values.shape == (int(np.ceil(line.duration_s * fps - 1e-6)), 52)
    assert performance.curves.names == ARKIT_52
    assert performance.head.shape == (len(performance.curves.values), 3)


def test_values_stay_in_range(line):
    values = perform(line, fps=60).curves.values
    assert np.isfinite(values).all()
    assert values.min() >= 0 and values.max() <= 1


@pytest.mark.parametrize("level_db", [None, -90, -60, -30])
def test_silence_and_room_noise_rest_the_mouth(level_db):
    noise = np.random.default_rng(1).standard_normal(5 * 16_000)
    samples = noise * (0 if level_db is None else 10 ** (level_db / 20))
    values = perform(Speech(samples.astype(np.float32), 16_000), fps=30).curves.values
    assert values[:, MOUTH].max() <= (0.02 if level_db is None or level_db < -50 else 0.12)


def test_the_mouth_speaks_in_words_and_rests_between_sentences(line):
    lips = opening(line)
    assert np.quantile(lips, 0.95) > 0.08
    assert lips[:10].max() < 0.015 and lips[-5:].max() < 0.015


BILABIALS_S = (0.58, 0.98, 1.14, 1.66, 2.00, 2.22, 2.72, 3.56, 5.08, 6.36, 6.48, 7.54, 8.22, 8.56, 9.94, 10.12)
"""Every p, b and m of the line as a phone recogniser marks them, just after their middle."""


@pytest.mark.parametrize("fps", [24.0, 60.0])
def test_lips_meet_on_p_b_and_m(line, fps):
    lips = opening(line, fps)
    closed = 0.12 * np.quantile(lips, 0.95)
    met = [lips[int((s - 0.14) * fps) : int((s + 0.08) * fps) + 1].min() < closed for s in BILABIALS_S]
    assert sum(met) >= 15
    assert (lips < closed).mean() < 0.5  # and do not stay shut in between


def test_lips_do_not_depend_on_the_seed_but_eyes_do(line):
    first, second = (perform(line, fps=30, seed=seed).curves for seed in (0, 1))
    np.testing.assert_array_equal(first.values[:, MOUTH], second.values[:, MOUTH])
    assert not np.array_equal(first.column("eyeBlinkLeft"), second.column("eyeBlinkLeft"))
    again = perform(line, fps=30, seed=0)
    np.testing.assert_array_equal(first.values, again.curves.values)


def test_loudness_of_the_recording_does_not_matter(line):
    quiet = Speech(line.samples * np.float32(0.1), line.rate_hz)
    np.testing.assert_allclose(opening(quiet), opening(line), atol=5e-3)


@pytest.mark.parametrize("count", [1, 50, 319, 321, 1_600])
def test_very_short_recordings_give_a_frame(count):
    tone = np.sin(np.arange(count) / 5).astype(np.float32)
    performance = perform(Speech(tone, 16_000), fps=30)
    assert len(performance.curves.values) == max(1, int(np.ceil(count / 16_000 * 30)))


def test_a_long_recording_equals_its_parts(line):
    """Four times the same line: the windows that a long recording is cut into leave no seam."""
    once = opening(line)
    often = opening(Speech(np.tile(line.samples, 4), line.rate_hz))
    period = len(line.samples) / line.rate_hz * 100
    for turn in (1, 2):
        start = round(turn * period)
        assert np.corrcoef(often[start : start + len(once) - 2], once[:-2])[0, 1] > 0.97


def test_other_rates_and_nothing_are_refused():
    with pytest.raises(AudioError, match="16000 Hz"):
        perform(Speech(np.zeros(10, np.float32), 8_000), fps=30)
    with pytest.raises(AudioError, match="no sound"):
        perform(Speech(np.zeros(0, np.float32), 16_000), fps=30)
    with pytest.raises(AudioError, match="frame rate"):
        perform(Speech(np.zeros(10, np.float32), 16_000), fps=0)


def test_progress_rises_to_one(line):
    seen: list[float] = []
    perform(line, fps=30, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)

"""What makes a recording doubtful is said, and healthy ones are left in peace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from core.audio import doubts
from core.audio.read import read_speech
from core.speech.voices import sounds_like_two
from core.types import Speech

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def line():
    return read_speech(LINE).samples


def doubted(samples):
    return doubts.doubts(Speech(np.asarray(samples, np.float32), RATE_HZ))


def music(note_s, seconds=12.0):
    """Four voices of plucked notes of six partials each."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sound = np.zeros(len(t))
    steps = [0, 4, 7, 5, 9, 2]
    for number in range(int(seconds / note_s)):
        start, end = (round(edge * note_s * RATE_HZ) for edge in (number, number + 1))
        now = t[start:end] - t[start]
        for voice, octave in enumerate((0.5, 1.0, 2.0)):
            hz = 220 * octave * 2 ** (steps[(number * (2 * voice + 1)) % 6] / 12)
            partials = sum(np.sin(2 * np.pi * hz * k * now) / k for k in range(1, 7) if hz * k < 7500)
            sound[start:end] += partials * np.exp(-1.5 * now)
    return 0.5 * sound / np.abs(sound).max()


def test_a_healthy_line_is_left_in_peace(line):
    assert doubted(line) == ()
    assert doubted(line * 0.01) == ()
    assert doubted(np.tile(line, 10)) == ()


@pytest.mark.parametrize("level", [0.0, 5e-5])
def test_silence(line, level):
    noise = np.random.default_rng(0).uniform(-level, level, RATE_HZ)
    assert doubted(noise) == (doubts.SILENT,)
    assert doubted(np.zeros(1)) == (doubts.SILENT,)


@pytest.mark.parametrize("gain_db", [9, 15, 25])
def test_clipped(line, gain_db):
    """Also when the recording was brought to another rate after it was cut off, which rounds the corners."""
    loud = np.clip(line * 10 ** (gain_db / 20), -0.9, 0.9)
    assert doubted(loud) == (doubts.CLIPPED,)
    assert doubted(loud * 0.1) == (doubts.CLIPPED,)
    assert doubted(soxr.resample(soxr.resample(loud, RATE_HZ, 44_100), 44_100, RATE_HZ)) == (doubts.CLIPPED,)


def test_telephone(line):
    narrow = soxr.resample(soxr.resample(line, RATE_HZ, 8000), 8000, RATE_HZ)
    assert doubted(narrow) == (doubts.NARROW,)
    assert doubted(np.round(narrow * 32767) / 32768) == (doubts.NARROW,)


@pytest.mark.parametrize("note_s", [0.5, 1.0, 3.0])
def test_music(note_s):
    assert doubted(music(note_s)) == (doubts.MUSIC,)


def test_a_tone_is_no_voice():
    assert doubted(0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / RATE_HZ)) == (doubts.MUSIC,)


def test_any_length_is_judged():
    noise = np.random.default_rng(0).standard_normal(RATE_HZ) * 0.1
    for count in (1, 2, 100, 511, 512, 513, 5_000):
        assert set(doubted(noise[:count])) <= {doubts.CLIPPED, doubts.NARROW, doubts.MUSIC}


def test_two_voices(line):
    """The line, and the same as a voice an octave higher would say it."""
    higher = soxr.resample(line, RATE_HZ, RATE_HZ / 2)
    both = np.concatenate([line, higher, line, higher]).astype(np.float32)
    assert sounds_like_two(both)
    assert not sounds_like_two(np.tile(line, 3))
    assert not sounds_like_two(np.tile(higher, 3).astype(np.float32))
    assert not sounds_like_two(np.zeros(100, np.float32))

"""What is heard in a voice follows pitch and brightness, not level, and stays calm where nobody speaks."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.speech.emotion import EMOTIONS
from core.speech.heard_emotion import FACES, hear_emotion
from core.speech.level import RATE_HZ
from core.speech.pitch import track_pitch
from core.speech.voice_traits import hear_traits


def voice(seconds: float = 4.0, hz: float = 120.0, swing: float = 2.0, tilt: float = -7.0, seed: int = 0):
    """A buzz that speaks in syllables: float32 [S].

    hz: middle pitch; swing: semitones either way; tilt: dB an octave; syllables 4 a second, phrases of 1.6 s.
    """
    rng = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    contour = np.sin(2 * np.pi * 0.9 * times) + 0.4 * np.sin(2 * np.pi * 3.7 * times + 1)
    pitch = hz * 2 ** (swing * contour / 1.4 / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    buzz = sum(k ** (tilt / 6.02) * np.sin(k * phase) for k in range(1, int(7000 / pitch.max())))
    syllables = (0.5 - 0.5 * np.cos(2 * np.pi * 4 * times)) ** 1.5 * (times % 2.0 < 1.6)
    return (0.2 * syllables * buzz + 0.0005 * rng.normal(size=len(times))).astype(np.float32)


def chords(seconds: float = 6.0) -> np.ndarray:
    """Four chords of struck strings: float32 [S]."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    music = np.zeros(len(times))
    for bar, notes in enumerate(((220, 277, 330), (196, 247, 294), (175, 220, 262), (196, 247, 392))):
        since = times - bar * seconds / 4
        struck = np.where(since >= 0, np.exp(-2 * np.maximum(since, 0)), 0)
        music += struck * sum(np.sin(2 * np.pi * hz * k * times) / k for hz in notes for k in (1, 2, 3, 4))
    return (0.05 * music).astype(np.float32)


CALM = voice(hz=100, swing=2.0, tilt=-10)
EXCITED = voice(hz=260, swing=4.0, tilt=-4)
NOISE = (0.1 * np.random.default_rng(1).normal(size=5 * RATE_HZ)).astype(np.float32)


@pytest.mark.parametrize("hz", [75, 120, 210, 330, 480])
def test_pitch_is_found_to_a_tenth_of_a_semitone(hz):
    pitch = track_pitch(voice(hz=hz, swing=0))
    assert 12 * abs(np.log2(np.median(pitch.hz[pitch.voiced]) / hz)) < 0.1
    assert len(pitch.hz) == 400


def test_the_excited_voice_has_more_arousal():
    calm, excited = hear_emotion(CALM), hear_emotion(EXCITED)
    assert calm.arousal < 0.35
    assert excited.arousal > 0.65
    assert excited.name in ("happy", "surprised", "angry", "fearful")
    assert calm.name in ("sad", "neutral")


@pytest.mark.parametrize("more", [{"hz": 160.0}, {"tilt": -4.0}])
def test_pitch_and_brightness_each_raise_arousal(more):
    assert hear_emotion(voice(**more)).arousal > hear_emotion(voice()).arousal + 0.03


@pytest.mark.parametrize("gain", [0.02, 0.2, 3.0])
def test_the_level_of_the_recording_does_not_matter(gain):
    plain, other = hear_emotion(EXCITED), hear_emotion(EXCITED * np.float32(gain))
    assert other.arousal == pytest.approx(plain.arousal, abs=0.02)
    assert other.name == plain.name


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(100, np.float32),
        np.zeros(3 * RATE_HZ, np.float32),
        NOISE,
        NOISE * np.float32(1e-3),
        chords(),
        (0.3 * np.sin(2 * np.pi * 180 * np.arange(4 * RATE_HZ) / RATE_HZ)).astype(np.float32),
        voice(0.3),
    ],
    ids=["nothing", "a click", "silence", "noise", "faint noise", "music", "a tone", "too short"],
)
def test_what_is_no_voice_suggests_nothing(sound):
    heard = hear_emotion(sound)
    assert heard.confidence < 0.1
    assert heard.name == "neutral"
    assert max(heard.mixture().values()) < 0.05


@pytest.mark.parametrize("sound", [CALM, EXCITED, NOISE], ids=["calm", "excited", "noise"])
def test_numbers_are_shares(sound):
    heard = hear_emotion(sound)
    assert tuple(heard.weights) == tuple(FACES)
    assert set(heard.mixture()) == set(EMOTIONS)
    assert sum(heard.weights.values()) == pytest.approx(1.0)
    assert all(0 <= value <= 1 for value in (heard.arousal, heard.valence, heard.confidence, *heard.weights.values()))
    assert hear_emotion(sound) == heard


def test_syllables_are_counted():
    traits, _ = hear_traits(voice(8.0))
    assert traits.pace == pytest.approx(4.0, rel=0.3)


def test_time_grows_with_length_and_stays_small():
    once, ten = voice(10.0), np.tile(voice(10.0), 10)
    started = time.process_time()
    hear_emotion(once)
    middle = time.process_time()
    hear_emotion(ten)
    assert time.process_time() - middle < 25 * (middle - started) + 0.5

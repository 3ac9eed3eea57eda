"""Speech fed as it comes: the same face however it is cut, in time, and nothing heard before it is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from models import random_model

from core.audio.read import read_speech
from core.errors import AudioError, SettingError, ShapeError
from core.rig.board import BOARD_NAMES, HIGHS, LOWS, index
from core.speech.articulation import MOUTH, read_lips
from core.speech.direction import Direction
from core.speech.emotion import EmotionTrack
from core.speech.phones import PHONES
from core.speech.stream import LOOK_AHEAD_S, SpeechStream, StreamFrames
from core.speech.stream_level import RunningGain, RunningGate
from core.speech.stream_rules import RunningRules

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
MODEL = random_model()


@pytest.fixture(scope="module")
def line() -> np.ndarray:
    return read_speech(LINE).samples[:64_100]


def said(samples: np.ndarray, size: int | None = None, **wishes: object) -> StreamFrames:
    """Everything a stream gives for samples that come `size` at a time."""
    stream = SpeechStream(MODEL, **wishes)
    size = size or max(1, len(samples))
    parts = [stream.feed(samples[start : start + size]) for start in range(0, len(samples), size)]
    parts.append(stream.finish())
    assert [part.first for part in parts] == np.cumsum([0, *(len(part.board) for part in parts)])[:-1].tolist()
    return StreamFrames(0, *(np.concatenate([getattr(p, n) for p in parts]) for n in ("board", "head", "posteriors")))


@pytest.mark.parametrize("size", [7, 160, 320, 333, 5_000])
def test_pieces_of_any_size_give_the_same(line, size):
    samples = line[:16_100]
    whole, pieced = said(samples), said(samples, size)
    for name in ("board", "head", "posteriors"):
        np.testing.assert_array_equal(getattr(pieced, name), getattr(whole, name))


def test_single_samples_give_the_same(line):
    samples = line[20_000:21_700]
    np.testing.assert_array_equal(said(samples, 1).board, said(samples).board)


@pytest.mark.parametrize("count", [0, 1, 200, 319, 320, 321, 959, 960, 961, 5_000])
def test_every_hop_gives_a_frame(count):
    frames = said(np.random.default_rng(count).standard_normal(count).astype(np.float32) * 0.1)
    assert frames.board.shape == (-(-count // 320), len(BOARD_NAMES))
    assert frames.head.shape == (len(frames.board), 3)
    assert frames.posteriors.shape == (len(frames.board), len(PHONES))


def test_frames_come_as_soon_as_the_look_ahead_is_there(line):
    assert pytest.approx(0.0725) == LOOK_AHEAD_S
    stream, given = SpeechStream(MODEL), 0
    for start in range(0, 8_000, 40):
        given += len(stream.feed(line[start : start + 40]).board)
        heard_s = (start + 40) / 16_000
        assert given == max(0, int(np.floor((heard_s - LOOK_AHEAD_S) * 50 + 1e-6)) + 1)


def test_what_comes_later_changes_nothing_before(line):
    changed = line.copy()
    changed[32_000:] = 0.3 * np.random.default_rng(0).standard_normal(len(line) - 32_000)
    frames = int((2.0 - LOOK_AHEAD_S) * 50) + 1
    one, other = said(line), said(changed)
    for name in ("board", "head", "posteriors"):
        np.testing.assert_array_equal(getattr(one, name)[:frames], getattr(other, name)[:frames])
    assert not np.array_equal(one.board[frames:], other.board[frames:])


def test_values_stay_in_range_and_seeds_change_life_only(line):
    one, other = said(line, seed=0), said(line, seed=1)
    assert np.isfinite(one.board).all()
    assert (one.board >= LOWS).all() and (one.board <= HIGHS).all()
    lips = [column for column in MOUTH if not BOARD_NAMES[column].startswith("CTRL_C_neck")]
    np.testing.assert_array_equal(one.board[:, lips], other.board[:, lips])
    assert not np.array_equal(one.head, other.head)
    np.testing.assert_array_equal(said(line, seed=1).head, other.head)


def test_what_lives_can_be_left_still(line):
    still = Direction(live_blinks=False, live_gaze=False, live_brows=False, live_head=False)
    one, other = (said(line, direction=still, seed=seed) for seed in (1, 2))
    assert not one.head.any()
    np.testing.assert_array_equal(one.board, other.board)
    alive = said(line, seed=1)
    assert (alive.board != one.board)[:, index("CTRL_L_eye.tx")].any() and alive.head.any()


@pytest.mark.parametrize("level_db", [None, -90, -60])
def test_silence_and_a_quiet_room_rest_the_mouth(level_db):
    noise = np.random.default_rng(1).standard_normal(4 * 16_000)
    samples = (noise * (0 if level_db is None else 10 ** (level_db / 20))).astype(np.float32)
    assert said(samples).board[:, MOUTH].max() <= 0.02


def test_a_smile_outlasts_the_speech(line):
    """With random weights any pose will do: what matters is that silence shows the emotion's and not the neutral."""
    silence = np.zeros(32_000, np.float32)
    happy = said(np.concatenate([line[:32_000], silence]), emotion=EmotionTrack.steady({"happy": 1.0}))
    neutral = said(np.concatenate([line[:32_000], silence]))
    assert neutral.board[-20:, MOUTH].max() <= 0.02
    assert happy.board[-20:, MOUTH].max() > 0.05


def test_the_gain_finds_the_level_and_lifts_no_empty_room():
    quiet, room = RunningGain(), RunningGain()
    for hop in range(500):
        gain_db = quiet.feed(-38.0 if hop % 4 else -60.0)
        room_db = room.feed(-62.0)
    assert gain_db == pytest.approx(18.0, abs=1.5)
    assert room_db == pytest.approx(0.0, abs=0.1)


def test_the_gate_opens_before_the_sound_and_closes_after_it():
    gate = RunningGate(ahead=3)
    levels = [-90.0] * 20 + [-20.0] * 20 + [-90.0] * 40
    opened = np.array([gate.feed(level) for level in levels])[3:]  # row n answers for hop n
    assert opened[:16].max() == 0 and opened[19] > 0.8
    assert opened[45] > 0.9 and opened[-1] < 0.02


def test_rules_hold_while_a_sound_is_likely():
    rules, lips = RunningRules(), read_lips(MODEL)
    teeth, vowel = (np.eye(len(PHONES), dtype=np.float32)[PHONES.index(name)] for name in ("V", "AA"))
    openings = []
    for posteriors in (vowel, vowel, teeth, teeth, teeth, teeth, vowel, vowel, vowel, vowel, vowel, vowel):
        row = np.zeros((1, len(BOARD_NAMES)), np.float32)
        row[0, index("CTRL_C_jaw.ty")] = 0.5
        rules.obey(row, posteriors)
        openings.append(float(lips.opening(row)[0]))
    assert openings[0] == pytest.approx(openings[1]) and openings[0] > 0.15
    assert openings[5] < 0.4 * openings[0]
    assert openings[-1] > 0.85 * openings[0]


def test_wrong_use_is_told_in_a_sentence(line):
    with pytest.raises(SettingError, match="smoothing_s"):
        SpeechStream(MODEL, direction=Direction(smoothing_s=0.1))
    stream = SpeechStream(MODEL)
    with pytest.raises(ShapeError):
        stream.feed(line.astype(np.float64))
    with pytest.raises(AudioError, match="not numbers"):
        stream.feed(np.full(320, np.nan, np.float32))
    stream.finish()
    for late in (lambda: stream.feed(line), stream.finish):
        with pytest.raises(AudioError, match="finished"):
            late()

"""The whole road from samples to curves: what holds for any weights with random ones, the rest with the shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from models import random_model

from core.audio.read import read_speech
from core.errors import AudioError, Cancelled
from core.rig.board import BOARD_NAMES, HIGHS, LOWS, columns
from core.speech import articulation, hear
from core.speech.align import TranscriptError
from core.speech.brief import Brief
from core.speech.direction import Direction
from core.speech.emotion import EmotionTrack
from core.speech.perform import perform
from core.speech.phones import Phone, PhoneError, PhoneTrack
from core.speech.rules import SAFE
from core.speech.script import Script
from core.speech.weights import load_model
from core.types import Speech

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
MOUTH = articulation.MOUTH
RANDOM = random_model()
STILL = dict.fromkeys(("live_blinks", "live_gaze", "live_brows", "live_head", "live_breath"), False)
NOTHING_LIVES = Direction(**STILL)


@pytest.fixture(scope="module")
def line() -> Speech:
    return read_speech(LINE)


def part(speech: Speech, seconds: float) -> Speech:
    return Speech(speech.samples[: round(seconds * speech.rate_hz)], speech.rate_hz)


def opening(speech: Speech, fps: float = 100.0, **wishes: object) -> np.ndarray:
    return articulation.curve_opening(perform(speech, Brief(fps, **wishes)).curves, load_model())


def closed_share(lips: np.ndarray) -> float:
    """What counts as closed, as the benchmark has it: 12 % of the loud opening."""
    return 0.12 * float(np.quantile(lips, 0.95))


@pytest.mark.parametrize("fps", [1.0, 23.976, 24, 29.97, 60, 120, 240])
def test_rows_fall_on_frames(line, fps):
    speech = part(line, 3.1)
    performance = perform(speech, Brief(fps), model=RANDOM)
    assert performance.curves.values.shape == (int(np.ceil(speech.duration_s * fps - 1e-6)), 185)
    assert performance.curves.names == BOARD_NAMES
    assert performance.head.shape == (len(performance.curves.values), 3)
    assert performance.phones.duration_s == pytest.approx(speech.duration_s)


def test_values_stay_in_range_and_switches_rest(line):
    emotion = EmotionTrack.steady({"angry": 1.0, "surprised.left": 1.0})
    direction = Direction(strength_lips=2, strength_jaw=2, emphasis=2, style_lip=2, smoothing_s=0.1)
    values = perform(line, Brief(60, emotion=emotion, direction=direction), model=RANDOM).curves.values
    assert np.isfinite(values).all()
    assert (values >= LOWS).all() and (values <= HIGHS).all()
    assert not values[:, columns("switches")].any()


@pytest.mark.parametrize("level_db", [None, -90, -60])
def test_silence_and_room_noise_rest_the_mouth(level_db):
    noise = np.random.default_rng(1).standard_normal(5 * 16_000)
    samples = (noise * (0 if level_db is None else 10 ** (level_db / 20))).astype(np.float32)
    brief = Brief(30, direction=NOTHING_LIVES)
    performance = perform(Speech(samples, 16_000), brief, model=RANDOM)
    assert np.abs(performance.curves.values[:, MOUTH]).max() <= 0.02
    assert {phone.symbol for phone in performance.phones.phones} == {"sil"}


def test_lips_do_not_depend_on_the_seed_but_eyes_do(line):
    still = Direction(live_breath=False)
    first, second, again = (
        perform(line, Brief(30, seed=seed, direction=still), model=RANDOM).curves for seed in (0, 1, 0)
    )
    np.testing.assert_array_equal(first.values[:, MOUTH], second.values[:, MOUTH])
    assert not np.array_equal(first.column("CTRL_L_eye_blink.ty"), second.column("CTRL_L_eye_blink.ty"))
    np.testing.assert_array_equal(first.values, again.values)


def test_two_cores_hear_what_one_hears(line, monkeypatch):
    speech = Speech(np.tile(line.samples, 6), line.rate_hz)
    alone = perform(speech, Brief(50), model=RANDOM)
    monkeypatch.setattr(hear, "thread_count", lambda: 3)
    shared = perform(speech, Brief(50), model=RANDOM)
    np.testing.assert_allclose(shared.curves.values, alone.curves.values, atol=1e-3)
    assert [phone.symbol for phone in shared.phones.phones] == [phone.symbol for phone in alone.phones.phones]


def test_a_job_stops_when_its_watcher_does(line, monkeypatch):
    monkeypatch.setattr(hear, "thread_count", lambda: 2)

    def stop(done: float) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled, match="stopped"):
        perform(Speech(np.tile(line.samples, 6), line.rate_hz), Brief(30), progress=stop, model=RANDOM)


def test_each_half_feels_its_own(line):
    """The left half of a lopsided face is the left half of a face that feels so on both sides."""
    speech = part(line, 3)
    lopsided, happy, plain = (
        perform(speech, Brief(50, emotion=EmotionTrack.steady(felt), direction=NOTHING_LIVES), model=RANDOM).curves
        for felt in ({"happy.left": 1.0}, {"happy": 1.0}, {})
    )
    brow = "CTRL_{}_brow_raiseOut.ty".format
    np.testing.assert_allclose(lopsided.column(brow("L")), happy.column(brow("L")), atol=1e-5)
    np.testing.assert_allclose(lopsided.column(brow("R")), plain.column(brow("R")), atol=1e-5)
    assert np.abs(happy.column(brow("L")) - plain.column(brow("L"))).max() > 0.01


def test_an_emotion_that_comes_later_changes_nothing_before(line):
    early, late = np.zeros((3, 6), np.float32), np.zeros((3, 6), np.float32)
    late[2, 0] = 1.0
    keys = np.array([0.0, 3.0, 4.0], np.float32)
    changing = EmotionTrack(keys, late, late)
    neutral = EmotionTrack(keys, early, early)
    felt, plain = (
        perform(part(line, 6), Brief(50, emotion=track, direction=NOTHING_LIVES), model=RANDOM).curves.values
        for track in (changing, neutral)
    )
    np.testing.assert_allclose(felt[:120], plain[:120], atol=1e-5)
    assert np.abs(felt[210:] - plain[210:]).max() > 0.05


def test_an_edited_phone_changes_the_face_only_there(line):
    speech = part(line, 6)
    heard = perform(speech, Brief(50, direction=NOTHING_LIVES), model=RANDOM).phones
    plain = perform(speech, Brief(50, direction=NOTHING_LIVES, script=Script.from_track(heard)), model=RANDOM)
    assert plain.phones == heard
    phones = list(plain.phones.phones)
    place = next(i for i, phone in enumerate(phones) if phone.start_s > 2)
    old = phones[place]
    phones[place] = Phone("AA" if old.symbol != "AA" else "M", old.start_s, old.end_s)
    track = PhoneTrack(tuple(phones), plain.phones.duration_s)
    edited = perform(speech, Brief(50, direction=NOTHING_LIVES, script=Script.from_track(track)), model=RANDOM)
    assert edited.phones == track
    moved = np.abs(edited.curves.values - plain.curves.values).max(axis=1) > 1e-5
    times = np.arange(len(moved)) / 50
    assert moved[(times > old.start_s) & (times < old.end_s)].all()
    assert not moved[(times < old.start_s - 0.6) | (times > old.end_s + 0.6)].any()


def test_a_script_keeps_every_rule_and_what_is_only_heard_the_safe_ones(line, monkeypatch):
    speech, kept_rules = part(line, 6), []
    monkeypatch.setattr("core.speech.perform.enforce", lambda board, track, kept: kept_rules.append(kept))
    heard = perform(speech, Brief(50), model=RANDOM)
    confirmed = perform(speech, Brief(50, script=Script.from_track(heard.phones)), model=RANDOM)
    assert kept_rules == [SAFE, None]
    np.testing.assert_array_equal(confirmed.curves.values, heard.curves.values)  # nothing but the rules differs


def test_scripts_that_do_not_fit_are_refused(line):
    other = PhoneTrack((Phone("AA", 0.0, 1.0),), 2.0)
    with pytest.raises(PhoneError, match="recording of"):
        perform(line, Brief(30, script=Script.from_track(other)), model=RANDOM)
    with pytest.raises(TranscriptError):
        perform(part(line, 0.3), Brief(30, script=Script.from_text("far too many words for this")), model=RANDOM)


def test_an_offset_moves_the_face_against_the_sound(line):
    plain, late = (
        perform(line, Brief(50, direction=direction), model=RANDOM).curves.values[:, MOUTH]
        for direction in (NOTHING_LIVES, Direction(**STILL, offset_s=0.2))
    )
    np.testing.assert_allclose(late[10:], plain[:-10], atol=1e-4)


@pytest.mark.parametrize("count", [1, 50, 319, 321, 1_600])
def test_very_short_recordings_give_a_frame(count):
    tone = np.sin(np.arange(count) / 5).astype(np.float32)
    performance = perform(Speech(tone, 16_000), Brief(30), model=RANDOM)
    assert len(performance.curves.values) == max(1, int(np.ceil(count / 16_000 * 30)))
    assert np.isfinite(performance.curves.values).all()


def test_other_rates_and_nothing_are_refused():
    with pytest.raises(AudioError, match="16000 Hz"):
        perform(Speech(np.zeros(10, np.float32), 8_000), Brief(30), model=RANDOM)
    with pytest.raises(AudioError, match="no sound"):
        perform(Speech(np.zeros(0, np.float32), 16_000), Brief(30), model=RANDOM)
    with pytest.raises(AudioError, match="frame rate"):
        perform(Speech(np.zeros(10, np.float32), 16_000), Brief(0), model=RANDOM)


def test_progress_rises_to_one(line):
    seen: list[float] = []
    perform(line, Brief(30), progress=seen.append, model=RANDOM)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)


def test_the_mouth_speaks_in_words_and_rests_between_sentences(line):
    lips = opening(line)
    assert np.quantile(lips, 0.95) > 0.08
    assert lips[:10].max() < 0.015 and lips[-5:].max() < 0.015


BILABIALS_S = (0.58, 0.98, 1.14, 1.66, 2.00, 2.22, 2.72, 3.56, 5.08, 6.36, 6.48, 7.54, 8.22, 8.56, 9.94, 10.12)
"""Every p, b and m of the line as a phone recogniser marks them, just after their middle."""
SHOUT = {"direction": Direction(strength_jaw=1.8, strength_lips=1.8), "emotion": EmotionTrack.steady({"angry": 1.0})}
GRIN = {"emotion": EmotionTrack.steady({"happy": 1.0})}


@pytest.mark.parametrize("fps", [24.0, 60.0])
@pytest.mark.parametrize("wishes", [{}, SHOUT, GRIN], ids=["plain", "shout", "grin"])
def test_lips_meet_on_p_b_and_m(line, fps, wishes):
    lips = opening(line, fps, **wishes)
    closed = closed_share(lips)
    met = [lips[max(0, int((s - 0.14) * fps)) : int((s + 0.08) * fps) + 1].min() < closed for s in BILABIALS_S]
    assert sum(met) >= 15
    assert (lips < closed).mean() < 0.5  # and do not stay shut in between


def test_loudness_of_the_recording_does_not_matter(line):
    quiet = Speech(line.samples * np.float32(0.1), line.rate_hz)
    np.testing.assert_allclose(opening(quiet), opening(line), atol=5e-3)


@pytest.mark.parametrize("spoil", ["clipped", "narrow", "two voices"])
def test_poor_recordings_still_speak(line, spoil):
    """Clipped, telephone bandwidth, another voice underneath: the same mouth, more or less."""
    samples = line.samples
    if spoil == "clipped":
        samples = np.clip(20 * samples, -0.9, 0.9)
    elif spoil == "narrow":
        spectrum = np.fft.rfft(samples)
        spectrum[int(3_600 / 8_000 * len(spectrum)) :] = 0
        samples = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    else:
        samples = samples + 0.2 * np.roll(samples, 40_000)
    assert np.corrcoef(opening(Speech(samples, line.rate_hz)), opening(line))[0, 1] > 0.6


def test_a_long_recording_equals_its_parts(line):
    """Four times the same line: nothing of the cutting into blocks is seen."""
    once = opening(line)
    often = opening(Speech(np.tile(line.samples, 4), line.rate_hz))
    period = len(line.samples) / line.rate_hz * 100
    for turn in (1, 2):
        start = round(turn * period)
        assert np.corrcoef(often[start : start + len(once) - 2], once[:-2])[0, 1] > 0.97

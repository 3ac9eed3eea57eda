"""Eyes, brows, head and breath stay within what is known of people, repeat with their seed, and are each their own."""

from __future__ import annotations

import numpy as np
import pytest

from core.rig.board import BOARD_NAMES, HIGHS, LOWS, index
from core.speech import accents, blinks, breath, gaze, level, life
from core.speech.direction import Direction, direct
from core.speech.emotion import EmotionTrack, parse_emotion
from core.speech.prosody import hear_prosody
from core.speech.temper import temper_of


def phrases(seconds: int) -> np.ndarray:
    """Levels of a speaker who talks in syllables, 2.4 s on and 0.6 s off."""
    times = np.arange(seconds * 50) / 50
    syllables = -20 - 12 * (0.5 + 0.5 * np.cos(2 * np.pi * 4.3 * times)) - 4 * np.sin(times)
    return np.where(times % 3.0 < 2.4, syllables, -75).astype(np.float32)


TIMES = np.arange(0, 120, 1 / 30)
LIDS = life.LIDS
EYES = tuple(f"CTRL_{side}_eye.{axis}" for side in "LR" for axis in ("tx", "ty"))
PARTS = {
    "live_blinks": LIDS,
    "live_gaze": EYES,
    "live_brows": tuple(f"CTRL_{s}_brow_{what}.ty" for s in "LR" for what in ("raiseIn", "raiseOut", "down")),
    "live_breath": ("CTRL_neck_throatExhaleInhale.ty", "CTRL_L_nose.tx", "CTRL_R_nose.tx", "CTRL_C_jaw.ty"),
}


@pytest.fixture(scope="module")
def minutes():
    return hear_prosody(phrases(120))


def lived(prosody, seed=1, times=TIMES, emotion=None, **wishes):
    return life.live(times, prosody, seed, direct(wishes), emotion)


def blink_starts(prosody, seed, rate=1.0):
    return blinks.blink_times(prosody, np.random.default_rng(seed), np.full(len(prosody.speaking), rate))


def test_pauses_phrases_and_stresses_are_heard(minutes):
    assert len(minutes.pause_starts()) == pytest.approx(40, abs=2)
    assert len(minutes.stresses) > 60
    assert minutes.speaking[(minutes.stresses * 50).astype(int)].all()
    begun, ended = minutes.phrases().T
    assert len(begun) == pytest.approx(40, abs=2)
    assert (ended - begun).mean() == pytest.approx(2.4, abs=0.2)
    assert (begun[1:] > ended[:-1]).all()


@pytest.mark.parametrize("seed", range(4))
def test_blinks_come_as_often_as_in_conversation(minutes, seed):
    starts = blink_starts(minutes, seed)
    assert 20 <= len(starts) / 2 <= 44  # a minute: Chidi-Egboka et al. 2022, 32.4 with a deviation of 12.4
    assert np.diff(starts).min() >= blinks.SHORTEST_GAP_S - 1e-9


def test_the_blink_rate_follows_its_wish(minutes):
    counts = [np.mean([len(blink_starts(minutes, seed, rate)) for seed in range(8)]) for rate in (0, 0.5, 1, 2)]
    assert counts[0] == 0
    assert (np.diff(counts) > 0).all()
    assert counts[1] == pytest.approx(counts[2] / 2, rel=0.25)


def test_a_blink_closes_fully_and_falls_faster_than_it_rises():
    times = np.arange(0, 1, 0.001)
    closure = blinks.blink_curve(times, np.array([0.2]))
    assert closure.max() == pytest.approx(1.0)
    falling, rising = (closure[:-1] < np.float32(0.99)) & (np.diff(closure) > 0), np.diff(closure) < 0
    assert falling.sum() * 1.5 < rising.sum()


@pytest.mark.parametrize("lid", [-0.5, 0.0, 0.4])
def test_a_blink_closes_whatever_an_emotion_does_to_the_lids(minutes, lid):
    controls, _ = lived(minutes)
    board = np.zeros((len(TIMES), len(BOARD_NAMES)), np.float32)
    board[:, [index(name) for name in LIDS]] = lid
    closed = controls[LIDS[0]] > 0.99
    laid = life.add_life(board, controls)
    assert closed.any()
    assert (laid[closed, index(LIDS[0])] > 0.98).all()
    assert laid.max() <= 1
    assert (board[:, index(LIDS[0])] == np.float32(lid)).all()


def test_life_is_added_to_what_is_there(minutes):
    controls, _ = lived(minutes)
    board = np.full((len(TIMES), len(BOARD_NAMES)), 0.2, np.float32)
    laid = life.add_life(board, controls)
    brow = "CTRL_L_brow_raiseIn.ty"
    np.testing.assert_allclose(laid[:, index(brow)], 0.2 + controls[brow], atol=1e-6)
    untouched = [place for place, name in enumerate(BOARD_NAMES) if name not in controls]
    np.testing.assert_array_equal(laid[:, untouched], board[:, untouched])


def test_eyes_jump_by_the_main_sequence(minutes):
    times = np.arange(0, 60, 0.001)
    path = np.degrees(gaze.gaze_path(times, minutes, np.random.default_rng(0)))
    moving = np.flatnonzero(np.diff(np.concatenate([[0], np.abs(np.diff(path[:, 0])) > 0, [0]])))
    jumps = [(b, e) for b, e in zip(moving[::2], moving[1::2], strict=True) if e < len(path) - 1]
    assert len(jumps) > 30
    for begin, end in jumps:
        size = np.linalg.norm(path[end] - path[begin])
        assert (end - begin) / 1000 == pytest.approx(0.021 + 0.0022 * size, abs=0.003)
    assert np.abs(path).max() < 20
    assert not path[0].any()


def test_both_eyes_look_one_way_and_converge_little(minutes):
    controls, _ = lived(minutes, live_head=False, live_breath=False)
    np.testing.assert_array_equal(controls["CTRL_L_eye.ty"], controls["CTRL_R_eye.ty"])
    apart = np.degrees(gaze.FULL_LOOK_RAD) * (controls["CTRL_R_eye.tx"] - controls["CTRL_L_eye.tx"])
    assert 0 < np.abs(apart).max() < 2


def test_lids_follow_the_eyes():
    down, up = np.radians([[0, -20, 0]]), np.radians([[0, 20, 0]])
    assert gaze.lid_follow(down)[0] > 0.1
    assert gaze.lid_follow(up)[0] < -0.05


def test_eyes_stay_on_their_target_while_the_head_turns(minutes):
    controls, head = lived(minutes)
    free, _ = lived(minutes, live_head=False, live_breath=False)
    turned = (controls["CTRL_L_eye.tx"] - free["CTRL_L_eye.tx"]) * gaze.FULL_LOOK_RAD
    np.testing.assert_allclose(turned, -gaze.HOLD * head[:, 0], atol=1e-5)


def test_the_head_moves_a_few_degrees_and_begins_at_rest(minutes):
    degrees = np.degrees(lived(minutes, seed=5)[1])
    assert np.abs(degrees).max() < 20
    assert (degrees.std(axis=0) > 1).all()
    assert np.abs(degrees[0]).max() < 1.5
    assert np.abs(np.diff(degrees, axis=0)).max() * 30 < 90  # degrees a second


def test_the_head_nods_down_on_stresses(minutes):
    """Averaged over many seeds only what the voice asks for remains."""
    calm = temper_of(None, len(minutes.speaking))
    rngs = (np.random.default_rng(seed) for seed in range(30))
    pitch = np.mean([accents.head_path(TIMES, minutes, rng, calm, 1.0)[:, 1] for rng in rngs], axis=0)
    strong = minutes.stresses[(minutes.strengths > 0.5) & (minutes.stresses > 2)]
    on, before = (np.interp(strong - lead, TIMES, pitch) for lead in (0.04, 0.25))
    assert (on - before).mean() < -np.radians(0.3)


def test_breaths_come_before_phrases_and_end_before_lips_must_meet(minutes):
    starts, ends, depths = breath.breaths(minutes, np.random.default_rng(0))
    begun = minutes.phrases()[:, 0]
    assert len(starts) >= len(begun) - 1
    assert all(np.abs(begun - end - breath.LEAD_S).min() < 1e-9 for end in ends)
    assert ((ends - starts >= breath.INHALE_S[0] - 1e-9) & (ends - starts <= breath.INHALE_S[1] + 1e-9)).all()
    assert (depths > 0.3).all()
    jaw = lived(minutes)[0]["CTRL_C_jaw.ty"]
    speaking = np.interp(TIMES, np.arange(len(minutes.speaking)) / 50, minutes.speaking) > 0.99
    assert jaw.max() > 0.01
    assert not jaw[speaking].any()


def test_a_seed_repeats_and_another_differs(minutes):
    first, again, other = (lived(minutes, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[1], again[1])
    assert all((first[0][name] == again[0][name]).all() for name in first[0])
    assert not np.allclose(first[1], other[1])
    assert any(not np.allclose(first[0][name], other[0][name]) for name in first[0])


def test_another_frame_rate_shows_the_same_life(minutes):
    slow, fast = lived(minutes, times=np.arange(0, 60, 1 / 25)), lived(minutes, times=np.arange(0, 119.9, 1 / 50))
    np.testing.assert_allclose(slow[1], fast[1][:3000:2], atol=1e-6)
    for name, curve in slow[0].items():
        np.testing.assert_allclose(curve, fast[0][name][:3000:2], atol=1e-6, err_msg=name)


# Lids belong to blinks, gaze and brows alike, and eyes turn back what the head turns.
TIED = {
    "live_blinks": (),
    "live_gaze": LIDS,
    "live_brows": LIDS,
    "live_breath": (*EYES, *LIDS),
    "live_head": (*EYES, *LIDS),
}


@pytest.mark.parametrize("off", TIED)
def test_switching_a_part_off_stills_it_and_changes_no_other(minutes, off):
    everything, head = lived(minutes)
    without, head_without = lived(minutes, **{off: False})
    own = PARTS.get(off, ())
    for name in set(everything) - set(own) - set(TIED[off]):
        np.testing.assert_array_equal(without[name], everything[name], err_msg=name)
    assert all(np.abs(without.get(name, np.zeros(1))).max() < 0.2 for name in own)
    still_axes = {"live_head": [0, 2], "live_breath": []}.get(off, [])
    moving_axes = {"live_head": [], "live_breath": [0, 2]}.get(off, [0, 1, 2])
    assert not head_without[:, still_axes].any()
    np.testing.assert_array_equal(head_without[:, moving_axes], head[:, moving_axes])
    assert (off in ("live_head", "live_breath")) == (not np.array_equal(head, head_without))


def test_everything_off_is_a_still_face(minutes):
    controls, head = lived(minutes, **dict.fromkeys((*PARTS, "live_head"), False))
    assert not head.any()
    assert not any(curve.any() for curve in controls.values())


@pytest.mark.parametrize(
    ("wish", "names"),
    [("strength_brows", PARTS["live_brows"]), ("strength_eyes", EYES), ("breath_depth", PARTS["live_breath"])],
)
def test_more_strength_is_more_life(minutes, wish, names):
    amounts = []
    for amount in (0.0, 0.5, 1.0, 2.0):
        controls, _ = lived(minutes, **{wish: amount})
        amounts.append(sum(np.abs(controls[name]).sum() for name in names))
    assert amounts[0] == 0
    assert (np.diff(amounts) > 0).all()


def test_head_strength_and_emphasis_scale_the_head(minutes):
    spreads = [lived(minutes, strength_head=amount)[1].std() for amount in (0, 0.5, 1, 2)]
    np.testing.assert_allclose(spreads, np.array([0, 0.5, 1, 2]) * spreads[2], rtol=1e-5)
    lifts = [lived(minutes, emphasis=amount)[0]["CTRL_L_brow_raiseIn.ty"].sum() for amount in (0, 1, 2)]
    assert (np.diff(lifts) > 0).all()


def test_every_control_stays_in_range(minutes):
    wild = dict.fromkeys(("strength_brows", "strength_eyes", "strength_head", "emphasis", "breath_depth"), 2.0)
    controls, head = lived(minutes, seed=3, emotion=parse_emotion("surprised,angry"), **wild)
    assert head.dtype == np.float32
    for name, curve in controls.items():
        assert curve.dtype == np.float32
        assert LOWS[index(name)] <= curve.min() <= curve.max() <= HIGHS[index(name)], name


def test_moods_colour_the_head(minutes):
    neutral, sad, angry = (lived(minutes, emotion=parse_emotion(mood))[1] for mood in ("neutral", "sad", "angry"))
    assert sad.std(axis=0)[0] < 0.8 * neutral.std(axis=0)[0] < neutral.std(axis=0)[0] < angry.std(axis=0)[0]
    assert np.degrees(sad[:, 1].mean() - neutral[:, 1].mean()) == pytest.approx(-4, abs=1)
    np.testing.assert_array_equal(neutral, lived(minutes)[1])


def test_a_mood_that_comes_later_leaves_the_beginning_alone(minutes):
    rows = np.zeros((2, 6), np.float32)
    rows[1, 1] = 1
    later = EmotionTrack(np.array([60, 61], np.float32), rows, rows)
    neutral, sad = lived(minutes), lived(minutes, emotion=later)
    early, late = TIMES < 59, TIMES > 65
    np.testing.assert_array_equal(neutral[1][early], sad[1][early])
    assert sad[1][late, 1].mean() < neutral[1][late, 1].mean() - np.radians(2)


def test_moments_before_and_after_the_recording_hold(minutes):
    controls, head = lived(minutes, times=np.array([-0.3, -0.1, 0.0, 125.0]))
    assert np.abs(np.degrees(head[0])).max() < 1.5
    assert all(np.isfinite(curve).all() for curve in controls.values())


def test_silence_has_blinks_but_no_accents_and_no_breaths():
    quiet = hear_prosody(np.full(60 * 50, level.QUIETEST_DB, np.float32))
    assert len(quiet.stresses) == 0
    controls, _ = life.live(np.arange(0, 60, 1 / 30), quiet, 0, Direction())
    assert controls[LIDS[0]].max() > 0.9
    assert controls["CTRL_L_brow_raiseIn.ty"].max() < 0.2
    assert not controls["CTRL_C_jaw.ty"].any()


def test_the_shortest_recording_lives():
    tiny = hear_prosody(np.full(1, -20, np.float32))
    controls, head = life.live(np.zeros(1), tiny, 0, Direction())
    assert head.shape == (1, 3)
    assert all(curve.shape == (1,) for curve in controls.values())

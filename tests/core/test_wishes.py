"""Wishes over time: how keys are read, what they change and when, and that lips meet whatever they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.audio.read import read_speech
from core.errors import CoreError, FormatError, SettingError, ShapeError
from core.guidance import Guidance, guidance_from
from core.rig.board import index
from core.speech.articulation import curve_opening
from core.speech.brief import Brief
from core.speech.direction import PARAMETERS, SWITCHES, Direction
from core.speech.perform import perform
from core.speech.weights import load_model
from core.speech.wishes import KEYABLE, STEADY, WishCurve, WishTrack, read_wishes, wishes_from

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
FPS = 60.0
JAW = index("CTRL_C_jaw.ty")
STILL = {switch.name: False for switch in SWITCHES}
HALF_S, EASED_S = 5.0, 0.5


def curve(name, *keys):
    times, values = np.array(keys, np.float32).T.copy()
    return WishCurve(name, times, values)


def half(name, before, after):
    """One value until half way, another half a second later."""
    return WishTrack((curve(name, (0, before), (HALF_S, before), (HALF_S + EASED_S, after)),))


@pytest.fixture(scope="module")
def speech():
    return read_speech(LINE)


@pytest.fixture(scope="module")
def plain(speech):
    return performed(speech)


def performed(speech, wishes=STEADY, **direction):
    """Nothing lives by itself, so that only what speech does is seen."""
    return perform(speech, Brief(FPS, direction=Direction(**STILL, **direction), wishes=wishes))


def rows(performance, start_s, end_s):
    return performance.curves.values[round(start_s * FPS) : round(end_s * FPS)]


def test_all_but_windows_and_offsets_may_change():
    assert set(KEYABLE) == {p.name for p in PARAMETERS} - {"smoothing_s", "offset_s"}


def test_two_keys_ease_and_hold_outside():
    found = curve("style_jaw", (1, 0), (2, 2)).at(np.array([-1, 1, 1.25, 1.5, 1.75, 2, 9]))
    np.testing.assert_allclose(found, [0, 0, 2 * 0.15625, 1, 2 * 0.84375, 2, 2], atol=1e-6)
    assert (curve("style_jaw", (3, 0.5)).at(np.array([0.0, 9.0])) == 0.5).all()


def test_between_keys_no_value_leaves_what_they_span():
    rng = np.random.default_rng(4)
    keys = np.cumsum(rng.uniform(0.01, 2, 60)), rng.choice([0, 0.5, 2], 60)
    track = curve("style_lip", *zip(*keys, strict=True))
    times = np.linspace(0, float(track.times[-1]), 20_001)
    place = np.clip(np.searchsorted(track.times, times, side="right") - 1, 0, 58)
    ends = np.stack([track.values[place], track.values[place + 1]])
    found = track.at(times)
    inside = times >= track.times[0]
    assert ((found >= ends.min(axis=0)) & (found <= ends.max(axis=0)))[inside].all()
    held = inside & (ends[0] == ends[1])
    np.testing.assert_array_equal(found[held], ends[0][held])


def test_keys_as_dense_as_frames_are_followed_without_ripples():
    times = np.arange(61) / 30
    wave = (1 + np.sin(2 * times)).astype(np.float32)
    track = WishCurve("style_jaw", times.astype(np.float32), wave)
    fine = np.linspace(0.1, 1.9, 2000)
    np.testing.assert_allclose(track.at(fine), 1 + np.sin(2 * fine), atol=5e-4)
    assert np.abs(np.diff(track.at(fine), n=2)).max() < 2e-5  # a staircase would have 20 times that


def test_a_style_that_rises_half_way_changes_only_the_second_half(speech, plain):
    made = performed(speech, half("style_jaw", 1, 2))
    # The lips' step looks two tenths of a second about itself.
    np.testing.assert_array_equal(rows(made, 0, HALF_S - 0.3), rows(plain, 0, HALF_S - 0.3))
    whole = performed(speech, style_jaw=2.0)
    end = HALF_S + EASED_S + 0.3
    np.testing.assert_allclose(rows(made, end, 99), rows(whole, end, 99), atol=1e-6)
    assert rows(made, end, 99)[:, JAW].max() > rows(plain, end, 99)[:, JAW].max() + 0.1


def test_a_style_from_none_to_twice_is_smooth_at_the_join(speech, plain):
    made = performed(speech, half("style_jaw", 0, 2))
    assert rows(made, 0, HALF_S)[:, JAW].std() < 0.2 * rows(plain, 0, HALF_S)[:, JAW].std()
    after = slice(HALF_S + EASED_S, 99)
    assert rows(made, after.start, 99)[:, JAW].std() > rows(plain, after.start, 99)[:, JAW].std()
    steps = np.abs(np.diff(rows(made, HALF_S - 0.1, HALF_S + EASED_S + 0.1)[:, JAW]))
    wild = np.abs(np.diff(rows(made, after.start, 99)[:, JAW])).max()
    assert steps.max() <= wild  # no frame of the change moves the jaw faster than its speech does


@pytest.mark.parametrize("name", ["style_jaw", "style_lip", "strength_jaw", "strength_lips", "emphasis"])
def test_lips_meet_whatever_the_keys_say(speech, plain, name):
    lips = load_model()
    heard = np.asarray(curve_opening(plain.curves, lips))
    waves = curve(name, *((second / 2, 2.0 * (second % 2)) for second in range(22)))
    made = np.asarray(curve_opening(performed(speech, WishTrack((waves,))).curves, lips))
    shut = [
        slice(round(phone.start_s * FPS), round(phone.end_s * FPS) + 1)
        for phone in plain.phones.phones
        if phone.symbol in {"P", "B", "M"}
    ]
    limit = 0.12 * float(np.quantile(heard, 0.95))
    met = [span for span in shut if heard[span].min() <= limit]
    assert len(met) >= 8
    assert all(made[span].min() <= limit for span in met)


def test_what_lives_by_itself_follows_keys_too(speech):
    lively = perform(speech, Brief(FPS, 3))
    for name, still in (("strength_head", "head"), ("blink_rate", "blinks")):
        made = perform(speech, Brief(FPS, 3, wishes=half(name, 0, 1)))
        if still == "head":
            np.testing.assert_array_equal(made.head[: round(HALF_S * FPS)], 0)
            np.testing.assert_array_equal(made.head[-60:], lively.head[-60:])
        else:
            lids = made.curves.values[:, index("CTRL_L_eye_blink.ty")]
            assert lids[: round(HALF_S * FPS)].max() < 0.5
            assert lids[round((HALF_S + EASED_S) * FPS) :].max() > 0.9


def test_keys_of_one_are_a_plain_performance(speech):
    ones = WishTrack(tuple(curve(name, (0, 1), (4, 1)) for name in KEYABLE))
    made, wanted = (perform(speech, Brief(FPS, 3, wishes=wishes)) for wishes in (ones, STEADY))
    np.testing.assert_array_equal(made.curves.values, wanted.curves.values)
    np.testing.assert_array_equal(made.head, wanted.head)


CSV = "time_s,style_jaw, Strength_Brows\n4,2,\n0,0,1\n2,,0.5\n"
JSON = (
    '[{"time_s": 4, "style_jaw": 2}, {"time_s": 0, "style_jaw": "0", "strength_brows": 1},'
    ' {"time_s": 2, "strength_brows": 0.5}]'
)


@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("a.json", JSON), ("b.json", f'{{"keys": {JSON}}}')])
def test_a_wish_has_keys_only_where_a_file_names_it(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    track = read_wishes(tmp_path / name)
    assert track.names == ("style_jaw", "strength_brows")
    assert [found.times.tolist() for found in track.curves] == [[0, 4], [0, 2]]
    assert [found.values.tolist() for found in track.curves] == [[0, 2], [1, 0.5]]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("time_s,style_jow\n0,1\n", 'Line 1 of "a.csv": There is no wish "style_jow"; did you mean style_jaw?'),
        ("time_s,smoothing_s\n0,0\n", "smoothing_s holds for a whole recording and cannot be keyed"),
        ("time_s,live_gaze\n0,1\n", "live_gaze holds for a whole recording"),
        ("time_s,style_jaw\n0,3\n", 'Line 2 of "a.csv": style_jaw must be 0 to 2, but is 3.0.'),
        ("time_s,style_jaw\n0,much\n", 'must be a number from 0 to 2, but is "much".'),
        ("time_s,style_jaw\n0,1\n0.0,2\n", "gives second 0 again"),
        ("time_s,style_jaw\n1e300,1\n", "must give time_s in seconds"),
        ("seconds,style_jaw\n0,1\n", "must begin with time_s, followed by wishes such as style_jaw"),
        ("time_s,style_jaw\n", "holds no keys"),
    ],
)
def test_a_wrong_file_is_a_sentence_that_names_the_place(tmp_path, text, sentence):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(FormatError) as caught:
        read_wishes(tmp_path / "a.csv")
    assert sentence in str(caught.value)


def test_tracks_refuse_what_cannot_be():
    with pytest.raises(SettingError, match="order of time"):
        curve("style_jaw", (1, 0), (1, 2))
    with pytest.raises(SettingError, match="0 to 2"):
        curve("style_jaw", (1, 0), (2, 2.5))
    with pytest.raises(SettingError, match="must be a number"):
        curve("style_jaw", (1, np.nan))
    with pytest.raises(SettingError, match="cannot be keyed"):
        curve("offset_s", (1, 0))
    with pytest.raises(SettingError, match="twice"):
        WishTrack((curve("emphasis", (0, 1)), curve("emphasis", (0, 2))))
    with pytest.raises(ShapeError):
        WishCurve("style_jaw", np.zeros(2, np.float32), np.zeros(3, np.float32))
    with pytest.raises(ShapeError):
        WishCurve("style_jaw", np.zeros(0, np.float32), np.zeros(0, np.float32))


def test_one_track_goes_over_another():
    own, others = half("style_jaw", 0, 2), WishTrack((curve("style_jaw", (0, 1)), curve("emphasis", (0, 2))))
    assert own.over(others).names == ("style_jaw", "emphasis")
    assert own.over(others).curves[0] is own.curves[0]
    assert STEADY.over(others).names == others.names


def test_wishes_travel_as_json():
    sent = Guidance(wishes=half("style_jaw", 0, 1.5)).members()
    assert set(sent) == {"wishes"}
    back = guidance_from(json.loads(json.dumps(sent))).wishes
    for name in ("times", "values"):
        np.testing.assert_array_equal(getattr(back.curves[0], name), getattr(half("style_jaw", 0, 1.5).curves[0], name))
    assert guidance_from({}).wishes.names == ()


@pytest.mark.parametrize(
    "members",
    [3, [], {"style_jaw": 3}, {"style_jaw": {"times": [0]}}, {"ears": {"times": [0], "values": [1]}},
     {"style_jaw": {"times": [0], "values": [9]}}, {"style_jaw": {"times": ["x"], "values": [1]}}],
)  # fmt: skip
def test_members_that_cannot_be(members):
    with pytest.raises((CoreError, ValueError, KeyError, TypeError)):
        wishes_from(members)

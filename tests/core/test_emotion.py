"""Emotions: mixtures, sides and keys over time, and what a mistake is told."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import FormatError, SettingError, ShapeError
from core.speech.emotion import EMOTIONS, EmotionTrack, parse_emotion
from core.speech.emotion_files import read_emotion

HAPPY, SAD, SURPRISED = (EMOTIONS.index(name) for name in ("happy", "sad", "surprised"))


def only(**amounts):
    row = np.zeros(len(EMOTIONS), np.float32)
    for name, amount in amounts.items():
        row[EMOTIONS.index(name)] = amount
    return row


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("happy=0.7", only(happy=0.7), only(happy=0.7)),
        ("angry", only(angry=1), only(angry=1)),
        ("happy=0.5, surprised=0.3", only(happy=0.5, surprised=0.3), only(happy=0.5, surprised=0.3)),
        ("happy.left=0.8", only(happy=0.8), only()),
        ("happy.left=0.8,happy=0.2", only(happy=0.8), only(happy=0.2)),
        ("Happy=1,SAD=1", only(happy=1, sad=1), only(happy=1, sad=1)),
        ("neutral", only(), only()),
        ("neutral=0.5,sad=.25", only(sad=0.25), only(sad=0.25)),
    ],
)
def test_a_mixture_is_read_as_an_animator_means_it(text, left, right):
    found = parse_emotion(text).at(np.array([0.0, 12.5]))
    for have, want in zip(found, (left, right), strict=True):
        assert have.dtype == np.float32
        np.testing.assert_array_equal(have, [want, want])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hapy=1", "Did you mean happy?"),
        ("joyful", "choose neutral, happy, sad, angry, surprised, fearful or disgusted."),
        ("happy=1.2", "must be 0 to 1, but is 1.2."),
        ("happy=-0.1", "must be 0 to 1, but is -0.1."),
        ("happy=nan", 'must be a number from 0 to 1, but is "nan".'),
        ("happy=much", 'must be a number from 0 to 1, but is "much".'),
        ("happy=", "must be a number from 0 to 1"),
        ("happy=.5,happy=.6", "names happy twice"),
        ("happy.top=1", "write happy.left or happy.right."),
        ("", "names no emotion"),
        ("happy,,sad", "names no emotion"),
    ],
)
def test_a_wrong_mixture_is_a_sentence(text, sentence):
    with pytest.raises(SettingError) as caught:
        parse_emotion(text)
    assert sentence in str(caught.value)


def test_what_is_felt_eases_from_key_to_key_and_holds_at_the_ends():
    rows = np.stack([only(), only(happy=1), only(happy=1, sad=0.5)])
    track = EmotionTrack(np.array([1, 2, 4], np.float32), rows, rows[::-1].copy())
    times = np.linspace(-1, 6, 701)
    left, right = track.at(times)
    np.testing.assert_array_equal(left[times <= 1], 0)
    assert (np.diff(left[:, HAPPY]) >= 0).all()
    assert left[times == 1.5, HAPPY] == pytest.approx(0.5, abs=1e-6)
    assert left[np.abs(times - 1.1).argmin(), HAPPY] < 0.05  # slower than a straight line at first
    np.testing.assert_array_equal(left[times >= 4], [only(happy=1, sad=0.5)] * int((times >= 4).sum()))
    assert not np.allclose(left, right)
    assert not track.is_even


def test_a_track_knows_when_it_is_neutral_and_when_it_is_even():
    assert EmotionTrack.neutral().is_neutral
    assert EmotionTrack.neutral().is_even
    assert EmotionTrack.steady({"happy": 0.7}).is_even
    assert not EmotionTrack.steady({"happy": 0.7}).is_neutral
    assert not EmotionTrack.steady({"happy.right": 0.7}).is_even


def test_a_track_refuses_bad_arrays():
    row = np.zeros((2, 6), np.float32)
    with pytest.raises(SettingError, match="order of time"):
        EmotionTrack(np.array([1, 1], np.float32), row, row)
    with pytest.raises(SettingError, match="0 to 1"):
        EmotionTrack(np.array([0, 1], np.float32), row, row + 2)
    with pytest.raises(ShapeError):
        EmotionTrack(np.array([0, 1], np.float32), row, row[:1])
    with pytest.raises(ShapeError):
        EmotionTrack(np.zeros(0, np.float32), row[:0], row[:0])


CSV = "time_s, happy, sad.left, sad.right\n0,0.2,,\n\n2.5,1,0.5,0.1\n1,0,0,0\n"
JSON = '[{"time_s": 2.5, "happy": 1, "sad.left": 0.5, "sad.right": 0.1}, {"time_s": 0, "happy": 0.2}, {"time_s": 1}]'


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", CSV), ("a.json", JSON), ("b.JSON", '{"keys": ' + JSON + "}"), ("c.csv", "\ufeff" + CSV)],
)
def test_keys_come_from_a_file_in_any_order(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    track = read_emotion(path)
    np.testing.assert_array_equal(track.times, np.array([0, 1, 2.5], np.float32))
    np.testing.assert_array_equal(track.left, [only(happy=0.2), only(), only(happy=1, sad=0.5)])
    np.testing.assert_array_equal(track.right, [only(happy=0.2), only(), only(happy=1, sad=0.1)])


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.csv", "", "Line 1"),
        ("a.csv", "seconds,happy\n0,1\n", "must begin with time_s"),
        ("a.csv", "time_s,hapy\n0,1\n", "Did you mean happy?"),
        ("a.csv", "time_s,happy,happy\n0,1,1\n", "twice"),
        ("a.csv", "time_s,happy\n0,1\n1,2\n", 'Line 3 of "a.csv": The intensity of happy must be 0 to 1, but is 2.'),
        ("a.csv", "time_s,happy\n0,1\n\nx,1\n", 'Line 4 of "a.csv" must give time_s in seconds'),
        ("a.csv", "time_s,happy\n-1,1\n", "Line 2"),
        ("a.csv", "time_s,happy\n0,1,5\n", "has 3 cells, but the header 2"),
        ("a.csv", "time_s,happy\n0,1\n0.0,0\n", "gives second 0 again"),
        ("a.csv", "time_s,happy\n", "holds no keys"),
        ("a.json", '{"keys": [\n{"time_s": 0,}]}', "Line 2"),
        ("a.json", '{"keyz": []}', 'must hold a list of "keys"'),
        ("a.json", '[{"time_s": 0}, {"happy": 1}]', "Key 2"),
        ("a.json", '[{"time_s": true}]', "Key 1"),
        ("a.json", '[{"time_s": 0, "happy": "x"}]', "Key 1"),
        ("a.json", '[{"time_s": 0, "happy": 1' + "0" * 400 + "}]", "Key 1"),
        ("a.json", "[]", "holds no keys"),
        ("a.txt", "", "give emotion keys as .csv or .json"),
    ],
)
def test_a_wrong_file_is_a_sentence_that_names_the_place(tmp_path, name, text, sentence):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_emotion(path)
    assert sentence in str(caught.value)


def test_a_missing_or_binary_file_is_a_sentence(tmp_path):
    with pytest.raises(FormatError, match="does not exist"):
        read_emotion(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(FormatError, match="UTF-8"):
        read_emotion(tmp_path / "a.csv")

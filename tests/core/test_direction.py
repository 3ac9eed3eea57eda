"""Direction: every wish in its range, identity at the defaults, more when more is asked, closures kept."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import FormatError, SettingError
from core.rig.board import BOARD_NAMES, HIGHS, LOWS, columns, index
from core.speech import direction as d
from core.speech import shape_motion
from core.speech.direction import PARAMETERS, SWITCHES, Direction
from core.speech.prosody import Prosody

ROOT = Path(__file__).resolve().parents[2]
COUNT = 500
STRESS_S = 4.0
PROSODY = Prosody(
    np.ones(COUNT, bool), np.ones(COUNT, np.float32), np.array([STRESS_S], np.float32), np.ones(1, np.float32)
)
JAW = index("CTRL_C_jaw.ty")
SMILE = index("CTRL_L_mouth_cornerPull.ty")
TOGETHER = index("CTRL_L_mouth_lipsTogetherU.ty")
GAINS = [p.name for p in PARAMETERS if p.name.startswith("strength_") and p.name != "strength_head"]


@pytest.fixture(scope="module")
def board():
    """Ten seconds in which every control moves, slowly and per syllable, within its range."""
    times = np.arange(COUNT)[:, None] / 50
    rng = np.random.default_rng(3)
    phases = rng.uniform(0, 6, (2, len(BOARD_NAMES)))
    wave = 0.45 + 0.2 * np.sin(0.8 * times + phases[0]) + 0.25 * np.sin(25 * times + phases[1])
    return np.clip(wave * np.where(np.arange(len(BOARD_NAMES)) % 3, 1, LOWS + HIGHS), LOWS, HIGHS).astype(np.float32)


def activity(board, region):
    return float(np.abs(board[:, columns(region)]).sum())


def test_the_table_and_the_class_agree():
    names = [field.name for field in dataclasses.fields(Direction)]
    assert names == [row.name for row in (*PARAMETERS, *SWITCHES)]
    for row in (*PARAMETERS, *SWITCHES):
        assert getattr(Direction(), row.name) == row.default
        assert row.meaning.endswith(".")
    assert all(row.low <= row.default <= row.high for row in PARAMETERS)


def test_the_page_tells_every_wish_as_the_table_does():
    page = (ROOT / "docs" / "direction.md").read_text(encoding="utf-8")
    for p in PARAMETERS:
        assert f"| `{p.name}` | {p.low:g} to {p.high:g} {p.unit} | {p.default:g} | {p.meaning} |" in page
    for s in SWITCHES:
        assert f"| `{s.name}` | {'on' if s.default else 'off'} | {s.meaning} |" in page


def test_the_default_direction_changes_nothing_at_all(board):
    np.testing.assert_array_equal(shape_motion.shape(board, Direction(), PROSODY), board)
    np.testing.assert_array_equal(shape_motion.smooth(board, Direction().smoothing_s), board)
    times = np.arange(10) / 24
    np.testing.assert_array_equal(d.face_times(times, Direction()), times)


@pytest.mark.parametrize("name", GAINS)
def test_more_strength_is_more_motion_in_its_region_and_nowhere_else(board, name):
    regions = [region for region, wish in shape_motion.STRENGTHS.items() if wish == name]
    shaped = [d.direct({name: amount}) for amount in (0.0, 0.4, 1.0, 1.3, 2.0)]
    boards = [shape_motion.shape(board, direction, PROSODY) for direction in shaped]
    for region in regions:
        amounts = [activity(values, region) for values in boards]
        assert (np.diff(amounts) > 0).all()
    still = np.concatenate([columns(region) for region in shape_motion.STRENGTHS if region not in regions])
    np.testing.assert_array_equal(boards[-1][:, still], board[:, still])
    assert all((values >= LOWS).all() and (values <= HIGHS).all() for values in boards)


def test_strength_zero_stills_a_region_but_lets_lips_meet(board):
    still = shape_motion.shape(board, Direction(strength_lips=0.0), PROSODY)
    moving = np.setdiff1d(columns("lips"), shape_motion.CLOSERS)
    np.testing.assert_array_equal(still[:, moving], 0)
    np.testing.assert_array_equal(still[:, shape_motion.CLOSERS], board[:, shape_motion.CLOSERS])


def test_a_strength_above_one_keeps_peaks_apart():
    values = np.linspace(0, 1, COUNT, dtype=np.float32)
    ramp = np.zeros((COUNT, len(BOARD_NAMES)), np.float32)
    ramp[:, JAW] = values
    louder = shape_motion.shape(ramp, Direction(strength_jaw=2.0), PROSODY)[:, JAW]
    assert (np.diff(louder) > 0).all()
    assert louder[-1] == 1
    assert louder[10] == pytest.approx(2 * values[10], rel=0.05)


def talking_smile():
    """A jaw that swings with each syllable under a smile that lasts."""
    times = np.arange(COUNT) / 50
    values = np.zeros((COUNT, len(BOARD_NAMES)), np.float32)
    values[:, JAW] = 0.25 + 0.2 * np.sin(25 * times)
    values[:, SMILE] = 0.5 + 0.1 * np.sin(25 * times)
    values[:, TOGETHER] = 1.0
    return values


def test_a_style_takes_the_syllables_and_a_strength_takes_the_smile_too():
    face = talking_smile()
    middle = slice(100, 400)
    styled = shape_motion.shape(face, Direction(style_lip=0.0), PROSODY)[middle, SMILE]
    weaker = shape_motion.shape(face, Direction(strength_lips=0.0), PROSODY)[middle, SMILE]
    assert styled.std() < 0.01
    assert styled.mean() == pytest.approx(0.4, abs=0.02)  # what the smile keeps to between its swings
    assert weaker.max() == 0
    jaws = [shape_motion.shape(face, Direction(style_jaw=style), PROSODY)[middle, JAW] for style in (0, 0.5, 1, 1.5, 2)]
    assert (np.diff([jaw.std() for jaw in jaws]) > 0).all()
    assert (np.diff([jaw.max() for jaw in jaws]) > 0).all()
    assert jaws[0].max() < 0.07  # nearly shut and still
    assert jaws[-1].min() < 0.07  # an open jaw still shuts
    np.testing.assert_array_equal(shape_motion.shape(face, Direction(style_lip=2.0), PROSODY)[:, JAW], face[:, JAW])


def test_emphasis_lifts_stressed_syllables_above_the_rest():
    face = np.full((COUNT, len(BOARD_NAMES)), 0.3, np.float32)
    stressed, between = round(STRESS_S * 50), 50
    contrasts = []
    for amount in (0.0, 0.5, 1.0, 1.5, 2.0):
        shaped = shape_motion.shape(face, Direction(emphasis=amount), PROSODY)[:, JAW]
        contrasts.append(shaped[stressed] - shaped[between])
    assert (np.diff(contrasts) > 0).all()
    assert contrasts[2] == 0


def test_smoothing_calms_and_keeps_peaks_and_closures():
    times = np.arange(COUNT) / 50
    rng = np.random.default_rng(0)
    face = np.zeros((COUNT, len(BOARD_NAMES)), np.float32)
    face[:, JAW] = np.clip(0.3 + 0.25 * np.sin(5 * times) + rng.normal(0, 0.03, COUNT), 0, 1)
    face[200:204, shape_motion.CLOSERS] = 1.0
    rough = []
    for seconds in (0.0, 0.1, 0.2, 0.4):
        smoothed = shape_motion.smooth(face, seconds)
        rough.append(np.abs(np.diff(smoothed[:, JAW], n=2)).mean())
        assert (smoothed[200:204, shape_motion.CLOSERS] == 1).all()
        assert (smoothed >= LOWS).all() and (smoothed <= HIGHS).all()
    assert (np.diff(rough) < 0).all()
    assert shape_motion.smooth(face, 0.4)[:, JAW].max() > 0.5


def test_smoothing_grows_without_steps():
    face = np.zeros((60, len(BOARD_NAMES)), np.float32)
    face[30, JAW] = 1.0
    tops = [shape_motion.smooth(face, seconds)[30, JAW] for seconds in np.arange(0.038, 0.048, 0.0005)]
    tops += [shape_motion.smooth(face, seconds)[30, JAW] for seconds in np.arange(0.05, 0.4, 0.05)]
    assert tops[0] == 1
    assert (np.diff(tops) <= 1e-6).all()
    assert np.abs(np.diff(tops[:20])).max() < 0.02


def test_an_offset_above_zero_shows_the_face_later():
    times = np.arange(5, dtype=float)
    np.testing.assert_allclose(d.face_times(times, Direction(offset_s=0.1)), times - 0.1)


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ("strength_jaw=2.5", "strength_jaw must be 0 to 2, but is 2.5."),
        ("offset_s=-1", "offset_s must be -0.5 to 0.5"),
        ("strength_jaw=nan", "must be a number"),
        ("strength_jaw=much", 'must be a number from 0 to 2, but is "much".'),
        ("live_gaze=maybe", 'live_gaze must be true or false, but is "maybe".'),
        ("strength_jow=1", "did you mean strength_jaw?"),
        ("strength_jaw", "gives no value"),
        ("emphasis=1,emphasis=2", "twice"),
    ],
)
def test_a_wrong_wish_is_a_sentence(wishes, sentence):
    with pytest.raises(SettingError) as caught:
        d.parse_direction(wishes)
    assert sentence in str(caught.value)


def test_numbers_of_another_kind_are_refused():
    for value in (True, "1", None, [1]):
        with pytest.raises(SettingError):
            Direction(strength_jaw=value)
    with pytest.raises(SettingError):
        Direction(live_gaze=1)
    assert Direction(strength_jaw=np.float32(1.5)).strength_jaw == 1.5


def test_wishes_are_read_from_text():
    found = d.parse_direction("strength_jaw=1.3, live_blinks=off,smoothing_s=0.05")
    assert found == Direction(strength_jaw=1.3, live_blinks=False, smoothing_s=0.05)
    assert d.parse_direction("") == Direction()


def test_a_direction_comes_back_from_its_file(tmp_path):
    path = tmp_path / "wishes.json"
    wanted = Direction(strength_lips=0.7, style_jaw=1.6, live_head=False, offset_s=-0.04)
    d.write_direction(path, wanted)
    assert d.read_direction(path) == wanted
    path.write_text('{"emphasis": 2}')
    assert d.read_direction(path) == Direction(emphasis=2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"emphasis": 3}', "emphasis must be 0 to 2, but is 3."),
        ('{"emphasis": true}', "must be a number"),
        ('{"empasis": 1}', "did you mean emphasis?"),
        ('{"emphasis": 1' + "0" * 400 + "}", "must be 0 to 2"),
        ("{\n\n]", "Line 3"),
        ("[1]", "must hold one object"),
    ],
)
def test_a_wrong_file_is_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "wishes.json"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        d.read_direction(path)
    assert sentence in str(caught.value)
    assert "wishes.json" in str(caught.value)


def test_a_direction_needs_its_ending_and_a_file_that_exists(tmp_path):
    with pytest.raises(FormatError, match=r"must end in \.json"):
        d.write_direction(tmp_path / "wishes.txt", Direction())
    with pytest.raises(FormatError, match="does not exist"):
        d.read_direction(tmp_path / "none.json")
    d.write_direction(tmp_path / "all.json", Direction())
    assert set(json.loads((tmp_path / "all.json").read_text())) == {row.name for row in (*PARAMETERS, *SWITCHES)}

"""What is asked of a performance: as options of a command line, and as members of a job line."""

from __future__ import annotations

import argparse
import dataclasses
import json

import numpy as np
import pytest

from core.cli_options import add_guidance_arguments, guidance_of
from core.errors import CoreError, FormatError, SettingError
from core.exit_codes import exit_code
from core.guidance import Guidance, guidance_from, heard_text
from core.speech.align import TranscriptError
from core.speech.direction import PARAMETERS, SWITCHES, Direction, direct, write_direction
from core.speech.emotion import EMOTIONS, EmotionTrack, parse_emotion
from core.speech.heard_emotion import HeardEmotion
from core.speech.phone_files import write_track
from core.speech.phones import Phone, PhoneTrack
from core.speech.script import Script

TRACK = PhoneTrack((Phone("M", 0.1, 0.2, 0.9), Phone("AA", 0.2, 0.5)), 0.5)


def asked(*words):
    parser = argparse.ArgumentParser()
    add_guidance_arguments(parser)
    return guidance_of(parser.parse_args([str(word) for word in words]))


def same_emotion(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("times", "left", "right"))


def test_nothing_asked_is_a_plain_performance():
    plain = asked()
    assert plain.members() == {}
    assert plain.emotion.is_neutral
    assert (plain.direction, plain.script, plain.as_heard) == (Direction(), None, False)


def test_emotions():
    assert same_emotion(asked("--emotion", "happy=0.5,surprised=0.3").emotion, parse_emotion("happy=0.5,surprised=0.3"))
    one_sided = asked("--emotion", "angry.left=0.8").emotion
    assert (one_sided.left.max(), one_sided.right.max()) == (np.float32(0.8), 0)
    assert asked("--emotion", "auto").as_heard
    assert asked("--emotion", "neutral").emotion.is_neutral


def test_emotion_keys(tmp_path):
    (tmp_path / "mood.csv").write_text("time_s,happy\n0,0\n2,1\n")
    track = asked("--emotion-keys", tmp_path / "mood.csv").emotion
    assert track.at(np.array([0.0, 1.0, 3.0]))[0][:, EMOTIONS.index("happy")].tolist() == [0, 0.5, 1]


def test_every_wish_has_an_option():
    grouped = {word: [p for p in PARAMETERS if p.name.startswith(word + "_")] for word in ("strength", "style")}
    words = []
    for word, parameters in grouped.items():
        words += [f"--{word}", ",".join(f"{p.name.partition('_')[2]}={p.high:g}" for p in parameters)]
    rest = [p for p in PARAMETERS if p not in grouped["strength"] + grouped["style"]]
    words += [piece for p in rest for piece in ("--" + p.name.removesuffix("_s").replace("_", "-"), f"{p.low:g}")]
    words += [f"--no-{switch.name.removeprefix('live_')}" for switch in SWITCHES]
    found = dataclasses.asdict(asked(*words).direction)
    wanted = {p.name: p.low if p in rest else p.high for p in PARAMETERS} | {s.name: False for s in SWITCHES}
    assert found == wanted


def test_options_win_over_the_file(tmp_path):
    path = tmp_path / "wishes.json"
    write_direction(path, direct({"strength_jaw": 0.5, "smoothing_s": 0.2, "live_gaze": False}))
    found = asked("--direction", path, "--strength", "jaw=1.5", "--offset", "-0.1").direction
    assert found == direct({"strength_jaw": 1.5, "smoothing_s": 0.2, "live_gaze": False, "offset_s": -0.1})


def test_words_are_a_file_where_there_is_one(tmp_path):
    (tmp_path / "line.txt").write_text("We pushed the boat off.\n", encoding="utf-8-sig")
    assert asked("--text", tmp_path / "line.txt").script == Script("We pushed the boat off.\n")
    assert asked("--text", "We pushed the boat off.", "--language", "en-gb").script.language == "en-gb"
    assert asked("--text", "word " * 2000).script.text == "word " * 2000
    assert asked("--text", "end\0").script.text == "end\0"


def test_an_edited_track(tmp_path):
    write_track(tmp_path / "line.TextGrid", TRACK)
    assert asked("--phones", tmp_path / "line.TextGrid").script == Script.from_track(TRACK)


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (["--emotion", "hapy=0.7"], SettingError, "Did you mean happy"),
        (["--emotion", "happy=1.5"], SettingError, "0 to 1"),
        (["--emotion", "happy=lots"], SettingError, "number from 0 to 1"),
        (["--emotion-keys", "{tmp}/none.csv"], FormatError, "does not exist"),
        (["--strength", "jaw=3"], SettingError, "0 to 2"),
        (["--strength", "jaw"], SettingError, "jaw=1.2"),
        (["--strength", "ears=1"], SettingError, "jaw, lips"),
        (["--strength", "jaw=1,jaw=2"], SettingError, "twice"),
        (["--style", "lip=much"], SettingError, "must be a number"),
        (["--smoothing", "9"], SettingError, "smoothing_s must be"),
        (["--smoothing", "nan"], SettingError, "must be a number"),
        (["--direction", "{tmp}/none.json"], FormatError, "does not exist"),
        (["--text", "  "], TranscriptError, "empty"),
        (["--text", "{tmp}/nowhere.txt"], FormatError, "does not exist"),
        (["--text", "{tmp}/latin.txt"], FormatError, "UTF-8"),
        (["--text", "hello", "--language", "?"], TranscriptError, "not understood"),
        (["--text", "hello", "--phones", "{tmp}/latin.txt"], SettingError, "not both"),
        (["--phones", "{tmp}/none.json"], FormatError, "does not exist"),
        (["--phones", "{tmp}/line.wav"], FormatError, "unknown ending"),
    ],
)
def test_faults_are_sentences(tmp_path, words, kind, said):
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 au lait")
    with pytest.raises(kind, match=said) as caught:
        asked(*(word.format(tmp=tmp_path) for word in words))
    assert "\n" not in str(caught.value)
    assert exit_code(caught.value) == (4 if kind is FormatError else 2)


@pytest.mark.parametrize("options", [["--emotion", "happy", "--emotion-keys", "a.csv"], ["--mood", "happy"]])
def test_usage(options):
    with pytest.raises(SystemExit):
        asked(*options)


@pytest.mark.parametrize(
    "guidance",
    [
        Guidance(),
        Guidance(emotion=parse_emotion("happy=0.5,sad.left=0.25")),
        Guidance(
            emotion=EmotionTrack(np.array([0, 1.5], np.float32), np.eye(2, 6, dtype=np.float32), np.zeros((2, 6), "f4"))
        ),
        Guidance(as_heard=True),
        Guidance(direction=direct({"strength_jaw": 1.2, "live_blinks": False})),
        Guidance(script=Script.from_text("Päng, said the boat.", "en-gb")),
        Guidance(script=Script.from_track(TRACK)),
    ],
)
def test_members_come_back(guidance):
    back = guidance_from(json.loads(json.dumps({"protocol": 2, **guidance.members()})))
    assert same_emotion(back.emotion, guidance.emotion)
    for name in ("as_heard", "direction", "script"):
        assert getattr(back, name) == getattr(guidance, name)


@pytest.mark.parametrize(
    "members",
    [
        {"emotion": {"happy": 1}},
        {"emotion": 3},
        {"emotion": {"times": [0], "left": [[0, 0]]}},
        {"emotion": {"times": [0, 0], "left": [[0] * 6] * 2}},
        {"emotion": {"times": [0], "left": [[2] * 6]}},
        {"emotion": {"times": [0], "left": [[0] * 6, [0]]}},
        {"direction": 3},
        {"direction": {"ears": 1}},
        {"direction": {"strength_jaw": []}},
        {"text": 3},
        {"text": "hello", "language": None},
        {"phones": None},
        {"phones": {"duration_s": 1, "phones": [{"phone": "Q", "start_s": 0, "end_s": 1}]}},
    ],
)
def test_members_that_cannot_be(members):
    with pytest.raises((CoreError, ValueError, KeyError, TypeError)):
        guidance_from(members)


def test_a_track_is_cut_to_its_recording():
    guidance = Guidance(script=Script.from_track(TRACK))
    assert guidance.script_for(0.5).track == TRACK
    assert guidance.script_for(0.49).track.phones[-1].end_s == 0.49
    assert guidance.script_for(3.0).track == PhoneTrack(TRACK.phones, 3.0)
    for too_short in (0.3, 0.1):
        with pytest.raises(SettingError, match=r"goes on to 0\.50 s, but the recording lasts"):
            guidance.script_for(too_short)
    assert Guidance().script_for(1.0) is None


def test_what_is_heard_can_be_asked_for():
    weights = {"neutral": 0.2, **dict.fromkeys(EMOTIONS, 0.0), "happy": 0.8}
    said = heard_text(HeardEmotion(0.7, 0.8, weights, 0.5))
    assert said == "happy=0.40 (50% sure)"
    assert parse_emotion(said.split()[0]).left[0].tolist() == pytest.approx([0.4, 0, 0, 0, 0, 0])
    nothing = HeardEmotion(0.5, 0.5, {"neutral": 1.0, **dict.fromkeys(EMOTIONS, 0.0)}, 0.0)
    assert heard_text(nothing) == "neutral (0% sure)"

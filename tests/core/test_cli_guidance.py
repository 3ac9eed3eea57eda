"""The command line hands on what is asked: emotion, direction, words, phones, rigs. Doors only; nothing is played."""

from __future__ import annotations

import json
import os

import flame_like
import numpy as np
import pytest
from doors import beside, run
from waves import plain_wav, spoken_wav

from core.formats import read_performance
from core.rig.convert import RIGS
from core.rig.names import rig_of
from core.speech.phone_files import read_track

WORDS = "When the moon"


@pytest.fixture
def line(tmp_path):
    """A recording in a folder of its own."""
    path = tmp_path / "line.wav"
    path.write_bytes(spoken_wav(0.5))
    return path


@pytest.fixture
def brief(tmp_path_factory):
    """Runs animate with a stand-in for the network and returns the brief it was given, as text."""
    told = tmp_path_factory.mktemp("told") / "brief"

    def ask(source, *options):
        environment = os.environ | {"STAND_IN_BRIEF": str(told)}
        done = run("animate", source, "-o", source.with_suffix(".npz"), *options, mode="rest", env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        return told.read_text()

    return ask


def test_wishes_reach_the_network(line, brief, tmp_path):
    (tmp_path / "mood.json").write_text('{"keys": [{"time_s": 0.25, "angry": 0.5}]}')
    (tmp_path / "style.csv").write_text("time_s,style_lip\n0.125,2\n")
    keys = ("--emotion-keys", tmp_path / "mood.json", "--direction-keys", tmp_path / "style.csv")
    text = brief(line, *keys, "--strength", "jaw=1.2", "--no-gaze", "--text", WORDS)
    lip = "name='style_lip', times=array([0.125]"
    for words in ("array([0.25]", "strength_jaw=1.2", "live_gaze=False", WORDS, lip):
        assert words in text


def test_the_voice_may_decide(line, brief):
    assert "EmotionTrack" in brief(line, "--emotion", "auto")
    done = run("animate", line, "-o", line.with_suffix(".npz"), "--suggest-emotion", mode="rest")
    heard, made = done.stdout.splitlines()
    assert heard.startswith("heard: ")
    assert "% sure)" in heard
    assert "frames at" in made


def test_phones_are_written_beside_and_given_back(line, brief):
    track = line.with_suffix(".TextGrid")
    brief(line, "--phones-out", track)
    assert beside(line) == ["line.TextGrid", "line.npz"]
    assert read_performance(line.with_suffix(".npz")).phones == read_track(track)
    assert "Phone(symbol='M'" in brief(line, "--phones", track)


@pytest.mark.parametrize("rig", RIGS)
def test_rigs(line, rig):
    target = line.with_suffix(".csv")
    done = run("animate", line, "-o", target, "--rig", rig, "--fps", "30", mode="rest")
    assert (done.returncode, done.stderr) == (0, "")
    found = read_performance(target)
    assert rig_of(found.curves.names) == rig
    assert (len(found.head), found.curves.fps) == (15, 30)


def test_flame_of_ones_own(line, tmp_path_factory):
    model, embedding = flame_like.write(tmp_path_factory.mktemp("flame"), as_published=False)
    target = line.with_suffix(".npz")
    done = run("animate", line, "-o", target, "--rig", "flame", "--flame", model, embedding, mode="rest")
    assert (done.returncode, done.stderr) == (0, "")
    assert rig_of(read_performance(target).curves.names) == "flame"
    done = run("animate", line, "-o", target, "--rig", "visemes", "--flame", model, embedding, mode="rest")
    assert done.returncode == 2
    assert "flame" in done.stderr


FAULTS = {
    "emotion": (2, ("--emotion", "hapy=0.7"), "Did you mean happy"),
    "too much": (2, ("--emotion", "happy=1.7"), "0 to 1"),
    "keys": (4, ("--emotion-keys", "{tmp}/none.csv"), "does not exist"),
    "wishes": (4, ("--direction-keys", "{line}"), "give direction keys as .csv or .json"),
    "strength": (2, ("--strength", "jaw=9"), "0 to 2"),
    "direction": (4, ("--direction", "{line}"), "line.wav"),
    "language": (2, ("--text", "hello", "--language", "?!"), "not understood"),
    "phones": (4, ("--phones", "{tmp}/none.json"), "does not exist"),
    "phones of another": (2, ("--phones", "{tmp}/long.csv"), "but the recording lasts 0.50 s"),
    "phones out": (4, ("--phones-out", "{tmp}/phones.doc"), "unknown ending"),
    "same file": (2, ("--phones-out", "{out}"), "two files"),
    "no folder": (4, ("--phones-out", "{tmp}/no/phones.json"), "does not exist"),
    "no flame": (5, ("--rig", "flame", "--flame", "{line}", "{line}"), "line.wav"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(line, tmp_path_factory, fault):
    code, options, words = FAULTS[fault]
    away = tmp_path_factory.mktemp("away")
    (away / "long.csv").write_text("start_s,end_s,phone\n0,1,M\n")
    target = line.with_suffix(".json")
    placed = (option.format(tmp=away, line=line, out=target) for option in options)
    done = run("animate", line, "-o", target, *placed, mode="rest")
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert beside(line) == []


def test_phones_command(line):
    for ending in (".json", ".csv", ".TextGrid", ".txt"):
        done = run("phones", line, "-o", line.with_suffix(ending), "--text", WORDS, mode="rest")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{line.with_suffix(ending)}: 1 phones in 0.50 s\n"
        assert read_track(line.with_suffix(ending)).phones[0].symbol == "M"
    done = run("phones", line, "-o", line.with_suffix(".fbx"), mode="rest")
    assert done.returncode == 4


def test_listen_command(line):
    done = run("listen", line, mode="rest")
    assert (done.returncode, done.stderr) == (0, "")
    heard = json.loads(done.stdout)
    assert (heard["duration_s"], heard["phones"], heard["warnings"]) == (0.5, 1, [])
    assert -40 < heard["level_db"] < 0
    assert set(heard["emotion"]) == {"likeliest", "suggested", "weights", "arousal", "valence", "confidence"}
    line.write_bytes(plain_wav(0.5)[:44] + bytes(16_000))
    heard = json.loads(run("listen", line, mode="rest").stdout)
    assert heard["warnings"] == ["The recording is silent, so the face rests."]
    assert np.isfinite(heard["level_db"])
    line.write_bytes(plain_wav(1.0))
    assert "Music" in json.loads(run("listen", line, mode="rest").stdout)["warnings"][0]
    assert run("listen", line.with_name("none.wav"), mode="rest").returncode == 3


@pytest.mark.parametrize("command", ["animate", "phones", "listen", "stream"])
def test_every_command_has_a_page(command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 90


def test_options_stand_in_the_help():
    said = run("animate", "--help").stdout
    for option in (
        "--emotion-keys",
        "--suggest-emotion",
        "--text",
        "--language",
        "--phones",
        "--phones-out",
        "--style",
    ):
        assert option in said
    for option in ("--smoothing", "--offset", "--emphasis", "--no-blinks", "--no-head", "--direction", "--blink-rate"):
        assert option in said

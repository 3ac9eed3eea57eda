"""The command stream: raw sound in, frames out while it comes. The network is one of random weights."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import numpy as np
import pytest
from doors import STAND_IN
from models import random_model
from waves import spoken_wav

from core.cli_stream import HOP_BYTES, hops
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD_NAMES
from core.speech.emotion import parse_emotion
from core.speech.phones import PHONES
from core.speech.stream import LOOK_AHEAD_S, SpeechStream

SOUND = spoken_wav(0.5)[44:]
COMMAND = [sys.executable, str(STAND_IN), "rest", "cli", "stream"]


def stream(*options, sound=SOUND):
    """Send a whole sound and return how it ended and its lines."""
    done = subprocess.run([*COMMAND, *options], input=sound, capture_output=True, timeout=120, check=False)
    return done, [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_frames_are_those_of_the_stream():
    done, (head, *frames) = stream("--rig", "metahuman", "--emotion", "happy=0.5", "--seed", "3")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (head["rig"], head["fps"], head["delay_s"]) == ("metahuman", 50, LOOK_AHEAD_S)
    assert tuple(head["names"]) == BOARD_NAMES
    assert [frame["time_s"] for frame in frames] == [round(0.02 * row, 5) for row in range(25)]
    whole = SpeechStream(random_model(), emotion=parse_emotion("happy=0.5"), seed=3)
    parts = [whole.feed(np.frombuffer(SOUND, "<i2").astype(np.float32) / np.float32(32768)), whole.finish()]
    for name, key in (("board", "values"), ("head", "head")):
        wanted = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_allclose([frame[key] for frame in frames], wanted, atol=2e-5)
    assert {frame["phone"] for frame in frames} <= set(PHONES)


def test_frames_come_while_the_sound_does():
    """Half a second is sent and not closed; all frames that the look-ahead allows must be there."""
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(SOUND)
    process.stdin.flush()
    lines = [json.loads(process.stdout.readline()) for _ in range(1 + 21)]
    assert tuple(lines[0]["names"]) == ARKIT_52
    assert lines[-1]["time_s"] == 0.4
    assert lines[-1]["time_s"] + LOOK_AHEAD_S <= 0.5
    rest, _ = process.communicate(timeout=60)
    assert len(rest.splitlines()) == 25 - 21
    assert process.returncode == 0


def test_nothing_in_gives_the_names_only():
    done, lines = stream(sound=b"")
    assert done.returncode == 0
    assert [set(line) for line in lines] == [{"rig", "fps", "delay_s", "names"}]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--emotion", "auto"], "cannot wait"),
        (["--emotion", "hapy"], "Did you mean happy"),
        (["--smoothing", "0.1"], "smoothing_s must stay at the default"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_faults(options, words):
    done, lines = stream(*options)
    assert (done.returncode, lines) == (2, [])
    assert words in done.stderr.decode()
    assert done.stderr.decode().count("\n") == 1


def test_a_reader_that_leaves_ends_it():
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write(SOUND)
    process.stdin.close()
    said = process.stderr.read().decode()
    assert process.wait(timeout=60) == 130
    assert said == "error: Nobody reads the frames any more, so the stream was ended.\n"
    process.stderr.close()


def test_hops_are_cut_from_bytes():
    pieces = list(hops(io.BytesIO(b"\x00\x80" * 320 + b"\xff\x7f\x01")))
    assert [len(piece) for piece in pieces] == [HOP_BYTES // 2, 1]
    assert pieces[0].dtype == np.float32
    assert (pieces[0] == -1).all()
    assert pieces[1][0] == pytest.approx(32767 / 32768)

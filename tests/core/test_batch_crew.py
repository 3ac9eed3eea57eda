"""Hands that answer, die and hang, and the crew that gets its work done or is stopped."""

from __future__ import annotations

import sys
import time

import pytest

from core.batch.crew import Crew, Errand
from core.formats.atomic import MARK

FAKE = """
import json, os, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    if asked["do"] == "die":
        open(os.path.join(asked["folder"], f"{mark}{os.getpid()}-0.part"), "w").close()
        os._exit(7)
    if asked["do"] == "hang":
        time.sleep(60)
    time.sleep(asked.get("for_s", 0))
    print(json.dumps({"entry": asked["do"], "by": os.getpid()}), flush=True)
""".replace("{mark}", MARK)
HAND = [sys.executable, "-c", FAKE]


def asked(tmp_path, *words, **more):
    target = str(tmp_path / "x.csv")
    return [
        Errand(place, {"do": word, "folder": str(tmp_path), "targets": [target]} | more)
        for place, word in enumerate(words)
    ]


def test_every_errand_is_answered_once(tmp_path):
    with Crew(HAND, 3) as crew:
        answers = dict(crew.answers(asked(tmp_path, *"abcdefg")))
    assert {place: answer["entry"] for place, answer in answers.items()} == dict(enumerate("abcdefg"))


def test_errands_run_side_by_side(tmp_path):
    with Crew(HAND, 4) as crew:
        answers = dict(crew.answers(asked(tmp_path, *"abcd", for_s=0.5)))
    assert len({answer["by"] for answer in answers.values()}) == 4


def test_one_hand_is_enough_for_one_errand(tmp_path):
    with Crew(HAND, 8) as crew:
        assert len(list(crew.answers(asked(tmp_path, "a")))) == 1
        assert len(crew._threads) == 1


def test_a_hand_that_dies_costs_one_errand(tmp_path):
    with Crew(HAND, 1) as crew:
        answers = dict(crew.answers(asked(tmp_path, "a", "die", "b", "die", "c")))
    assert [answers[place].get("entry") for place in range(5)] == ["a", None, "b", None, "c"]
    assert answers[1]["sentence"] == "The process ended with code 7 over this recording; is memory short?"
    assert list(tmp_path.glob("*.part")) == []


def test_a_crew_that_is_stopped_leaves_nothing_running(tmp_path, monkeypatch):
    monkeypatch.setattr("core.batch.crew.LEAVE_S", 0.5)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Crew(HAND, 2) as crew:
        for place, _ in crew.answers(asked(tmp_path, "a", "hang", "hang", "b")):
            assert place == 0
            raise KeyboardInterrupt
    assert time.monotonic() - started < 20
    assert all(hand._process.poll() is not None for hand in crew._hands)
    assert not any(thread.is_alive() for thread in crew._threads)

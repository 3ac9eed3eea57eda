"""Every wanted picture is rendered once, and a program that fails says why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import emotions, shooting
from tools.errors import BuildError
from tools.shooting import Lens, Shot, must, shoot


def test_every_picture_of_every_shot_is_rendered_once(monkeypatch):
    commands = []
    monkeypatch.setattr(shooting, "must", lambda command, problem: commands.append(command))
    shots = [Shot(Path("a.blend"), Path("a"), tuple(range(7))), Shot(Path("b.blend"), Path("b"), (3,))]
    shoot(Path("python"), shots, Lens(rate=24, width=64, samples=1))
    rendered = [(command[3], int(number)) for command in commands for number in command[5].split(",")]
    assert sorted(rendered) == [*(("a.blend", number) for number in range(7)), ("b.blend", 3)]
    assert all(command[6:] == ["--rate", "24", "--width", "64", "--samples", "1"] for command in commands)


def test_a_program_that_fails_says_why():
    script = "print('a bad lens'); raise SystemExit(3)"
    with pytest.raises(BuildError, match=r"No picture \(exit code 3\)\.\na bad lens"):
        must([sys.executable, "-c", script], "No picture")
    assert must([sys.executable, "-c", "print('fine')"], "No picture").strip() == "fine"


def test_an_emotion_that_there_is_not_is_refused(capsys):
    with pytest.raises(SystemExit):
        emotions.show(["--faces", "hungry"])
    assert "hungry" in capsys.readouterr().err

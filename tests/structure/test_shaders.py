"""Every shader file is used, described, and named by what it is."""

from __future__ import annotations

import re

from sources import ROOT, tracked_files

SHADERS = [path for path in tracked_files() if path.parent == ROOT / "shaders" and path.suffix == ".glsl"]


def test_there_are_shaders():
    assert len(SHADERS) >= 8


def test_every_file_is_used():
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "addon" / "drawing").glob("*.py"))
    for path in SHADERS:
        name = re.escape(path.name.removesuffix(".glsl"))
        assert re.search(rf'"{name}(?:\.glsl)?"', code), f"nothing in addon/drawing reads {path.name}"


def test_every_file_is_described():
    words = (ROOT / "shaders" / "README.md").read_text(encoding="utf-8")
    for path in SHADERS:
        assert f"`{path.name}`" in words, f"shaders/README.md does not tell of {path.name}"
    for name in re.findall(r"`([\w.]+\.glsl)`", words):
        assert (ROOT / "shaders" / name).is_file(), f"shaders/README.md tells of {name}, which is not there"


def test_files_say_what_they_are_for():
    for path in SHADERS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("/* "), path.name
        assert len(text.splitlines()) <= 150, path.name


def test_numbers_of_the_judge_are_not_written_again():
    """They come from core.splat.render, so that both draw the same."""
    for path in SHADERS:
        text = path.read_text(encoding="utf-8")
        for number in ("0.3;", "1.0 / 255", "0.99", "0.282094", "0.488602", "1.092548"):
            assert number not in text, f"{path.name} repeats {number}"


def test_only_the_room_of_drawing_asks_the_card():
    for path in tracked_files():
        inside = path.relative_to(ROOT).parts
        if path.suffix == ".py" and inside[0] in ("addon", "core") and inside[:2] != ("addon", "drawing"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"^\s*(?:import gpu|from gpu)\b", text, re.M), f"{path.name} imports gpu"

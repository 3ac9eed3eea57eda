"""The demo of splats: which pictures are rendered and shown, and what happens where nothing can be drawn."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from tools import splat_demo
from tools.errors import BuildError


def picture(path: Path, width: int = 6) -> Path:
    """A small grey PNG that holds its own name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, 2, 8, 0, 0, 0, 0)),
        (b"tEXt", b"name\0" + path.stem.encode()),
        (b"IDAT", zlib.compress((b"\0" + bytes(width)) * 2)),
        (b"IEND", b""),
    )
    rows = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(rows))
    return path


def pictures(folder: Path, numbers: range) -> list[Path]:
    return [picture(folder / f"{number:05d}.png") for number in numbers]


def test_moments_are_spread_over_the_film_and_the_same_for_both(tmp_path: Path) -> None:
    for face in splat_demo.FACES:
        pictures(tmp_path / face, range(90))
    chosen = splat_demo._chosen(tmp_path, 90)
    names = [[path.name for path in sorted((chosen / face).iterdir())] for face in splat_demo.FACES]
    assert names[0] == names[1] == [f"{number:05d}.png" for number in range(5, 90, 10)]


def test_the_width_is_that_of_the_other_pictures(tmp_path: Path) -> None:
    assert splat_demo._width(picture(tmp_path / "a.png", 288)) == 288


@pytest.mark.parametrize(("code", "drawn"), [(0, True), *((code, False) for code in splat_demo.NOTHING_TO_DRAW_WITH)])
def test_every_picture_is_rendered_once_or_it_is_said_that_none_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, drawn: bool
) -> None:
    asked = []

    def heard(command: list[str], extra: dict[str, str]) -> tuple[int, str]:
        asked.extend(map(int, command[5].split(",")))
        assert extra == {"LP_NUM_THREADS": "1"} and command[-1] == "6"
        return code, "Splats need something to draw with"

    monkeypatch.setattr(splat_demo, "heard", heard)
    like = pictures(tmp_path / "mesh", range(0, 11, 2))
    assert splat_demo._render(Path("python"), Path("a.blend"), tmp_path / "splats", like, 24) is drawn
    assert sorted(asked) == [0, 2, 4, 6, 8, 10] if drawn else asked


def test_a_render_that_fails_is_told_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splat_demo, "heard", lambda command, extra: (1, "one\ntwo"))
    with pytest.raises(BuildError, match=r"exit code 1\)\.\none\ntwo"):
        splat_demo._render(Path("python"), Path("a.blend"), tmp_path / "splats", pictures(tmp_path / "m", range(3)), 24)

"""Steps that films and sheets share: a program that must succeed, and rendering on every core."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildError
from .processes import run

MOST_PROCESSES = 8
LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Shot:
    """One animated file and which of its pictures are wanted.

    pictures: numbers from 0; picture n shows n / rate seconds after the first frame.
    """

    blend: Path
    folder: Path
    pictures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lens:
    """How shots are rendered: pictures a second, width in pixels, Cycles samples a pixel."""

    rate: int
    width: int
    samples: int


def must(command: Sequence[str], problem: str) -> str:
    """Run a program and return what it said, which is shown only when it fails. Raises BuildError."""
    code, said = heard(command)
    if code:
        last_words = "\n".join(said.splitlines()[-LAST_LINES:])
        raise BuildError(f"{problem} (exit code {code}).\n{last_words}")
    return said


def heard(command: Sequence[str], extra: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a program with more environment variables, if given; its exit code and what it said."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        code = run(list(command), extra, output=log)
        log.seek(0)
        return code, log.read()


def shoot(python: Path, shots: Sequence[Shot], lens: Lens) -> None:
    """Render every shot to its folder as NNNNN.png, with as many processes as there are cores, each on one.

    Raises BuildError when a process fails.
    """
    cores = max(1, min(os.cpu_count() or 1, MOST_PROCESSES))
    settings = ["--rate", str(lens.rate), "--width", str(lens.width), "--samples", str(lens.samples)]

    def work(order: tuple[Shot, Sequence[int]]) -> None:
        shot, pictures = order
        listed = ",".join(map(str, pictures))
        command = [str(python), "-m", "tools.scripts.render_frames", str(shot.blend), str(shot.folder), listed]
        must([*command, *settings], "The pictures could not be rendered")

    shares = [(shot, share) for shot in shots for n in range(cores) if (share := shot.pictures[n::cores])]
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(work, shares))

"""The demo: the sample line goes in, a talking head comes out, by the same doors a user has."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import environments, portrait_demo, splat_demo
from .errors import BuildError
from .paths import OUT, ROOT, SAMPLE, TEMPLATES
from .processes import run
from .templates import ensure_templates

FPS = 24
CHARACTER = "Woman"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to render.

    step:    every how many frames a picture is made.
    width:   pixels.
    samples: Cycles samples a pixel.
    """

    step: int
    width: int
    samples: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of the speech job: reading to writing, and with the start of its process."""

    job_s: float
    whole_s: float


FULL = Plan(step=1, width=288, samples=2)
QUICK = Plan(step=64, width=96, samples=1)


def show(quick: bool = False) -> int:
    """Make out/demo.blend, .csv, .mp4 and the sheet, the same of a head of splats, and say what was made.

    quick: a few small pictures only, into out/quick/, for tests.
    Returns 0.
    Raises BuildError when a step fails.
    """
    ensure_templates()
    python = environments.ensure("bpy45", "demo")
    started = time.monotonic()
    out = OUT / "quick" if quick else OUT
    out.mkdir(parents=True, exist_ok=True)
    speed = _measure(python, out / "demo.csv")
    _animate(python, out / "demo.blend")
    with tempfile.TemporaryDirectory(prefix="mouthpiece-demo-") as folder:
        meshes = Path(folder) / "mesh"
        pictures = _render(python, out / "demo.blend", meshes, QUICK if quick else FULL)
        _film(python, meshes, out, quick)
        remark = splat_demo.show(python, Path(folder), out, FPS, quick)
    if not quick:
        portrait_demo.show(out)
    _report(out, pictures, speed, time.monotonic() - started)
    sys.stdout.write(remark)
    return 0


def _measure(python: Path, target: Path) -> Speed:
    """Run the speech job alone: once for the file, its own words about its time, and the clock around it."""
    started = time.monotonic()
    command = [str(python), "-m", "core", "animate", str(SAMPLE), "-o", str(target), "--fps", "60"]
    said = _must(command, "The curves could not be written")
    told = re.search(r"in ([\d.]+) s\b", said)
    whole_s = time.monotonic() - started
    return Speed(float(told[1]) if told else whole_s, whole_s)


def _animate(python: Path, target: Path) -> None:
    blend = TEMPLATES / f"{CHARACTER.lower()}.blend"
    command = [str(python), "-m", "addon", "animate", str(SAMPLE), "--blend", str(blend), "--object", CHARACTER]
    _must([*command, "-o", str(target)], "The character could not be animated")


def _render(python: Path, blend: Path, folder: Path, plan: Plan) -> int:
    """Render with as many processes as there are cores, each on one; returns the number of pictures."""
    cores = max(1, min(os.cpu_count() or 1, 8))
    frames = range(0, round(_length_s() * FPS), plan.step)
    settings = ["--width", str(plan.width), "--samples", str(plan.samples), "--rate", str(FPS)]
    shares = [share for index in range(cores) if (share := frames[index::cores])]

    def work(share: Sequence[int]) -> None:
        listed = ",".join(map(str, share))
        command = [str(python), "-m", "tools.scripts.render_frames", str(blend), str(folder), listed, *settings]
        _must(command, "The pictures could not be rendered")

    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(work, shares))
    return len(frames)


def _film(python: Path, pictures: Path, out: Path, quick: bool) -> None:
    line = SAMPLE.with_suffix(".txt").read_text(encoding="utf-8").strip()
    scripts = [str(python), "-m"]
    rest = [str(pictures), str(SAMPLE)]
    sheet = [*scripts, "tools.scripts.draw_sheet", *rest, str(out / "demo_sheet.png")]
    _must([*sheet, "--fps", str(FPS), "--text", line], "The sheet could not be drawn")
    if quick:
        return
    film = [*scripts, "tools.scripts.join_film", *rest, str(out / "demo.mp4"), "--fps", str(FPS)]
    _must(film, "The film could not be joined")


def _must(command: list[str], problem: str) -> str:
    """Run a command and return what it said; Blender's chatter is shown only when the command fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        code = run(command, output=log)
        log.seek(0)
        said = log.read()
    if code:
        last_words = "\n".join(said.splitlines()[-15:])
        raise BuildError(f"{problem} (exit code {code}).\n{last_words}")
    return said


def _length_s() -> float:
    with wave.open(str(SAMPLE)) as recording:
        return recording.getnframes() / recording.getframerate()


def _report(out: Path, pictures: int, speed: Speed, total_s: float) -> None:
    length_s = _length_s()
    rows = {
        "demo.blend": "the character with keys on an NLA track and the recording in the sequencer",
        "demo.csv": "the same performance as a Live Link Face recording at 60 fps",
        "demo.mp4": f"{pictures} pictures with sound",
        "demo_sheet.png": "twelve moments over the waveform",
        "splat_demo.blend": "the same line said by a head of 60,000 splats, to be rendered with F12",
        "splat_demo.mp4": "the mesh and the splats side by side, with sound",
        "splat_demo_sheet.png": "both at nine moments",
        "portrait.splathead": "a head made of one picture, samples/portrait.jpg",
        "portrait.mp4": "the same line said by it, with sound",
    }
    for name, what in rows.items():
        path = out / name
        if path.is_file():
            sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB  {what}\n")
    sys.stdout.write(
        f"speech job: {length_s:.1f} s of speech in {speed.job_s:.2f} s, {length_s / speed.job_s:.0f}x real time "
        f"({speed.whole_s:.2f} s with the start of its process)\n"
        f"demo: {total_s:.0f} s on {os.cpu_count()} cores\n"
    )

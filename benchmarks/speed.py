"""How fast, in how much memory: the speech job beside Rhubarb on the same audio, and the writing of keys."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from . import machine, rhubarb

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent
SAMPLE = ROOT / "samples" / "line.wav"
PAGE = ROOT / "docs" / "benchmarks-speed.md"
BLENDERS = ("bpy45", "bpy50", "bpy52")
TARGETS = (
    "Targets: 100x real time or more on two cores in NumPy, 100 times Rhubarb's speed or more on the same recording, "
    "500 MB or less and linear up to an hour, 1 us a key or less."
)
NO_TWIN = "There was no CUDA device for the network's torch twin."


@dataclass(frozen=True, slots=True)
class Timing:
    """One program on one recording.

    audio_s: length of the recording.
    seconds: wall time, process start included; the best of the rounds.
    peak_mb: most memory the process held; None where the system does not tell.
    cpu_s: processor time, which a busy machine does not lengthen; None where the system does not tell.
    """

    name: str
    audio_s: float
    seconds: float
    peak_mb: float | None = None
    cpu_s: float | None = None

    @property
    def factor(self) -> float:
        return self.audio_s / self.seconds

    @property
    def row(self) -> str:
        memory = "not measured" if self.peak_mb is None else f"{self.peak_mb:.0f} MB"
        cpu = "not measured" if self.cpu_s is None else f"{self.cpu_s:.2f} s"
        cells = (self.name, f"{self.audio_s:.0f} s", f"{self.seconds:.2f} s", f"{self.factor:.1f}x", cpu, memory)
        return f"| {' | '.join(cells)} |"


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall seconds, peak memory and processor seconds of one process; None where the system does not tell."""

    seconds: float
    peak_mb: float | None = None
    cpu_s: float | None = None


def main(arguments: list[str]) -> int:
    """Measure, print the table and write docs/benchmarks-speed.md.

    Returns 0.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the recording both are given")
    parser.add_argument("--longest-minutes", type=float, default=60.0, help="length of the longest recording")
    parser.add_argument("--rounds", type=int, default=3, help="how often we are timed; the best counts")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mouthpiece-speed-") as folder:
        same = write_speech(Path(folder) / "same.wav", chosen.minutes * 60)
        longest = write_speech(Path(folder) / "longest.wav", chosen.longest_minutes * 60)
        rows = [time_ours(same, chosen.rounds), time_ours(longest, 1)]
        rival, absence = time_rival(same)
        twin = time_twin(chosen.minutes * 60)
    remarks = [ratio(rows[0], rival) or absence, growth(*rows), *([] if twin else [NO_TWIN])]
    page = compose([*rows, *rival, *twin], " ".join(remarks), keys_table())
    sys.stdout.write(page)
    chosen.out.write_text(page, encoding="utf-8")
    return 0


def write_speech(path: Path, seconds: float) -> Path:
    """The sample line said again and again, each time a little louder or softer."""
    samples, rate_hz = soundfile.read(SAMPLE, dtype="float32")
    wanted = round(seconds * rate_hz)
    gains = np.random.default_rng(0).uniform(0.5, 1.2, -(-wanted // len(samples)))
    speech = np.concatenate([samples * gain for gain in gains])[:wanted]
    soundfile.write(path, speech, rate_hz, subtype="PCM_16")
    return path


def time_ours(path: Path, rounds: int) -> Timing:
    """python -m core animate at 60 frames a second, as a farm would call it."""
    command = [sys.executable, "-m", "core", "animate", str(path), "-o", str(path.with_suffix(".npz")), "--fps", "60"]
    runs = [run_measured(command) for _ in range(rounds)]
    best = min(runs, key=lambda cost: cost.seconds)
    peak_mb = None if best.peak_mb is None else max(cost.peak_mb for cost in runs)
    return Timing("Mouthpiece", soundfile.info(path).duration, best.seconds, peak_mb, best.cpu_s)


def time_rival(path: Path) -> tuple[list[Timing], str]:
    """Rhubarb on the same recording, or nothing and the reason."""
    try:
        heard = rhubarb.hear(path)
    except rhubarb.RivalMissing as absence:
        return [], str(absence)
    name = f"Rhubarb (npm {rhubarb.PACKAGE} {rhubarb.VERSION}, one thread)"
    return [Timing(name, soundfile.info(path).duration, heard.seconds)], ""


def ratio(ours: Timing, rival: list[Timing]) -> str:
    """The comparison in a sentence; empty without a rival."""
    if not rival:
        return ""
    times = ours.factor / rival[0].factor
    return f"On the same {ours.audio_s:.0f} s Mouthpiece is {times:.1f} times as fast as this build of Rhubarb."


def growth(shorter: Timing, longer: Timing) -> str:
    """Whether time grows with length only, in a sentence."""
    longer_by, slower_by = longer.audio_s / shorter.audio_s, longer.seconds / shorter.seconds
    return f"{longer_by:.1f} times the length takes Mouthpiece {slower_by:.1f} times as long."


def time_twin(seconds: float) -> list[Timing]:
    """The torch twin of the network on CUDA, or nothing where there is none."""
    command = [sys.executable, "-m", "benchmarks.twin", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        return []
    found = json.loads(done.stdout)
    return [Timing(f"the network's torch twin on {found['device']}", found["audio_s"], found["seconds"])]


def run_measured(command: list[str]) -> Cost:
    """Run one process and see what it costs.

    Raises SystemExit when the process fails.
    """
    # A process starts out with its parent's peak memory on its account, so a small parent stands between.
    between = [sys.executable, "-S", str(HERE / "cost.py"), *command]
    done = subprocess.run(between, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The speech job failed with exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    return Cost(**json.loads(done.stdout))


def keys_table() -> list[str]:
    """One row a Blender that is installed under .venvs."""
    rows = []
    for name in BLENDERS:
        python = ROOT / ".venvs" / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not python.is_file():
            continue
        command = [str(python), "-m", "benchmarks.keys_probe"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"The key probe failed in {name}: {done.stderr.strip()[-300:]}")
        found = json.loads(done.stdout.strip().splitlines()[-1])
        per_second = 1 / found["us_per_key"]
        cells = (found["blender"], f"{found['keys']:,}", f"{found['us_per_key']:.2f} us", f"{per_second:.1f} million")
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def compose(timings: list[Timing], remark: str, keys: list[str]) -> str:
    """The whole page."""
    lines = [
        "# Speed",
        "",
        "Made by `python -m benchmarks speed`. " + TARGETS,
        "",
        f"Hardware: {machine.describe()}.",
        "",
        "## From a recording to curves",
        "",
        "The sample line over and over, curves at 60 frames a second, reading, writing and process start included.",
        "",
        "| Program | Recording | Time | Real time | Processor time | Peak memory |",
        "|---|---|---|---|---|---|",
        *(timing.row for timing in timings),
        "",
        remark,
        "",
        "## From curves to keys",
        "",
        "52 shape keys, ten minutes at 30 frames a second, best of three, finding the character included.",
        "",
        "| Blender | Keys | Time a key | Keys a second |",
        "|---|---|---|---|",
        *keys,
    ]
    return "\n".join(lines) + "\n"

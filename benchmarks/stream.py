"""How long a 20 ms hop of live speech takes on one core, beside HeadAudio on the same sound."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import soundfile

from core.threads import VARIABLES

from . import headaudio, machine
from .rhubarb import RivalMissing
from .speed import ROOT, SAMPLE

PAGE = ROOT / "docs" / "benchmarks-stream.md"
HOP_S, BUDGET_S, LOOK_AHEAD_BUDGET_S = 0.02, 0.005, 0.08


def main(arguments: list[str]) -> int:
    """Measure, print the table and write docs/benchmarks-stream.md.

    Returns 0.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks stream", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the speech")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    chosen = parser.parse_args(arguments)
    page = compose(time_ours(chosen.seconds), time_rival(), chosen.seconds)
    sys.stdout.write(page)
    chosen.out.write_text(page, encoding="utf-8")
    return 0


def time_ours(seconds: float) -> dict[str, float]:
    """What stream_probe finds in a process with one core. Raises SystemExit when it fails."""
    command = [sys.executable, "-m", "benchmarks.stream_probe", str(seconds)]
    one_core = os.environ | dict.fromkeys(VARIABLES, "1")
    done = subprocess.run(command, cwd=ROOT, env=one_core, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The stream probe failed: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def time_rival() -> tuple[float | None, str]:
    """Seconds that HeadAudio takes for a hop of the sample line, or None and the reason.

    A run on silence is taken off, so that starting node does not count.
    """
    samples, rate_hz = soundfile.read(SAMPLE, dtype="float32")
    try:
        headaudio.viseme_weights(samples[:rate_hz], rate_hz)  # fetches it and warms the disk up
        costs = []
        for heard in (samples, samples[: rate_hz // 10]):
            started = time.perf_counter()
            headaudio.viseme_weights(heard, rate_hz)
            costs.append(time.perf_counter() - started)
    except RivalMissing as absence:
        return None, str(absence)
    return (costs[0] - costs[1]) / (len(samples) / rate_hz - 0.1) * HOP_S, ""


def compose(ours: dict[str, float], rival: tuple[float | None, str], seconds: float) -> str:
    """The whole page."""
    cells = (f"{1e3 * ours[name]:.2f} ms" for name in ("work_mean", "wall_median", "wall_p99", "wall_most"))
    other, remark = rival
    rows = [f"| Mouthpiece, 185 channels, head and phones | {' | '.join(cells)} |"]
    if other is not None:
        rows.append(f"| HeadAudio (npm {headaudio.VERSION}), 15 visemes | {1e3 * other:.2f} ms | | | |")
    lines = [
        "# Streaming",
        "",
        f"Made by `python -m benchmarks stream`. Targets: {1e3 * BUDGET_S:.0f} ms of work a {1e3 * HOP_S:.0f} ms hop "
        f"on one core, {1e3 * LOOK_AHEAD_BUDGET_S:.0f} ms of look-ahead.",
        "",
        f"Hardware: {machine.describe()}.",
        "",
        f"Look-ahead: {1e3 * ours['look_ahead_s']:.1f} ms, everything included: the trunk waits for 60 ms, and half an "
        "analysis window is 12.5 ms.",
        "",
        f"{ours['hops']:,.0f} hops ({seconds:.0f} s of speech), fed one by one on one core. Work is processor time, "
        "which a busy machine does not lengthen; the other columns are wall time.",
        "",
        "| Program | Work, mean | Median | 99 % below | Longest |",
        "|---|---|---|---|---|",
        *rows,
        "",
        remark
        or "HeadAudio answers about 100 ms late (its own manual); its work is a run of the sample line less one of "
        "a tenth of a second.",
    ]
    return "\n".join(lines) + "\n"

"""Rhubarb Lip Sync as a rival, in its WebAssembly build from npm, fetched when a benchmark asks for it.

Needs node and npm. Source: npm package rhubarb-lip-sync-wasm (MIT), a build of Daniel S. Wolf's Rhubarb Lip Sync.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

PACKAGE = "rhubarb-lip-sync-wasm"
VERSION = "0.1.8"
RATE_HZ = 16000
HERE = Path(__file__).parent
CACHE = HERE.parent / ".venvs" / "cache" / "rhubarb"
SHAPES = "ABCDEFGHX"
"""A closed (p b m), B clenched, C open, D wide, E rounded, F puckered, G teeth on lip, H tongue up, X at rest."""

Cue = tuple[float, float, str]


class RivalMissing(Exception):
    """Rhubarb cannot be run here; the text says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What Rhubarb made of a recording.

    cues: (start_s, end_s, shape), in order, without gaps or overlaps.
    seconds: the time it took, process start included.
    """

    cues: tuple[Cue, ...]
    seconds: float


def mouth_cues(path: Path) -> list[Cue]:
    """Rhubarb's mouth shapes for a recording: (start_s, end_s, shape), shape one of SHAPES.

    path: any file soundfile reads.
    Raises RivalMissing when Rhubarb cannot be run here.
    """
    return list(hear(path).cues)


def hear(path: Path) -> Heard:
    """Run Rhubarb on a recording and time it.

    Raises RivalMissing when Rhubarb cannot be run here.
    """
    entry = fetch()
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = soxr.resample(samples.mean(axis=1), rate_hz, RATE_HZ)
    with tempfile.TemporaryDirectory(prefix="mouthpiece-rhubarb-") as folder:
        pcm, answer = Path(folder) / "speech.pcm", Path(folder) / "cues.json"
        np.clip(np.round(mono * 32767), -32768, 32767).astype("<i2").tofile(pcm)
        started = time.perf_counter()
        command = ["node", str(HERE / "rhubarb.mjs"), entry.as_uri(), str(pcm), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        if done.returncode or not answer.is_file():
            raise RivalMissing(f"Rhubarb failed: {(done.stderr or done.stdout).strip()[-300:]}")
        return Heard(tidy(json.loads(answer.read_text()), len(mono) / RATE_HZ), seconds)


def tidy(rows: list[dict[str, float | str]], end_s: float) -> tuple[Cue, ...]:
    """Let each cue last until the next starts (this build reports overlapping ends) and drop empty ones."""
    starts = [float(row["start"]) for row in rows]
    ends = [*starts[1:], end_s]
    cues = zip(starts, ends, (str(row["value"]) for row in rows), strict=True)
    return tuple((start, end, shape) for start, end, shape in cues if end > start)


def fetch() -> Path:
    """Bring the package into the cache once.

    Returns the module to import.
    Raises RivalMissing when node, npm or the package is not to be had.
    """
    entry = CACHE / "node_modules" / PACKAGE / "dist" / "index.js"
    if entry.is_file():
        return entry
    if not shutil.which("node") or not shutil.which("npm"):
        raise RivalMissing("Rhubarb was not run: node and npm are not installed.")
    CACHE.mkdir(parents=True, exist_ok=True)
    command = [shutil.which("npm"), "install", "--prefix", str(CACHE), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([*command, f"{PACKAGE}@{VERSION}"], capture_output=True, text=True, check=False)
    if done.returncode or not entry.is_file():
        raise RivalMissing(f"Rhubarb was not run: npm could not install {PACKAGE}.")
    return entry

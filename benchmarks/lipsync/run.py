"""python -m benchmarks lipsync --data DIR --wild DIR: score every method and write docs/benchmarks-lipsync.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from core.training.judge import Score, correlation, score_clip
from core.training.sources import find_sources, is_test

from . import clips as films
from .clips import Clip
from .methods import RATE_HZ, Method, mouthpiece, rivals

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks-lipsync.md"
MOST_OFFSET_S = 0.4
SAME_BROADCAST = {"edtalk_address_450": "address", "lia_address_256": "address"}


def main(arguments: list[str]) -> int:
    """Run the benchmark. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lipsync", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the training data folder (docs/training.md)")
    parser.add_argument("--wild", type=Path, required=True, help="a folder of filmed speakers that never took part")
    options = parser.parse_args(arguments)
    sources = find_sources(options.data)
    sets = {"GRID, set aside": films.grid_clips(sources), "wild": films.wild_clips(options.wild, sources)}
    seen = [clip for place, clip in enumerate(sources.clips) if not is_test(place)]
    methods = rivals(films._read(seen[::5], sources, "grid"))
    rows = []
    for name, judged in sets.items():
        offsets = source_offsets(judged)
        for method_name, method in methods.items():
            scores = [score(clip, method, offsets[_source(clip)]) for clip in judged]
            medians = np.median([(s.r, s.closure_f1, s.shift_s) for s in scores], axis=0)
            rows.append((name, method_name, len(judged), *medians))
            sys.stderr.write(f"{name}, {method_name}: r {medians[0]:.3f}, closure F1 {medians[1]:.3f}\n")
    PAGE.write_text(page(rows))
    return 0


def source_offsets(judged: list[Clip]) -> dict[str, float]:
    """How many seconds each source's pictures trail its sound, estimated once by our own prediction, for all."""
    tried = np.arange(-MOST_OFFSET_S, MOST_OFFSET_S + 1e-9, 0.02)
    table: dict[str, list[np.ndarray]] = {}
    for clip in judged:
        lips = mouthpiece(clip.samples)
        found = [correlation(_at(lips, clip.times - offset), clip.opening) for offset in tried]
        table.setdefault(_source(clip), []).append(np.array(found))
    return {source: float(tried[np.mean(found, axis=0).argmax()]) for source, found in table.items()}


def score(clip: Clip, method: Method, offset_s: float) -> Score:
    """Score one method on one clip, the source's offset taken out."""
    return score_clip(_at(method(clip.samples), clip.times - offset_s), clip.opening, clip.fps)


def page(rows: list[tuple]) -> str:
    """The table as Markdown."""
    lines = [
        "# Lips against filmed mouths",
        "",
        "Opening r: correlation of lip opening with the filmed mouth, per clip at the best constant shift within",
        "0.2 s, then the median. Closure F1: closed frames found within one video frame. Definitions in",
        "`core/training/judge.py`. None of these clips took part in training.",
        "",
        "Films differ in how late their pictures are. For each source that offset is estimated once, within 0.4 s,",
        "from Mouthpiece's own prediction, and taken out for every method alike; GRID counts as one source, each wild",
        "film as its own but for two copies of one broadcast. Rhubarb runs without a transcript, in its WebAssembly",
        "build. The wild films are development material: some settings were chosen while looking at them.",
        "",
        "| clips | method | n | opening r | closure F1 | median shift (s) |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {a} | {b} | {n} | {r:.3f} | {f1:.3f} | {shift:+.3f} |" for a, b, n, r, f1, shift in rows]
    return "\n".join(lines) + "\n"


def _source(clip: Clip) -> str:
    return SAME_BROADCAST.get(clip.name, clip.source)


def _at(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Read values at RATE_HZ at other times, the ends held."""
    return np.interp(times, np.arange(len(values)) / RATE_HZ, values)

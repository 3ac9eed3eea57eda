"""python -m benchmarks lipsync --data DIR --wild DIR [--facegood DIR]: judge every method, write the page."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import headaudio, machine
from benchmarks import rhubarb as rhubarb_rival
from benchmarks.rhubarb import RivalMissing
from core.speech.weights import load_model
from core.training.mouth_measures import demo_woman
from core.training.sources import Sources, find_sources
from core.training.version_one import read_version_one

from . import clips as films
from . import methods, quiet, upper_face
from .facegood import facegood_clips
from .feelings import judge_feelings
from .kept import kept
from .methods import Method
from .ours import Actor
from .page import Findings, compose
from .scores import Row, judge, remembered, source_offsets
from .spoken import Line, count_closures, count_filmed, grid_lines, voice_lines

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks-lipsync.md"
OURS, REFEREE = "Mouthpiece", "version one"
GRID = "GRID, set aside"
PROGRAMS = ("Rhubarb", "HeadAudio")
RIDGE_EVERY = 5
FEELING_LINES = 2  # of each language


def main(arguments: list[str]) -> int:
    """Run the benchmark. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lipsync", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the training data folder (docs/training.md)")
    parser.add_argument("--wild", type=Path, required=True, help="a folder of filmed speakers that never took part")
    parser.add_argument("--facegood", type=Path, help="FACEGOOD's takes with curves, bsname.txt and the table")
    parser.add_argument("--weights", type=Path, help="other weights than the shipped ones")
    parser.add_argument("--quick", action="store_true", help="only ours: figures as JSON, no page")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args(arguments)
    actor = Actor(load_model(options.weights) if options.weights else None)
    sources = find_sources(options.data)
    sets = {GRID: films.grid_clips(sources), "wild": films.wild_clips(options.wild, sources)}
    if options.facegood:
        sets["FACEGOOD"] = facegood_clips(options.facegood)
    if options.quick:
        sys.stdout.write(json.dumps(quick_figures(sets, actor, sources), indent=1) + "\n")
        return 0
    every, absent = every_method(sources)
    every = {OURS: remembered(actor.lips)} | every
    findings = find_everything(Material(sets, every, sources, options.wild), actor)
    options.out.write_text(compose(findings, absent, machine.describe()), encoding="utf-8")
    return 0


def every_method(sources: Sources) -> tuple[dict[str, Method], list[str]]:
    """Every method that can be run here, by name, and a sentence for each that cannot."""
    answers, absent = sources.work / "judged", []
    every: dict[str, Method] = {REFEREE: referee_of(sources), "loudness": methods.loudness}
    every["log-mel ridge"] = methods.train_ridge(films.training_films(sources, RIDGE_EVERY))
    for name, module, method in (
        ("Rhubarb", rhubarb_rival, methods.rhubarb),
        ("HeadAudio", headaudio, methods.headaudio),
    ):
        try:
            module.fetch()
        except RivalMissing as absence:
            absent.append(str(absence))
            continue
        every[name] = kept(f"{name.lower()}-{module.VERSION}", method, answers)
    return {name: remembered(method) for name, method in every.items()}, absent


def referee_of(sources: Sources) -> Method:
    """Version one, whose weights are kept beside the training data. Raises ModelError when they are not there."""
    weights = sources.work / "version1.safetensors"
    return kept("version-one", methods.version_one(read_version_one(weights)), sources.work / "judged")


def quick_figures(sets: dict[str, list[films.Clip]], actor: Actor, sources: Sources) -> dict[str, float]:
    """The main figures of ours alone, by name."""
    ours, referee, figures = remembered(actor.lips), referee_of(sources), {}
    for name, clips in sets.items():
        row = _told(judge(name, clips, source_offsets(clips, referee), (OURS, ours)))
        figures |= {f"{name}: opening r": row.opening_r, f"{name}: width r": row.width_r}
        figures |= {f"{name}: width r at its own shift": row.width_own_r}
        figures |= {f"{name}: closure F1": row.closure_f1, f"{name}: shift": row.shift_s}
    met = count_closures(_grid_lines(sets[GRID], sources) + voice_lines(sources.work / "voices"), ours)
    figures |= {f"{kind}: closures": one.met / max(1, one.closures) for kind, one in met.items()}
    return {name: round(figure, 4) for name, figure in figures.items()}


@dataclass(frozen=True, slots=True)
class Material:
    """What is judged: clips by set, methods by name; the data folder and the folder of wild films."""

    sets: dict[str, list[films.Clip]]
    every: dict[str, Method]
    sources: Sources
    wild: Path


def find_everything(given: Material, actor: Actor) -> Findings:
    """Measure what the page shows; every row of the first table is told as it comes."""
    sets, every, sources = given.sets, given.every, given.sources
    grid = _grid_lines(sets[GRID], sources)
    voices = voice_lines(sources.work / "voices")
    ask_ahead(every, [*(clip.samples for clips in sets.values() for clip in clips), *(line.samples for line in voices)])
    offsets = {name: source_offsets(clips, every[REFEREE]) for name, clips in sets.items()}
    rows = [_told(judge(name, clips, offsets[name], way)) for name, clips in sets.items() for way in every.items()]
    closures = {name: count_closures(grid + voices, method) for name, method in every.items()}
    closures["the film itself"] = {"GRID": count_filmed(grid, sets[GRID], offsets[GRID]["grid"])}
    _say("closures judged; silence, tremor, upper face and emotions follow")
    return Findings(
        rows,
        {source: offset for found in offsets.values() for source, offset in found.items()},
        closures,
        quiet.resting(actor.curves),
        {name: quiet.trembling(sets[name], actor.curves) for name in (GRID, "wild")},
        upper_face.compare(_upper_films(given.wild, sources), actor.whole, _brow_slopes()),
        judge_feelings(_few(voices), actor.feel),
        read_ablations(sources.work / "ablations.json"),
    )


def ask_ahead(every: dict[str, Method], recordings: list[np.ndarray]) -> None:
    """Let the rivals that are programs of their own hear everything, one on each core; they take longest by far."""
    slow = [method for name, method in every.items() if name in PROGRAMS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda pair: pair[0](pair[1]), [(method, r) for method in slow for r in recordings]):
            pass


def read_ablations(path: Path) -> list[dict[str, Any]]:
    """What training without one of its parts gave: a list of {"name": ..., "metrics": {...}}; empty when not there."""
    return json.loads(path.read_text()) if path.is_file() else []


def _told(row: Row) -> Row:
    figures = f"opening r {row.opening_r:.3f}, width r {row.width_r:.3f}, closure F1 {row.closure_f1:.3f}"
    _say(f"{row.clips}, {row.method}: {figures}")
    return row


def _grid_lines(clips: list[films.Clip], sources: Sources) -> list[Line]:
    return grid_lines(clips, sources.work.parent / "grid_words", sources.work / "judged" / "aligned")


def _few(lines: list[Line]) -> list[Line]:
    """The first lines of each language."""
    kinds = dict.fromkeys(line.kind for line in lines)
    return [line for kind in kinds for line in [line for line in lines if line.kind == kind][:FEELING_LINES]]


def _upper_films(wild: Path, sources: Sources) -> list[upper_face.Film]:
    return [
        upper_face.Film(film.stem, upper_face.source_of(film.stem), films.find_track(film, sources))
        for film in films.wild_films(wild)
    ]


def _brow_slopes() -> np.ndarray:
    woman = demo_woman()
    return upper_face.brow_slopes(woman.points, woman.units)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

"""python -m benchmarks heads --work DIR [--speech WAV] [--video FILE ...]: learn heads, judge them, write the page.

Everything made lies in the work folder and is taken from there by the next run, which goes on where one was stopped.
One row for each way of learning; on a graphics card (--device cuda) pictures of 512 pixels.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from core.avatar.prepared import Prepared, read_prepared
from core.avatar.raster.choose import DEVICES, device_for, rasteriser_for
from core.avatar.raster.protocol import Rasteriser
from core.avatar.settings import read_settings
from core.avatar.synthetic import Shot
from core.errors import CoreError

from .. import machine
from .one import Job, Row, measured
from .page import compose
from .sources import DEGREES, SIDE, SYNTHETIC, filmed, synthetic
from .ways import FOR_CARD, WHOLE, ways_named

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks-heads.md"
CARD_PAGE = PAGE.with_name("benchmarks-heads-card.md")
PREPARED = 256
"""Pixels of a video prepared for a processor."""
EVERY = 20.0
"""Seconds between two words of progress."""


def main(arguments: list[str]) -> int:
    """Run the benchmark. Returns the exit code: 1 when a row could not be had, which the page then lacks."""
    options = _parser().parse_args(arguments)
    import torch

    torch.set_num_threads(options.threads)
    try:
        device, ways = device_for(options.device), ways_named(options.ways)
        raster = rasteriser_for(device, options.threads)
        sources = dict(_sources(options, device))
    except CoreError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    rows, complete = [], True
    for source, prepared in sources.items():
        for way in ways:
            row = _row(options, Job(source, prepared, way, options.share, _changes(options, device)), raster)
            complete &= row is not None
            rows += [row] if row else []
    if rows:
        lengths = {name: (len(made), made.fps, made.size) for name, made in sources.items()}
        page = options.out or (CARD_PAGE if device == "cuda" else PAGE)
        page.write_text(compose(rows, lengths, _full(), _hardware(device)), encoding="utf-8")
    return 0 if complete and rows else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks heads", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="a folder for everything that is made")
    parser.add_argument("--speech", type=Path, help="a recording that the synthetic speaker says")
    parser.add_argument("--video", type=Path, action="append", default=[], help="a video to prepare and learn from")
    parser.add_argument("--prepared", type=Path, action="append", default=[], help="a prepared folder to learn from")
    parser.add_argument("--ways", default="whole", help="whole, ablations, all, or names with commas between")
    parser.add_argument("--share", type=float, default=1.0, help="of each configuration's steps")
    parser.add_argument("--size", type=int, help="pixels of the longer side; 512 on a card, else the configuration's")
    parser.add_argument(
        "--splats", type=int, default=0, help="to begin with; 30,000 on a card, else the configuration's"
    )
    parser.add_argument("--frames", type=int, default=275, help="of the synthetic speaker")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--threads", type=int, default=2, help="cores to take")
    parser.add_argument("--out", type=Path, help=f"the page to write; docs/{PAGE.name}, on a card {CARD_PAGE.name}")
    return parser


def _changes(options: argparse.Namespace, device: str) -> tuple[tuple[str, str], ...]:
    size = (("size", str(options.size)),) if options.size else ()
    splats = (("splats.count", str(options.splats)), ("splats.most", str(options.splats * 4 // 3)))
    return (FOR_CARD if device == "cuda" else ()) + size + (splats if options.splats else ())


def _hardware(device: str) -> str:
    """The machine, with its card where that is used."""
    import torch

    card = f", {torch.cuda.get_device_name()}" if device == "cuda" and torch.cuda.is_available() else ""
    return machine.describe() + card


def _full() -> int:
    """Steps of the shortest configuration that ships."""
    stages = [read_settings(way.config).stages for way in WHOLE]
    return min(stage.static + stage.deform + stage.lips for stage in stages)


def _sources(options: argparse.Namespace, device: str) -> Iterator[tuple[str, Prepared]]:
    """Prepared videos by name."""
    if options.speech:
        side = max(options.size or 0, SIDE)
        shot = Shot((side, side), count=options.frames, degrees=DEGREES)
        folder = options.work / SYNTHETIC / "prepared"
        yield SYNTHETIC, synthetic(folder, options.speech, shot, _Teller(SYNTHETIC))
    for video in options.video:
        folder, size = options.work / video.stem / "prepared", 512 if device == "cuda" else PREPARED
        yield video.stem, filmed(folder, video, size, _Teller(video.stem))
    for folder in options.prepared:
        yield folder.parent.name if folder.name == "prepared" else folder.name, read_prepared(folder)


def _row(options: argparse.Namespace, job: Job, raster: Rasteriser) -> Row | None:
    """A row, or None where it could not be had, which is said."""
    try:
        return measured(job, options.work / job.source / job.way.key, raster, _Teller(f"{job.source}, {job.way.name}"))
    except CoreError as fault:
        sys.stderr.write(f"{job.source}, {job.way.name}: {fault}\n")
        return None


class _Teller:
    """Says now and then how far something is."""

    def __init__(self, what: str) -> None:
        self.what, self.last = what, 0.0

    def __call__(self, part: float, words: str) -> None:
        """part: 0..1 is done."""
        if time.monotonic() - self.last > EVERY:
            self.last = time.monotonic()
            sys.stderr.write(f"{self.what}: {part:.0%} {words}\n")
            sys.stderr.flush()

"""python -m benchmarks portrait PART --films DIR: measure one part and write its page under docs/."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

PARTS = {
    "curves": "curves read off films against independent labels",
    "sides": "one-sided expressions from a film to a portrait's head and back",
    "heads": "heads made of a film's first picture against the rest of the film",
    "blend": "voice and film on one face while the mouth is covered",
}
"""Each is a module here with a function measure(films, page) that returns an exit code."""
PAGES = Path(__file__).resolve().parents[2] / "docs"


def main(arguments: list[str]) -> int:
    """Measure. Returns the exit code of the part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks portrait", description=__doc__)
    parser.add_argument("part", choices=PARTS, help="; ".join(f"{name}: {what}" for name, what in PARTS.items()))
    parser.add_argument("--films", type=Path, required=True, help="a folder of films of talking faces")
    parser.add_argument("--page", type=Path, help="the page to write (default: docs/benchmarks-portrait-PART.md)")
    chosen = parser.parse_args(arguments)
    page = chosen.page or PAGES / f"benchmarks-portrait-{chosen.part}.md"
    return importlib.import_module(f"benchmarks.portrait.{chosen.part}").measure(chosen.films, page)

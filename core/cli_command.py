"""What every command of the command line is made of."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .rig.convert import RIGS

RECORDINGS = """\
IN is a WAV, FLAC, OGG, MP3 or AIFF file of 8 to 192 kHz, mono to surround, up to
4 hours long. Its content counts, not its ending.
"""


@dataclass(frozen=True, slots=True)
class Command:
    """A word behind `python -m core`: how its arguments look and what runs it."""

    name: str
    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    about: str
    epilog: str


def add_source(parser: argparse.ArgumentParser) -> None:
    """The recording to read."""
    parser.add_argument("source", metavar="IN", type=Path, help="the recording")


def add_rig(parser: argparse.ArgumentParser) -> None:
    """Whose controls the curves are."""
    rig_help = f"whose controls to move: {', '.join(RIGS)} (default: %(default)s)"
    parser.add_argument("--rig", metavar="RIG", default=RIGS[0], choices=RIGS, help=rig_help)


def add_take(parser: argparse.ArgumentParser) -> None:
    """Whose face, how many frames, and which of many equal lives."""
    add_rig(parser)
    fps_help = "frames per second, 1 to 240, also as a fraction such as 24000/1001 (default: 60)"
    parser.add_argument("--fps", type=parse_fps, default=60.0, help=fps_help)
    seed_help = "which of many equally good blinks and nods (default: %(default)s)"
    parser.add_argument("--seed", type=int, default=0, help=seed_help)


def parse_fps(text: str) -> float:
    """A frame rate as people write it; made for argparse."""
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise argparse.ArgumentTypeError(f"expected a number such as 60 or 24000/1001, not {text!r}") from None

"""The command portrait: a picture of a face in, a head of splats out (engine environment)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .cli_command import Command
from .engine_needs import check_engine
from .errors import FormatError
from .exit_codes import OK
from .formats.atomic import check_place
from .paths import shown
from .splat.head_files import ENDING, write_head
from .terminal import TerminalReporter

ABOUT = """\
Make a head of splats from one portrait.

PHOTO is a picture of a face from the front, a photo, a painting or a render; OUT ends
in .splathead and is what Blender's File > Import opens. The expression in the picture
is taken out, so that the head is neutral at rest; what the picture does not show (the
mouth's inside, the back, the far side) is completed. Pictures from other sides, with
--also, show what the first does not: the first decides light, hair and clothes.
"""
EPILOG = """\
examples:
  python -m core portrait ada.jpg ada.splathead
  python -m core portrait ada.jpg ada.splathead --also ada_left.jpg --also ada_right.jpg
  python -m core portrait family.jpg son.splathead --face 2

Needs the engine environment (docs/engine.md). Exit codes: see python -m core --help.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that portrait takes."""
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="the picture")
    parser.add_argument("target", metavar="OUT", type=Path, help="the head to write")
    parser.add_argument(
        "--also", metavar="PHOTO", type=Path, action="append", default=[], help="one more of the same person (repeat)"
    )
    parser.add_argument("--face", metavar="N", type=int, help="which of several faces, 1 for the leftmost")
    parser.add_argument("--splats", metavar="N", type=int, help="about how many splats the bust gets (default: 44000)")
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def run(chosen: argparse.Namespace) -> int:
    """Do it and say what was made."""
    _check_target(chosen.target, chosen.force)
    check_engine("Making a portrait's head")
    from .portrait.portrait import PortraitBrief, portrait_from_file

    brief = PortraitBrief(face=chosen.face) if chosen.splats is None else PortraitBrief(chosen.splats, chosen.face)
    with TerminalReporter(sys.stderr) as reporter:
        made = portrait_from_file(chosen.photo, brief, reporter.progress, tuple(chosen.also))
    write_head(made.head, chosen.target)
    for note in made.notes:
        sys.stdout.write(f"note: {note}\n")
    sys.stdout.write(
        f"{chosen.target}: {len(made.head)} splats; the picture drawn again differs by {made.decibels:.1f} dB\n"
    )
    return OK


def _check_target(target: Path, force: bool) -> None:
    """Raise FormatError for a place or name that will not do, before anything is read."""
    if target.suffix.lower() != ENDING:
        raise FormatError(f"A head is written as {ENDING}; give {shown(target)} that ending.")
    check_place(target)
    if target.exists() and not force:
        raise FormatError(f"{shown(target)} exists; choose another name, or replace it with --force.")


PORTRAIT = Command("portrait", "a picture of a face in, a head of splats out", add_arguments, run, ABOUT, EPILOG)

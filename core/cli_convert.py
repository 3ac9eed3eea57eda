"""The command convert: a performance in, another format out."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from .cli_command import Command, parse_fps
from .convert import ConvertJob, convert
from .exit_codes import OK
from .formats import FORMATS, WRITTEN_RIGS, Placing

_LIST = "\n".join(
    f"  {form.name:15}{form.ending:7}{'<->' if form.reads else ' ->'}  {form.title}" for form in FORMATS.values()
)
ABOUT = f"""\
Turn a performance into another format, rig or frame rate, or take a part of it.

IN is a file that animate, an engine or an app has written. Formats that share an
ending are told apart by their content. The ending of OUT picks the format; where
several share it, --to says which:

{_LIST}

<-> is read and written, -> only written. docs/engines.md tells how each is opened.
A rig that the format does not take becomes the one it is made for.
"""
EPILOG = """\
examples:
  python -m core convert line.npz line.anim --face Body/Head --head Armature/Hips/Head
  python -m core convert line.npz line.py --rig metahuman251 --fps 30
  python -m core convert take.csv line.tres --fps 24 --from-s 1.5 --to-s 4
  python -m core convert line.npz line.json --to a2f-json
  python -m core convert line.npz shot.csv --start-frame 1001 --fps 24

Exit codes: see python -m core --help.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that convert takes."""
    parser.add_argument("source", metavar="IN", type=Path, help="the performance to read")
    parser.add_argument("target", metavar="OUT", type=Path, help="the file to write")
    parser.add_argument("--to", metavar="FORMAT", choices=tuple(FORMATS), default="", help="the format, by its name")
    rig_help = f"whose controls to write: {', '.join(WRITTEN_RIGS)} (default: those of IN where OUT takes them)"
    parser.add_argument("--rig", metavar="RIG", choices=WRITTEN_RIGS, default="", help=rig_help)
    fps_help = "frames per second, 1 to 240, also as a fraction such as 24000/1001 (default: those of IN)"
    parser.add_argument("--fps", type=parse_fps, help=fps_help)
    parser.add_argument("--from-s", metavar="S", type=float, default=0.0, help="leave out what is before this second")
    parser.add_argument("--to-s", metavar="S", type=float, default=math.inf, help="leave out what is after this second")
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
    _add_placing(parser)


def run(chosen: argparse.Namespace) -> int:
    """Do it and say what was made."""
    placing = Placing(chosen.name, chosen.start_frame, chosen.face, chosen.head, chosen.skeleton)
    job = ConvertJob(
        source=chosen.source,
        target=chosen.target,
        to=chosen.to,
        rig=chosen.rig,
        fps=chosen.fps,
        from_s=chosen.from_s,
        to_s=chosen.to_s,
        placing=placing,
        force=chosen.force,
    )
    report = convert(job)
    sys.stdout.write(f"{job.target}: {report.title}, {report.rig}, {report.frames} frames at {report.fps:g} fps\n")
    return OK


def _add_placing(parser: argparse.ArgumentParser) -> None:
    """Where the performance goes in the program that opens the file."""
    usual = Placing()
    group = parser.add_argument_group("where it goes", "Each format takes what it has a place for.")
    start_help = "frame of the time line at which it begins (default: %(default)s)"
    group.add_argument("--start-frame", metavar="N", type=int, default=usual.start_frame, help=start_help)
    group.add_argument("--name", default=usual.name, help="name of the clip (default: that of OUT)")
    face_help = "path of the mesh with the shapes, for Unity and Godot (default: %(default)s)"
    group.add_argument("--face", metavar="PATH", default=usual.face, help=face_help)
    head_help = 'path of the node that turns, for Unity and Godot; "" for none (default: %(default)s)'
    group.add_argument("--head", metavar="PATH", default=usual.head, help=head_help)
    skeleton_help = "skeleton asset for a new sequence in Unreal (default: that of MetaHumans)"
    group.add_argument("--skeleton", metavar="PATH", default=usual.skeleton, help=skeleton_help)


CONVERT = Command("convert", "performance in, another format out", add_arguments, run, ABOUT, EPILOG)

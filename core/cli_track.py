"""The command track: a film of a face in, a performance out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from .cli_command import Command, parse_fps
from .engine_needs import check_engine
from .errors import FormatError
from .exit_codes import OK
from .formats import FORMATS, WRITTEN_RIGS, check_target
from .paths import shown
from .terminal import TerminalReporter

ABOUT = """\
Read a performance off a film of a face: ARKit's shapes, the turn of the head and where
the eyes look, with how far each part of the face could be believed (in .npz, which
blend reads). The ending of OUT picks the format, as in convert.

IN is any film that FFmpeg reads, upright or not, of any length and frame rate. The
person should be seen from the front, with a moment of calm face somewhere.
"""
EPILOG = """\
examples:
  python -m core track me.mp4 -o me.npz
  python -m core track me.mov -o me.csv --fps 60
  python -m core track two.mp4 -o left.npz --face left
  python -m core track me.mp4 -o me.json --rig metahuman251
  python -m core track shy.mp4 -o shy.npz --range 0.9

Exit codes: see python -m core --help. docs/video.md says what can be expected.
"""
FACES = ("largest", "left", "right")
REACH = 0.85
"""What --range means without a number."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that track takes."""
    parser.add_argument("source", metavar="IN", type=Path, help="the film")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="the file to write")
    parser.add_argument("--to", metavar="FORMAT", choices=tuple(FORMATS), default="", help="the format, by its name")
    rig_help = f"whose controls to write: {', '.join(WRITTEN_RIGS)} (default: %(default)s)"
    parser.add_argument("--rig", metavar="RIG", choices=WRITTEN_RIGS, default="arkit52", help=rig_help)
    parser.add_argument("--fps", type=parse_fps, help="frames per second, 1 to 240 (default: the film's, at most 60)")
    face_help = f"which of several faces to follow: {', '.join(FACES)} (default: %(default)s)"
    parser.add_argument("--face", choices=FACES, default="largest", help=face_help)
    parser.add_argument("--focal", metavar="PX", type=float, help="focal length in pixels (default: found)")
    range_help = "bring the person's own extremes to REACH, 0 to 1, so that an extreme stays one on any head"
    parser.add_argument("--range", metavar="REACH", type=float, nargs="?", const=REACH, dest="reach", help=range_help)
    task_help = "MediaPipe's newer face landmark task file, whose own shapes are then used"
    parser.add_argument("--task", metavar="FILE", type=Path, help=task_help)
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def run(chosen: argparse.Namespace) -> int:
    """Do it and say what was made."""
    check_engine("Tracking a film")
    check_target(chosen.output, chosen.rig)
    if chosen.output.exists() and not chosen.force:
        raise FormatError(f"{shown(chosen.output)} exists; choose another name, or replace it with --force.")
    from .video.files import write_track
    from .video.track import TrackOptions, track_video

    options = TrackOptions(chosen.face, chosen.focal, chosen.task, chosen.reach)
    with TerminalReporter(sys.stderr) as reporter:
        track = track_video(chosen.source, options, reporter.progress)
    frames = write_track(chosen.output, track, chosen.rig, chosen.fps, FORMATS.get(chosen.to))
    seen = float((track.confidence > 0).mean())
    sure = float(np.mean(track.confidence))
    sys.stdout.write(
        f"{chosen.output}: {frames} frames, the face seen in {seen:.0%} of the film, confidence {sure:.2f} on average\n"
    )
    return OK


TRACK = Command("track", "film of a face in, performance out", add_arguments, run, ABOUT, EPILOG)

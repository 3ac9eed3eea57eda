"""The command animate: a recording in, a performance out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .animate import AnimateJob, animate
from .cli_command import RECORDINGS, Command, add_source, add_take
from .cli_options import add_guidance_arguments, guidance_of
from .exit_codes import OK
from .guidance import heard_text
from .terminal import TerminalReporter

ABOUT = f"""\
Turn a recording of speech into curves for a face.

{RECORDINGS}
The ending of OUT picks the format:
  .csv   Live Link Face take, read by Unreal, Maya, MotionBuilder and Blender tools;
         for a rig other than arkit52 a plain table
  .npz   NumPy archive: names, values, fps, head, phones
  .json  the same as text
  .anim  Unity; .tres Godot; .vrma VRM; .py a script for Unreal; more with convert

The rig picks the controls:
  arkit52        the 52 ARKit shapes
  metahuman      the 185 channels of the MetaHuman control board
  metahuman251   the 251 raw curves behind it
  flame          FLAME's pose (jaw, neck, eyes); with --flame its expressions too
  visemes        15 visemes
"""
EPILOG = """\
examples:
  python -m core animate line_012.wav -o line_012.csv
  python -m core animate line_012.wav -o line_012.npz --fps 24 --rig metahuman
  python -m core animate line_012.wav -o line_012.json --fps 30000/1001 --seed 7
  python -m core animate line.wav -o line.csv --emotion happy=0.5,surprised=0.3
  python -m core animate line.wav -o line.csv --emotion-keys line_mood.csv
  python -m core animate line.wav -o line.csv --text line.txt --strength jaw=1.2
  python -m core animate line.wav -o line.csv --direction-keys line_style.csv
  python -m core animate line.wav -o line.csv --text "We pushed the boat off."
  python -m core animate line.wav -o a.csv --phones-out line.TextGrid
  python -m core animate line.wav -o b.csv --phones line.TextGrid
  for f in takes/*.wav; do python -m core animate "$f" -o "${f%.wav}.csv" || break; done

The same recording and options always give the same performance.
Progress appears on the error stream when that is a terminal; the last line on the
output stream says what was made. Exit codes: see python -m core --help.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that animate takes."""
    add_source(parser)
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="the performance to write")
    add_take(parser)
    flame_help = "your FLAME model and its mediapipe_landmark_embedding.npz, for the expressions of --rig flame"
    parser.add_argument("--flame", metavar=("MODEL", "EMBEDDING"), nargs=2, type=Path, help=flame_help)
    phones_help = "write the phones too: .json, .csv, .TextGrid (Praat) or .txt (Audacity)"
    parser.add_argument("--phones-out", metavar="FILE", type=Path, help=phones_help)
    add_guidance_arguments(parser)


def run(chosen: argparse.Namespace) -> int:
    """Do it and say what was made."""
    job = AnimateJob(
        source=chosen.source,
        target=chosen.output,
        fps=chosen.fps,
        seed=chosen.seed,
        rig=chosen.rig,
        guidance=guidance_of(chosen),
        phones_out=chosen.phones_out,
        suggest=chosen.suggest_emotion,
        flame=tuple(chosen.flame) if chosen.flame else None,
    )
    with TerminalReporter(sys.stderr) as reporter:
        report = animate(job, reporter)
    if report.suggestion:
        sys.stdout.write(f"heard: {heard_text(report.suggestion)}\n")
    sys.stdout.write(
        f"{job.target}: {report.frames} frames at {job.fps:g} fps, {report.duration_s:.2f} s of speech "
        f"in {report.elapsed_s:.2f} s ({report.real_time_factor:.0f} times real time)\n"
    )
    return OK


ANIMATE = Command("animate", "recording in, performance out", add_arguments, run, ABOUT, EPILOG)

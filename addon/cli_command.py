"""The command line of the add-on: blender -c mouthpiece ..., and python -m addon ... with the bpy module."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import bpy

from ..core.cli import report_bug
from ..core.cli_options import add_guidance_arguments, guidance_of
from ..core.errors import CoreError
from ..core.exit_codes import CANCELLED, EXPLAINED, OK, USAGE, exit_code
from ..core.version import version
from .headless import Errand, run_errand

NAME = "mouthpiece"
ABOUT = """\
Let a character in a .blend file say a recording, and save the result as a new file.

The performance becomes one new action on a new NLA track of each mesh (and of the
head bone); what the file already holds is not changed. The recording lies in the
sequencer at the same frame. Frame rate and frame numbers are those of the scene.
"""
EPILOG = """\
examples:
  blender -c mouthpiece animate line_012.wav -o line_012.blend
  blender -c mouthpiece animate line_012.wav --blend shot.blend --object Ada -o shot_012.blend
  blender -c mouthpiece animate line_012.wav --blend shot.blend --start 101 --csv line_012.csv -o out.blend
  blender -c mouthpiece animate line_012.wav -o line_012.blend --emotion happy=0.7 --text line.txt

Without --blend the demo character that comes with Mouthpiece speaks. Scripts inside
the .blend are not run. Progress appears on the error stream when that is a terminal.
Exit codes: see blender -c mouthpiece --help.
"""


def register() -> None:
    """Make blender -c mouthpiece known."""
    _handles.append(bpy.utils.register_cli_command(NAME, main))


def unregister() -> None:
    """Take it back."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())


# What Blender gives for a command, needed to take it back.
_handles: list[object] = []


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what is not a CoreError is a bug, told by sys.excepthook."""
    sys.excepthook = report_bug
    for stream in (sys.stdout, sys.stderr):
        # File names may hold what the terminal's encoding lacks.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # A farm that stops a job ends it as Ctrl-C does; Blender would end without a word and leave 0.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        chosen = _parser().parse_args(arguments)
        made = run_errand(_errand(chosen))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else OK
    except KeyboardInterrupt:
        return _fail("Cancelled; nothing was written.", CANCELLED)
    except CoreError as error:
        return _fail(str(error), exit_code(error))
    sys.stdout.write(f"{made}\n")
    return OK


def _errand(chosen: argparse.Namespace) -> Errand:
    same = chosen.blend is not None and _same_file(chosen.blend, chosen.output)
    if same and not chosen.in_place:
        _fail(f"{chosen.output} is the file that is read; name another one or add --in-place.", USAGE)
        raise SystemExit(USAGE)
    return Errand(
        recording=chosen.source.absolute(),
        output=chosen.output.absolute(),
        blend=chosen.blend.absolute() if chosen.blend else None,
        character=chosen.object,
        start=chosen.start,
        seed=chosen.seed,
        csv=chosen.csv.absolute() if chosen.csv else None,
        guidance=guidance_of(chosen),
        phones_out=chosen.phones_out.absolute() if chosen.phones_out else None,
        suggest=chosen.suggest_emotion,
    )


def _same_file(first: Path, second: Path) -> bool:
    return first.resolve() == second.resolve() or (first.exists() and second.exists() and first.samefile(second))


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog=f"blender -c {NAME}",
        description="Mouthpiece turns recorded speech into an editable performance of a face.",
        epilog=EXPLAINED,
        formatter_class=raw,
    )
    parser.add_argument("--version", action="version", version=f"Mouthpiece {version()}")
    places = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    place = places.add_parser(
        "animate", help="recording in, animated .blend out", description=ABOUT, epilog=EPILOG, formatter_class=raw
    )
    add = place.add_argument
    add("source", metavar="IN", type=Path, help="the recording: WAV, FLAC, OGG or MP3")
    add("-o", "--output", metavar="OUT.blend", type=Path, required=True, help="the file to write")
    add("--blend", metavar="FILE", type=Path, help="the file with the character (default: the demo woman)")
    add("--object", metavar="NAME", help="its face, armature, root or collection (default: the only character)")
    add("--start", metavar="N", type=int, help="frame at which the recording begins (default: the scene's first)")
    add("--seed", metavar="N", type=int, default=0, help="which of many equally good blinks and nods (default: 0)")
    add("--csv", metavar="OUT.csv", type=Path, help="also write the curves: .csv (Live Link Face), .json or .npz")
    phones_help = "also write the phones: .json, .csv, .TextGrid (Praat) or .txt (Audacity)"
    add("--phones-out", metavar="FILE", type=Path, help=phones_help)
    add("--in-place", action="store_true", help="allow OUT.blend to be the file given with --blend")
    add_guidance_arguments(place)
    return parser


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return code

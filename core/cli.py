"""The command line: what farms, pipelines and tests use."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

from .animate import RIGS, AnimateJob, animate
from .bug_log import write_bug_log
from .errors import AudioError, Cancelled, CoreError, FormatError, ModelError, RigError, SettingError, ShapeError
from .terminal import TerminalReporter
from .version import version

OK, BUG, USAGE, CANCELLED = 0, 1, 2, 130
EXIT_CODES: dict[type[CoreError], int] = {
    SettingError: USAGE,
    AudioError: 3,
    FormatError: 4,
    ModelError: 5,
    RigError: 5,
    ShapeError: 5,
    Cancelled: CANCELLED,
}
TOP_EPILOG = """\
exit codes:
  0    done
  1    a fault of Mouthpiece itself; the message names a log file
  2    wrong usage
  3    the recording cannot be used
  4    the output cannot be written
  5    the character or the model is at fault
  130  cancelled
In every case but 0 nothing has been written.
"""
ANIMATE_ABOUT = """\
Turn a recording of speech into curves for a face.

IN is a WAV, FLAC, OGG, MP3 or AIFF file of 8 to 192 kHz, mono to surround, up to
4 hours long. Its content counts, not its ending.

The ending of OUT picks the format:
  .csv   Live Link Face take, read by Unreal, Maya, MotionBuilder and Blender tools
  .npz   NumPy archive: names, values, fps, head
  .json  the same as text
"""
ANIMATE_EPILOG = """\
examples:
  python -m core animate line_012.wav -o line_012.csv
  python -m core animate line_012.wav -o line_012.npz --fps 24
  python -m core animate line_012.wav -o line_012.json --fps 30000/1001 --seed 7
  for f in takes/*.wav; do python -m core animate "$f" -o "${f%.wav}.csv" || break; done

The same recording, frame rate and seed always give the same performance.
Progress appears on the error stream when that is a terminal; the last line on the
output stream says what was made. Exit codes: see python -m core --help.
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what is not a CoreError is a bug and passes through."""
    for stream in (sys.stdout, sys.stderr):
        # File names may hold what the terminal's encoding lacks.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    chosen = _parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except KeyboardInterrupt:
        return _fail("Cancelled; nothing was written.", CANCELLED)
    except MemoryError:
        return _fail("There is not enough memory for this recording; cut it into shorter ones.", BUG)
    except CoreError as error:
        return _fail(str(error), EXIT_CODES.get(type(error), BUG))


def report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say one sentence about an unforeseen error and leave the rest in a log; made to be sys.excepthook."""
    log = write_bug_log(error.with_traceback(trace))
    _fail(f"Mouthpiece stopped because of a fault of its own ({kind.__name__}); please report {log}.", BUG)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Mouthpiece turns recorded speech into an editable performance of a face.",
        epilog=TOP_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Mouthpiece {version()}")
    places = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        place = places.add_parser(
            command.name,
            help=command.summary,
            description=command.about,
            epilog=command.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(place)
        place.set_defaults(run=command.run)
    return parser


def _add_animate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", type=Path, help="the recording")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="the performance to write")
    parser.add_argument("--rig", default=RIGS[0], choices=RIGS, help="whose controls to move (default: %(default)s)")
    fps_help = "frames per second, 1 to 240, also as a fraction such as 24000/1001 (default: 60)"
    parser.add_argument("--fps", type=_parse_fps, default=60.0, help=fps_help)
    seed_help = "which of many equally good blinks and nods (default: %(default)s)"
    parser.add_argument("--seed", type=int, default=0, help=seed_help)


def _run_animate(chosen: argparse.Namespace) -> int:
    job = AnimateJob(chosen.source, chosen.output, chosen.fps, chosen.seed, chosen.rig)
    with TerminalReporter(sys.stderr) as reporter:
        report = animate(job, reporter)
    sys.stdout.write(
        f"{job.target}: {report.frames} frames at {job.fps:g} fps, {report.duration_s:.2f} s of speech "
        f"in {report.elapsed_s:.2f} s ({report.real_time_factor:.0f} times real time)\n"
    )
    return OK


def _parse_fps(text: str) -> float:
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise argparse.ArgumentTypeError(f"expected a number such as 60 or 24000/1001, not {text!r}") from None


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return code


COMMANDS = (
    Command(
        "animate",
        "recording in, performance out",
        _add_animate_arguments,
        _run_animate,
        ANIMATE_ABOUT,
        ANIMATE_EPILOG,
    ),
)

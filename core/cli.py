"""The command line: what farms, pipelines and tests use."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import TracebackType

from .bug_log import write_bug_log
from .cli_animate import ANIMATE
from .cli_batch import BATCH
from .cli_blend import BLEND
from .cli_convert import CONVERT
from .cli_head import HEAD
from .cli_listen import LISTEN, PHONES
from .cli_live import LIVE
from .cli_portrait import PORTRAIT
from .cli_splat import SPLAT
from .cli_stream import STREAM
from .cli_track import TRACK
from .errors import CoreError
from .exit_codes import BUG, CANCELLED, EXPLAINED, exit_code
from .version import version

COMMANDS = (ANIMATE, BATCH, BLEND, CONVERT, HEAD, PHONES, LISTEN, LIVE, PORTRAIT, SPLAT, STREAM, TRACK)


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
        return _fail(str(error), exit_code(error))


def report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say one sentence about an unforeseen error and leave the rest in a log; made to be sys.excepthook."""
    log = write_bug_log(error.with_traceback(trace))
    _fail(f"Mouthpiece stopped because of a fault of its own ({kind.__name__}); please report {log}.", BUG)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Mouthpiece turns recorded speech into an editable performance of a face.",
        epilog=EXPLAINED,
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


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return code

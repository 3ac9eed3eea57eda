"""The command batch: many recordings in, a performance for each out, and a report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .batch.findings import MISS
from .batch.naming import PLAIN, parse_cast, plain
from .batch.plan import Wanted, plan
from .batch.report import Report
from .batch.run import FAULT, REFUSED, Manner, default_processes, run_batch
from .batch.settings import Settings
from .cli_command import Command, add_take
from .cli_options import AUTO, add_direction, add_direction_keys, add_emotion, direction_of, emotion_of, wishes_of
from .exit_codes import BUG, CANCELLED, OK
from .guidance import ENGLISH, Guidance
from .rig.presets import read_preset
from .terminal import TerminalReporter

PARTLY, MISSED = 6, 7
ABOUT = """\
Perform every recording of some folders, with several processes at a time.

IN is a recording, a folder (searched through with all folders in it) or a quoted
pattern such as "takes/*.wav". A text file beside a recording that has its name and
the ending .txt or .lab holds what is said.

Outputs go to --out under the recordings' own names and folders. A report.json and
a report.html beside them tell what came of each, and flag lips that stay open at
p, b and m, clipped sound, a mouth that moves in silence, music, two voices, and
motion that the rig has nothing for.
"""
EPILOG = """\
examples:
  python -m core batch takes/ --out faces/
  python -m core batch takes/ --out faces/ --format csv,npz --rig metahuman --fps 24
  python -m core batch takes/ --out faces/ --emotion auto --processes 8
  python -m core batch takes/ --out faces/ --resume
  python -m core batch takes/ --out faces/ --cast "ada_*=Ada" --cast "*=Bob" \\
      --name "{character}/{stem}"
  python -m core batch takes/ --out faces/ --share 2/8 --report share2 --resume

A batch that was stopped, by Ctrl-C, a kill or a power cut, goes on with --resume:
what is done stays, unless recording, words, options or Mouthpiece have changed.
Without --resume or --overwrite no file is ever written over.

exit codes:
  0    every recording was performed
  1    a fault of Mouthpiece itself, with one recording or all; the report names a log
  2    wrong usage; nothing was done
  4    the output folder cannot be written
  6    some recordings were refused, all others are done; the report tells why
       (0 with --forgive)
  7    with --strict: all are done, but the report flags something
  130  cancelled; what was finished is kept
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that batch takes."""
    add = parser.add_argument
    add("sources", metavar="IN", nargs="+", help="recordings, folders or patterns")
    add("-o", "--out", metavar="DIR", type=Path, required=True, help="the folder to write to; made if it is not there")
    add("--format", metavar="LIST", default="csv", help="formats or endings between commas (default: %(default)s)")
    add("--phones", metavar="ENDING", default="", help="write phone tracks too: json, csv, TextGrid or txt")
    add_take(parser)
    add("--language", metavar="CODE", default=ENGLISH, help="of the transcripts (default: %(default)s)")
    mapping_help = "the preset of the character they are for: the report tells what moves and it reads nothing of"
    add("--mapping", metavar="FILE", type=Path, help=mapping_help)
    _add_manner(parser)
    add_emotion(parser)
    add_direction_keys(add_direction(parser))


def _add_manner(parser: argparse.ArgumentParser) -> None:
    """How the work is gone about."""
    add = parser.add_argument_group("the work").add_argument
    name_help = "what outputs are called, of {folder}, {stem}, {character} and {number} (default: %(default)s)"
    add("--name", metavar="PATTERN", default=PLAIN, help=name_help)
    cast_help = 'whose recordings those are whose names fit, such as "ada_*=Ada"; the first rule that fits counts'
    add("--cast", metavar="RULE", action="append", default=[], help=cast_help)
    processes = default_processes()
    add("--processes", metavar="N", type=int, default=processes, help="recordings at a time (default: %(default)s)")
    add("--resume", action="store_true", help="leave what an earlier run has done")
    add("--overwrite", action="store_true", help="write over files that are there")
    add("--share", metavar="K/N", type=parse_share, default=(1, 1), help="only the K-th of N equal shares, for farms")
    add("--report", metavar="NAME", default="report", help="of the report's files (default: %(default)s)")
    add("--strict", action="store_true", help=f"exit with {MISSED} where the report flags something")
    add("--forgive", action="store_true", help="exit with 0 although recordings were refused")


def parse_share(text: str) -> tuple[int, int]:
    """A share such as 2/8; made for argparse."""
    number, slash, of = text.partition("/")
    if not (slash and number.isascii() and number.isdigit() and of.isascii() and of.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a share such as 2/8, not {text!r}")
    return int(number), int(of)


def run(chosen: argparse.Namespace) -> int:
    """Do it, and say what came of each recording and of all."""
    settings = _settings(chosen)
    wanted = Wanted(tuple(chosen.sources), chosen.out, chosen.name, tuple(map(parse_cast, chosen.cast)), chosen.share)
    manner = Manner(chosen.processes, chosen.resume, chosen.overwrite, chosen.report)
    items = plan(wanted, settings)
    with TerminalReporter(sys.stderr) as terminal:
        watcher = _Lines(terminal)
        try:
            report = run_batch(items, chosen.out.absolute(), settings, manner, watcher)
        except KeyboardInterrupt:
            sentence = f"Cancelled; {watcher.count} of {len(items)} recordings are through. Add --resume to go on."
            sys.stderr.write(f"error: {sentence}\n")
            return CANCELLED
    _say(chosen, report)
    return _code(chosen, report)


def _settings(chosen: argparse.Namespace) -> Settings:
    phones = f".{chosen.phones.lstrip('.')}" if chosen.phones else ""
    guidance = Guidance(emotion_of(chosen), chosen.emotion == AUTO, direction_of(chosen), wishes=wishes_of(chosen))
    formats = tuple(name.strip() for name in chosen.format.split(",") if name.strip())
    mapping = read_preset(chosen.mapping) if chosen.mapping else None
    return Settings(chosen.rig, chosen.fps, chosen.seed, formats, phones, guidance, chosen.language, mapping)


class _Lines:
    """A line on the output stream for each recording, as it ends."""

    def __init__(self, terminal: TerminalReporter) -> None:
        self.count = 0
        self._terminal = terminal

    def ended(self, entry: dict[str, Any], count: int, total: int) -> None:
        """Say it."""
        self.count = count
        misses = [found["text"] for found in entry["findings"] if found["severity"] == MISS]
        told = entry["sentence"] or " ".join(misses) or "nothing to look at"
        sys.stdout.write(f"{plain(entry['name'])}: {entry['status']}; {told}\n")
        sys.stdout.flush()
        self._terminal.progress(count / total, f"{count} of {total}")


def _say(chosen: argparse.Namespace, report: Report) -> None:
    totals = report.members()["totals"]
    states = ", ".join(f"{totals[state]} {state}" for state in ("done", "kept", REFUSED, FAULT) if totals[state])
    sys.stdout.write(
        f"{chosen.out / chosen.report}.html: {totals['recordings']} recordings ({states}), "
        f"{totals['with_misses']} to look at, {totals['speech_s']:.1f} s of speech in {report.elapsed_s:.1f} s\n"
    )


def _code(chosen: argparse.Namespace, report: Report) -> int:
    if report.count(FAULT):
        return BUG
    if report.count(REFUSED) and not chosen.forgive:
        return PARTLY
    return MISSED if chosen.strict and report.misses else OK


BATCH = Command("batch", "many recordings in, performances and a report out", add_arguments, run, ABOUT, EPILOG)

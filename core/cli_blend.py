"""The command blend: a voice's performance and a film's in, one performance out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .blend.blend import EASE_S, BlendBrief, blend
from .blend.filmed import read_filmed
from .blend.shares import USUAL, WORDS, Keys, wishes
from .cli_command import Command
from .errors import FormatError
from .exit_codes import OK
from .formats import check_target, read_performance, write_performance
from .layers.regions import GROUPS
from .paths import shown

ABOUT = """\
Blend what a voice makes of a face with what a film shows of it, part by part.

VOICE is a performance that animate has written, FILM one that track has written from
a film of the same speech. Each part of the face follows
  voice       the recording
  film        the film
  auto        the film as long as it was sure of what it saw, else the voice
  0..1        that share of the film
  T:S,T:S,... shares S over time, T in seconds of the recording, straight between
How much later the film runs is found by the lips and told.
"""
EPILOG = """\
examples:
  python -m core blend line.npz face.npz both.npz
  python -m core blend line.npz face.npz both.csv --mouth auto --brows 0.5
  python -m core blend line.npz face.npz both.npz --mouth 0:0,2.0:0,2.3:1 --offset-s 0.04

Exit codes: see python -m core --help.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that blend takes."""
    parser.add_argument("voice", metavar="VOICE", type=Path, help="the performance made from the recording")
    parser.add_argument("film", metavar="FILM", type=Path, help="the performance read off the film")
    parser.add_argument("target", metavar="OUT", type=Path, help="the file to write")
    for group in GROUPS:
        asked = f"what the {group} follows: {', '.join(WORDS)}, a share or keys (default: {USUAL[group]})"
        parser.add_argument(f"--{group}", metavar="WISH", type=parse_wish, default=USUAL[group], help=asked)
    offset_help = "how many seconds later the film runs than the recording (default: found by the lips)"
    parser.add_argument("--offset-s", metavar="S", type=float, help=offset_help)
    ease_help = "how long a hand-over between film and voice takes (default: %(default)g)"
    parser.add_argument("--ease-s", metavar="S", type=float, default=EASE_S, help=ease_help)
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def run(chosen: argparse.Namespace) -> int:
    """Do it and say what was made."""
    check_target(chosen.target)
    if chosen.target.exists() and not chosen.force:
        raise FormatError(f"{shown(chosen.target)} exists; choose another name, or replace it with --force.")
    brief = BlendBrief(wishes({group: getattr(chosen, group) for group in GROUPS}), chosen.offset_s, chosen.ease_s)
    made = blend(read_performance(chosen.voice), read_filmed(chosen.film), brief)
    write_performance(chosen.target, made.performance)
    shares = ", ".join(f"{group} {share:.0%}" for group, share in zip(GROUPS, made.shares.mean(axis=0), strict=True))
    found = "given" if chosen.offset_s is not None else f"lips agree to {made.offset.correlation:.2f}"
    sys.stdout.write(
        f"{chosen.target}: {len(made.shares)} frames; from the film: {shares}; "
        f"the film is {made.offset.seconds:+.3f} s later ({found})\n"
    )
    return OK


def parse_wish(text: str) -> str | float | Keys:
    """What a part of the face follows, as people write it; made for argparse."""
    if text in WORDS:
        return text
    try:
        if ":" not in text:
            return float(text)
        pairs = [pair.split(":") for pair in text.split(",")]
        return [(float(second), float(share)) for second, share in pairs]
    except ValueError:
        words = ", ".join(WORDS)
        raise argparse.ArgumentTypeError(f"expected {words}, a share or keys such as 0:0,1.5:1, not {text!r}") from None


BLEND = Command("blend", "voice and film in, one performance out", add_arguments, run, ABOUT, EPILOG)

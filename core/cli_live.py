"""The command live: a camera's picture of a face in, its curves out as they are seen, or a take of them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from .cli_command import Command, parse_fps
from .engine_needs import check_engine
from .errors import Cancelled, FormatError, SettingError
from .exit_codes import OK
from .formats import FORMATS, WRITTEN_RIGS, check_target, write_performance
from .live_lines import DIGITS, LiveMoment, line_of
from .paths import shown
from .rig.arkit import ARKIT_52
from .terminal import TerminalReporter

if TYPE_CHECKING:
    from .video.session import LiveWish

USUAL_FPS = 60.0
SMOOTHINGS = ("quick", "usual", "calm")
ABOUT = """\
Follow a face live: from a camera, or from a film played at its own speed in place of one.
Look calmly at the camera for the first second: that face is your neutral one.

Without -o the answers are printed as they come: first {"rig": "arkit52", "filter_s": ...,
"names": [...]}, then a line a picture {"time_s", "values", "head": [yaw, pitch, roll],
"confidence", "seen", "calibrated", "restless", "fps", "lag_ms"}; values and head are null
until calibrated, and restless says that you moved meanwhile. With -o the take is written
when the time is over, the film ends, or Ctrl-C is pressed.
"""
EPILOG = """\
examples:
  python -m core live 0
  python -m core live 0 -o take.npz --seconds 20
  python -m core live me.mp4 -o take.csv --fps 24
  python -m core live me.mp4 --every > me.jsonl

Exit codes: see python -m core --help. docs/video.md says what can be expected.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that live takes."""
    parser.add_argument("source", metavar="CAMERA|FILM", help="a camera's number, from 0, or a film")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="the take to write (default: print lines)")
    parser.add_argument("--to", metavar="FORMAT", choices=tuple(FORMATS), default="", help="the format, by its name")
    rig_help = f"whose controls to write: {', '.join(WRITTEN_RIGS)} (default: %(default)s)"
    parser.add_argument("--rig", metavar="RIG", choices=WRITTEN_RIGS, default="arkit52", help=rig_help)
    parser.add_argument("--fps", type=parse_fps, default=USUAL_FPS, help="frames per second of OUT (default: 60)")
    parser.add_argument("--seconds", metavar="N", type=float, help="how long after calibrating (default: until Ctrl-C)")
    smooth_help = "how much trembling is taken away; calmer lags more (default: %(default)s)"
    parser.add_argument("--smoothing", choices=SMOOTHINGS, default="usual", help=smooth_help)
    parser.add_argument("--mirrored", action="store_true", help="flip the picture, left for right")
    parser.add_argument("--every", action="store_true", help="every picture of a film, however long it takes")
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def run(chosen: argparse.Namespace) -> int:
    """Follow the face and tell, or keep, what is seen."""
    check_engine("Following a face live")
    wish = _wish(chosen)
    if chosen.seconds is not None and not chosen.seconds > 0:
        raise SettingError(f"The take must last longer than 0 seconds, but {chosen.seconds:g} were asked for.")
    if chosen.output is None:
        return _told(wish, chosen.seconds)
    check_target(chosen.output, chosen.rig)
    if chosen.output.exists() and not chosen.force:
        raise FormatError(f"{shown(chosen.output)} exists; choose another name, or replace it with --force.")
    return _kept(wish, chosen)


def _wish(chosen: argparse.Namespace) -> LiveWish:
    from .video.camera import CameraWish
    from .video.session import LiveWish

    source = int(chosen.source) if chosen.source.isdecimal() else Path(chosen.source)
    if chosen.every and isinstance(source, int):
        raise SettingError("A camera does not wait, so --every is for films.")
    return LiveWish(CameraWish(source, chosen.mirrored, not chosen.every), chosen.smoothing)


def _moments(wish: LiveWish, seconds: float | None) -> Iterator[LiveMoment]:
    """Moments until so many seconds after the first answer."""
    from .video.session import watched

    begin_s = float("inf")
    with closing(watched(wish, lambda: "")) as moments:
        for moment in moments:
            if moment.weights is not None:
                begin_s = min(begin_s, moment.seconds)
            if seconds is not None and moment.seconds - begin_s > seconds:
                return
            yield moment


def _told(wish: LiveWish, seconds: float | None) -> int:
    """Print what is seen. Raises Cancelled when nobody reads it any more, or it was stopped."""
    told = False
    try:
        for moment in _moments(wish, seconds):
            if not told:
                _say({"rig": "arkit52", "filter_s": round(moment.filter_s, DIGITS), "names": ARKIT_52})
            told = True
            _say(line_of(moment))
    except BrokenPipeError:
        # The interpreter would stumble over the same pipe once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Cancelled("Nobody reads the moments any more, so the camera was left.") from None
    except KeyboardInterrupt:
        raise Cancelled("Cancelled; the moments up to here were written.") from None
    return OK


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _kept(wish: LiveWish, chosen: argparse.Namespace) -> int:
    """Write a take of what is seen, as far as it came."""
    from .convert import in_rig
    from .live_take import LiveRows, live_performance

    rows, seen, count = [], 0, 0
    with TerminalReporter(sys.stderr) as reporter:
        try:
            for moment in _moments(wish, chosen.seconds):
                count, seen = count + 1, seen + moment.seen
                if moment.weights is not None:
                    rows.append((moment.seconds, moment.weights, moment.head))
                reporter.progress(moment.calibrated, _how(moment))
        except KeyboardInterrupt:
            pass
    made = LiveRows.of(rows)
    performance = live_performance(made, made.seconds[0], made.seconds[-1], chosen.fps)
    write_performance(chosen.output, in_rig(performance, chosen.rig), FORMATS.get(chosen.to))
    frames = len(performance.head)
    sys.stdout.write(
        f"{chosen.output}: {frames} frames from {len(rows)} pictures, the face seen in {seen / count:.0%}\n"
    )
    return OK


def _how(moment: LiveMoment) -> str:
    if moment.calibrated < 1:
        return "look calmly at the camera"
    return f"{moment.fps:.0f} pictures a second" if moment.seen else "no face"


LIVE = Command("live", "a camera's face in, curves out as they are seen", add_arguments, run, ABOUT, EPILOG)

"""The command blend: a voice's performance and a film's in, one performance out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .audio import read_speech
from .blend.blend import EASE_S, BlendBrief, blend
from .blend.filmed import read_filmed
from .blend.shares import USUAL, WORDS, Keys, wishes
from .cli_command import Command
from .cli_options import AUTO, add_emotion, emotion_of
from .errors import FormatError, SettingError
from .exit_codes import OK
from .formats import check_target, read_performance, write_performance
from .layers.regions import GROUPS
from .paths import shown
from .speech.brief import Brief
from .speech.perform import perform
from .types import Performance

ABOUT = """\
Blend what a voice makes of a face with what a film shows of it, part by part.

VOICE is a recording, or a performance that animate has written of it; FILM a performance
that track has written from a film of the same speech. A recording may be given an emotion:
its lips, cheeks and jaw then feel it, with the film's own brows, eyes and head. Each part of the face follows
  voice       the recording
  film        the film
  auto        the film as long as it was sure of what it saw, else the voice
  0..1        that share of the film
  T:S,T:S,... shares S over time, T in seconds of the recording, straight between
How much later the film runs is found by the lips and told; where they do not tell
it is taken to be 0.
Unless the mouth follows the voice alone, the voice's mouth takes on the range in
which this speaker's moves in the film.
"""
EPILOG = """\
examples:
  python -m core blend line.npz face.npz both.npz
  python -m core blend line.npz face.npz both.csv --mouth auto --brows 0.5
  python -m core blend line.npz face.npz both.npz --mouth 0:0,2.0:0,2.3:1 --offset-s 0.04
  python -m core blend line.wav face.npz both.npz --emotion angry=0.9 --brows film

Exit codes: see python -m core --help.
"""
SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that blend takes."""
    parser.add_argument("voice", metavar="VOICE", type=Path, help="the recording, or its performance")
    parser.add_argument("film", metavar="FILM", type=Path, help="the performance read off the film")
    parser.add_argument("target", metavar="OUT", type=Path, help="the file to write")
    for group in GROUPS:
        asked = f"what the {group} follows: {', '.join(WORDS)}, a share or keys (default: {USUAL[group]})"
        parser.add_argument(f"--{group}", metavar="WISH", type=parse_wish, default=USUAL[group], help=asked)
    offset_help = "how many seconds later the film runs than the recording (default: found by the lips)"
    parser.add_argument("--offset-s", metavar="S", type=float, help=offset_help)
    ease_help = "how long a hand-over between film and voice takes (default: %(default)g)"
    parser.add_argument("--ease-s", metavar="S", type=float, default=EASE_S, help=ease_help)
    parser.add_argument("--as-spoken", action="store_true", help="leave the voice's mouth in the speech model's range")
    add_emotion(parser)
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def run(chosen: argparse.Namespace) -> int:
    """Do it and say what was made."""
    check_target(chosen.target)
    if chosen.target.exists() and not chosen.force:
        raise FormatError(f"{shown(chosen.target)} exists; choose another name, or replace it with --force.")
    brief = BlendBrief(
        wishes({group: getattr(chosen, group) for group in GROUPS}),
        chosen.offset_s,
        chosen.ease_s,
        not chosen.as_spoken,
    )
    film = read_filmed(chosen.film)
    made = blend(_spoken(chosen, film.performance.curves.fps), film, brief)
    write_performance(chosen.target, made.performance)
    shares = ", ".join(f"{group} {share:.0%}" for group, share in zip(GROUPS, made.shares.mean(axis=0), strict=True))
    given = chosen.offset_s is not None
    told = f"The film is {chosen.offset_s:+.3f} s later, as given." if given else made.offset.sentence()
    sys.stdout.write(f"{chosen.target}: {len(made.shares)} frames; from the film: {shares}. {told}\n")
    return OK


def _spoken(chosen: argparse.Namespace, fps: float) -> Performance:
    """The voice's performance, read or made at the film's rate. Raises a CoreError."""
    if chosen.voice.suffix.lower() in SOUNDS:
        if chosen.emotion == AUTO:
            raise SettingError("Name the emotion of a blend, for example happy=0.7; animate finds one by itself.")
        return perform(read_speech(chosen.voice), Brief(fps, emotion=emotion_of(chosen)))
    if chosen.emotion or chosen.emotion_keys:
        raise SettingError(f"{shown(chosen.voice)} is a performance already; an emotion is given to its recording.")
    return read_performance(chosen.voice)


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

"""The commands phones and listen: what is said in a recording, and what else is heard in it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .animate import listen_to
from .cli_command import RECORDINGS, Command, add_source
from .cli_options import add_words, words_of
from .exit_codes import OK
from .listen import LISTENED, hear_phones, listen
from .terminal import TerminalReporter

PHONES_ABOUT = f"""\
Write down which phone is said when: silence and the 39 phones of the CMU dictionary.

{RECORDINGS}
The ending of OUT picks the format:
  .json      objects of phone, start_s, end_s and confidence
  .csv       the same as a table
  .TextGrid  Praat's tiers
  .txt       Audacity's labels
"""
PHONES_EPILOG = """\
examples:
  python -m core phones line.wav -o line.TextGrid
  python -m core phones line.wav -o line.json --text line.txt
  python -m core phones line.wav -o line.csv --text "We pushed the boat off."

Edit the track and speak it with python -m core animate line.wav --phones line.json ...
"""
LISTEN_ABOUT = f"""\
Say as JSON what is heard in a recording: how long and how loud speech is, how many
phones are told apart and how surely, what emotion the voice suggests, and whatever
makes a performance doubtful (clipped, no treble, music, no speech, two voices).

{RECORDINGS}"""
LISTEN_EPILOG = """\
examples:
  python -m core listen line.wav
  python -m core listen line.wav | jq .warnings

Warnings are part of the answer; the exit code stays 0.
"""


def add_phones_arguments(parser: argparse.ArgumentParser) -> None:
    """All that phones takes."""
    add_source(parser)
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="the phone track to write")
    add_words(parser)


def run_phones(chosen: argparse.Namespace) -> int:
    """Write the track."""
    from .speech.phone_files import check_track_target, write_track

    check_track_target(chosen.output)
    script = words_of(chosen)
    with TerminalReporter(sys.stderr) as reporter:
        speech = listen_to(chosen.source, reporter, 0.0, LISTENED)
        track = hear_phones(speech, script, reporter)
    write_track(chosen.output, track)
    spoken = sum(phone.symbol != "sil" for phone in track.phones)
    sys.stdout.write(f"{chosen.output}: {spoken} phones in {speech.duration_s:.2f} s\n")
    return OK


def run_listen(chosen: argparse.Namespace) -> int:
    """Write what is heard to the output stream."""
    with TerminalReporter(sys.stderr) as reporter:
        heard = listen(chosen.source, reporter)
    sys.stdout.write(json.dumps(heard.members(), indent=2) + "\n")
    return OK


PHONES = Command(
    "phones", "recording in, phone track out", add_phones_arguments, run_phones, PHONES_ABOUT, PHONES_EPILOG
)
LISTEN = Command("listen", "what is heard in a recording, as JSON", add_source, run_listen, LISTEN_ABOUT, LISTEN_EPILOG)

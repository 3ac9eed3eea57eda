"""The command head: from a video of a speaker to a head of splats that says anything."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from .cli_command import Command
from .engine_needs import check_engine
from .errors import SettingError
from .exit_codes import OK
from .terminal import TerminalReporter

ABOUT = """\
Learn a head of splats from a video of one person talking, and let it say anything:
  prepare    find the face in a video and make the folder that is learned from
  demo       film a demo character instead, whose truth is known
  train      learn; stop it at any time and run it again to go on
  bake       the learned head as a .splathead for Blender, with the loss in dB
  drive      a new recording said by the head, as an .mp4
  evaluate   against the last eleventh of the video, which was held out

These need the engine environment (torch, numba, mediapipe and more), which Blender's
own Python does not have; docs/engine.md says how to get it.
"""
EPILOG = """\
examples:
  python -m core head prepare talk.mp4 talk/
  python -m core head train talk/ run/ --config mouthpiece --set size=160
  python -m core head bake run/ me.splathead
  python -m core head drive run/ line.wav line.mp4
  python -m core head evaluate run/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with which files."""
    deeds = parser.add_subparsers(title="what to do", metavar="DEED", required=True)
    own = {name: deeds.add_parser(name, help=text) for name, (text, _) in DEEDS.items()}
    for name, deed in own.items():
        deed.set_defaults(deed=DEEDS[name][1])
    _add_sources(own)
    own["prepare"].add_argument("--size", type=int, default=512, help="pixels of the longer side (default: 512)")
    face_help = "which of several faces: largest, left or right (default: largest)"
    own["prepare"].add_argument("--face", default="largest", help=face_help)
    own["demo"].add_argument("--size", type=int, default=128, help="pixels of a side (default: 128)")
    own["demo"].add_argument("--count", type=int, default=240, help="frames (default: 240)")
    train = own["train"]
    train.add_argument("--config", default="mouthpiece", help="a configuration that ships, or a YAML file")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting, such as size=128")
    train.add_argument("--length", default="usual", help="short, usual or long: 1/4, 1 or 3 times the steps")
    train.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    own["bake"].add_argument("--name", default="Learned head", help="what the head is called")
    drive = own["drive"]
    drive.add_argument("--exact", action="store_true", help="through the field itself, not the baked head")
    drive.add_argument("--head", type=Path, help="a .splathead to write besides, with the recording as a clip")
    drive.add_argument("--size", type=int, default=512, help="pixels of a side, of a .splathead (default: 512)")
    drive.add_argument("--curves", type=Path, help="a performance of the recording that leads, such as blend writes")
    drive.add_argument("--motion", type=float, default=1.0, help="how much the head moves (default: 1)")
    own["evaluate"].add_argument("-o", "--output", type=Path, help="a JSON file to write besides")
    for name in ("bake", "evaluate"):
        own[name].add_argument("--video", type=Path, help="the prepared folder, where it has been moved")


def _add_sources(own: dict[str, argparse.ArgumentParser]) -> None:
    for name, places in {
        "prepare": ("source", "folder"),
        "demo": ("source", "folder"),
        "train": ("source", "folder"),
        "bake": ("folder", "output"),
        "drive": ("folder", "source", "output"),
        "evaluate": ("folder",),
    }.items():
        for place in places:
            own[name].add_argument(place, metavar=place.upper(), type=Path)


def run(chosen: argparse.Namespace) -> int:
    """Do what was asked for, in the engine environment."""
    check_engine("Learning heads")
    with TerminalReporter(sys.stderr) as reporter:
        sentence = chosen.deed(chosen, reporter.progress)
    sys.stdout.write(sentence + "\n")
    return OK


def run_prepare(chosen: argparse.Namespace, say: Callable[[float, str], None]) -> str:
    """Prepare a video."""
    from .avatar.engine import prepare

    return prepare(chosen.source, chosen.folder, (chosen.size, chosen.face), say)


def run_demo(chosen: argparse.Namespace, say: Callable[[float, str], None]) -> str:
    """Film a demo character."""
    from .avatar.engine import film_demo
    from .avatar.synthetic import Shot

    return film_demo(chosen.folder, chosen.source, Shot((chosen.size, chosen.size), count=chosen.count), say)


def run_train(chosen: argparse.Namespace, say: Callable[[float, str], None]) -> str:
    """Train a head; a polite end of the process is a stop that keeps what was learned."""
    from .avatar.engine import TrainJob, train

    changes = [tuple(pair.split("=", 1)) for pair in chosen.set]
    if any(len(change) != 2 for change in changes):
        raise SettingError("A setting must be given as KEY=VALUE, such as --set size=128.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    job = TrainJob(chosen.source, chosen.folder, chosen.config, tuple(changes), chosen.device, chosen.length)
    return train(job, say)


def run_bake(chosen: argparse.Namespace, say: Callable[[float, str], None]) -> str:
    """Bake a head."""
    from .avatar.engine import bake

    say(0.0, "Baking")
    return bake(chosen.folder, chosen.output, chosen.video, chosen.name)


def run_drive(chosen: argparse.Namespace, say: Callable[[float, str], None]) -> str:
    """Let a head say a recording."""
    from .avatar.engine import DriveJob, drive

    places = (chosen.folder, chosen.source, chosen.output, chosen.head)
    return drive(DriveJob(*places, chosen.exact, chosen.motion, chosen.size, chosen.curves), say)


def run_evaluate(chosen: argparse.Namespace, say: Callable[[float, str], None]) -> str:
    """Judge a head."""
    from .avatar.engine import evaluate

    say(0.0, "Judging")
    return evaluate(chosen.folder, chosen.video, chosen.output)


DEEDS: dict[str, tuple[str, Callable[[argparse.Namespace, Callable[[float, str], None]], str]]] = {
    "prepare": ("make a video ready to be learned from", run_prepare),
    "demo": ("film a demo character as if it were such a video", run_demo),
    "train": ("learn a head, or go on learning", run_train),
    "bake": ("the learned head as a .splathead", run_bake),
    "drive": ("a recording said by a head, as an .mp4", run_drive),
    "evaluate": ("how near the head comes to what was held out", run_evaluate),
}
HEAD = Command("head", "learn a talking head from a video", add_arguments, run, ABOUT, EPILOG)

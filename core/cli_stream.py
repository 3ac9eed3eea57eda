"""The command stream: speech in as it is spoken, frames of the face out as they are known."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

from .cli_command import Command, add_rig
from .cli_options import AUTO, add_direction, add_emotion, direction_of, emotion_of
from .errors import Cancelled, SettingError
from .exit_codes import OK
from .rig.board import BOARD_NAMES
from .rig.convert import to_rig
from .speech.level import FRAME_RATE_HZ
from .speech.phones import PHONES
from .types import Performance, RigCurves

if TYPE_CHECKING:
    from .speech.stream import StreamFrames

HOP_BYTES = 640
FULL_SCALE = 32768.0
DIGITS = 5
ABOUT = """\
Turn speech into curves while it is spoken: raw sound in, a JSON line a frame out.

Standard input takes 16-bit little-endian mono samples at 16 kHz without any header.
The first line of the output is {"rig": ..., "fps": 50, "delay_s": ..., "names": [...]},
each further one {"time_s": ..., "values": [...], "head": [yaw, pitch, roll],
"phone": ...}. A frame comes as soon as the sound up to delay_s after it is there. The
end of the input ends the stream.

Style, emphasis, smoothing and offset weigh a moment against what comes after it, so a
stream refuses them.
"""
EPILOG = """\
examples:
  arecord -q -t raw -f S16_LE -r 16000 -c 1 | python -m core stream
  ffmpeg -v quiet -i line.wav -f s16le -ar 16000 -ac 1 - | python -m core stream
  python -m core stream --rig metahuman --emotion happy=0.5 < line.raw > line.jsonl
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that stream takes."""
    add_rig(parser)
    seed_help = "which of many equally good blinks and nods (default: %(default)s)"
    parser.add_argument("--seed", type=int, default=0, help=seed_help)
    add_emotion(parser)
    add_direction(parser)


def run(chosen: argparse.Namespace) -> int:
    """Answer until the input ends. Raises Cancelled when nobody reads the answer any more."""
    from .speech.stream import LOOK_AHEAD_S, SpeechStream

    if chosen.emotion == AUTO:
        raise SettingError("A stream cannot wait for what the voice suggests; give --emotion a mixture.")
    if chosen.seed < 0:
        raise SettingError(f"The seed must be a whole number from 0 on, but is {chosen.seed}.")
    if sys.stdin.isatty():
        raise SettingError("A stream needs raw sound on its input; see the examples of python -m core stream --help.")
    stream = SpeechStream(emotion=emotion_of(chosen), direction=direction_of(chosen), seed=chosen.seed)
    try:
        names = _as_rig(stream.feed(np.zeros(0, np.float32)), chosen.rig).curves.names
        _say({"rig": chosen.rig, "fps": FRAME_RATE_HZ, "delay_s": LOOK_AHEAD_S, "names": names})
        for samples in hops(sys.stdin.buffer):
            _tell(stream.feed(samples), chosen.rig)
        _tell(stream.finish(), chosen.rig)
    except BrokenPipeError:
        # The interpreter would stumble over the same pipe once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Cancelled("Nobody reads the frames any more, so the stream was ended.") from None
    except KeyboardInterrupt:
        raise Cancelled("Cancelled; the frames up to here were written.") from None
    return OK


def hops(source: IO[bytes]) -> Iterator[np.ndarray]:
    """The input in hops of 20 ms, float32 [320] in -1..1, the last as long as it is; half a sample is dropped."""
    while piece := source.read(HOP_BYTES):
        whole = len(piece) - len(piece) % 2
        yield np.frombuffer(piece[:whole], "<i2").astype(np.float32) / np.float32(FULL_SCALE)


def _tell(frames: StreamFrames, rig: str) -> None:
    """A line for each frame that is ready."""
    if not len(frames.board):
        return
    performance = _as_rig(frames, rig)
    for row, values in enumerate(performance.curves.values):
        _say(
            {
                "time_s": round((frames.first + row) / FRAME_RATE_HZ, DIGITS),
                "values": _rounded(values),
                "head": _rounded(frames.head[row]),
                "phone": PHONES[int(frames.posteriors[row].argmax())],
            }
        )


def _as_rig(frames: StreamFrames, rig: str) -> Performance:
    return to_rig(Performance(RigCurves(BOARD_NAMES, frames.board, float(FRAME_RATE_HZ)), frames.head), rig)


def _rounded(values: np.ndarray) -> list[float]:
    return [round(value, DIGITS) for value in values.tolist()]


def _say(line: dict[str, object]) -> None:
    """Write one line at once: whoever reads it moves a face by it."""
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


STREAM = Command("stream", "speech in and frames out while it is spoken", add_arguments, run, ABOUT, EPILOG)

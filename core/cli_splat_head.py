"""What the command splat does with heads: says what one holds, poses it once, or for every frame of a performance."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .cli_command import parse_fps
from .errors import SettingError
from .exit_codes import OK

if TYPE_CHECKING:
    from .splat.course import Course
    from .splat.head import SplatHead
    from .splat.types import Splats


def add_pose(deeds: argparse._SubParsersAction) -> None:
    """One posed frame."""
    pose = deeds.add_parser("pose", help="pose a head of splats and write it")
    pose.set_defaults(deed=run_pose)
    pose.add_argument("head", metavar="HEAD", type=Path, help="the .splathead")
    pose.add_argument("output", metavar="OUT", type=Path, help="the splat file to write")
    set_help = "a slider of the head and its value, such as jawOpen=0.5; may be given again and again"
    pose.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help=set_help)
    pose.add_argument("--turn", metavar=("YAW", "PITCH", "ROLL"), nargs=3, type=float, help="of the head, in degrees")
    pose.add_argument("--performance", metavar="FILE", type=Path, help="a performance to take the pose from")
    pose.add_argument("--at", metavar="S", type=float, default=0.0, help="its second (default: %(default)s)")


def add_sequence(deeds: argparse._SubParsersAction) -> None:
    """Every frame of a performance."""
    sequence = deeds.add_parser("sequence", help="pose a head of splats for every frame of a performance")
    sequence.set_defaults(deed=run_sequence)
    sequence.add_argument("head", metavar="HEAD", type=Path, help="the .splathead")
    sequence.add_argument("performance", metavar="PERFORMANCE", type=Path, help="a file that animate or convert wrote")
    output_help = "numbered files, #### in the name where the number goes; or one .usda, .usdc or .usd"
    sequence.add_argument("output", metavar="OUT", type=Path, help=output_help)
    sequence.add_argument("--fps", type=parse_fps, help="frames per second (default: those of PERFORMANCE)")
    sequence.add_argument("--from-s", metavar="S", type=float, default=0.0, help="leave out what is before this second")
    sequence.add_argument("--to-s", metavar="S", type=float, default=math.inf, help="leave out what is after it")
    sequence.add_argument("--start-frame", metavar="N", type=int, default=1, help="first number (default: %(default)s)")


def is_head(path: Path) -> bool:
    """Whether a path names a head of splats."""
    return path.name.lower().endswith(".splathead")


def head_members(path: Path) -> dict[str, object]:
    """What a head of splats holds, for JSON."""
    from .rig.arkit import ARKIT_52
    from .splat.head_files import read_head
    from .splat.ordering import moves

    head = read_head(path)
    return {
        "format": "splathead",
        "splats": len(head),
        "moving": int(moves(head).sum()),
        "degree": int(head.sh.shape[1] ** 0.5) - 1,
        "triangles": len(head.template.triangles),
        "arkit_shapes": sum(name in ARKIT_52 for name in head.template.shapes),
        "own_sliders": [name for name in head.sliders if name not in ARKIT_52],
        "correctives": len(head.correctives.names),
        "bones": list(head.bones.names),
        "clips_s": {name: round(len(clip.coefficients) / clip.fps, 6) for name, clip in head.clips.items()},
        "facts": head.facts,
    }


def run_pose(chosen: argparse.Namespace) -> int:
    """Write one frame."""
    import numpy as np

    from .splat.course import Moment, posed
    from .splat.files import format_of, write_splats
    from .splat.head_files import read_head

    form, head, moment = format_of(chosen.output), read_head(chosen.head), Moment({}, np.zeros(3), {})
    if chosen.performance:
        course = _course(chosen.performance)
        moment = course.at(chosen.at * course.fps)
    turn = moment.head if chosen.turn is None else np.radians(chosen.turn)
    splats = posed(head, Moment({**moment.weights, **_values(chosen.set)}, turn, moment.clips))
    write_splats(chosen.output, splats)
    sys.stdout.write(f"{chosen.output}: {len(splats):,} splats as {form.title}\n")
    return OK


def run_sequence(chosen: argparse.Namespace) -> int:
    """Write all frames."""
    from .formats import read_performance
    from .retime import at_rate, trimmed
    from .splat.course import course_of
    from .splat.files import format_of
    from .splat.files.sequence import write_sequence
    from .splat.head_files import read_head

    form, head = format_of(chosen.output), read_head(chosen.head)
    performance = trimmed(read_performance(chosen.performance), chosen.from_s, chosen.to_s)
    course = course_of(at_rate(performance, chosen.fps) if chosen.fps else performance)
    written = list(write_sequence(chosen.output, _frames(head, course), course.fps, chosen.start_frame))
    size = sum(path.stat().st_size for path in written) / 1e6
    files = f"{len(written)} files" if len(written) > 1 else str(written[0])
    sys.stdout.write(
        f"{files}: {len(course)} frames of {len(head):,} splats at {course.fps:g} fps as {form.title}, {size:.1f} MB\n"
    )
    return OK


def _course(path: Path) -> Course:
    from .formats import read_performance
    from .splat.course import course_of

    return course_of(read_performance(path))


def _frames(head: SplatHead, course: Course) -> Iterator[Splats]:
    from .splat.course import posed

    return (posed(head, course.at(frame)) for frame in range(len(course)))


def _values(said: list[str]) -> dict[str, float]:
    """Names and values. Raises SettingError for what is not NAME=VALUE."""
    values = {}
    for words in said:
        name, sign, value = words.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            raise SettingError(f"--set takes a slider and a number, such as jawOpen=0.5, not {words!r}.") from None
        if not sign:
            raise SettingError(f"--set takes a slider and a number, such as jawOpen=0.5, not {words!r}.")
    return values

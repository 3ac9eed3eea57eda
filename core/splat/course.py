"""What drives a head of splats over time: a few numbers a frame instead of all its splats, and exactly as good.

Posing is a pure function, so whoever keeps what went into it keeps what came out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import check
from ..errors import SettingError, ShapeError
from ..formats.atomic import check_place, replacing
from ..paths import reason, shown
from ..rig.convert import to_rig
from ..types import Performance
from .head import SplatHead
from .pose import pose
from .types import SplatError, Splats

ENDING = ".splatcourse"
LAYOUT = "mouthpiece-splat-course-1"
MOST_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Values of a head's sliders over time.

    names:   the S sliders that ever leave 0, no name twice.
    values:  float64 [T, S]; row t lies at (start + t) / fps seconds of the timeline.
    head:    float64 [T, 3], radians: yaw, pitch, roll as in Performance.head.
    clips:   names of the C clips that play; moments: float64 [T, C], seconds into each, nan where it does not play.
    fps:     frames per second. start: the number of the first frame.
    """

    names: tuple[str, ...]
    values: np.ndarray
    head: np.ndarray
    clips: tuple[str, ...]
    moments: np.ndarray
    fps: float
    start: int = 0

    def __post_init__(self) -> None:
        check("Course.values", self.values, ("T", len(self.names)), np.float64)
        count = len(self.values)
        check("Course.head", self.head, (count, 3), np.float64)
        check("Course.moments", self.moments, (count, len(self.clips)), np.float64)
        if len(set(self.names)) != len(self.names) or len(set(self.clips)) != len(self.clips):
            raise ShapeError("A course must not name a slider or a clip twice.")
        if not count or not self.fps > 0:
            raise ShapeError(f"A course needs frames and a frame rate above 0, but has {count} at {self.fps}.")

    def __len__(self) -> int:
        return len(self.values)

    def at(self, frame: float) -> Moment:
        """What is dialled at a frame, counted as start is: straight between frames, held beyond the ends."""
        place = float(np.clip(frame - self.start, 0, len(self) - 1))
        row, share = int(place), place - int(place)
        values, head, moments = (_between(rows, row, share) for rows in (self.values, self.head, self.moments))
        playing = {name: float(s) for name, s in zip(self.clips, moments, strict=True) if not np.isnan(s)}
        return Moment(dict(zip(self.names, values.tolist(), strict=True)), head, playing)


@dataclass(frozen=True, slots=True)
class Moment:
    """The arguments of core.splat.pose.pose: weights by slider, the head's turn [3] and seconds into clips."""

    weights: Mapping[str, float]
    head: np.ndarray
    clips: Mapping[str, float]


def _between(rows: np.ndarray, row: int, share: float) -> np.ndarray:
    if not share:
        return rows[row]
    # A clip that plays at one end only plays there.
    return np.where(np.isnan(rows[row + 1]), rows[row], rows[row] + share * (rows[row + 1] - rows[row]))


def posed(head: SplatHead, moment: Moment) -> Splats:
    """A head as splats at a moment of a course. Raises SettingError for sliders or clips the head does not have."""
    return pose(head, moment.weights, moment.head, moment.clips)


def course_of(performance: Performance) -> Course:
    """A performance of any rig's curves as a course from frame 0. Raises RigError for curves that are no rig's."""
    curves = to_rig(performance, "arkit52").curves
    return gathered(
        [
            Moment(dict(zip(curves.names, row.tolist(), strict=True)), turn, {})
            for row, turn in zip(curves.values, performance.head, strict=True)
        ],
        curves.fps,
    )


def gathered(moments: list[Moment], fps: float, start: int = 0) -> Course:
    """Moments, one a frame, as a course without the sliders that stay at 0. Raises SettingError for no moments."""
    if not moments:
        raise SettingError("A course needs at least one frame; choose a longer range.")
    names = tuple(dict.fromkeys(n for moment in moments for n, value in moment.weights.items() if value))
    clips = tuple(dict.fromkeys(name for moment in moments for name in moment.clips))
    values = [[moment.weights.get(name, 0.0) for name in names] for moment in moments]
    seconds = [[moment.clips.get(name, np.nan) for name in clips] for moment in moments]
    count = len(moments)
    return Course(
        names,
        np.array(values, np.float64).reshape(count, len(names)),
        np.array([moment.head for moment in moments], np.float64).reshape(count, 3),
        clips,
        np.array(seconds, np.float64).reshape(count, len(clips)),
        float(fps),
        start,
    )


def write_course(course: Course, path: Path) -> None:
    """Write a course; the file appears whole or not at all. Raises FormatError when the place does not do."""
    from safetensors.numpy import save

    check_place(path)
    words = {"layout": LAYOUT, "names": course.names, "clips": course.clips, "fps": course.fps, "start": course.start}
    tensors = {name: np.ascontiguousarray(getattr(course, name)) for name in ("values", "head", "moments")}
    data = save(tensors, {"course": json.dumps(words, ensure_ascii=False)})
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def read_course(path: Path) -> Course:
    """Read a course. Raises SplatError in one sentence when the file is missing, damaged or none of ours."""
    from safetensors import SafetensorError, safe_open

    try:
        if path.stat().st_size > MOST_BYTES:
            raise SplatError(f"{shown(path)} is larger than 2 GB; a course of splats is not.")
        with safe_open(str(path), framework="numpy") as file:
            words = json.loads((file.metadata() or {}).get("course", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if words.get("layout") != LAYOUT:
            raise SplatError(f"{shown(path)} is no {LAYOUT}; bake the splats again.")
        course = _course(tensors, words)
    except OSError as fault:
        raise SplatError(f"{shown(path)} cannot be read ({reason(fault)}); bake the splats again.") from None
    except (SafetensorError, ShapeError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        raise SplatError(f"{shown(path)} is no course of splats or is damaged; bake the splats again.") from None
    if not (np.isfinite(course.values).all() and np.isfinite(course.head).all() and not np.isinf(course.moments).any()):
        raise SplatError(f"{shown(path)} holds values that are no numbers; bake the splats again.")
    return course


def _course(tensors: dict[str, np.ndarray], words: dict) -> Course:
    names, clips = (tuple(str(name) for name in words[key]) for key in ("names", "clips"))
    values, head, moments = (tensors[key] for key in ("values", "head", "moments"))
    return Course(names, values, head, clips, moments, float(words["fps"]), int(words["start"]))

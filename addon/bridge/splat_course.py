"""Heads of splats baked to a course: a small file beside the .blend that says what the sliders said at each frame.

From then on the head is posed from the file, whatever became of the curves, drivers and rigs that moved it. Nothing is
rounded: at a baked frame the splats are bit for bit those of before; between frames the sliders go straight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np

from ...core.errors import SettingError
from ...core.splat.course import ENDING, Course, Moment, gathered, read_course, write_course
from ...core.splat.head import SplatHead
from ...core.splat.types import SplatError
from .frame_property import add_frame_property, frame_of, remove_frame_property
from .splat_sliders import Dialled, dialled

COURSE, FRAME = "mouthpiece_course", "courseFrame"
KEPT = 16


@dataclass(slots=True)
class Courses:
    """Courses that were read before, by path; read anew when the file changes."""

    read: dict[str, tuple[tuple[int, int], Course | str]] = field(default_factory=dict)

    def get(self, path: Path) -> Course | str:
        """The course of a file, or why it cannot be read."""
        try:
            found = path.stat()
            state = found.st_mtime_ns, found.st_size
        except OSError:
            state = 0, -1
        known = self.read.get(str(path))
        if known is None or known[0] != state:
            self.read[str(path)] = known = state, _read(path)
            while len(self.read) > KEPT:
                self.read.pop(next(iter(self.read)))
        return known[1]


COURSES = Courses()


def bake_course(made: bpy.types.Object, head: SplatHead, scene: bpy.types.Scene, frames: Iterable[int]) -> Path:
    """Write the course of a head over frames beside the .blend and let the head follow it. Returns the file.

    Raises SettingError where the .blend has no place yet or the head is linked, FormatError where the file cannot be
    written.
    """
    if not bpy.data.filepath:
        raise SettingError("The course is kept beside the .blend; save the file first.")
    if made.library or made.override_library:
        raise SettingError(f"{made.name} belongs to another file; make it local first, or bake it in that file.")
    free_course(made)
    frames = list(frames)
    now = scene.frame_current, scene.frame_subframe
    moments = []
    try:
        for frame in frames:
            scene.frame_set(frame)
            shown = made.evaluated_get(bpy.context.evaluated_depsgraph_get())
            moments.append(_moment(dialled(shown, head)))
    finally:
        scene.frame_set(now[0], subframe=now[1])
    course = gathered(moments, scene.render.fps / scene.render.fps_base, frames[0] if frames else 0)
    blend = Path(bpy.data.filepath)
    path = blend.with_name(f"{blend.stem}_{bpy.path.clean_name(made.name)}{ENDING}")
    write_course(course, path)
    follow_course(made, path)
    return path


def follow_course(made: bpy.types.Object, path: Path) -> None:
    """Let a head be posed from a file. Raises SplatError when the file is none."""
    read_course(path)
    inside = bpy.data.filepath and path.parent == Path(bpy.data.filepath).parent
    made[COURSE] = f"//{path.name}" if inside else str(path)
    add_frame_property(made, FRAME, 0, "Frame of the baked course that is shown; driven by the timeline")
    made.update_tag()


def free_course(made: bpy.types.Object) -> bool:
    """Let sliders move a head again; the file stays. Returns whether it followed one."""
    there = COURSE in made
    if there:
        del made[COURSE]
        remove_frame_property(made, FRAME)
        made.update_tag()
    return there


def course_of(made: bpy.types.Object) -> Course | str | None:
    """The course a head follows, or why it cannot be read, or None when it follows none."""
    said = made.get(COURSE)
    if not isinstance(said, str):
        return None
    return COURSES.get(Path(bpy.path.abspath(said, library=made.library)))


def course_dialled(shown: bpy.types.Object, head: SplatHead) -> Dialled | None:
    """What the course of an evaluated object says at its frame; None when it follows none that can be read.

    What the course has and the head has not is left out.
    """
    course = course_of(shown.original)
    if not isinstance(course, Course):
        return None
    moment = course.at(frame_of(shown, FRAME))
    known = set(head.sliders)
    return Dialled(
        tuple((name, value) for name, value in moment.weights.items() if value and name in known),
        tuple(moment.head.tolist()),
        tuple((clip, second) for clip, second in moment.clips.items() if clip in head.clips),
    )


def _moment(said: Dialled) -> Moment:
    return Moment(dict(said.weights), np.array(said.turn), dict(said.moments))


def _read(path: Path) -> Course | str:
    try:
        return read_course(path)
    except SplatError as error:
        return str(error)

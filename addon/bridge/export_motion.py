"""What a character does, read off the scene as it is seen: takes, layers, drivers and constraints alike."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import SettingError

SLACK_FRAMES = 1e-6
STILL = 1e-6
"""What a value may wander by arithmetic alone."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which moments are read.

    first, last: scene frames, both included.
    scene_fps:   the rate at which the scene counts them.
    fps:         rows a second.
    start:       what the file calls the first row.
    """

    first: int
    last: int
    scene_fps: float
    fps: float
    start: int = 0

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise SettingError(f"The last frame must not be before the first, but {self.last} is before {self.first}.")

    @property
    def rows(self) -> int:
        """How many there are: none lies behind the last frame."""
        return math.floor((self.last - self.first) / self.scene_fps * self.fps + SLACK_FRAMES) + 1

    @property
    def end(self) -> int:
        """What the file calls the last row."""
        return self.start + self.rows - 1

    def frames(self) -> Iterator[tuple[int, float]]:
        """Whole scene frame and part of a frame of each row."""
        for row in range(self.rows):
            place = self.first + row * self.scene_fps / self.fps
            whole = math.floor(place + SLACK_FRAMES)
            yield whole, max(0.0, place - whole) if place - whole > SLACK_FRAMES else 0.0


@dataclass(frozen=True, slots=True)
class Motion:
    """Values of a row each, by the place of the object they were read from in the list of members.

    shapes: float32 [T, K], the shape keys of a mesh in their order.
    worlds: float64 [T, 4, 4], where an object stands in the world.
    poses:  float64 [T, B, 4, 4], how bones are turned and moved against their rest, in the order of the pose.
    tails:  float64 [T, B, 4, 4], where what hangs on a bone is held, in the armature's space.
    """

    span: Span
    shapes: dict[int, np.ndarray] = field(default_factory=dict)
    worlds: dict[int, np.ndarray] = field(default_factory=dict)
    poses: dict[int, np.ndarray] = field(default_factory=dict)
    tails: dict[int, np.ndarray] = field(default_factory=dict)


def read_motion(members: list[bpy.types.Object], span: Span, context: bpy.types.Context) -> Motion:
    """Play the scene through a span and note what is seen of these objects; the playhead is put back."""
    motion = Motion(span)
    for place, member in enumerate(members):
        motion.worlds[place] = np.empty((span.rows, 4, 4))
        if member.type == "ARMATURE":
            motion.poses[place] = np.empty((span.rows, len(member.pose.bones), 4, 4))
            motion.tails[place] = np.empty((span.rows, len(member.pose.bones), 4, 4))
        if has_shapes(member):
            motion.shapes[place] = np.empty((span.rows, len(member.data.shape_keys.key_blocks)), np.float32)
    scene = context.scene
    before = scene.frame_current, scene.frame_subframe
    try:
        for row, (frame, part) in enumerate(span.frames()):
            scene.frame_set(frame, subframe=part)
            _read_row(motion, row, members, context.evaluated_depsgraph_get())
    finally:
        scene.frame_set(before[0], subframe=before[1])
    return motion


def has_shapes(member: bpy.types.Object) -> bool:
    """Whether an object is a mesh with shape keys."""
    return member.type == "MESH" and member.data.shape_keys is not None


def moves(values: np.ndarray) -> bool:
    """Whether rows [T, ...] differ by more than arithmetic."""
    return bool((np.ptp(values, axis=0) > STILL).any())


def _read_row(motion: Motion, row: int, members: list[bpy.types.Object], depsgraph: bpy.types.Depsgraph) -> None:
    for place, member in enumerate(members):
        seen = member.evaluated_get(depsgraph)
        motion.worlds[place][row] = seen.matrix_world
        if place in motion.poses:
            motion.poses[place][row] = [_local(seen, bone) for bone in seen.pose.bones]
            motion.tails[place][row] = [bone.matrix for bone in seen.pose.bones]
            motion.tails[place][row, :, :3, 3] = [bone.tail for bone in seen.pose.bones]
        if place in motion.shapes:
            shapes = member.data.shape_keys.evaluated_get(depsgraph)
            shapes.key_blocks.foreach_get("value", motion.shapes[place][row])


def _local(armature: bpy.types.Object, bone: bpy.types.PoseBone) -> Matrix:
    """What the bone's own channels would have to be to pose it as constraints and drivers do."""
    return armature.convert_space(pose_bone=bone, matrix=bone.matrix, from_space="POSE", to_space="LOCAL")

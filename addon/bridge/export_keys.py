"""What was seen of a character as plain keys on its copies."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np
from mathutils import Matrix

from .channels import Channel
from .draft import Draft, Layer
from .export_motion import Motion, moves
from .inventory import bone_path, key_path

_WIDTHS = (("location", 3), ("rotation_quaternion", 4), ("scale", 3))


def key_copies(copies: list[bpy.types.Object], motion: Motion, title: str) -> None:
    """Let copies of a character do what it was seen to do: what moves gets a key a row, all else one pose."""
    layers, owners = [], []
    for place, copy in enumerate(copies):
        channels = [*_placed(copy, _basis(copies, place, motion))]
        if place in motion.poses:
            for bone, poses in zip(copy.pose.bones, np.moveaxis(motion.poses[place], 1, 0), strict=True):
                channels.extend(_placed(bone, poses, f"{bone_path(bone.name)}."))
        if channels:
            layers.append(Layer("OBJECT", copy.name, channels))
            owners.append(copy)
        if place in motion.shapes:
            key = copy.data.shape_keys
            channels = [*_shaped(key, motion.shapes[place])]
            layers.append(Layer("KEY", copy.name, channels))
            owners.append(key)
    _write(layers, owners, motion, title)


def _write(layers: list[Layer], owners: list[bpy.types.ID], motion: Motion, title: str) -> None:
    draft = Draft(title, motion.span.start, layers)
    for _ in draft.steps():
        pass
    for owner, slot in zip(owners, draft.action.slots if draft.action else (), strict=True):
        animation = owner.animation_data_create()
        animation.action = draft.action
        animation.action_slot = slot


def _basis(copies: list[bpy.types.Object], place: int, motion: Motion) -> np.ndarray:
    """Where an object stands against its parent, float64 [T, 4, 4]."""
    copy, worlds = copies[place], motion.worlds[place]
    if copy.parent is None:
        return worlds
    above = copies.index(copy.parent)
    held = motion.worlds[above]
    if copy.parent_type == "BONE" and copy.parent_bone in copy.parent.pose.bones:
        held = held @ motion.tails[above][:, copy.parent.pose.bones.find(copy.parent_bone)]
    return np.linalg.solve(held, worlds)


def _placed(thing: bpy.types.Object | bpy.types.PoseBone, local: np.ndarray, path: str = "") -> Iterator[Channel]:
    """Put an object or a bone where it stands first, and the channels of what goes on from there."""
    thing.rotation_mode = "QUATERNION"
    if isinstance(thing, bpy.types.Object):
        _forget_deltas(thing)
    group = thing.name if path else "Object Transforms"
    still = not moves(local)
    parts = [Matrix(rows).decompose() for rows in (local[:1] if still else local).tolist()]
    for (name, width), values in zip(_WIDTHS, zip(*parts, strict=True), strict=True):
        column = np.array([tuple(value) for value in values])
        if name == "rotation_quaternion":
            column = _steady(column)
        setattr(thing, name, column[0])
        if not still:
            for index in range(width):
                yield Channel(f"{path}{name}", index, group, column[:, index].astype(np.float32))


def _steady(turns: np.ndarray) -> np.ndarray:
    """Quaternions [T, 4] without changes of sign, which curves would run through."""
    flips = np.where((turns[1:] * turns[:-1]).sum(1) < 0, -1.0, 1.0)
    return turns * np.concatenate([[1.0], np.cumprod(flips)])[:, None]


def _forget_deltas(thing: bpy.types.Object) -> None:
    thing.delta_location = (0, 0, 0)
    thing.delta_rotation_euler = (0, 0, 0)
    thing.delta_rotation_quaternion = (1, 0, 0, 0)
    thing.delta_scale = (1, 1, 1)


def _shaped(key: bpy.types.Key, values: np.ndarray) -> Iterator[Channel]:
    """Every shape but the one the others are relative to, whether it moves or not: engines want them all."""
    for block, column in zip(key.key_blocks, values.T, strict=True):
        if block != key.reference_key:
            block.value = column[0]
            yield Channel(key_path(block.name), 0, "Shapes", np.ascontiguousarray(column))

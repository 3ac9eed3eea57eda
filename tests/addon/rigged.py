"""Characters with a mapping, and what they show."""

from __future__ import annotations

import bpy
import numpy as np
from cast import build_armature, perform
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.keys import Take, Written, write_take
from mouthpiece.addon.bridge.memory import memory_for, write_mapping
from mouthpiece.core.rig.targets import Drive, Mapping, Target

START = 10


def remember(chosen: bpy.types.Object, *drives: Drive, name: str = "Mine") -> None:
    write_mapping(memory_for(chosen, bpy.context.scene), Mapping(name, "arkit52", drives), family_of(chosen))


def write(chosen: bpy.types.Object, rows: int = 12) -> Written:
    return write_take(find_character(chosen), Take("line", "/nowhere/line.wav", START, perform(rows)))


def column(name: str) -> np.ndarray:
    return perform().curves.column(name)


def bone(name: str, channel: str, owner: str = "") -> Target:
    return Target("bone", owner, name, channel)


def posed(rig: bpy.types.Object, name: str, frame: int) -> bpy.types.PoseBone:
    bpy.context.scene.frame_set(frame)
    return rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones[name]


def build_properties() -> bpy.types.Object:
    rig = build_armature()
    rig["jaw"], rig.data["smile"], rig.pose.bones["head"]["blink"] = 0.0, 0.0, 0.0
    rig["note"] = "a text moves nothing"
    return rig

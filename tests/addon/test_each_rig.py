"""Every rig that is known by a table of names: a character of these names is matched, animated and looked at."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.keys import Take, write_take
from mouthpiece.core.audio.read import read_speech
from mouthpiece.core.rig.convert import to_rig
from mouthpiece.core.rig.played import played
from mouthpiece.core.rig.profiles import PROFILES
from mouthpiece.core.speech.brief import Brief
from mouthpiece.core.speech.perform import perform
from mouthpiece.core.types import Performance, Speech

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
LOOKED_AT = (0, 7, 20, 41, 55, 71)
START = 5
SEEN = 1e-6


@pytest.fixture(scope="module")
def board() -> Performance:
    speech = read_speech(LINE)
    return perform(Speech(speech.samples[: 3 * speech.rate_hz], speech.rate_hz), Brief(24.0))


def build(key: str) -> bpy.types.Object:
    """An armature with all that a table names: keys on a mesh below it, bones of its own, custom properties."""
    rows = PROFILES[key].rows
    named = {kind: dict.fromkeys(row.name for row in rows if row.kind == kind) for kind in ("shape_key", "bone")}
    rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for place, name in enumerate(named["bone"]):
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = (place / 50, 0, 1.6), (place / 50, 0, 1.65)
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in rig.pose.bones:
        bone.rotation_mode = "XYZ"
    for row in rows:
        if row.kind == "property":
            rig[row.name] = 0.0
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 1.6)], [], [])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    face.parent, face.matrix_parent_inverse = rig, Matrix.Identity(4)
    for name in ("Basis", *named["shape_key"]):
        block = face.shape_key_add(name=name)
        block.slider_min, block.slider_max = -10, 10
    return rig


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("key", sorted(set(PROFILES) - {"common"}))
def test_what_is_shown_is_what_the_mapping_asks(key: str, board: Performance) -> None:
    rig = build(key)
    bpy.context.scene.mouthpiece.character = rig
    bpy.ops.mouthpiece.match_rig(profile=key)
    character = find_character(rig)
    performance = board if character.rig == "metahuman" else to_rig(board, "arkit52")
    write_take(character, Take("line", str(LINE), START, performance))
    wanted = played(performance, character.mapping)
    assert len(wanted) >= 5
    largest, moving = 0.0, 0
    for row in LOOKED_AT:
        bpy.context.scene.frame_set(START + row)
        depsgraph = bpy.context.evaluated_depsgraph_get()
        for moved in character.moved:
            seen = moved.owner.evaluated_get(depsgraph)
            for lane in moved.lanes:
                found = seen.path_resolve(lane.path)
                found = found[lane.index] if hasattr(found, "__len__") else found
                largest = max(largest, abs(found - float(wanted[lane.target][row])))
                moving += abs(float(wanted[lane.target][row])) > 1e-4  # bones of a face move by millimetres
    assert moving > 10
    assert np.isfinite(largest)
    assert largest < SEEN

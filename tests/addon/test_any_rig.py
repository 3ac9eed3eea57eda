"""Characters that ARKit's names do not move: bones, custom properties, many shapes, and what cannot be keyed."""

from __future__ import annotations

import sys
import time

import bpy
import numpy as np
import pytest
from cast import bone_turn, build_armature, build_mesh, perform, shape_value
from mathutils import Euler, Quaternion
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.inventory import inventory_of
from mouthpiece.addon.bridge.keys import Take, plan_take, write_take
from mouthpiece.addon.bridge.takes import read_take, remove_take, takes_of
from mouthpiece.core.errors import RigError
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.rig.profiles import propose
from mouthpiece.core.rig.targets import Drive, Target
from rigged import START, bone, build_properties, column, posed, remember, write

pytestmark = pytest.mark.usefixtures("registered")


@pytest.mark.parametrize("mode", ["XYZ", "ZYX", "YZX", "QUATERNION", "AXIS_ANGLE"])
def test_a_bone_turns_about_the_axes_of_its_lines_and_keeps_the_others(mode: str) -> None:
    rig = build_armature()
    jaw = rig.pose.bones["neck"]
    jaw.rotation_mode = mode
    order = mode if mode in ("XYZ", "ZYX", "YZX") else "XYZ"
    rest = Euler((0.5, -0.3, 0.2), order)
    if mode == "QUATERNION":
        jaw.rotation_quaternion = rest.to_quaternion()
    elif mode == "AXIS_ANGLE":
        axis, angle = rest.to_quaternion().to_axis_angle()
        jaw.rotation_axis_angle = (angle, *axis)
    else:
        jaw.rotation_euler = rest
    remember(
        rig,
        Drive(bone("neck", "rotation.x"), "jawOpen", gain=0.35),
        Drive(bone("neck", "rotation.z"), "jawLeft", gain=-0.1, offset=0.05),
    )
    assert write(rig).warnings == ()
    for row in (0, 4, 11):
        turned = posed(rig, "neck", START + row).matrix_basis.to_quaternion()
        wanted = Euler((0.35 * column("jawOpen")[row], -0.3, 0.05 - 0.1 * column("jawLeft")[row]), order)
        assert turned.rotation_difference(wanted.to_quaternion()).angle < 1e-3
        assert abs(turned.dot(wanted.to_quaternion())) == pytest.approx(1, abs=1e-6)


def test_a_bone_moves_and_grows_on_one_axis() -> None:
    rig = build_armature()
    rig.pose.bones["neck"].location = (0.1, 0.2, 0.3)
    remember(
        rig,
        Drive(bone("neck", "location.y"), "jawOpen", gain=-0.02),
        Drive(bone("neck", "scale.z"), "cheekPuff", gain=0.5, offset=1.0, high=1.2),
    )
    assert write(rig).warnings == ()
    for row in (0, 7):
        neck = posed(rig, "neck", START + row)
        assert tuple(neck.location) == pytest.approx((0.1, -0.02 * column("jawOpen")[row], 0.3), abs=1e-6)
        assert tuple(neck.scale) == pytest.approx((1, 1, min(1 + 0.5 * column("cheekPuff")[row], 1.2)), abs=1e-6)


def test_the_head_turns_once_when_lines_turn_it() -> None:
    rig = build_armature()
    remember(rig, Drive(bone("neck", "location.y"), "jawOpen"))
    assert find_character(rig).head.bone == "head"
    remember(rig, Drive(bone("head", "rotation.x"), "headPitch", gain=-1))
    character = find_character(rig)
    assert (character.head, character.notes) == (None, ())
    write(rig)
    wanted = Quaternion((1, 0, 0), -float(perform().head[3, 1])).to_matrix()
    rest = rig.data.bones["head"].matrix_local.to_3x3()
    assert np.allclose(bone_turn(rig, "head", START + 3), rest @ wanted @ rest.inverted(), atol=1e-5)


def test_custom_properties_of_object_armature_and_bone() -> None:
    rig = build_properties()
    inventory = inventory_of(family_of(rig))
    assert inventory.properties == {"Rig": ("jaw", "smile"), "Rig/head": ("blink",)}
    remember(
        rig,
        Drive(Target("property", "Rig", "jaw"), "jawOpen", gain=100),
        Drive(Target("property", "", "smile"), "mouthSmileLeft"),
        Drive(Target("property", "Rig/head", "blink"), "eyeBlinkLeft", gain=-1, offset=1),
    )
    assert write(rig).warnings == ()
    bpy.context.scene.frame_set(START + 5)
    seen = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert seen["jaw"] == pytest.approx(100 * column("jawOpen")[5], abs=1e-4)
    assert seen.data["smile"] == pytest.approx(column("mouthSmileLeft")[5], abs=1e-6)
    assert seen.pose.bones["head"]["blink"] == pytest.approx(1 - column("eyeBlinkLeft")[5], abs=1e-6)
    # The mapping is remembered with names of objects that may change.
    rig.name = "Ada"
    assert find_character(rig).mapping.drives[0].target == Target("property", "Ada", "jaw")


def test_three_hundred_shapes() -> None:
    names = (*(f"CTRL_{name}" for name in ARKIT_52), *(f"wrinkle_{number}" for number in range(248)))
    body = build_mesh("Face", names)
    before = time.process_time()
    inventory = inventory_of([body])
    assert len(inventory.shape_keys["Face"]) == 300
    proposal = propose(inventory)
    proposed = time.process_time()
    lines = [Drive(Target("shape_key", "", name), "jawOpen", gain=0.1 + row / 1e3) for row, name in enumerate(names)]
    remember(body, *lines)
    found = find_character(body)
    stored = time.process_time()
    write_take(found, Take("line", "/line.wav", START, perform(600)))
    keyed = time.process_time()
    sys.stderr.write(
        f"\n300 shapes, processor time: {proposed - before:.2f} s to propose, {stored - proposed:.2f} s to remember, "
        f"{keyed - stored:.2f} s to key 600 frames\n"
    )
    assert proposal.profile == "arkit52"
    assert len(proposal.unused) == 248
    jaw = perform(600).curves.column("jawOpen")
    for row in (0, 299):
        assert shape_value(body, names[row], START + 99) == pytest.approx((0.1 + row / 1e3) * jaw[99], abs=1e-6)


def _drive_jaw(rig: bpy.types.Object) -> None:
    rig.pose.bones["neck"].driver_add("location", 1)


def _lock_jaw(rig: bpy.types.Object) -> None:
    rig.pose.bones["neck"].lock_location[1] = True


def _rename_jaw(rig: bpy.types.Object) -> None:
    rig.data.bones["neck"].name = "hals"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(_drive_jaw, "drivers of Rig"), (_lock_jaw, "Locked channels"), (_rename_jaw, "neck location.y")],
)
def test_what_cannot_be_keyed_is_named(spoil: object, words: str) -> None:
    rig = build_armature()
    both = (Drive(bone("neck", "location.y"), "jawOpen"), Drive(bone("head", "location.x"), "jawLeft"))
    spoil(rig)
    remember(rig, *both)
    (note,) = find_character(rig).notes
    assert words in note
    assert note.endswith(".")
    assert write(rig).warnings == (note,)
    remember(rig, both[0])
    with pytest.raises(RigError, match=words):
        find_character(rig)


@pytest.mark.parametrize("mode", ["ZYX", "QUATERNION", "AXIS_ANGLE"])
def test_a_take_of_a_mapping_reads_back_and_goes(mode: str) -> None:
    rig = build_properties()
    rig.pose.bones["neck"].rotation_mode = mode
    remember(
        rig,
        Drive(bone("neck", "rotation.x"), "jawOpen", gain=0.35, offset=-0.1),
        Drive(bone("neck", "rotation.y"), "jawLeft", gain=-0.2),
        Drive(Target("property", "Rig", "jaw"), "jawOpen", gain=2),
        Drive(Target("property", "Rig", "jaw"), "mouthClose", gain=-1),
        Drive(Target("property", "", "smile"), "mouthSmileLeft", gain=0.5),
    )
    write(rig)
    (take,) = takes_of(find_character(rig))
    read = read_take(find_character(rig), take, 24)
    for name in ARKIT_52:
        moved = name in ("jawOpen", "jawLeft", "mouthClose", "mouthSmileLeft")
        assert np.allclose(read.curves.column(name), column(name) if moved else 0, atol=1e-4), name
    assert np.allclose(read.head, perform().head, atol=1e-4)
    # Whatever the mapping is by then, the take is known by what it was made with, and leaves nothing behind.
    remember(rig, Drive(Target("property", "", "blink"), "eyeBlinkLeft"))
    character = find_character(rig)
    assert np.allclose(read_take(character, take, 24).curves.values, read.curves.values)
    remove_take(character, takes_of(character)[0])
    assert not bpy.data.actions
    assert takes_of(character) == []


def test_values_are_not_worked_out_in_one_step() -> None:
    rig = build_armature()
    remember(rig, Drive(bone("neck", "location.y"), "CTRL_expressions_jawOpen"))
    plan = plan_take(find_character(rig), Take("line", "/line.wav", START, perform(4000)))
    assert sum(1 for _ in plan.steps()) > 1

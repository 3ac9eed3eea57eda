"""Written takes: what the depsgraph shows equals the curves, and nothing else changes."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from cast import angles_matrix, bone_turn, build_character, build_mesh, perform, shape_value
from mathutils import Quaternion
from mouthpiece.addon.bridge.character import AUTO_HEAD, HeadChoice, find_character
from mouthpiece.addon.bridge.keys import MARK, Take, Written, write_take
from mouthpiece.addon.bridge.takes import read_take, remove_take, takes_of
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.types import Performance


def write(chosen: bpy.types.Object, performance: Performance, start: int = 10, head: HeadChoice = AUTO_HEAD) -> Written:
    return write_take(find_character(chosen, head), Take("line", "/nowhere/line.wav", start, performance))


@pytest.mark.parametrize("start", [-100, 1, 1001])
def test_values_equal_curves_on_all_meshes(start: int) -> None:
    rig, performance = build_character(), perform()
    written = write(rig, performance, start)
    assert written.warnings == ()
    for row in (0, 5, 11):
        for column, name in enumerate(ARKIT_52):
            wanted = performance.curves.values[row, column]
            for part in ("Body", "Teeth", "Lashes"):
                mesh = bpy.data.objects[part]
                if name in mesh.data.shape_keys.key_blocks:
                    assert shape_value(mesh, name, start + row) == pytest.approx(wanted, abs=1e-6)


def test_one_action_with_a_slot_each_on_new_tracks() -> None:
    rig = build_character()
    written = write(rig, perform())
    assert list(bpy.data.actions) == [written.action]
    assert written.action.name == "Mouthpiece: line"
    assert len(written.action.slots) == 4
    for owner in (rig, *(bpy.data.objects[name].data.shape_keys for name in ("Body", "Teeth", "Lashes"))):
        (track,) = owner.animation_data.nla_tracks
        (strip,) = track.strips
        assert (track.name, strip.frame_start, strip.frame_end) == ("Mouthpiece: line", 10, 21)
        assert owner.animation_data.action is None


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "ZYX", "YXZ", "AXIS_ANGLE"])
@pytest.mark.parametrize("posed", [False, True])
def test_head_turns_as_the_contract_says(mode: str, posed: bool) -> None:
    rig, performance = build_character("mixamorig:Head"), perform()
    bone = rig.pose.bones["mixamorig:Head"]
    base = Quaternion((0.2, 1, 0.4), 0.5) if posed else Quaternion()
    bone.rotation_mode = "QUATERNION"
    bone.rotation_quaternion = base
    bone.rotation_mode = mode
    rest = rig.data.bones[bone.name].matrix_local.to_3x3()
    write(rig, performance)
    own = rest @ base.to_matrix() @ rest.inverted()
    for row in range(12):
        turn = bone_turn(rig, bone.name, 10 + row)
        wanted = own @ angles_matrix(*performance.head[row])
        assert np.allclose(turn, wanted, atol=1e-5)


def test_the_head_does_not_snap_outside_the_take() -> None:
    rig, performance = build_character(), perform()
    performance.head[[0, -1]] = 0
    rig.pose.bones["head"].rotation_quaternion = Quaternion((0.2, 1, 0.4), 0.5)
    bpy.context.view_layer.update()
    before = bone_turn(rig, "head", 0)
    write(rig, performance)
    for frame in (-50, 9, 22, 400):
        assert np.allclose(bone_turn(rig, "head", frame), before, atol=1e-5)


def test_an_object_turns_around_its_own_rotation() -> None:
    body = build_mesh("Body", ARKIT_52)
    body.rotation_mode = "QUATERNION"
    body.rotation_quaternion = base = Quaternion((0, 0, 1), 1.2)
    performance = perform()
    written = write(body, performance, head=HeadChoice("CHOSEN", body))
    assert written.warnings == ()
    for row in (0, 7):
        bpy.context.scene.frame_set(10 + row)
        turned = body.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world.to_3x3()
        assert np.allclose(turned, base.to_matrix() @ angles_matrix(*performance.head[row]), atol=1e-5)


def test_existing_nla_head_animation_is_combined() -> None:
    rig = build_character()
    lean = Quaternion((1, 0, 0), 0.4)
    _animate_head(rig, lean, push=True)
    performance = perform()
    written = write(rig, performance)
    rest = rig.data.bones["head"].matrix_local.to_3x3()
    for row in (0, 6):
        wanted = rest @ lean.to_matrix() @ rest.inverted() @ angles_matrix(*performance.head[row])
        assert np.allclose(bone_turn(rig, "head", 10 + row), wanted, atol=1e-5)
    assert written.warnings == ()
    assert [track.name for track in rig.animation_data.nla_tracks] == ["mine", "Mouthpiece: line"]
    assert np.allclose(bone_turn(rig, "head", 40), rest @ lean.to_matrix() @ rest.inverted(), atol=1e-5)


def test_an_active_action_stays_and_is_named_when_it_hides_us() -> None:
    rig = build_character()
    _animate_head(rig, Quaternion((1, 0, 0), 0.4), push=False)
    body = bpy.data.objects["Body"]
    body.data.shape_keys.key_blocks["jawOpen"].keyframe_insert("value", frame=1)
    kept = body.data.shape_keys.animation_data.action
    written = write(rig, perform())
    assert body.data.shape_keys.animation_data.action == kept
    assert len(written.warnings) == 2
    assert f"The active action {kept.name} of Body hides 1 of 52 curves" in written.warnings[0]
    assert "of Rig hides" in written.warnings[1]


def test_a_second_take_lies_on_top_and_the_first_shows_outside_it() -> None:
    rig, first, second = build_character(), perform(12, seed=1), perform(4, seed=2)
    write(rig, first, 10)
    write(rig, second, 13)
    body = bpy.data.objects["Body"]
    for frame in range(8, 24):
        row = frame - 13
        wanted = (
            second.curves.column("jawOpen")[row]
            if 0 <= row < 4
            else first.curves.column("jawOpen")[min(max(frame - 10, 0), 11)]
        )
        assert shape_value(body, "jawOpen", frame) == pytest.approx(wanted, abs=1e-6)
        head = second.head[row] if 0 <= row < 4 else first.head[min(max(frame - 10, 0), 11)]
        assert np.allclose(bone_turn(rig, "head", frame), angles_matrix(*head), atol=1e-5)


def test_removing_takes_leaves_the_file_as_it_was() -> None:
    rig = build_character()
    for start in (10, 100):
        write(rig, perform(), start)
    character = find_character(rig)
    first, second = takes_of(character)
    assert (first.start, second.start, second.end) == (10, 100, 111)
    remove_take(character, first)
    assert shape_value(bpy.data.objects["Body"], "jawOpen", 5) == pytest.approx(
        perform().curves.column("jawOpen")[0], abs=1e-6
    )
    remove_take(character, takes_of(character)[0])
    assert not bpy.data.actions
    assert not rig.animation_data.nla_tracks


@pytest.mark.parametrize("mode", ["QUATERNION", "XZY", "AXIS_ANGLE"])
def test_a_take_reads_back_as_it_was_written(mode: str) -> None:
    rig, performance = build_character(), perform(30)
    rig.pose.bones["head"].rotation_mode = mode
    performance.curves.values[:, ARKIT_52.index("tongueOut")] = 0
    write(rig, performance)
    character = find_character(rig)
    read = read_take(character, takes_of(character)[0], 24)
    assert np.allclose(read.curves.values, performance.curves.values, atol=1e-6)
    assert np.allclose(read.head, performance.head, atol=1e-5)


def test_driven_muted_and_pinned_shapes_are_named() -> None:
    rig = build_character()
    body = bpy.data.objects["Body"]
    body.data.shape_keys.key_blocks["jawOpen"].driver_add("value")
    body.data.shape_keys.key_blocks["cheekPuff"].mute = True
    body.show_only_shape_key = True
    written = write(rig, perform())
    assert len(written.warnings) == 3
    assert "jawOpen" in written.warnings[0]
    assert "cheekPuff" in written.warnings[1]
    assert len(body.data.shape_keys.animation_data.drivers) == 1


def test_one_row_is_enough() -> None:
    rig, performance = build_character(), perform(1)
    write(rig, performance)
    assert shape_value(bpy.data.objects["Body"], "jawOpen", 10) == pytest.approx(
        performance.curves.column("jawOpen")[0], abs=1e-6
    )


def test_names_of_63_bytes() -> None:
    name = "Head_" + "й" * 25 + "_jawOpen"
    assert len(name.encode()) == 63
    body = build_mesh("ю" * 31, (name,))
    performance = perform()
    written = write_take(find_character(body), Take("ж" * 200, "/a.wav", 1, performance))
    assert written.action[MARK]["start"] == 1
    assert shape_value(body, name, 1) == pytest.approx(performance.curves.column("jawOpen")[0], abs=1e-6)


def test_quotes_in_names() -> None:
    body = build_mesh("Body", ('He"ad\\_jawOpen',))
    write(body, perform())
    assert shape_value(body, 'He"ad\\_jawOpen', 12) == pytest.approx(perform().curves.column("jawOpen")[2], abs=1e-6)


def _animate_head(rig: bpy.types.Object, turn: Quaternion, push: bool) -> None:
    bone = rig.pose.bones["head"]
    bone.rotation_quaternion = turn
    for frame in (1, 50):
        bone.keyframe_insert("rotation_quaternion", frame=frame)
    if push:
        animation = rig.animation_data
        track = animation.nla_tracks.new()
        track.name = "mine"
        slot = animation.action_slot
        strip = track.strips.new("mine", 1, animation.action)
        strip.action_slot = slot
        animation.action = None

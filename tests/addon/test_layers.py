"""A take in layers: what is muted, blended or scaled shows at rest, and few keys say the same."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from cast import angles_matrix, bone_turn, build_armature, build_character, perform, shape_value
from mathutils import Quaternion
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.keys import Take, Written, write_take
from mouthpiece.addon.bridge.layers import Keying, parts_in, share_of, show_share, tracks_of_part
from mouthpiece.addon.bridge.memory import memory_for, write_mapping
from mouthpiece.addon.bridge.takes import read_take, remove_take, takes_of
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.rig.targets import Drive, Mapping, Target
from mouthpiece.core.types import Performance, RigCurves

LAYERS = Keying(True)


def write(
    rig: bpy.types.Object, performance: Performance, keying: Keying = LAYERS, start: int = 10, name: str = "Line 01"
) -> Written:
    return write_take(find_character(rig), Take(name, f"/nowhere/{name}.wav", start, performance, keying))


def smooth(rows: int = 240, fps: float = 60.0) -> Performance:
    """Curves as speech has them: bumps of a fifth of a second."""
    random = np.random.default_rng(3)
    knots = np.maximum(random.uniform(-0.6, 1, (rows // 12 + 2, len(ARKIT_52))), 0)
    times = np.arange(rows) / 12
    place, share = times.astype(int), (times % 1)[:, None]
    ease = share * share * (3 - 2 * share)
    values = (knots[place] * (1 - ease) + knots[place + 1] * ease).astype(np.float32)
    head = 0.2 * np.sin(times[:, None] + np.arange(3)).astype(np.float32)
    return Performance(RigCurves(ARKIT_52, values, fps), head.astype(np.float32))


def layer(part: str) -> list[tuple[bpy.types.NlaTrack, bpy.types.NlaStrip]]:
    character = find_character(bpy.data.objects["Rig"])
    return list(tracks_of_part(character.owners, takes_of(character)[-1].action, part))


def test_each_part_has_a_track_of_its_name() -> None:
    rig = build_character()
    written = write(rig, perform())
    assert list(bpy.data.actions) == [written.action]
    assert written.warnings == ()
    names = {
        owner.name: [track.name for track in owner.animation_data.nla_tracks]
        for owner in (rig, *(bpy.data.objects[name].data.shape_keys for name in ("Body", "Teeth", "Lashes")))
    }
    assert list(names.values()) == [
        ["Line 01 Rest", "Line 01 Head"],
        ["Line 01 Rest", "Line 01 Mouth", "Line 01 Eyes", "Line 01 Brows"],
        ["Line 01 Rest", "Line 01 Mouth"],
        ["Line 01 Rest", "Line 01 Eyes"],
    ]
    assert parts_in(find_character(rig).owners, written.action) == ("mouth", "eyes", "brows", "head")


def test_layers_together_show_the_whole_performance() -> None:
    rig, performance = build_character(), perform()
    write(rig, performance)
    for frame in (5, 10, 15, 21, 40):
        row = min(max(frame - 10, 0), 11)
        for name in ("jawOpen", "eyeBlinkLeft", "browInnerUp", "cheekPuff"):
            wanted = performance.curves.column(name)[row]
            assert shape_value(bpy.data.objects["Body"], name, frame) == pytest.approx(wanted, abs=1e-6)
        assert np.allclose(bone_turn(rig, "head", frame), angles_matrix(*performance.head[row]), atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_part_is_scaled_down_to_rest(share: float) -> None:
    rig, performance = build_character(), perform()
    write(rig, performance)
    for _, strip in layer("mouth"):
        assert share_of(strip) == 1
        show_share(strip, share)
        assert share_of(strip) == share
    for mesh in ("Body", "Teeth"):
        wanted = share * performance.curves.column("jawOpen")[4]
        assert shape_value(bpy.data.objects[mesh], "jawOpen", 14) == pytest.approx(wanted, abs=1e-6)
    blink = performance.curves.column("eyeBlinkLeft")[4]
    assert shape_value(bpy.data.objects["Body"], "eyeBlinkLeft", 14) == pytest.approx(blink, abs=1e-6)


def test_a_muted_part_rests() -> None:
    rig, performance = build_character(), perform()
    rig.pose.bones["head"].rotation_quaternion = base = Quaternion((0.2, 1, 0.4), 0.5)
    write(rig, performance)
    shape_value(bpy.data.objects["Body"], "jawOpen", 14)
    for part in ("mouth", "head"):
        for track, _ in layer(part):
            track.mute = True
    body = bpy.data.objects["Body"]
    rest = rig.data.bones["head"].matrix_local.to_3x3()
    for frame in (1, 14, 40):
        assert shape_value(body, "jawOpen", frame) == 0
        assert shape_value(body, "browInnerUp", frame) > 0
        turned = bone_turn(rig, "head", frame)
        assert np.allclose(turned, rest @ base.to_matrix() @ rest.inverted(), atol=1e-5)


def test_animation_of_the_users_own_stays() -> None:
    rig = build_character()
    key = bpy.data.objects["Body"].data.shape_keys
    for frame, value in ((1, 0.25), (100, 0.25)):
        key.key_blocks["jawOpen"].value = value
        key.key_blocks["jawOpen"].keyframe_insert("value", frame=frame)
    animation = key.animation_data
    mine, slot = animation.action, animation.action_slot
    strip = animation.nla_tracks.new().strips.new("mine", 1, mine)
    strip.action_slot = slot
    animation.action = None
    performance = perform()
    write(rig, performance)
    body = bpy.data.objects["Body"]
    assert shape_value(body, "jawOpen", 60) == pytest.approx(0.25, abs=1e-6)
    assert shape_value(body, "jawOpen", 12) == pytest.approx(performance.curves.column("jawOpen")[2], abs=1e-6)
    assert animation.nla_tracks[0].strips[0].action == mine


def test_fewer_keys_stay_within_the_stated_error() -> None:
    rig, performance = build_character(), smooth()
    written = write(rig, performance, Keying(True, 0.01), start=1)
    bags = written.action.layers[0].strips[0].channelbags
    keys = sum(len(curve.keyframe_points) for bag in bags for curve in bag.fcurves)
    assert keys < 0.5 * 240 * 62
    assert "fewer; no control is more than 0.01 off" in written.saved
    points = next(bag for bag in bags if "Body Mouth" in bag.slot.name_display).fcurves[0].keyframe_points
    assert {point.interpolation for point in points} == {"BEZIER"}
    assert {point.handle_left_type for point in points} == {"ALIGNED"}
    read = read_take(find_character(rig), takes_of(find_character(rig))[0], 60)
    assert np.abs(read.curves.values - performance.curves.values).max() <= 0.01
    assert np.abs(read.head - performance.head).max() <= 0.01
    assert shape_value(bpy.data.objects["Body"], "jawOpen", 100) == pytest.approx(
        performance.curves.column("jawOpen")[99], abs=0.01
    )


def test_an_error_of_none_keys_every_frame() -> None:
    rig = build_character()
    written = write(rig, smooth(60), Keying(True, 0.0))
    assert written.saved == ""
    assert all(
        len(curve.keyframe_points) == 60
        for bag in written.action.layers[0].strips[0].channelbags
        for curve in bag.fcurves
        if "Rest" not in bag.slot.name_display
    )


def test_a_take_in_layers_is_removed_whole() -> None:
    rig = build_character()
    write(rig, perform(seed=1))
    second = perform(4, seed=2)
    write(rig, second, start=100, name="Line 02")
    character = find_character(rig)
    remove_take(character, takes_of(character)[0])
    assert shape_value(bpy.data.objects["Body"], "jawOpen", 1) == pytest.approx(
        second.curves.column("jawOpen")[0], abs=1e-6
    )
    remove_take(character, takes_of(character)[0])
    assert not bpy.data.actions
    assert not any(owner.animation_data.nla_tracks for owner in character.owners)


def test_sliders_of_the_panel_are_the_strips_own(registered: None) -> None:
    rig, performance = build_character(), perform()
    layers = write(rig, performance).action.mouthpiece_layers
    assert (layers.mouth.mute, layers.mouth.influence, layers.mouth.blend) == (False, 1, "REPLACE")
    layers.mouth.influence, layers.eyes.mute, layers.brows.blend = 0.25, True, "ADD"
    assert [strip.influence for _, strip in layer("mouth")] == [0.25, 0.25]
    assert [track.mute for track, _ in layer("eyes")] == [True, True]
    assert [strip.blend_type for _, strip in layer("brows")] == ["ADD"]
    layer("eyes")[0][0].mute = layer("eyes")[1][0].mute = False
    assert not layers.eyes.mute
    wanted = 0.25 * performance.curves.column("jawOpen")[4]
    assert shape_value(bpy.data.objects["Teeth"], "jawOpen", 14) == pytest.approx(wanted, abs=1e-6)


def test_baking_down_keeps_what_is_seen(registered: None) -> None:
    rig, performance = build_character(), perform()
    action = write(rig, performance).action
    for _, strip in layer("mouth"):
        show_share(strip, 0.5)
    for track, _ in layer("brows"):
        track.mute = True
    bpy.context.scene.mouthpiece.character = rig
    bpy.context.scene.frame_set(3)
    assert bpy.ops.mouthpiece.bake_layers() == {"FINISHED"}
    assert bpy.context.scene.frame_current == 3
    assert list(bpy.data.actions) == [action]
    owners = find_character(rig).owners
    assert [[track.name for track in owner.animation_data.nla_tracks] for owner in owners] == [["Line 01 Baked"]] * 4
    body = bpy.data.objects["Body"]
    for frame in (4, 10, 17, 21, 50):
        row = min(max(frame - 10, 0), 11)
        jaw, blink = (performance.curves.column(name)[row] for name in ("jawOpen", "eyeBlinkLeft"))
        assert shape_value(body, "jawOpen", frame) == pytest.approx(jaw / 2, abs=1e-6)
        assert shape_value(body, "eyeBlinkLeft", frame) == pytest.approx(blink, abs=1e-6)
        assert shape_value(body, "browInnerUp", frame) == 0
        assert np.allclose(bone_turn(rig, "head", frame), angles_matrix(*performance.head[row]), atol=1e-5)
    read = read_take(find_character(rig), takes_of(find_character(rig))[0], 24)
    assert np.allclose(read.curves.column("jawOpen"), performance.curves.column("jawOpen") / 2, atol=1e-6)


def test_baking_some_controls_leaves_the_others_in_their_layers(registered: None) -> None:
    rig, performance = build_character(), perform()
    write(rig, performance)
    bpy.context.scene.mouthpiece.character = rig
    bpy.ops.mouthpiece.bake_layers(controls="NAMED", names="jaw*, head")
    body = bpy.data.objects["Body"]
    names = [track.name for track in body.data.shape_keys.animation_data.nla_tracks]
    assert names == ["Line 01 Rest", "Line 01 Mouth", "Line 01 Eyes", "Line 01 Brows", "Line 01 Baked"]
    assert [track.name for track in rig.animation_data.nla_tracks] == ["Line 01 Baked"]
    for name in ("jawOpen", "mouthClose"):
        for track, _ in layer("mouth"):
            track.mute = True
        wanted = performance.curves.column(name)[4] if name == "jawOpen" else 0
        assert shape_value(body, name, 14) == pytest.approx(wanted, abs=1e-6)
    with pytest.raises(RuntimeError, match="has no control named tail"):
        bpy.ops.mouthpiece.bake_layers(controls="NAMED", names="tail")
    with pytest.raises(RuntimeError, match="No control is selected or named"):
        bpy.ops.mouthpiece.bake_layers(controls="NAMED")


def test_baking_the_selected_shape(registered: None) -> None:
    rig = build_character()
    write(rig, perform())
    bpy.context.scene.mouthpiece.character = rig
    for member in bpy.context.scene.objects:
        member.select_set(member.name == "Body")
    body = bpy.data.objects["Body"]
    body.active_shape_key_index = body.data.shape_keys.key_blocks.find("cheekPuff")
    bpy.ops.mouthpiece.bake_layers(controls="SELECTED")
    baked = body.data.shape_keys.animation_data.nla_tracks[-1].strips[0]
    bag = baked.action.layers[0].strips[0].channelbag(baked.action_slot)
    assert "cheekPuff" in "".join(curve.data_path for curve in bag.fcurves)
    assert len(bag.fcurves) == 1


def test_one_part_is_opened_for_editing(scene: bpy.types.Scene) -> None:
    write(bpy.data.objects["Rig"], perform())
    bpy.ops.mouthpiece.edit_take(part="eyes")
    tweaked = [owner for owner in (*bpy.data.shape_keys, *bpy.data.objects) if owner.animation_data]
    slots = [o.animation_data.action_slot.name_display for o in tweaked if o.animation_data.use_tweak_mode]
    assert sorted(slots) == ["Body Eyes", "Lashes Eyes"]
    bpy.ops.mouthpiece.edit_take(part="head")
    assert not bpy.data.objects["Body"].data.shape_keys.animation_data.use_tweak_mode
    assert bpy.data.objects["Rig"].animation_data.use_tweak_mode
    bpy.ops.mouthpiece.edit_take(part="head")
    assert not bpy.data.objects["Rig"].animation_data.use_tweak_mode


def test_bones_of_a_mapping_lie_in_layers_too(registered: None) -> None:
    rig, performance = build_armature(), perform()
    lines = (
        Drive(Target("bone", "", "neck", "location.y"), "jawOpen", gain=-0.02, offset=0.1),
        Drive(Target("bone", "", "neck", "scale.z"), "browInnerUp", gain=0.5, offset=1.0),
        Drive(Target("bone", "", "head", "rotation.x"), "headPitch"),
    )
    write_mapping(memory_for(rig, bpy.context.scene), Mapping("Mine", "arkit52", lines), family_of(rig))
    assert write(rig, performance).warnings == ()
    names = [track.name for track in rig.animation_data.nla_tracks]
    assert names == ["Line 01 Rest", "Line 01 Mouth", "Line 01 Brows", "Line 01 Head"]
    neck = posed_bone(rig, 14)
    assert neck.location.y == pytest.approx(0.1 - 0.02 * performance.curves.column("jawOpen")[4], abs=1e-6)
    for track, _ in layer("mouth"):
        track.mute = True
    neck = posed_bone(rig, 14)
    assert neck.location.y == pytest.approx(0.1, abs=1e-6)
    assert neck.scale.z == pytest.approx(1 + 0.5 * performance.curves.column("browInnerUp")[4], abs=1e-6)


def posed_bone(rig: bpy.types.Object, frame: int) -> bpy.types.PoseBone:
    bpy.context.scene.frame_set(frame)
    return rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones["neck"]

"""Strengths and styles of a character's own: keyed, driven, in the NLA, and followed by its performance."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import build_character, link_cast
from mouthpiece.addon.guidance import felt, guidance_of
from mouthpiece.core.guidance import Guidance, guidance_from
from mouthpiece.core.speech.direction import PARAMETERS, Direction
from mouthpiece.core.speech.wishes import KEYABLE, WishCurve, WishTrack

pytestmark = pytest.mark.usefixtures("registered")
LINE = Path(__file__).parents[2] / "samples" / "line.wav"


@pytest.fixture
def rig() -> bpy.types.Object:
    """A character with a style of its own, in a scene of four seconds."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 97
    scene.mouthpiece.character = build_character()
    scene.mouthpiece.character.mouthpiece_feeling.use_style = True
    return scene.mouthpiece.character


def key(rig: bpy.types.Object, name: str, **values: float) -> None:
    for frame, value in values.items():
        setattr(rig.mouthpiece_feeling, name, value)
        assert rig.mouthpiece_feeling.keyframe_insert(name, frame=int(frame[1:]))


def drive(rig: bpy.types.Object, name: str, expression: str) -> bpy.types.FCurve:
    driver = rig.driver_add(f"mouthpiece_feeling.{name}")
    driver.driver.expression = expression
    return driver


def wished(rig: bpy.types.Object, name: str, *seconds: float) -> np.ndarray:
    """What a wish is at some seconds after frame 1, as the worker will read it."""
    asked = guidance_from(guidance_of(bpy.context.scene, 1, rig).members())
    return np.broadcast_to(asked.wishes.read(name, asked.direction, np.array(seconds)), len(seconds))


def test_a_character_has_every_wish_that_may_change(rig: bpy.types.Object) -> None:
    known = rig.mouthpiece_feeling.bl_rna.properties
    for parameter in (row for row in PARAMETERS if row.name in KEYABLE):
        slider = known[parameter.name]
        found = (slider.hard_min, slider.hard_max, slider.default)
        assert found == pytest.approx((parameter.low, parameter.high, parameter.default))
        assert slider.is_animatable
    assert {"smoothing_s", "offset_s"}.isdisjoint(known.keys())


def test_what_is_the_characters_own_goes_before_what_is_the_scenes(rig: bpy.types.Object) -> None:
    scene, feeling = bpy.context.scene, rig.mouthpiece_feeling
    scene.mouthpiece.direction.style_jaw = 0.5
    scene.mouthpiece.direction.smoothing_s = 0.1
    feeling.style_lip = 1.5
    wish = guidance_of(scene, 1, bpy.data.objects["Teeth"])
    assert wish.direction == Direction(style_lip=1.5, smoothing_s=0.1)
    assert wish.wishes.names == ()
    feeling.use_style = False
    assert guidance_of(scene, 1, rig).direction == Direction(style_jaw=0.5, smoothing_s=0.1)


def test_keys_become_a_style_over_time(rig: bpy.types.Object) -> None:
    key(rig, "style_jaw", f1=0.0, f49=0.0, f73=2.0)
    wish = guidance_of(bpy.context.scene, 1, rig)
    assert wish.wishes.names == ("style_jaw",)
    times = np.arange(97) / 24
    curve = rig.animation_data.action.layers[0].strips[0].channelbags[0].fcurves[0]
    wanted = [curve.evaluate(1 + row) for row in range(97)]
    np.testing.assert_allclose(wished(rig, "style_jaw", *times), wanted, atol=1e-4)
    assert (wished(rig, "style_jaw", *times[:48]) == 0).all()


def test_what_overshoots_stays_in_its_range(rig: bpy.types.Object) -> None:
    key(rig, "strength_lips", f1=0.0, f25=2.0, f49=0.0)
    for point in rig.animation_data.action.layers[0].strips[0].channelbags[0].fcurves[0].keyframe_points:
        point.handle_left_type = point.handle_right_type = "FREE"
        point.handle_left.y += 3.0
        point.handle_right.y += 3.0
    assert wished(rig, "strength_lips", *np.arange(97) / 24).max() == 2


def test_a_strip_in_the_nla_is_read_where_it_plays(rig: bpy.types.Object) -> None:
    key(rig, "emphasis", f1=0.0, f25=2.0)
    animation = rig.animation_data
    action, slot = animation.action, animation.action_slot
    strip = animation.nla_tracks.new().strips.new("mine", 49, action)
    strip.action_slot = slot
    animation.action = None
    np.testing.assert_allclose(wished(rig, "emphasis", 0.0, 2.5, 4.0), [0, 1, 2], atol=0.02)


def test_drivers_are_read_and_nothing_is_moved(rig: bpy.types.Object) -> None:
    scene = bpy.context.scene
    control = bpy.data.objects.new("Control", None)
    scene.collection.objects.link(control)
    for frame, place in ((1, 0.0), (49, 2.0)):
        control.location.x = place
        control.keyframe_insert("location", index=0, frame=frame)
    rig.mouthpiece_feeling.use = True
    driver = drive(rig, "style_jaw", "")
    driver.driver.type = "SUM"
    variable = driver.driver.variables.new()
    variable.targets[0].id, variable.targets[0].data_path = control, "location.x"
    drive(rig, "happy", "min(frame / 100, 0.5)")
    key(rig, "style_lip", f1=0.5, f25=1.5)
    scene.frame_set(13)
    rig.pose.bones["neck"].location.x = 0.25  # not keyed: playing frames of the user's scene would not change it, but
    control.location.x = 7.0  # would put this back
    before = (len(bpy.data.scenes), scene.frame_current, bpy.context.scene, rig.users)
    wish = guidance_of(scene, 1, rig)
    assert (len(bpy.data.scenes), scene.frame_current, bpy.context.scene, rig.users) == before
    assert (rig.pose.bones["neck"].location.x, control.location.x) == (0.25, 7.0)
    assert set(wish.wishes.names) == {"style_jaw", "style_lip"}
    np.testing.assert_allclose(wished(rig, "style_jaw", 0.0, 1.0, 2.0, 9.0), [0, 1, 2, 2], atol=0.01)
    np.testing.assert_allclose(wished(rig, "style_lip", 0.0, 0.5, 1.0), [0.5, 1, 1.5], atol=0.01)
    np.testing.assert_allclose(wish.emotion.at(np.array([0.0, 1.0, 9.0]))[0][:, 0], [0.01, 0.25, 0.5], atol=0.01)


def test_a_muted_driver_is_not_read(rig: bpy.types.Object) -> None:
    drive(rig, "style_jaw", "frame / 10").mute = True
    rig.mouthpiece_feeling.style_jaw = 0.5
    assert wished(rig, "style_jaw", 0.0, 2.0).tolist() == [0.5, 0.5]


def test_drivers_on_the_scenes_emotion_are_read_and_the_frame_comes_back() -> None:
    scene = bpy.context.scene
    scene.frame_end = 97
    scene.driver_add("mouthpiece.emotion.sad").driver.expression = "frame / 100"
    scene.frame_set(13, subframe=0.5)
    track = guidance_of(scene, 1).emotion
    np.testing.assert_allclose(track.at(np.array([0.0, 1.0, 2.0]))[0][:, 1], [0.01, 0.25, 0.49], atol=0.01)
    assert (scene.frame_current, scene.frame_subframe) == (13, 0.5)


def test_the_command_line_asks_the_character_where_it_is_told_nothing(rig: bpy.types.Object) -> None:
    scene = bpy.context.scene
    key(rig, "style_jaw", f1=0.0, f25=2.0)
    rig.mouthpiece_feeling.style_lip = 0.5
    plain = felt(Guidance(), scene, 1, rig)
    assert (plain.wishes.names, plain.direction) == (("style_jaw",), Direction(style_lip=0.5))
    told = Guidance(direction=Direction(style_jaw=1.5, style_lip=2.0))
    assert felt(told, scene, 1, rig).wishes.names == ()
    assert felt(told, scene, 1, rig).direction == told.direction
    own = WishTrack((WishCurve("style_jaw", np.zeros(1, np.float32), np.ones(1, np.float32)),))
    assert felt(Guidance(wishes=own), scene, 1, rig).wishes.curves[0] is own.curves[0]
    rig.mouthpiece_feeling.use_style = False
    assert felt(told, scene, 1, rig) is told


def test_reset_puts_back_what_is_shown(rig: bpy.types.Object) -> None:
    panel = bpy.context.scene.mouthpiece.direction
    panel.style_jaw, panel.offset_s, rig.mouthpiece_feeling.style_jaw = 0.5, 0.1, 0.25
    bpy.ops.mouthpiece.reset_direction()
    assert (panel.style_jaw, panel.offset_s, rig.mouthpiece_feeling.style_jaw) == (0.5, 0.0, 1.0)


def jaw(take: str) -> np.ndarray:
    """How far the jaw opens in the 257 frames of a take."""
    path = 'key_blocks["jawOpen"].value'
    bags = bpy.data.actions[take].layers[0].strips[0].channelbags
    curves = [found for bag in bags for found in bag.fcurves if found.data_path == path]
    curve = max(curves, key=lambda found: len(found.keyframe_points))  # another holds it at rest
    return np.array([curve.evaluate(frame) for frame in range(1, 258)])


def test_the_performance_follows(rig: bpy.types.Object) -> None:
    bpy.context.scene.mouthpiece.recording = str(LINE)
    bpy.context.scene.mouthpiece.key_error = 0.0
    takes = []
    for keys in ({}, {"f1": 1.0, "f121": 1.0, "f133": 0.0}):
        key(rig, "style_jaw", **keys)
        known = [action.name for action in bpy.data.actions]
        bpy.ops.mouthpiece.animate()
        takes.append(jaw(next(action.name for action in bpy.data.actions if action.name not in known)))
    plain, keyed = takes
    np.testing.assert_allclose(keyed[:110], plain[:110], atol=1e-6)
    assert keyed[140:].max() < 0.4 * plain[140:].max()
    assert plain[140:].max() > 0.2


def test_styles_are_kept_linked_and_overridden(rig: bpy.types.Object, tmp_path: Path) -> None:
    key(rig, "style_jaw", f1=0.0, f49=2.0)
    collection = link_cast(tmp_path, rig)
    linked = next(member for member in collection.all_objects if member.type == "ARMATURE")
    np.testing.assert_allclose(wished(linked, "style_jaw", 0.0, 1.0, 2.0), [0, 1, 2], atol=0.02)
    own = collection.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
    root = next(member for member in own.all_objects if member.type == "ARMATURE")
    root.mouthpiece_feeling.style_lip = 0.25
    assert wished(root, "style_lip", 0.0).tolist() == [0.25]
    assert guidance_of(bpy.context.scene, 1, root).wishes.names == ("style_jaw",)

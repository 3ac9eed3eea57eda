"""Characters that ARKit's names do not move: bones, custom properties, wrong names, many shapes, overrides."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import bone_turn, build_armature, build_character, build_mesh, perform, shape_value
from mathutils import Euler, Quaternion
from mouthpiece.addon.bridge.channels import curves_of
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.inventory import inventory_of
from mouthpiece.addon.bridge.keys import Take, Written, write_take
from mouthpiece.addon.bridge.memory import mapping_of, memory_for, memory_of, write_mapping
from mouthpiece.addon.bridge.takes import read_take, remove_take, takes_of
from mouthpiece.core.errors import RigError
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.rig.presets import write_preset
from mouthpiece.core.rig.profiles import propose
from mouthpiece.core.rig.targets import Drive, Mapping, Target, swap_sides

pytestmark = pytest.mark.usefixtures("registered")
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


def build_properties() -> bpy.types.Object:
    rig = build_armature()
    rig["jaw"], rig.data["smile"], rig.pose.bones["head"]["blink"] = 0.0, 0.0, 0.0
    rig["note"] = "a text moves nothing"
    return rig


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


def test_metahuman_curves_as_properties_are_matched() -> None:
    from mouthpiece.core.rig.mapping import METAHUMAN_RAW_251

    rig = build_armature()
    for name in METAHUMAN_RAW_251:
        rig[name] = 0.0
    bpy.context.view_layer.objects.active = rig
    assert bpy.ops.mouthpiece.match_rig() == {"FINISHED"}
    memory = memory_of(family_of(rig))
    assert (memory.profile, memory.rig) == ("metahuman251", "metahuman251")
    assert write(rig).warnings == ()
    bpy.context.scene.frame_set(START + 5)
    seen = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert seen["CTRL_expressions_jawOpen"] == pytest.approx(column("jawOpen")[5], abs=0.02)


def test_wrong_names_with_a_preset(tmp_path: Path) -> None:
    body = build_mesh("Face", ("m_open", "m_grin", "lid"))
    with pytest.raises(RigError, match="press Match in the Mapping panel"):
        find_character(body)
    bpy.context.view_layer.objects.active = body
    with pytest.raises(RuntimeError, match="No shape key, bone or property has a name of a known rig"):
        bpy.ops.mouthpiece.match_rig()
    keys = {"m_open": "jawOpen", "m_grin": "mouthSmileLeft", "lid": "eyeBlinkLeft"}
    drives = tuple(Drive(Target("shape_key", "Someone", key), name, gain=0.5) for key, name in keys.items())
    for ending in (".json", ".yaml"):
        write_preset(tmp_path / f"mine{ending}", Mapping("Grin", "arkit52", drives))
        assert bpy.ops.mouthpiece.load_mapping(filepath=str(tmp_path / f"mine{ending}")) == {"FINISHED"}
        assert mapping_of(memory_of([body])).drives[0] == Drive(Target("shape_key", "", "m_open"), "jawOpen", gain=0.5)
    write(body)
    for key, name in keys.items():
        assert shape_value(body, key, START + 5) == pytest.approx(0.5 * column(name)[5], abs=1e-6)
    bpy.ops.mouthpiece.save_mapping(filepath=str(tmp_path / "out"), format=".yaml")
    bpy.ops.mouthpiece.remove_drive(every=True)
    assert memory_of([body]) is None
    with pytest.raises(RuntimeError, match="no mapping to save"):
        bpy.ops.mouthpiece.save_mapping(filepath=str(tmp_path / "out"))
    bpy.ops.mouthpiece.load_mapping(filepath=str(tmp_path / "out.yaml"))
    assert [line.source for line in memory_of([body]).drives] == list(keys.values())


def test_three_hundred_shapes() -> None:
    names = (*(f"CTRL_{name}" for name in ARKIT_52), *(f"wrinkle_{number}" for number in range(248)))
    body = build_mesh("Face", names)
    before = time.perf_counter()
    inventory = inventory_of([body])
    assert len(inventory.shape_keys["Face"]) == 300
    proposal = propose(inventory)
    proposed = time.perf_counter()
    lines = [Drive(Target("shape_key", "", name), "jawOpen", gain=0.1 + row / 1e3) for row, name in enumerate(names)]
    remember(body, *lines)
    found = find_character(body)
    stored = time.perf_counter()
    write_take(found, Take("line", "/line.wav", START, perform(600)))
    keyed = time.perf_counter()
    sys.stderr.write(
        f"\n300 shapes: {proposed - before:.2f} s to propose, {stored - proposed:.2f} s to remember and find, "
        f"{keyed - stored:.2f} s to key 600 frames\n"
    )
    assert proposal.profile == "arkit52"
    assert len(proposal.unused) == 248
    jaw = perform(600).curves.column("jawOpen")
    for row in (0, 299):
        assert shape_value(body, names[row], START + 99) == pytest.approx((0.1 + row / 1e3) * jaw[99], abs=1e-6)


def test_an_arkit_character_is_the_same_by_match_and_by_name() -> None:
    rig = build_character()
    by_name = find_character(rig)
    assert by_name.mapping is None
    bpy.context.view_layer.objects.active = bpy.data.objects["Teeth"]
    bpy.ops.mouthpiece.match_rig(profile="arkit52")
    matched = find_character(rig)
    assert matched.mapping is not None
    assert set(matched.owners) == set(by_name.owners)
    assert matched.head == by_name.head
    write(rig)
    for name in ARKIT_52:
        assert shape_value(bpy.data.objects["Body"], name, START + 5) == pytest.approx(column(name)[5], abs=1e-6)
    assert shape_value(bpy.data.objects["Teeth"], "jawOpen", START + 5) == pytest.approx(column("jawOpen")[5], abs=1e-6)


def test_lines_are_added_swapped_and_removed() -> None:
    body = build_mesh("Face", ARKIT_52)
    bpy.context.view_layer.objects.active = body
    bpy.ops.mouthpiece.match_rig()
    memory = memory_of([body])
    before = mapping_of(memory)
    bpy.ops.mouthpiece.swap_drives()
    assert mapping_of(memory) == swap_sides(before)
    bpy.ops.mouthpiece.swap_drives()
    memory.active = next(row for row, line in enumerate(memory.drives) if line.source == "jawLeft")
    bpy.ops.mouthpiece.swap_drives(only_shown=True)
    assert mapping_of(memory) == swap_sides(before, ("jawLeft", "jawRight"))
    bpy.ops.mouthpiece.swap_drives(only_shown=True)
    bpy.ops.mouthpiece.add_drive()
    # A line that is not filled in moves nothing and hinders nobody.
    assert find_character(body).mapping == before
    line = memory.drives[memory.active]
    line.source, line.target = "jawOpen", "jawOpen"
    with pytest.raises(RigError, match="driven twice by jawOpen"):
        find_character(body)
    bpy.ops.mouthpiece.remove_drive()
    assert find_character(body).mapping == before


def _linked(tmp_path: Path, rig: bpy.types.Object) -> bpy.types.Collection:
    collection = bpy.data.collections.new("Cast")
    bpy.context.scene.collection.children.link(collection)
    for member in (rig, *rig.children_recursive):
        collection.objects.link(member)
    blend = str(tmp_path / "cast.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(blend, link=True) as (_, here):
        here.collections = ["Cast"]
    bpy.context.scene.collection.children.link(here.collections[0])
    return here.collections[0]


def test_a_mapping_comes_with_a_linked_character_and_its_changes_stay(tmp_path: Path) -> None:
    rig = build_character()
    remember(
        rig,
        Drive(Target("shape_key", "Body", "jawOpen"), "jawOpen", gain=0.5),
        Drive(bone("neck", "location.y", "Rig"), "jawOpen", gain=0.1),
    )
    linked = _linked(tmp_path, rig)
    with pytest.raises(RigError, match="Body is linked from another file; make a library override"):
        find_character(linked.objects["Rig"])
    bpy.context.scene.mouthpiece.character = linked.objects["Rig"]
    with pytest.raises(RuntimeError, match="Rig is linked from another file; make a library override"):
        bpy.ops.mouthpiece.match_rig()
    made = linked.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
    rig, body = made.all_objects["Rig"], made.all_objects["Body"]
    assert len(find_character(rig).mapping.drives) == 2
    assert write(rig).warnings == ()
    assert shape_value(body, "jawOpen", START + 5) == pytest.approx(0.5 * column("jawOpen")[5], abs=1e-6)
    assert posed(rig, "neck", START + 5).location.y == pytest.approx(0.1 * column("jawOpen")[5], abs=1e-6)
    bpy.context.scene.mouthpiece.character = rig
    bpy.ops.mouthpiece.edit_mapping()
    memory_of([rig]).drives[0].gain = 0.25
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    rig = bpy.context.scene.mouthpiece.character
    assert [drive.gain for drive in find_character(rig).mapping.drives] == [0.25, 0.1]
    assert find_character(rig).mapping.drives[0].target.owner == "Body"
    assert len(takes_of(find_character(rig))) == 1


def test_a_mapping_is_appended_with_its_character(tmp_path: Path) -> None:
    rig = build_armature()
    remember(rig, Drive(bone("neck", "location.y", "Rig"), "jawOpen"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "one.blend"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "two.blend"))
    with bpy.data.libraries.load(str(tmp_path / "one.blend")) as (_, here):
        here.objects = ["Rig"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    assert here.objects[0].name == "Rig.001"
    assert find_character(here.objects[0]).mapping.drives[0].target.owner == "Rig.001"


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


def test_a_line_of_dialogue_on_bones_and_another_after_it(scene: bpy.types.Scene) -> None:
    settings = scene.mouthpiece
    settings.character = rig = build_armature("Bot")
    remember(rig, Drive(bone("neck", "location.y"), "CTRL_C_jaw.ty", gain=0.1), Drive(bone("neck", "scale.x"), "aa"))
    settings.emotion.happy, settings.head_mode = 0.5, "NONE"
    assert bpy.ops.mouthpiece.animate() == {"FINISHED"}
    curves = {curve.data_path for curve in curves_of(bpy.data.actions[0], bpy.data.actions[0].slots[-1])}
    assert curves <= {'pose.bones["neck"].location', 'pose.bones["neck"].scale'}
    assert settings.messages == ""
    # Another character has its own ways; the first is remembered when it is chosen again.
    settings.character = bpy.data.objects["Rig"]
    settings.emotion.happy, settings.head_mode = 0, "AUTO"
    settings.character = rig
    assert (settings.emotion.happy, settings.head_mode) == (0.5, "NONE")
    scene.frame_set(100)
    assert bpy.ops.mouthpiece.animate() == {"FINISHED"}
    assert [take.start for take in takes_of(find_character(rig))] == [5, 100]


def test_values_are_not_worked_out_in_one_step() -> None:
    from mouthpiece.addon.bridge.keys import plan_take

    rig = build_armature()
    remember(rig, Drive(bone("neck", "location.y"), "CTRL_expressions_jawOpen"))
    plan = plan_take(find_character(rig), Take("line", "/line.wav", START, perform(4000)))
    assert sum(1 for _ in plan.steps()) > 1

"""The list of a mapping: matched, loaded, swapped, saved, and remembered with its character, also a linked one."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest
from cast import build_armature, build_character, build_mesh, link_cast, shape_value
from mouthpiece.addon import props_mapping
from mouthpiece.addon.bridge.channels import curves_of
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.memory import mapping_of, memory_of
from mouthpiece.addon.bridge.takes import takes_of
from mouthpiece.core.errors import RigError
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.rig.mapping import METAHUMAN_RAW_251
from mouthpiece.core.rig.presets import write_preset
from mouthpiece.core.rig.targets import Drive, Mapping, Target, swap_sides
from rigged import START, bone, build_properties, column, posed, remember, write

pytestmark = pytest.mark.usefixtures("registered")


def test_metahuman_curves_as_properties_are_matched() -> None:
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


def test_a_mapping_comes_with_a_linked_character_and_its_changes_stay(tmp_path: Path) -> None:
    rig = build_character()
    remember(
        rig,
        Drive(Target("shape_key", "Body", "jawOpen"), "jawOpen", gain=0.5),
        Drive(bone("neck", "location.y", "Rig"), "jawOpen", gain=0.1),
    )
    linked = link_cast(tmp_path, rig)
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


def test_only_names_of_the_character_are_offered() -> None:
    rig = build_properties()
    remember(rig, Drive(bone("neck", "location.y", "Rig"), "jawOpen"))
    line = memory_of([rig]).drives[0]
    assert props_mapping.targets_offered(line, bpy.context, "HE") == ["head"]
    line.kind, line.owner = "property", None
    assert props_mapping.targets_offered(line, bpy.context, "") == ["jaw", "smile"]
    line.owner, line.bone = rig, "head"
    assert props_mapping.targets_offered(line, bpy.context, "") == ["blink"]
    assert props_mapping.may_own(line, rig)
    assert not props_mapping.may_own(line, build_mesh("Stranger", ()))

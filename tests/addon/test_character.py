"""Which meshes and which bone belong to a character, and what is refused in one sentence."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import bpy
import pytest
from cast import build_armature, build_character, build_mesh, link_cast, perform, shape_value
from mouthpiece.addon.bridge.character import HeadChoice, find_character
from mouthpiece.addon.bridge.headbone import find_head_bone
from mouthpiece.addon.bridge.keys import Take, write_take
from mouthpiece.addon.bridge.memory import memory_for
from mouthpiece.core.errors import RigError
from mouthpiece.core.rig.arkit import ARKIT_52


def parts_of(chosen: bpy.types.Object) -> set[str]:
    return {part.mesh_object.name for part in find_character(chosen).parts}


def test_any_of_its_objects_finds_the_whole_character() -> None:
    rig = build_character()
    for chosen in (rig, *(bpy.data.objects[name] for name in ("Body", "Teeth", "Lashes"))):
        character = find_character(chosen)
        assert {part.mesh_object.name for part in character.parts} == {"Body", "Teeth", "Lashes"}
        assert (character.name, character.head.bone, character.notes) == ("Rig", "head", ())
        assert character.match.missing == ()


def test_meshes_that_share_only_the_armature() -> None:
    rig = build_character()
    loose = build_mesh("Tongue", ("tongueOut",))
    loose.modifiers.new("Armature", "ARMATURE").object = rig
    assert "Tongue" in parts_of(rig)
    assert "Body" in parts_of(loose)


def test_two_characters_under_one_empty_stay_apart() -> None:
    stage = bpy.data.objects.new("Stage", None)
    bpy.context.scene.collection.objects.link(stage)
    for _ in range(2):
        build_character().parent = stage
    assert parts_of(bpy.data.objects["Rig"]) == {"Body", "Teeth", "Lashes"}
    assert parts_of(bpy.data.objects["Rig.001"]) == {"Body.001", "Teeth.001", "Lashes.001"}


def test_a_root_above_the_armature() -> None:
    root = bpy.data.objects.new("Root", None)
    bpy.context.scene.collection.objects.link(root)
    build_character().parent = root
    assert parts_of(root) == {"Body", "Teeth", "Lashes"}


def test_meshes_that_share_their_data_are_keyed_once() -> None:
    rig = build_character()
    twin = bpy.data.objects.new("Twin", bpy.data.objects["Body"].data)
    bpy.context.scene.collection.objects.link(twin)
    twin.parent = rig
    assert len(parts_of(rig)) == 3


def test_hidden_and_edited_meshes_count() -> None:
    rig = build_character()
    body = bpy.data.objects["Body"]
    bpy.data.objects["Teeth"].hide_set(True)
    bpy.data.objects["Lashes"].hide_viewport = True
    bpy.context.view_layer.objects.active = body
    bpy.ops.object.mode_set(mode="EDIT")
    written = write_take(find_character(rig), Take("line", "/line.wav", 1, perform()))
    assert written.warnings == ()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert shape_value(body, "jawOpen", 4) == pytest.approx(perform().curves.column("jawOpen")[3], abs=1e-6)


def _camera() -> bpy.types.Object:
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(camera)
    return camera


def _absolute() -> bpy.types.Object:
    body = build_mesh("Body", ARKIT_52)
    body.data.shape_keys.use_relative = False
    return body


REFUSALS = {
    "nothing": (lambda: None, "No character is chosen"),
    "no mesh": (_camera, "Camera has no mesh"),
    "armature alone": (build_armature, "Rig has no mesh"),
    "no shape keys": (lambda: build_mesh("Box", (), basis=False), "Box has no shape keys"),
    "no names": (lambda: build_mesh("Box", ("smile", "frown")), "None of the shape keys of Box"),
    "absolute": (_absolute, "absolute"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(case: str) -> None:
    build, words = REFUSALS[case]
    with pytest.raises(RigError) as caught:
        find_character(build())
    sentence = str(caught.value)
    assert words in sentence
    assert sentence.endswith(".")


def test_linked_characters_are_refused_and_overrides_are_not(tmp_path: Path) -> None:
    rig = build_character()
    linked = link_cast(tmp_path, rig)
    with pytest.raises(RigError, match="linked from another file"):
        find_character(linked.objects["Rig"])
    shown = bpy.data.objects.new("Cast", None)
    bpy.context.scene.collection.objects.link(shown)
    shown.instance_type, shown.instance_collection = "COLLECTION", linked
    for asked in (find_character, partial(memory_for, scene=bpy.context.scene)):
        with pytest.raises(RigError, match="Cast only shows a collection of another file; make a library override of"):
            asked(shown)
    shown.instance_collection = bpy.data.collections.new("Here")
    with pytest.raises(RigError, match="Cast only shows the collection Here; choose the character in it"):
        find_character(shown)
    override = linked.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
    local = override.all_objects["Rig"]
    character = find_character(local)
    assert character.notes == ()
    assert len(character.parts) == 3
    assert write_take(character, Take("line", "/line.wav", 1, perform())).warnings == ()
    body = override.all_objects["Body"]
    assert shape_value(body, "jawOpen", 4) == pytest.approx(perform().curves.column("jawOpen")[3], abs=1e-6)


def test_head_choices() -> None:
    rig = build_character("spine")
    character = find_character(rig)
    assert character.head is None
    assert character.notes == ("Rig has no bone named head, so the head will not turn.",)
    assert find_character(rig, HeadChoice("NONE")).notes == ()
    assert find_character(rig, HeadChoice("CHOSEN", rig, "neck")).head.bone == "neck"
    assert find_character(rig, HeadChoice("CHOSEN", bpy.data.objects["Body"])).head.bone == ""
    for choice in (HeadChoice("CHOSEN"), HeadChoice("CHOSEN", rig, "tail")):
        with pytest.raises(RigError):
            find_character(rig, choice)


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("neck", "head"), "head"),
        (("Head", "HeadTop_End"), "Head"),
        (("mixamorig:Neck", "mixamorig:Head", "mixamorig:HeadTop_End"), "mixamorig:Head"),
        (("DEF-head", "ORG-head", "head"), "head"),
        (("DEF-spine.006", "DEF-head"), "DEF-head"),
        (("head.x", "c_head.x", "head_ref.x"), "head.x"),
        (("c_head.x", "c_neck.x"), "c_head.x"),
        (("Bip01 Head", "Bip01 HeadNub"), "Bip01 Head"),
        (("CC_Base_Head", "CC_Base_FacialBone"), "CC_Base_Head"),
        (("J_Bip_C_Head",), "J_Bip_C_Head"),
        (("forehead", "ForeHead", "headlight", "head_target", "arrowhead"), None),
        ((), None),
    ],
)
def test_head_bones(names: tuple[str, ...], wanted: str | None) -> None:
    assert find_head_bone(names) == wanted

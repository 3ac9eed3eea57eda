"""Heads of splats in a .blend: they stay with their object, follow their sliders, and are posed when seen."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from mouthpiece.addon.bridge import splat_heads
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.splat_cloud import splats_of
from mouthpiece.addon.bridge.splat_heads import posed_as
from mouthpiece.addon.bridge.splat_sliders import Dialled, rest
from mouthpiece.addon.bridge.splat_store import BYTES, HEADS, fault_of, head_of, store_of
from mouthpiece.core.errors import RigError
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.splat.head_files import head_bytes
from mouthpiece.core.splat.types import Splats
from splat_cast import add_small_head, dial, look, small_head

SAID = Dialled((("jawOpen", 0.5),), (0.25, 0.0, 0.0), ())


def expected(said: Dialled = SAID) -> Splats:
    return posed_as(small_head(), said)


def check_same(found: Splats, wanted: Splats) -> None:
    for name in ("means", "quats", "log_scales", "logits", "sh"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), atol=1e-5, err_msg=name)


def test_it_is_seen_as_its_sliders_say(registered: None) -> None:
    made = add_small_head()
    check_same(look()[0].splats, expected(Dialled((), (0, 0, 0), ())))
    dial(made, jawOpen=0.5, headYaw=0.25)
    check_same(look()[0].splats, expected())
    assert np.abs(expected().means - expected(Dialled((), (0, 0, 0), ())).means).max() > 0.005


def test_the_same_sliders_are_the_same_pose(registered: None) -> None:
    made = add_small_head()
    first = look()[0]
    dial(made, jawOpen=0.5)
    other = look()[0]
    assert other.version != first.version and other.key == first.key
    dial(made, jawOpen=0.0)
    assert look()[0].splats is first.splats and look()[0].version == first.version


def test_it_survives_saving(registered: None, tmp_path: Path) -> None:
    made = add_small_head()
    dial(made, jawOpen=0.5, headYaw=0.25)
    path = str(tmp_path / "ein Kopf ü.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    HEADS.read.clear()
    bpy.ops.wm.open_mainfile(filepath=path)
    check_same(look()[0].splats, expected())
    made = bpy.data.objects["Small"]
    assert head_bytes(head_of(made.data)) == head_bytes(small_head())


@pytest.mark.parametrize("link", [False, True])
def test_it_is_appended_and_linked(registered: None, tmp_path: Path, link: bool) -> None:
    dial(add_small_head(), jawOpen=0.5, headYaw=0.25)
    path = str(tmp_path / "head.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    HEADS.read.clear()
    with bpy.data.libraries.load(path, link=link) as (_, here):
        here.objects = ["Small"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    check_same(look()[0].splats, expected())
    assert bool(store_of(here.objects[0].data).library) is link


def test_an_override_moves_what_the_library_keeps(registered: None, tmp_path: Path) -> None:
    add_small_head()
    path = str(tmp_path / "head.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, here):
        here.objects = ["Small"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    mine = here.objects[0].override_create(remap_local_usages=True)
    dial(mine, jawOpen=0.5, headYaw=0.25)
    check_same(look()[0].splats, expected())
    again = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=again)
    bpy.ops.wm.open_mainfile(filepath=again)
    check_same(look()[0].splats, expected())


def test_undo_and_redo(registered: None) -> None:
    bpy.ops.ed.undo_push(message="empty")
    made = add_small_head()
    bpy.ops.ed.undo_push(message="head")
    dial(made, jawOpen=0.5, headYaw=0.25)
    bpy.ops.ed.undo_push(message="dialled")
    bpy.ops.ed.undo()
    check_same(look()[0].splats, expected(Dialled((), (0, 0, 0), ())))
    bpy.ops.ed.undo()
    assert look() == ()
    bpy.ops.ed.redo()
    bpy.ops.ed.redo()
    check_same(look()[0].splats, expected())


@pytest.mark.parametrize("linked", [False, True])
def test_duplicates_have_sliders_of_their_own(registered: None, linked: bool) -> None:
    made = add_small_head()
    made.select_set(True)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.duplicate(linked=linked)
    copy = bpy.context.view_layer.objects.active
    assert copy != made and (copy.data == made.data) is linked
    assert store_of(copy.data) == store_of(made.data)
    dial(copy, jawOpen=0.5, headYaw=0.25)
    found = {each.key[2]: each.splats for each in look()}
    check_same(found[copy.session_uid], expected())
    check_same(found[made.session_uid], expected(Dialled((), (0, 0, 0), ())))


def test_the_same_head_is_in_the_file_once(registered: None) -> None:
    first, second, other = add_small_head(), add_small_head(), add_small_head("Other", seed=1)
    assert store_of(first.data) == store_of(second.data) != store_of(other.data)
    assert len(bpy.data.palettes) == 2


def test_a_head_that_cannot_be_read_says_why_and_shows_its_cloud(registered: None) -> None:
    made = add_small_head()
    store = store_of(made.data)
    store[BYTES] = bytes(store[BYTES])[:-7]
    HEADS.read.clear()
    assert head_of(made.data) is None
    assert "damaged" in fault_of(made.data)
    check_same(look()[0].splats, expected(Dialled((), (0, 0, 0), ())))
    del store[BYTES]
    HEADS.read.clear()
    assert "keeps no head" in fault_of(made.data)


def test_sliders_that_are_no_numbers_are_at_rest(registered: None) -> None:
    made = add_small_head()
    dial(made, jawOpen=float("nan"), headYaw=float("inf"))
    del made["mouthClose"]
    made["mouthClose"] = "wide"
    del made["browInnerUp"]
    dial(made)
    check_same(look()[0].splats, expected(Dialled((), (0, 0, 0), ())))


def test_rest_puts_all_back(registered: None) -> None:
    made = add_small_head()
    dial(made, jawOpen=0.5, headYaw=0.25, ownShape=1.0, **{"clip nod": 0.1})
    rest(made, head_of(made.data))
    dial(made)
    check_same(look()[0].splats, expected(Dialled((), (0, 0, 0), ())))


def test_attributes_follow_only_when_asked(registered: None) -> None:
    made = add_small_head()
    dial(made, jawOpen=0.5, headYaw=0.25)
    check_same(splats_of(made.data), expected(Dialled((), (0, 0, 0), ())))
    made.mouthpiece_splats.write_attributes = True
    dial(made)
    check_same(splats_of(made.data), expected())


def test_objects_that_share_a_cloud_come_to_rest(registered: None) -> None:
    first = add_small_head()
    second = first.copy()
    bpy.context.scene.collection.objects.link(second)
    for made in (first, second):
        made.mouthpiece_splats.write_attributes = True
    dial(first, jawOpen=0.5, headYaw=0.25)
    dial(second, jawOpen=0.1)
    written = look()
    for _ in range(3):
        bpy.context.view_layer.update()
    assert [each.version for each in look()] == [each.version for each in written]
    check_same(splats_of(first.data), expected())


def test_attributes_follow_the_timeline(registered: None) -> None:
    made = add_small_head()
    made.mouthpiece_splats.write_attributes = True
    for frame, value in ((1, 0.0), (11, 1.0)):
        made["jawOpen"] = value
        made.keyframe_insert('["jawOpen"]', frame=frame)
    for frame in (6, 11, 1, 11):
        bpy.context.scene.frame_set(frame)
        value = bpy.data.objects["Small"].evaluated_get(bpy.context.evaluated_depsgraph_get())["jawOpen"]
        check_same(splats_of(made.data), expected(Dialled((("jawOpen", value),) if value else (), (0, 0, 0), ())))


def test_it_is_a_character(registered: None) -> None:
    made = add_small_head()
    character = find_character(made)
    assert {target.name for target in character.mapping.targets} == {*ARKIT_52, "headYaw", "headPitch", "headRoll"}
    assert character.owners == (made,) and character.head is None and not character.notes


def test_a_head_whose_bytes_were_removed_shows_its_cloud(registered: None) -> None:
    made = add_small_head()
    bpy.data.palettes.remove(store_of(made.data))
    assert head_of(made.data) is None and not fault_of(made.data)
    check_same(look()[0].splats, expected(Dialled((), (0, 0, 0), ())))
    with pytest.raises(RigError):
        find_character(made)


def test_heads_with_modifiers_are_seen_as_their_cloud(registered: None) -> None:
    made = add_small_head()
    tree = bpy.data.node_groups.new("Nothing", "GeometryNodeTree")
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    start, end = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    tree.links.new(start.outputs[0], end.inputs[0])
    made.modifiers.new("Nothing", "NODES").node_group = tree
    dial(made, jawOpen=0.5, headYaw=0.25)
    bpy.context.view_layer.update()
    assert look()[0].key[0] == "cloud"
    check_same(look()[0].splats, expected())


def test_memory_has_bounds(registered: None, monkeypatch: pytest.MonkeyPatch) -> None:
    made = add_small_head()
    monkeypatch.setattr(splat_heads, "MOST_KEPT", 200)
    for step in range(9):
        dial(made, jawOpen=step / 10)
        assert np.isfinite(look()[0].splats.means).all()
    assert len(splat_heads.POSES.made) == 3  # of 60 splats each

"""Splats over time: the same picture whichever frame came before, baked courses, sequences in and out."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mouthpiece.addon.bridge.splat_course import COURSE, FRAME, course_of
from mouthpiece.addon.bridge.splat_sequence import FRAME as FILE
from mouthpiece.addon.bridge.splat_sequence import REELS, SEQUENCE
from mouthpiece.addon.panels_splat_timeline import MOUTHPIECE_PT_splat_timeline, timeline_faults
from mouthpiece.core.splat.course import read_course
from mouthpiece.core.splat.files import read_splats, write_splats
from mouthpiece.core.splat.types import Splats
from mouthpiece.core.splat.z_up import y_up, z_up
from splat_cast import add_cloud, add_small_head, look, some_splats

FIELDS = Splats.__slots__


def same(one: Splats, two: Splats) -> bool:
    return len(one) == len(two) and all(np.array_equal(getattr(one, name), getattr(two, name)) for name in FIELDS)


def near(one: Splats, two: Splats, atol: float = 2e-5) -> bool:
    return all(np.allclose(getattr(one, name), getattr(two, name), atol=atol) for name in FIELDS)


def keyed_head() -> bpy.types.Object:
    """A head whose jaw, own shape, turn and clip all move over frames 1 to 9."""
    made = add_small_head()
    for frame, jaw, own, yaw, clip in ((1, 0.0, 0.7, 0.0, -1.0), (5, 0.9, 0.1, 0.4, 0.1), (9, 0.3, 0.0, -0.2, 0.15)):
        for name, value in (("jawOpen", jaw), ("ownShape", own), ("headYaw", yaw), ("clip nod", clip)):
            made[name] = value
            made.keyframe_insert(f'["{name}"]', frame=frame)
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 1, 9
    return made


def seen_at(frame: int, subframe: float = 0.0) -> Splats:
    bpy.context.scene.frame_set(frame, subframe=subframe)
    (found,) = look()
    return found.splats


def orders(frames: range) -> list[int]:
    shuffled = [*frames, *frames]
    random.Random(3).shuffle(shuffled)
    return shuffled


def select(*objects: bpy.types.Object) -> None:
    for other in bpy.context.scene.objects:
        other.select_set(other in objects)
    bpy.context.view_layer.objects.active = objects[0]


@pytest.fixture
def saved(tmp_path: Path, registered: None) -> Path:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    return tmp_path


def test_scrubbing_in_any_order_is_the_same(registered: None) -> None:
    keyed_head()
    forward = {frame: seen_at(frame) for frame in range(1, 10)}
    assert not same(forward[1], forward[5])
    for frame in orders(range(1, 10)):
        assert same(seen_at(frame), forward[frame])


def test_attributes_follow_in_any_order(registered: None) -> None:
    made = keyed_head()
    made.mouthpiece_splats.write_attributes = True
    rows = np.empty(3 * len(made.data.points), np.float32)
    for frame in orders(range(1, 10)):
        wanted = seen_at(frame)
        made.data.attributes["position"].data.foreach_get("vector", rows)
        assert np.array_equal(rows.reshape(-1, 3), wanted.means)


def test_a_baked_head_is_bit_for_bit_what_it_was_without_what_moved_it(saved: Path) -> None:
    made = keyed_head()
    live = {frame: seen_at(frame) for frame in range(1, 10)}
    bpy.context.scene.frame_set(4)
    select(made)
    bpy.ops.mouthpiece.bake_splats()
    assert bpy.context.scene.frame_current == 4
    path = saved / "scene_Small.splatcourse"
    assert made[COURSE] == "//scene_Small.splatcourse" and path.stat().st_size < 9 * 6 * 8 + 800
    course = read_course(path)
    assert set(course.names) == {"jawOpen", "ownShape"} and course.start == 1 and course.clips == ("nod",)
    made.animation_data.action = None
    for name in ("jawOpen", "ownShape", "headYaw"):
        made[name] = 0.123
    for frame in orders(range(1, 10)):
        assert same(seen_at(frame), live[frame])
    assert same(seen_at(30), live[9]) and same(seen_at(-3), live[1])


def test_a_baked_head_goes_straight_between_frames_and_can_be_retimed(saved: Path) -> None:
    made = keyed_head()
    select(made)
    bpy.ops.mouthpiece.bake_splats()
    course = read_course(saved / "scene_Small.splatcourse")
    half = dict(zip(course.names, course.values[2:4].mean(0), strict=True))
    bpy.context.scene.frame_set(3, subframe=0.5)
    assert course_of(made).at(3.5).weights == pytest.approx(half)
    driver = made.animation_data.drivers.find(f'["{FRAME}"]').driver
    assert driver.is_simple_expression and driver.is_valid
    fifth = seen_at(5)
    driver.expression = "frame - 100"
    assert same(seen_at(105), fifth)


def test_a_baked_head_is_saved_and_freed(saved: Path) -> None:
    made = keyed_head()
    third = seen_at(3)
    select(made)
    bpy.ops.mouthpiece.bake_splats()
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(saved / "scene.blend"))
    made = bpy.data.objects["Small"]
    made["jawOpen"] = 1.0
    assert same(seen_at(3), third)
    select(made)
    bpy.ops.mouthpiece.free_splats()
    assert COURSE not in made and FRAME not in made and same(seen_at(3), third)
    with pytest.raises(RuntimeError, match="None of the selected heads is baked"):
        bpy.ops.mouthpiece.free_splats()


def test_a_missing_or_damaged_course_leaves_the_head_to_its_sliders(saved: Path) -> None:
    made = keyed_head()
    third = seen_at(3)
    select(made)
    bpy.ops.mouthpiece.bake_splats()
    path = saved / "scene_Small.splatcourse"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "bake the splats again" in course_of(made)
    assert [sentence.count("Small.splatcourse") for sentence in timeline_faults(made)] == [1]
    assert same(seen_at(3), third)
    path.unlink()
    assert "bake the splats again" in course_of(made) and same(seen_at(3), third)


def test_a_linked_head_is_not_baked(saved: Path) -> None:
    keyed_head()
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(saved / "shot.blend"))
    with bpy.data.libraries.load(str(saved / "scene.blend"), link=True) as (_, here):
        here.objects = ["Small"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    select(here.objects[0])
    with pytest.raises(RuntimeError, match="make it local first"):
        bpy.ops.mouthpiece.bake_splats()
    assert not list(saved.glob("*.splatcourse"))


def test_an_unsaved_file_is_told_to_be_saved(registered: None) -> None:
    select(keyed_head())
    with pytest.raises(RuntimeError, match="save the file first"):
        bpy.ops.mouthpiece.bake_splats()


def files_of(folder: Path, counts: tuple[int, ...] = (50, 50, 30, 70), ending: str = ".ply") -> dict[int, Splats]:
    frames = {}
    for number, count in zip((4, 5, 7, 8), counts, strict=True):
        path = folder / f"cloud_{number}{ending}"
        write_splats(path, some_splats(number, 4, count))
        frames[number] = z_up(read_splats(path)[0])
    return frames


@pytest.mark.parametrize("ending", [".ply", ".spz"])
def test_numbered_files_are_an_animated_cloud(registered: None, tmp_path: Path, ending: str) -> None:
    frames = files_of(tmp_path, ending=ending)
    bpy.context.scene.frame_set(10)
    bpy.ops.mouthpiece.import_splat_sequence(filepath=str(tmp_path / f"cloud_7{ending}"))
    shown = {9: 4, 10: 4, 11: 5, 12: 5, 13: 7, 14: 8, 90: 8}
    for frame in [*orders(range(9, 15)), 90, 10]:
        assert near(seen_at(frame), frames[shown[frame]])


def test_an_animated_cloud_keeps_name_and_materials_and_is_found_after_saving(saved: Path) -> None:
    frames = files_of(saved)
    bpy.context.scene.frame_set(1)
    bpy.ops.mouthpiece.import_splat_sequence(filepath=str(saved / "cloud_4.ply"))
    made = bpy.context.object
    made.data.materials.append(bpy.data.materials.new("Skin"))
    name = made.data.name
    seen_at(4)
    assert made.data.name == name and made.data.materials[0].name == "Skin" and len(bpy.data.pointclouds) == 1
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(saved / "scene.blend"))
    assert near(seen_at(2), frames[5])
    assert near(seen_at(5), frames[8])


def test_an_animated_cloud_that_is_only_instanced_moves_too(registered: None, tmp_path: Path) -> None:
    frames = files_of(tmp_path)
    bpy.context.scene.frame_set(1)
    bpy.ops.mouthpiece.import_splat_sequence(filepath=str(tmp_path / "cloud_4.ply"))
    made, crowd = bpy.context.object, bpy.data.collections.new("Crowd")
    bpy.context.collection.objects.unlink(made)
    crowd.objects.link(made)
    for place in (0, 5):
        shown = bpy.data.objects.new(f"Shown {place}", None)
        shown.instance_type, shown.instance_collection = "COLLECTION", crowd
        shown.location.x = place
        bpy.context.scene.collection.objects.link(shown)
    for frame, number in ((5, 8), (2, 5), (4, 7)):
        bpy.context.scene.frame_set(frame)
        assert [near(one.splats, frames[number]) for one in look()] == [True, True]


def test_a_file_that_went_bad_leaves_the_cloud_as_it_was(registered: None, tmp_path: Path) -> None:
    frames = files_of(tmp_path)
    bpy.context.scene.frame_set(1)
    bpy.ops.mouthpiece.import_splat_sequence(filepath=str(tmp_path / "cloud_4.ply"))
    made = bpy.context.object
    (tmp_path / "cloud_5.ply").write_bytes(b"ply\nnonsense")
    assert near(seen_at(2), frames[4])
    assert ["cloud_5.ply" in sentence for sentence in timeline_faults(made)] == [True]
    assert near(seen_at(4), frames[7]) and not REELS.faults
    made[SEQUENCE] = str(tmp_path / "gone" / "cloud_1.ply")
    REELS.files.clear()
    assert near(seen_at(5), frames[7]) and REELS.faults


def test_one_file_is_no_sequence(registered: None, tmp_path: Path) -> None:
    write_splats(tmp_path / "alone.ply", some_splats())
    for name in ("alone.ply", "gone_1.ply"):
        with pytest.raises(RuntimeError, match=r"sequence|exist"):
            bpy.ops.mouthpiece.import_splat_sequence(filepath=str(tmp_path / name))
    assert not bpy.data.pointclouds


def test_export_is_what_is_seen(registered: None, tmp_path: Path) -> None:
    made = keyed_head()
    made.location, made.scale = (1, 2, 3), (2, 2, 2)
    select(made)
    seen = seen_at(5)
    bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "a"), format="ply", in_world=False)
    assert near(read_splats(tmp_path / "a.ply")[0], y_up(seen), 1e-6)
    bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "b.ply"), format="ply")
    back = z_up(read_splats(tmp_path / "b.ply")[0])
    assert np.allclose(back.means, seen.means * 2 + (1, 2, 3), atol=1e-5)
    assert np.allclose(back.log_scales, seen.log_scales + np.log(2), atol=1e-5)


def test_export_over_time_is_imported_again(registered: None, tmp_path: Path) -> None:
    made = keyed_head()
    select(made)
    frames = {frame: seen_at(frame) for frame in range(1, 10)}
    bpy.context.scene.frame_set(6)
    bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "a.ply"), format="ply", animated=True)
    assert bpy.context.scene.frame_current == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a_{frame:04d}.ply" for frame in range(1, 10)]
    bpy.data.objects.remove(made)
    bpy.context.scene.frame_set(1)
    bpy.ops.mouthpiece.import_splat_sequence(filepath=str(tmp_path / "a_0001.ply"))
    for frame in orders(range(1, 10)):
        assert near(seen_at(frame), frames[frame])


def test_several_selected_are_one_file_and_none_or_a_mirrored_one_is_said(registered: None, tmp_path: Path) -> None:
    one, two = add_cloud("One"), add_cloud("Two", 1)
    select(one, two)
    bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "a.spz"), format="spz")
    assert len(read_splats(tmp_path / "a.spz")[0]) == 100
    two.scale = (-1, 1, 1)
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match="mirrored"):
        bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "b.spz"), format="spz")
    bpy.ops.object.select_all(action="DESELECT")
    with pytest.raises(RuntimeError, match="No selected splats"):
        bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "b.spz"), format="spz")
    assert not (tmp_path / "b.spz").exists()


class Noted:
    """A layout that notes which operators and properties it was given; both must exist."""

    def __init__(self) -> None:
        self.operators: list[str] = []
        self.properties: list[str] = []
        self.texts: list[str] = []

    def row(self, align: bool = False) -> Noted:
        return self

    column = box = row

    def operator(self, name: str, text: str = "", icon: str = "NONE") -> SimpleNamespace:
        room, _, deed = name.partition(".")
        assert getattr(getattr(bpy.ops, room), deed).get_rna_type()
        self.operators.append(deed)
        return SimpleNamespace()

    def prop(self, owner: bpy.types.bpy_struct, path: str, text: str = "") -> None:
        owner.path_resolve(path)
        self.properties.append(path)

    def label(self, text: str = "", icon: str = "NONE") -> None:
        self.texts.append(text)


def drawn() -> Noted:
    noted = Noted()
    here = SimpleNamespace(
        active_object=bpy.context.active_object,
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
        region=SimpleNamespace(width=300),
    )
    MOUTHPIECE_PT_splat_timeline.draw(SimpleNamespace(layout=noted), here)
    return noted


def test_the_panel_offers_what_can_be_done(saved: Path) -> None:
    assert drawn().operators == ["import_splat_sequence", "export_splats"]
    made = keyed_head()
    select(made)
    assert {"bake_splats", "splat_surfaces"} <= set(drawn().operators) and "free_splats" not in drawn().operators
    bpy.ops.mouthpiece.bake_splats()
    assert "free_splats" in drawn().operators and f'["{FRAME}"]' in drawn().properties
    bpy.ops.mouthpiece.splat_surfaces()
    assert drawn().operators.count("splat_surfaces") == 1
    (saved / "scene_Small.splatcourse").unlink()
    assert "bake the splats again" in " ".join(drawn().texts)
    files_of(saved)
    bpy.ops.mouthpiece.import_splat_sequence(filepath=str(saved / "cloud_4.ply"))
    assert "bake_splats" not in drawn().operators and drawn().properties == [f'["{FILE}"]']

"""Splats over time: the same picture whichever frame came before, baked courses, and what the panel offers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mouthpiece.addon.bridge.splat_course import COURSE, FRAME, course_of
from mouthpiece.addon.bridge.splat_sequence import FRAME as FILE
from mouthpiece.addon.panels_splat_timeline import MOUTHPIECE_PT_splat_timeline, timeline_faults
from mouthpiece.core.splat.course import read_course
from splat_time import files_of, keyed_head, orders, same, saved, seen_at, select

__all__ = ("saved",)


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

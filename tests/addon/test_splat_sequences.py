"""Animated clouds of numbered files, and what is shown written to such files."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from mouthpiece.addon.bridge.splat_sequence import REELS, SEQUENCE
from mouthpiece.addon.panels_splat_timeline import timeline_faults
from mouthpiece.core.splat.files import read_splats, write_splats
from mouthpiece.core.splat.z_up import y_up, z_up
from splat_cast import add_cloud, look, some_splats
from splat_time import files_of, keyed_head, near, orders, saved, seen_at, select

__all__ = ("saved",)


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


def test_several_selected_are_one_file_and_none_is_said(registered: None, tmp_path: Path) -> None:
    one, two = add_cloud("One"), add_cloud("Two", 1)
    select(one, two)
    bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "a.spz"), format="spz")
    assert len(read_splats(tmp_path / "a.spz")[0]) == 100
    two.scale = (0, 1, 1)
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match="scaled to nothing"):
        bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "b.spz"), format="spz")
    bpy.ops.object.select_all(action="DESELECT")
    with pytest.raises(RuntimeError, match="No selected splats"):
        bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "b.spz"), format="spz")
    assert not (tmp_path / "b.spz").exists()


def test_a_mirrored_and_stretched_object_is_written_as_it_stands(registered: None, tmp_path: Path) -> None:
    made = add_cloud("Odd")
    select(made)
    made.scale, made.location = (-1, 2, 0.5), (1, 2, 3)
    bpy.context.view_layer.update()
    bpy.ops.mouthpiece.export_splats(filepath=str(tmp_path / "a.ply"), format="ply")
    found = z_up(read_splats(tmp_path / "a.ply")[0])
    np.testing.assert_allclose(found.means, some_splats().means * (-1, 2, 0.5) + (1, 2, 3), atol=1e-4)

"""Splat files into Blender: every format, by menu and by drop; and what is no splat file, in one sentence."""

from __future__ import annotations

import time
from pathlib import Path

import bpy
import numpy as np
import pytest
from mouthpiece.addon.bridge.splat_cloud import splats_of
from mouthpiece.addon.bridge.splat_store import head_of
from mouthpiece.addon.ops_splats import DROPPED
from mouthpiece.addon.panels_splats import warnings_of
from mouthpiece.addon.places import SPLAT_HEADS
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.splat.files import FORMATS, write_splats
from mouthpiece.core.splat.head_files import head_bytes, write_head
from mouthpiece.core.splat.types import Splats
from mouthpiece.core.splat.z_up import y_up
from splat_cast import add_small_head, look, small_head, some_splats
from splat_faults import write_faults

LONGEST_S = 2.0
ENDINGS = [ending for form in FORMATS.values() for ending in form.endings if form.name != "usd"]


def written(path: Path, splats: Splats) -> Path:
    write_splats(path, splats)
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_format_stands_upright(registered: None, tmp_path: Path, ending: str) -> None:
    splats = some_splats(held=1, count=40)
    path = written(tmp_path / f"Büste {ending[1:3]}{ending}", splats)
    assert bpy.ops.mouthpiece.import_splats(filepath=str(path)) == {"FINISHED"}
    made = bpy.context.active_object
    assert made.name == f"Büste {ending[1:3]}" and made.select_get() and made.show_bounds
    found = y_up(look()[0].splats)
    order, wanted = (np.lexsort(np.round(each.means, 1).T) for each in (found, splats))
    np.testing.assert_allclose(found.means[order], splats.means[wanted], atol=0.01)


def test_attributes_are_those_of_53(registered: None, tmp_path: Path) -> None:
    splats = some_splats(held=16, count=40)
    bpy.ops.mouthpiece.import_splats(filepath=str(written(tmp_path / "a.ply", splats)))
    cloud = bpy.context.active_object.data
    kinds = {each.name: each.data_type for each in cloud.attributes}
    assert kinds["position"] == kinds["scale"] == kinds["radiance:sh_14"] == "FLOAT_VECTOR"
    assert kinds["rotation"] == "QUATERNION" and kinds["radiance:base"] in ("FLOAT4", "FLOAT_COLOR")
    assert "radiance:sh_15" not in kinds
    scale = np.empty(120, np.float32)
    cloud.attributes["scale"].data.foreach_get("vector", scale)
    np.testing.assert_allclose(np.log(scale.reshape(40, 3)), splats.log_scales, atol=1e-5)
    np.testing.assert_allclose(y_up(splats_of(cloud)).sh, splats.sh, atol=1e-4)


def test_a_drop_takes_all_files_and_one_bad_one_does_not_hinder(registered: None, tmp_path: Path) -> None:
    written(tmp_path / "one.ply", some_splats())
    write_head(small_head(), tmp_path / "two.splathead")
    (tmp_path / "bad.spz").write_bytes(b"no")
    names = ("one.ply", "bad.spz", "two.splathead")
    files = [{"name": name} for name in names]
    assert bpy.ops.mouthpiece.import_splats("INVOKE_DEFAULT", directory=str(tmp_path), files=files) == {"FINISHED"}
    assert sorted(each.name for each in bpy.context.selected_objects) == ["one", "two"]
    assert head_bytes(head_of(bpy.data.objects["two"].data)) == head_bytes(small_head())
    handler = bpy.types.FileHandler.bl_rna_get_subclass_py("MOUTHPIECE_FH_splats")
    assert handler.bl_file_extensions.split(";") == list(DROPPED)


def test_axes_can_be_told(registered: None, tmp_path: Path) -> None:
    path = written(tmp_path / "a.ply", some_splats())
    bpy.ops.mouthpiece.import_splats(filepath=str(path), axes="right-up-back")
    turned = some_splats().means * (1, -1, -1)
    np.testing.assert_allclose(y_up(look()[0].splats).means, turned, atol=1e-5)


def test_what_is_no_splat_file_is_refused_in_a_sentence(registered: None, tmp_path: Path) -> None:
    faults = write_faults(tmp_path)
    assert len(faults) >= 65
    before = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "pointclouds", "palettes", "scenes", "meshes")}
    for path in faults:
        start = time.process_time()
        try:
            bpy.ops.mouthpiece.import_splats(filepath=str(path))
        except RuntimeError as error:
            said = str(error).removeprefix("Error: ").strip()
        else:
            # Some faults are mended; what is then there must be sound.
            said = "Read."
            assert all(np.isfinite(splats_of(each).means).all() for each in bpy.data.pointclouds)
            bpy.data.batch_remove([bpy.context.active_object, bpy.context.active_object.data])
        assert time.process_time() - start < LONGEST_S, path.name
        assert said.endswith(".") and "Traceback" not in said and "\n" not in said and len(said) < 400, (
            path.name,
            said,
        )
        bpy.data.orphans_purge(do_recursive=True)
        after = {kind: len(getattr(bpy.data, kind)) for kind in before}
        assert after == before, path.name


@pytest.mark.parametrize("place", range(0, 400, 20))
def test_heads_cut_anywhere_are_refused(registered: None, tmp_path: Path, place: int) -> None:
    data = head_bytes(small_head())
    (tmp_path / "cut.splathead").write_bytes(data[: len(data) * place // 400])
    with pytest.raises(RuntimeError, match=r"head of splats.*\.$"):
        bpy.ops.mouthpiece.import_splats(filepath=str(tmp_path / "cut.splathead"))
    assert not bpy.data.objects


def test_importing_is_one_step(registered: None, tmp_path: Path) -> None:
    path = written(tmp_path / "a.ply", some_splats())
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.mouthpiece.import_splats("EXEC_DEFAULT", True, filepath=str(path))
    bpy.ops.ed.undo()
    assert not bpy.data.objects and look() == ()
    bpy.ops.ed.redo()
    np.testing.assert_allclose(y_up(look()[0].splats).means, some_splats().means, atol=1e-5)


@pytest.mark.parametrize("name", ["WOMAN", "MAN"])
def test_ready_heads(registered: None, name: str) -> None:
    if not SPLAT_HEADS[name].is_file():
        pytest.skip("the heads were not built; run python build.py templates")
    bpy.context.scene.cursor.location = (1, 2, 3)
    bpy.ops.mouthpiece.add_splat_head(head=name)
    made = bpy.context.active_object
    assert made.name == name.title() and tuple(made.location) == (1, 2, 3)
    assert bpy.context.scene.mouthpiece.character == made
    assert len(made.data.points) == 60_000 and set(ARKIT_52) <= set(head_of(made.data).sliders)
    rest = look()[0].splats.means
    assert 1.2 < rest[:, 2].mean() < 1.8 and rest[:, 1].min() < -0.05


def test_a_missing_head_says_so(registered: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPLAT_HEADS, "MAN", tmp_path / "man.splathead")
    with pytest.raises(RuntimeError, match=r"man\.splathead is missing"):
        bpy.ops.mouthpiece.add_splat_head(head="MAN")


def test_nothing_is_added_in_another_mode(registered: None, tmp_path: Path) -> None:
    mesh = bpy.data.objects.new("mesh", bpy.data.meshes.new("mesh"))
    bpy.context.scene.collection.objects.link(mesh)
    bpy.context.view_layer.objects.active = mesh
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.mouthpiece.import_splats(filepath=str(written(tmp_path / "a.ply", some_splats())))
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_head_is_written_and_comes_back(registered: None, tmp_path: Path) -> None:
    made = add_small_head()
    made.select_set(True)
    bpy.ops.mouthpiece.export_splat_head(filepath=str(tmp_path / "kept"))
    assert (tmp_path / "kept.splathead").read_bytes() == head_bytes(small_head())
    made.select_set(False)
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.mouthpiece.export_splat_head(filepath=str(tmp_path / "kept"))


def test_a_million_splats_come_in_quickly(registered: None, tmp_path: Path) -> None:
    splats = some_splats(held=16, count=1_000_000)
    path = written(tmp_path / "large.ply", splats)
    start = time.process_time()
    bpy.ops.mouthpiece.import_splats(filepath=str(path))
    assert len(bpy.context.active_object.data.points) == 1_000_000
    assert time.process_time() - start < 6  # 2 s on a quiet machine, docs/splats_in_blender.md


def test_warnings_are_sentences(registered: None, tmp_path: Path) -> None:
    made = add_small_head()
    assert not list(warnings_of(made, bpy.context.scene))
    made.mouthpiece_splats.write_attributes = True
    assert "Lock Interface" in next(warnings_of(made, bpy.context.scene))
    bpy.context.scene.render.use_lock_interface = True
    assert not list(warnings_of(made, bpy.context.scene))
    path = str(tmp_path / "a.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, here):
        here.objects = ["Small"]
    said = list(warnings_of(here.objects[0], bpy.context.scene))
    assert len(said) == 2 and "library override" in said[0] and "linked" in said[1]

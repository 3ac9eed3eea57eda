"""Export: which frames at which rate, that nothing in the file changes, and what is said when it cannot be."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import build_armature, shape_value
from export_cast import CHARACTER_SHAPES, build_actor, build_sheet, smooth, stage_actor
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.export_motion import Span, read_motion
from mouthpiece.addon.bridge.export_stage import members_of, staged
from mouthpiece.addon.bridge.keys import Take, write_take
from mouthpiece.addon.bridge.memory import memory_for, write_mapping
from mouthpiece.core.convert import in_rig
from mouthpiece.core.errors import SettingError
from mouthpiece.core.formats import FORMATS, read_performance
from mouthpiece.core.formats.glb import rows_of, unpacked
from mouthpiece.core.rig.targets import Drive, Mapping, Target

pytestmark = pytest.mark.usefixtures("registered")

EVERY = ("export_fbx", "export_gltf", "export_usd")
ENDINGS = {"export_fbx": ".fbx", "export_gltf": ".glb", "export_usd": ".usdc"}


def everything() -> list[tuple[str, str, int]]:
    """Kind, name and users of all there is in the file."""
    kinds = ("scenes", "objects", "meshes", "armatures", "actions", "materials", "collections", "images", "shape_keys")
    blocks = [(kind, block) for kind in kinds for block in getattr(bpy.data, kind)]
    # Blender itself counts a user too many on what is linked whenever an override is copied and removed.
    return [(kind, block.name_full, 0 if block.library else block.users) for kind, block in blocks]


def curves_file(path: Path, **choices: object) -> Path:
    bpy.ops.mouthpiece.export_curves(filepath=str(path), **choices)
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_curves_in_every_format(tmp_path: Path, form: str) -> None:
    staged = stage_actor()
    path = curves_file(tmp_path / f"face{FORMATS[form].ending}", format=form)
    assert path.stat().st_size > 50
    if FORMATS[form].reads and "arkit52" in (FORMATS[form].rigs or ("arkit52",)):
        after = read_performance(path)
        values = after.curves.values[:, [after.curves.names.index(name) for name in staged.performance.curves.names]]
        np.testing.assert_allclose(values, staged.performance.curves.values, rtol=0, atol=1e-5)
        assert after.curves.fps == pytest.approx(24)


def test_curves_in_another_rig(tmp_path: Path) -> None:
    staged = stage_actor()
    after = read_performance(curves_file(tmp_path / "face.npz", format="npz", rig="metahuman"))
    wanted = in_rig(staged.performance, "metahuman").curves
    assert after.curves.names == wanted.names
    np.testing.assert_allclose(after.curves.values, wanted.values, rtol=0, atol=1e-5)


@pytest.mark.parametrize("source", ["TAKE", "SEEN"])
def test_the_head_goes_along(tmp_path: Path, source: str) -> None:
    staged = stage_actor()
    after = read_performance(curves_file(tmp_path / "face.npz", format="npz", source=source))
    np.testing.assert_allclose(after.head, staged.performance.head, rtol=0, atol=1e-5)


def test_seen_is_what_layers_and_mutes_leave(tmp_path: Path) -> None:
    staged = stage_actor()
    (track,) = bpy.data.objects["Body"].data.shape_keys.animation_data.nla_tracks
    track.strips[0].use_animated_influence = True
    track.strips[0].influence = 0.5
    track.strips[0].keyframe_insert("influence", frame=10)
    seen = read_performance(curves_file(tmp_path / "seen.npz", format="npz", source="SEEN"))
    taken = read_performance(curves_file(tmp_path / "taken.npz", format="npz", source="TAKE"))
    np.testing.assert_allclose(taken.curves.values, staged.performance.curves.values, rtol=0, atol=1e-6)
    # What a half of nothing is, versions of Blender see differently: 0, or a shape's default of 1.
    shown = [shape_value(bpy.data.objects["Body"], "jawOpen", 10 + row) for row in range(48)]
    np.testing.assert_allclose(seen.curves.column("jawOpen"), shown, rtol=0, atol=1e-6)
    assert np.abs(seen.curves.values - taken.curves.values).max() > 0.4


@pytest.mark.parametrize(
    ("rate", "fps", "rows"), [("SCENE", 24, 48), ("60", 60, 118), ("30000/1001", 30000 / 1001, 59), ("120", 120, 236)]
)
def test_another_rate_keeps_the_time(tmp_path: Path, rate: str, fps: float, rows: int) -> None:
    staged = stage_actor()
    after = read_performance(curves_file(tmp_path / "face.npz", format="npz", rate=rate))
    assert (after.curves.fps, len(after.head)) == (pytest.approx(fps), rows)
    seconds = np.arange(rows) / fps
    wanted = np.interp(seconds, np.arange(48) / 24, staged.performance.curves.column("jawOpen"))
    np.testing.assert_allclose(after.curves.column("jawOpen"), wanted, rtol=0, atol=1e-5)


def test_chosen_frames_and_start(tmp_path: Path) -> None:
    staged = stage_actor()
    path = curves_file(
        tmp_path / "face.csv", format="livelink", frames="CHOSEN", first=20, last=29, start_frame=48, rate="24"
    )
    assert path.read_text().splitlines()[1].startswith("00:00:02:00.000,")
    after = read_performance(path)
    np.testing.assert_allclose(after.curves.values, staged.performance.curves.values[10:20], rtol=0, atol=1e-6)


def test_the_scenes_frames_hold_the_ends(tmp_path: Path) -> None:
    staged = stage_actor()
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 5, 60
    after = read_performance(curves_file(tmp_path / "face.npz", format="npz", frames="SCENE"))
    values = staged.performance.curves.values
    assert len(after.head) == 56
    np.testing.assert_allclose(after.curves.values[:6], np.repeat(values[:1], 6, 0), rtol=0, atol=1e-6)
    np.testing.assert_allclose(after.curves.values[52:], np.repeat(values[-1:], 4, 0), rtol=0, atol=1e-6)


def test_a_preview_range_is_the_scenes_range() -> None:
    stage_actor()
    scene = bpy.context.scene
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 12, 15
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.mouthpiece.export_gltf(filepath="/nowhere/at/all.glb", frames="SCENE")


@pytest.mark.parametrize("operator", EVERY)
def test_nothing_in_the_file_changes(tmp_path: Path, operator: str) -> None:
    stage_actor()
    scene = bpy.context.scene
    scene.frame_set(33)
    before, window = everything(), bpy.context.window.scene
    getattr(bpy.ops.mouthpiece, operator)(filepath=str(tmp_path / f"Scene{ENDINGS[operator]}"))
    assert everything() == before
    assert (bpy.context.window.scene, bpy.context.scene, scene.frame_current) == (window, scene, 33)
    assert [path.name for path in tmp_path.iterdir()] == [f"Scene{ENDINGS[operator]}"]


def test_other_characters_stay_behind(tmp_path: Path) -> None:
    staged = stage_actor()
    other = bpy.data.objects.new("Other", bpy.data.meshes["Body"].copy())
    bpy.context.scene.collection.objects.link(other)
    assert {member.name for member in members_of(staged.rig)} == {"Rig", *CHARACTER_SHAPES}
    bpy.ops.mouthpiece.export_gltf(filepath=str(tmp_path / "face.glb"))
    document, _ = unpacked((tmp_path / "face.glb").read_bytes())
    assert "Other" not in {node["name"] for node in document["nodes"]}


def test_hidden_parts_and_solo_shapes_are_exported_as_they_move(tmp_path: Path) -> None:
    staged = stage_actor()
    body = bpy.data.objects["Body"]
    body.hide_set(True)
    bpy.data.objects["Teeth"].hide_render = True
    bpy.ops.mouthpiece.export_gltf(filepath=str(tmp_path / "face.glb"))
    document, data = unpacked((tmp_path / "face.glb").read_bytes())
    assert {mesh["name"] for mesh in document["meshes"]} == {"Body", "Lashes"}
    channels = [one for one in document["animations"][0]["channels"] if one["target"]["path"] == "weights"]
    named = {document["nodes"][one["target"]["node"]]["name"]: one["sampler"] for one in channels}
    output = document["animations"][0]["samplers"][named["Body"]]["output"]
    np.testing.assert_allclose(
        rows_of(document, data, output).reshape(48, -1), staged.wanted("Body"), rtol=0, atol=1e-5
    )


def test_copies_do_as_the_originals_are_seen() -> None:
    """Bones under constraints, a part on a bone, drivers: all become plain keys that show the same."""
    made = stage_actor()
    extra = bpy.data.objects.new("Hat", bpy.data.meshes["Lashes"].copy())
    bpy.context.scene.collection.objects.link(extra)
    extra.parent, extra.parent_type, extra.parent_bone = made.rig, "BONE", "head"
    extra.location, extra.delta_location = (0.1, 0.2, 0.3), (0, 0, 0.5)
    turned = made.rig.pose.bones["neck"].constraints.new("COPY_ROTATION")
    turned.target, made.rig.location = extra, (1, 2, 3)
    members = members_of(made.rig)
    motion = read_motion(members, Span(10, 57, 24.0, 24.0, 3), bpy.context)
    with staged(members, motion, "line", bpy.context) as stage:
        for frame in (3, 20, 50):
            bpy.context.scene.frame_set(frame)
            depsgraph = bpy.context.evaluated_depsgraph_get()
            for place, copy in enumerate(stage.copies):
                shown = copy.evaluated_get(depsgraph)
                np.testing.assert_allclose(shown.matrix_world, motion.worlds[place][frame - 3], rtol=0, atol=2e-5)
                if place in motion.tails:
                    poses = np.array([bone.matrix for bone in shown.pose.bones])[:, :3, :3]
                    np.testing.assert_allclose(poses, motion.tails[place][frame - 3][:, :3, :3], rtol=0, atol=2e-5)


@pytest.mark.parametrize("operator", EVERY)
def test_a_character_that_bones_move(tmp_path: Path, operator: str) -> None:
    rig = build_armature()
    build_sheet("Skin", (), rig)
    memory = memory_for(rig, bpy.context.scene)
    lines = (Drive(Target("bone", "Rig", "head", "rotation.x"), "jawOpen", gain=0.5),)
    write_mapping(memory, Mapping("Bones", "arkit52", lines), [rig])
    bpy.context.scene.mouthpiece.character = rig
    write_take(find_character(rig), Take("line", "/nowhere/line.wav", 10, smooth(24)))
    target = tmp_path / f"face{ENDINGS[operator]}"
    getattr(bpy.ops.mouthpiece, operator)(filepath=str(target))
    assert target.stat().st_size > 5_000
    back = read_performance(curves_file(tmp_path / "face.npz", format="npz"))
    np.testing.assert_allclose(back.curves.column("jawOpen"), smooth(24).curves.column("jawOpen"), rtol=0, atol=1e-5)
    with pytest.raises(RuntimeError, match="no shape keys of ARKit's names to read; export the take instead"):
        curves_file(tmp_path / "seen.npz", format="npz", source="SEEN")


@pytest.mark.parametrize("operator", EVERY)
def test_overridden_characters_of_a_library(tmp_path: Path, operator: str) -> None:
    """Linked, overridden, performed and exported: under its own names, and the overrides stay what they are."""
    collection = bpy.data.collections.new("Actor")
    for member in members_of(build_actor()):
        collection.objects.link(member)
    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {collection})
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(library, link=True) as (_, here):
        here.collections = ["Actor"]
    (linked,) = here.collections
    made = linked.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
    rig = made.all_objects["Rig"]
    bpy.context.scene.mouthpiece.character = rig
    write_take(find_character(rig), Take("line", "/nowhere/line.wav", 10, smooth(24)))
    before = everything()
    target = tmp_path / f"face{ENDINGS[operator]}"
    getattr(bpy.ops.mouthpiece, operator)(filepath=str(target))
    assert everything() == before
    assert all(member.override_library for member in made.all_objects)
    assert target.stat().st_size > 20_000
    if operator == "export_gltf":
        document, _ = unpacked(target.read_bytes())
        assert {node["name"] for node in document["nodes"]} == {"Rig", "neck", "head", *CHARACTER_SHAPES}


@pytest.mark.parametrize("operator", EVERY)
def test_a_character_that_does_not_move(tmp_path: Path, operator: str) -> None:
    stage_actor()
    bpy.ops.mouthpiece.remove_take()
    with pytest.raises(RuntimeError, match=r"Nothing of Rig moves from frame 1 to 250; animate it first"):
        getattr(bpy.ops.mouthpiece, operator)(filepath=str(tmp_path / f"face{ENDINGS[operator]}"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("operator", ["export_curves", *EVERY])
def test_places_that_do_not_do(tmp_path: Path, operator: str) -> None:
    stage_actor()
    ending = ENDINGS.get(operator, ".csv")
    export = getattr(bpy.ops.mouthpiece, operator)
    with pytest.raises(RuntimeError, match=r'The folder "missing" does not exist'):
        export(filepath=str(tmp_path / "missing" / f"face{ending}"))
    (tmp_path / f"folder{ending}").mkdir()
    with pytest.raises(RuntimeError, match="is a folder; name a file inside it"):
        export(filepath=str(tmp_path / f"folder{ending}"))
    with pytest.raises(RuntimeError, match=r"The last frame must not be before the first, but 3 is before 9\."):
        export(filepath=str(tmp_path / f"face{ending}"), frames="CHOSEN", first=9, last=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"folder{ending}"]


def test_an_exporter_that_gives_up_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("Error: the disk is made of cheese\n")

    stage_actor()
    before = everything()
    monkeypatch.setattr("mouthpiece.addon.ops_export.export_gltf", refuse)
    with pytest.raises(RuntimeError, match=r'gave up on "face.glb": the disk is made of cheese\.'):
        bpy.ops.mouthpiece.export_gltf(filepath=str(tmp_path / "face.glb"))
    assert everything() == before
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_file_is_kept_when_an_export_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage_actor()
    (tmp_path / "face.glb").write_text("mine")
    monkeypatch.setattr("mouthpiece.addon.ops_export.export_gltf", lambda *_: None)
    with pytest.raises(RuntimeError, match=r'wrote no "face.glb"'):
        bpy.ops.mouthpiece.export_gltf(filepath=str(tmp_path / "face.glb"))
    assert (tmp_path / "face.glb").read_text() == "mine"


def test_no_character_no_export() -> None:
    for operator in ("export_curves", *EVERY):
        assert not getattr(bpy.ops.mouthpiece, operator).poll()


def test_blender_asks_before_it_replaces_and_keeps_presets() -> None:
    for operator in ("export_curves", *EVERY):
        kind = getattr(bpy.types, f"MOUTHPIECE_OT_{operator}")
        assert "PRESET" in kind.bl_options
        assert getattr(bpy.ops.mouthpiece, operator).get_rna_type().properties["check_existing"].default


def test_a_backward_span_is_refused() -> None:
    with pytest.raises(SettingError, match="must not be before"):
        Span(10, 9, 24.0, 24.0)


def test_rows_lie_on_frames_where_they_can() -> None:
    assert list(Span(1, 4, 24.0, 24.0).frames()) == [(1, 0.0), (2, 0.0), (3, 0.0), (4, 0.0)]
    places = [frame + part for frame, part in Span(1, 3, 24.0, 48.0).frames()]
    assert places == pytest.approx([1, 1.5, 2, 2.5, 3])
    assert Span(1, 100_000, 24000 / 1001, 24000 / 1001).rows == 100_000

"""The character as FBX: Blender's own importer, three.js's and ufbx read back what we wrote."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from export_cast import CHARACTER_SHAPES, RATES, stage_actor
from mouthpiece.addon.bridge.channels import curves_of
from mouthpiece.addon.bridge.export_fbx import TICKS
from mouthpiece.addon.bridge.export_fbx_nodes import Node, read_fbx, write_fbx
from mouthpiece.core.convert import in_rig
from mouthpiece.core.errors import FormatError

pytestmark = pytest.mark.usefixtures("registered")

PACKAGES = os.environ.get("MOUTHPIECE_THREE_VRM", "")
"""A folder where npm has installed three."""
NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("fbx_open.mjs")
TOLERANCE = 1e-5
START = 7


def exported(path: Path, **choices: Any) -> Path:
    bpy.ops.mouthpiece.export_fbx(filepath=str(path), start_frame=START, **choices)
    return path


@pytest.mark.parametrize("fps", RATES)
def test_blender_reads_it_back(tmp_path: Path, fps: float) -> None:
    staged = stage_actor(fps)
    wanted = {mesh: staged.wanted(mesh) for mesh in CHARACTER_SHAPES}
    path = exported(tmp_path / "face.fbx")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.fbx_import(filepath=str(path))
    scene = bpy.context.scene
    assert scene.render.fps / scene.render.fps_base == pytest.approx(fps, rel=1e-6)
    for mesh, names in CHARACTER_SHAPES.items():
        key = bpy.data.objects[mesh].data.shape_keys
        assert tuple(key.key_blocks.keys()[1:]) == names
        curves = {
            curve.data_path: curve for curve in curves_of(key.animation_data.action, key.animation_data.action_slot)
        }
        for name, column in zip(names, wanted[mesh].T, strict=True):
            keys = np.empty((48, 2))
            curves[f'key_blocks["{name}"].value'].keyframe_points.foreach_get("co", keys.ravel())
            # Blender puts the file's frame 0 on its own frame 1.
            np.testing.assert_allclose(keys[:, 0], START + 1 + np.arange(48), rtol=0, atol=1e-3)
            np.testing.assert_allclose(keys[:, 1], column, rtol=0, atol=TOLERANCE)


@pytest.mark.skipif(not (PACKAGES and NODE), reason="MOUTHPIECE_THREE_VRM names no folder with three")
@pytest.mark.parametrize("fps", RATES)
def test_three_reads_it(tmp_path: Path, fps: float) -> None:
    staged = stage_actor(fps)
    exported(tmp_path / "face.fbx", curves="metahuman251")
    script = tmp_path / "open.mjs"
    script.write_text(SCRIPT.read_text("utf-8"), "utf-8")
    (tmp_path / "node_modules").symlink_to(Path(PACKAGES) / "node_modules")
    done = subprocess.run([NODE, script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    opened = json.loads((tmp_path / "opened.json").read_text("utf-8"))
    (clip,) = opened["clips"]
    assert clip["name"] == "face"
    tracks = {track["name"]: track for track in clip["tracks"]}
    for mesh, names in CHARACTER_SHAPES.items():
        for name, column in zip(names, staged.wanted(mesh).T, strict=True):
            track = tracks[f"{mesh}.morphTargetInfluences[{opened['meshes'][mesh][name]}]"]
            np.testing.assert_allclose(track["times"], (START + np.arange(48)) / fps, rtol=0, atol=1e-5)
            np.testing.assert_allclose(track["values"], column, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("rig", ["arkit52", "metahuman251", "metahuman"])
def test_curve_properties_hang_on_the_root_bone(tmp_path: Path, rig: str) -> None:
    staged = stage_actor(24000 / 1001)
    wanted = in_rig(staged.performance, rig).curves
    _, root, _ = read_fbx(exported(tmp_path / "face.fbx", curves=rig).read_bytes())
    bone, curves = property_curves(root)
    assert bone == "neck"
    assert tuple(curves) == wanted.names
    for name, (times, values) in curves.items():
        np.testing.assert_allclose(times / TICKS, (START + np.arange(48)) / wanted.fps, rtol=0, atol=1e-6)
        np.testing.assert_allclose(values, wanted.column(name), rtol=0, atol=TOLERANCE)


def test_ufbx_reads_curve_properties(tmp_path: Path) -> None:
    """Its Python binding tells of a curve how many keys it has, and its least and largest time and value."""
    ufbx = pytest.importorskip("ufbx", reason="pyufbx is not installed")
    staged = stage_actor()
    scene = ufbx.load_file(str(exported(tmp_path / "face.fbx", curves="metahuman251")))
    wanted = in_rig(staged.performance, "metahuman251").curves
    found = list(scene.anim_curves)[-len(wanted.names) :]
    for name, curve in zip(wanted.names, found, strict=True):
        column = wanted.column(name)
        assert curve.num_keyframes == 48
        assert (curve.min_time, curve.max_time) == pytest.approx((START / 24, (START + 47) / 24), abs=1e-9)
        assert (curve.min_value, curve.max_value) == pytest.approx((column.min(), column.max()), abs=TOLERANCE)


def test_without_curves_the_file_is_blenders_own(tmp_path: Path) -> None:
    stage_actor()
    content = exported(tmp_path / "face.fbx").read_bytes()
    version, root, foot = read_fbx(content)
    assert write_fbx(version, root, foot) == content
    assert property_curves(root)[1] == {}


def test_curve_properties_need_a_take(tmp_path: Path) -> None:
    staged = stage_actor()
    bpy.ops.mouthpiece.remove_take()
    staged.rig.rotation_euler = (0, 0, 0)
    staged.rig.keyframe_insert("rotation_euler", frame=1)
    staged.rig.rotation_euler = (0, 0, 1)
    staged.rig.keyframe_insert("rotation_euler", frame=10)
    with pytest.raises(RuntimeError, match="Curve properties are made of a take, but this character has none"):
        exported(tmp_path / "face.fbx", curves="arkit52")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_fbx_is_one_sentence() -> None:
    with pytest.raises(FormatError, match="wrote no binary FBX"):
        read_fbx(b"; FBX 7.4.0 project file")


def property_curves(root: Node) -> tuple[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Name of the model with animated user properties, and ticks and values of each."""
    objects = {child.value(0): child for child in root.first("Objects").children}
    found, bone = {}, ""
    links = [link for link in root.first("Connections").all("C") if link.value(0) == "OP"]
    for link in links:
        owner, holder = objects[link.value(1)], objects[link.value(2)]
        if owner.name == "AnimationCurveNode" and holder.name == "Model" and not link.value(3).startswith("Lcl "):
            (flags,) = [row.value(3) for row in holder.first("Properties70").all("P") if row.value(0) == link.value(3)]
            assert flags == "A+U"
            (curve,) = [objects[below.value(1)] for below in links if below.value(2) == owner.value(0)]
            bone = holder.value(1).partition("\0")[0]
            found[link.value(3)] = array(curve, "KeyTime", "<i8"), array(curve, "KeyValueFloat", "<f4")
    return bone, found


def array(curve: Node, name: str, kind: str) -> np.ndarray:
    """The numbers of an array that is not packed."""
    return np.frombuffer(curve.first(name).properties[0][1][12:], kind)

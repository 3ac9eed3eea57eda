"""The character as glTF: its numbers, what Khronos' validator says, and what Godot plays."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from export_cast import CHARACTER_SHAPES, RATES, smooth, stage_actor
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.keys import Take, write_take
from mouthpiece.addon.places import CHARACTERS
from mouthpiece.core.formats.glb import rows_of, unpacked

pytestmark = pytest.mark.usefixtures("registered")

VALIDATOR = os.environ.get("MOUTHPIECE_GLTF_VALIDATOR", "")
"""A folder where npm has installed gltf-validator."""
NODE = shutil.which("node")
GODOT = shlex.split(os.environ.get("MOUTHPIECE_GODOT", ""))
HERE = Path(__file__).parent
TOLERANCE = 1e-5
START = 7
# Godot thins out curves when it imports, which costs up to 0.002 of a shape; its own option turns that off.
EXACT_IMPORT = """\
[remap]

importer="scene"
type="PackedScene"

[params]

_subresources={
"nodes": {
"PATH:AnimationPlayer": {
"optimizer/enabled": false
}
}
}
"""


def exported(path: Path, **choices: Any) -> Path:
    bpy.ops.mouthpiece.export_gltf(filepath=str(path), ending=path.suffix, start_frame=START, **choices)
    return path


def opened(path: Path) -> tuple[dict[str, Any], bytes]:
    if path.suffix == ".glb":
        return unpacked(path.read_bytes())
    document = json.loads(path.read_text("utf-8"))
    return document, (path.parent / document["buffers"][0]["uri"]).read_bytes()


def weights(document: dict[str, Any], data: bytes) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Times and weights [T, K] of each mesh's morph targets, by node."""
    (animation,) = document["animations"]
    found = {}
    for channel in animation["channels"]:
        if channel["target"]["path"] == "weights":
            sampler = animation["samplers"][channel["sampler"]]
            assert sampler.get("interpolation", "LINEAR") == "LINEAR"
            times = rows_of(document, data, sampler["input"])[:, 0]
            values = rows_of(document, data, sampler["output"]).reshape(len(times), -1)
            found[document["nodes"][channel["target"]["node"]]["name"]] = times, values
    return found


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("ending", [".glb", ".gltf"])
def test_weights_and_times(tmp_path: Path, fps: float, ending: str) -> None:
    staged = stage_actor(fps)
    document, data = opened(exported(tmp_path / f"face{ending}"))
    assert document["animations"][0]["name"] == "face"
    names = {mesh["name"]: tuple(mesh["extras"]["targetNames"]) for mesh in document["meshes"]}
    assert names == CHARACTER_SHAPES
    moved = weights(document, data)
    assert set(moved) == set(CHARACTER_SHAPES)
    for mesh, (times, values) in moved.items():
        np.testing.assert_allclose(times, (START + np.arange(48)) / fps, rtol=0, atol=1e-6)
        np.testing.assert_allclose(values, staged.wanted(mesh), rtol=0, atol=TOLERANCE)


def test_skinned_meshes_lie_at_the_root(tmp_path: Path) -> None:
    stage_actor()
    document, _ = opened(exported(tmp_path / "face.glb"))
    roots = {document["nodes"][number]["name"] for number in document["scenes"][0]["nodes"]}
    assert roots == {"Rig", *CHARACTER_SHAPES}
    (rig,) = (node for node in document["nodes"] if node["name"] == "Rig")
    assert [document["nodes"][number]["name"] for number in rig["children"]] == ["neck"]


def test_the_head_turns(tmp_path: Path) -> None:
    stage_actor()
    document, data = opened(exported(tmp_path / "face.glb"))
    (animation,) = document["animations"]
    head = next(number for number, node in enumerate(document["nodes"]) if node["name"] == "head")
    turns = [one for one in animation["channels"] if one["target"] == {"node": head, "path": "rotation"}]
    rows = rows_of(document, data, animation["samplers"][turns[0]["sampler"]]["output"])
    assert len(rows) == 48
    assert np.ptp(rows, axis=0).max() > 0.05


def test_colors_that_shine_are_clamped(tmp_path: Path) -> None:
    stage_actor()
    body = bpy.data.objects["Body"].data
    colors = body.color_attributes.new("Glow", "FLOAT_COLOR", "POINT")
    colors.data.foreach_set("color", np.full(len(body.vertices) * 4, 1.5, np.float32))
    tree = body.materials[0].node_tree
    source = tree.nodes.new("ShaderNodeVertexColor")
    source.layer_name = "Glow"
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    tree.links.new(source.outputs["Color"], shader.inputs["Base Color"])
    document, data = opened(exported(tmp_path / "face.glb"))
    (mesh,) = (mesh for mesh in document["meshes"] if mesh["name"] == "Body")
    rows = rows_of(document, data, mesh["primitives"][0]["attributes"]["COLOR_0"])
    assert (rows == 1).all()


def test_modifiers_of_meshes_without_shapes_are_applied(tmp_path: Path) -> None:
    staged = stage_actor()
    hat = bpy.data.objects.new("Hat", bpy.data.meshes.new("Felt"))
    hat.data.from_pydata([(0, 0, 2), (0.1, 0, 2), (0, 0.1, 2)], [], [(0, 1, 2)])
    bpy.context.scene.collection.objects.link(hat)
    hat.parent = staged.rig
    hat.modifiers.new("Array", "ARRAY").count = 4
    hat.modifiers.new("Subdivision", "SUBSURF").levels = 2
    document, _ = opened(exported(tmp_path / "face.glb"))
    (mesh,) = (mesh for mesh in document["meshes"] if mesh["name"] == "Felt")
    assert document["accessors"][mesh["primitives"][0]["indices"]]["count"] == 4 * 3
    assert len(hat.data.polygons) == 1
    assert (hat.data.name, len(hat.modifiers)) == ("Felt", 2)


@pytest.mark.skipif(not (VALIDATOR and NODE), reason="MOUTHPIECE_GLTF_VALIDATOR names no folder with gltf-validator")
@pytest.mark.parametrize("fps", [24000 / 1001, 60.0])
@pytest.mark.parametrize("ending", [".glb", ".gltf"])
def test_khronos_validator_finds_nothing(tmp_path: Path, fps: float, ending: str) -> None:
    stage_actor(fps)
    issues = validated(exported(tmp_path / f"face{ending}"))
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


@pytest.mark.skipif(not (VALIDATOR and NODE), reason="MOUTHPIECE_GLTF_VALIDATOR names no folder with gltf-validator")
@pytest.mark.parametrize("character", CHARACTERS)
def test_khronos_validator_finds_nothing_in_the_demo_characters(tmp_path: Path, character: str) -> None:
    if not CHARACTERS[character].is_file():
        pytest.skip("the demo characters are not built")
    bpy.ops.mouthpiece.add_demo_character(character=character)
    rig = bpy.context.scene.mouthpiece.character
    write_take(find_character(rig), Take("line", "/nowhere/line.wav", 1, smooth(12)))
    issues = validated(exported(tmp_path / "face.glb"))
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_eyes_are_seen_through_corneas_and_cloth_shines_little(tmp_path: Path) -> None:
    """Blender's exporter writes what mixes a Transparent BSDF as opaque white."""
    if not CHARACTERS["WOMAN"].is_file():
        pytest.skip("the demo characters are not built")
    bpy.ops.mouthpiece.add_demo_character(character="WOMAN")
    write_take(find_character(bpy.context.scene.mouthpiece.character), Take("line", "/nowhere/line.wav", 1, smooth(12)))
    document, _ = opened(exported(tmp_path / "face.glb"))
    blended = {item["name"]: item for item in document["materials"] if item.get("alphaMode") == "BLEND"}
    assert set(blended) == {"Woman Cornea"}
    assert blended["Woman Cornea"]["pbrMetallicRoughness"]["baseColorFactor"][3] < 0.1
    # And the sheen of cloth without its weight.
    cloth = next(item for item in document["materials"] if item["name"] == "Woman Cloth")
    assert cloth["extensions"]["KHR_materials_sheen"]["sheenColorFactor"] == pytest.approx([0.15] * 3)


@pytest.mark.skipif(not GODOT, reason="MOUTHPIECE_GODOT names no Godot 4")
@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("imported", [True, False])
def test_godot_plays_it(tmp_path: Path, fps: float, imported: bool) -> None:
    """Imported in the editor, and read by a running game: what the faces show is what we wrote."""
    staged = stage_actor(fps)
    exported(tmp_path / "line.glb")
    task = {"imported": imported, "fps": fps, "frames": 48, "start_frame": START}
    (tmp_path / "task.json").write_text(json.dumps(task))
    (tmp_path / "project.godot").write_text("config_version=5\n")
    (tmp_path / "line.glb.import").write_text(EXACT_IMPORT)
    (tmp_path / "play.gd").write_text((HERE / "godot_glb.gd").read_text("utf-8"), "utf-8")
    if imported:
        godot("--path", tmp_path, "--import")
    done = godot("--path", tmp_path, "--script", "res://play.gd")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads((tmp_path / "shown.json").read_text("utf-8"))
    assert shown["clips"] == ["line"]
    assert {mesh: tuple(names) for mesh, names in shown["names"].items()} == CHARACTER_SHAPES
    for mesh, values in shown["values"].items():
        np.testing.assert_allclose(values, staged.wanted(mesh), rtol=0, atol=TOLERANCE)


def validated(path: Path) -> dict[str, Any]:
    """What the validator says of a file."""
    script = path.with_name("validate.mjs")
    script.write_text((HERE / "gltf_validate.mjs").read_text("utf-8"), "utf-8")
    (path.parent / "node_modules").symlink_to(Path(VALIDATOR) / "node_modules")
    done = subprocess.run([NODE, script, path.name], cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def godot(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*GODOT, *([] if "--headless" in GODOT else ["--headless"]), *map(str, arguments)]
    # A Godot in a root of its own sees the folder of temporary files, not every folder inside it.
    return subprocess.run(command, cwd=tempfile.gettempdir(), capture_output=True, text=True, timeout=300, check=False)

"""A cornea is as clear in every file as it is in Blender, and the user's own material stays as it is."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest
from export_cast import stage_actor
from mouthpiece.addon.bridge.export_clear import CLEAR

pytestmark = pytest.mark.usefixtures("registered")


@pytest.fixture
def cornea() -> bpy.types.Material:
    """The material of the actor's lashes, made clear as that of a cornea: a highlight over a Transparent BSDF."""
    stage_actor()
    material = bpy.data.materials["Lashes Paint"]
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.remove(next(node for node in nodes if node.type == "BSDF_PRINCIPLED"))
    clear, shine, mix = (nodes.new(f"ShaderNode{kind}") for kind in ("BsdfTransparent", "BsdfGlossy", "MixShader"))
    links.new(clear.outputs["BSDF"], mix.inputs[1])
    links.new(shine.outputs["BSDF"], mix.inputs[2])
    output = next(node for node in nodes if node.type == "OUTPUT_MATERIAL")
    links.new(mix.outputs["Shader"], output.inputs["Surface"])
    material.surface_render_method = "BLENDED"
    return material


def fbx(path: Path) -> None:
    bpy.ops.mouthpiece.export_fbx(filepath=str(path.with_suffix(".fbx")))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.fbx_import(filepath=str(path.with_suffix(".fbx")))


def gltf(path: Path) -> None:
    bpy.ops.mouthpiece.export_gltf(filepath=str(path.with_suffix(".glb")))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(path.with_suffix(".glb")))


def usd(path: Path) -> None:
    bpy.ops.mouthpiece.export_usd(filepath=str(path.with_suffix(".usdc")), ending=".usdc")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.usd_import(filepath=str(path.with_suffix(".usdc")))


@pytest.mark.parametrize("there_and_back", [fbx, gltf, usd])
def test_what_is_clear_arrives_clear(tmp_path: Path, cornea: bpy.types.Material, there_and_back: object) -> None:
    there_and_back(tmp_path / "face")
    lashes, body = (_surface(name) for name in ("Lashes", "Body"))
    seen = lashes["Alpha"].default_value * (1 - lashes["Transmission Weight"].default_value)
    assert seen == pytest.approx(CLEAR, abs=1e-3)
    assert (body["Alpha"].default_value, body["Transmission Weight"].default_value) == (1, 0)


@pytest.mark.parametrize("ending", ["fbx", "gltf", "usd"])
def test_the_users_own_material_stays(tmp_path: Path, cornea: bpy.types.Material, ending: str) -> None:
    mesh = bpy.data.objects["Lashes"].data
    kinds = sorted(node.type for node in cornea.node_tree.nodes)
    before = sorted(material.name for material in bpy.data.materials)
    files = {"fbx": "a.fbx", "gltf": "a.glb", "usd": "a.usdc"}
    getattr(bpy.ops.mouthpiece, f"export_{ending}")(filepath=str(tmp_path / files[ending]))
    assert sorted(material.name for material in bpy.data.materials) == before
    assert cornea.name == "Lashes Paint"
    assert mesh.materials[0] == cornea
    assert sorted(node.type for node in cornea.node_tree.nodes) == kinds


def _surface(name: str) -> bpy.types.NodeInputs:
    """The inputs of the shader of an imported material, whose name an importer may have spelt anew."""
    material = next(found for found in bpy.data.materials if found.name.startswith(name))
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED").inputs

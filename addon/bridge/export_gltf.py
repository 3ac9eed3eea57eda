"""A staged character as glTF: Blender's own exporter, and what it leaves to be put right after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import FormatError
from ...core.formats.glb import FLOAT, packed, rows_of, unpacked
from .export_motion import Span
from .export_stage import Stage, apply_modifiers

_BINARY = ".glb"


def export_gltf(path: Path, stage: Stage, span: Span) -> None:
    """Write a .glb, or a .gltf with its .bin and textures beside it. Raises: FormatError when the exporter is off."""
    if "gltf" not in dir(bpy.ops.export_scene):
        raise FormatError("Blender's glTF add-on is switched off; switch on glTF 2.0 in the preferences' add-ons.")
    apply_modifiers(stage)
    # The exporter multiplies by the base instead of dividing; with a base of 1 that is no matter.
    stage.scene.render.fps_base = 1.0
    bpy.ops.export_scene.gltf(
        filepath=str(path),
        check_existing=False,
        export_format="GLB" if path.suffix == _BINARY else "GLTF_SEPARATE",
        use_active_scene=True,
        export_animations=True,
        export_animation_mode="ACTIVE_ACTIONS",
        export_nla_strips_merged_animation_name=stage.scene.name,
        export_force_sampling=True,
        export_frame_range=True,
        export_negative_frame="CROP",
        export_morph=True,
        export_morph_animation=True,
        export_skins=True,
        export_extras=False,
        export_apply=False,
    )
    _put_right(path, stage.scene.render.fps, span.fps)


def _put_right(path: Path, counted_fps: int, fps: float) -> None:
    """Times of a rate that is no whole number, colours, sheen, and skinned meshes at the root."""
    binary = path.suffix == _BINARY
    document, data = unpacked(path.read_bytes()) if binary else (json.loads(path.read_text("utf-8")), b"")
    buffer = None if binary else path.parent / document["buffers"][0]["uri"]
    changed = bytearray(buffer.read_bytes() if buffer else data)
    retime(document, changed, counted_fps, fps)
    clamp_colors(document, changed)
    weigh_sheen(document, {material.name: _sheen_of(material) for material in bpy.data.materials})
    to_root(document)
    if buffer:
        buffer.write_bytes(changed)
        path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    else:
        path.write_bytes(packed(document, changed))


def retime(document: dict[str, Any], data: bytearray, counted_fps: float, fps: float) -> None:
    """Put all key times, which count frames at one rate, at another; bounds in the document follow."""
    samplers = [sampler for animation in document.get("animations", ()) for sampler in animation["samplers"]]
    for number in {sampler["input"] for sampler in samplers}:
        frames = np.round(rows_of(document, data, number)[:, 0] * counted_fps)
        times = (frames / fps).astype("<f4")
        _put(document, data, number, times)
        document["accessors"][number] |= {"min": [float(times.min())], "max": [float(times.max())]}


def clamp_colors(document: dict[str, Any], data: bytearray) -> None:
    """Keep vertex colours between 0 and 1; Blender's may shine brighter, glTF's may not."""
    primitives = [primitive for mesh in document.get("meshes", ()) for primitive in mesh["primitives"]]
    attributes = [item for primitive in primitives for item in primitive["attributes"].items()]
    for number in {number for name, number in attributes if name.startswith("COLOR_")}:
        accessor = document["accessors"][number]
        if accessor["componentType"] == FLOAT:
            _put(document, data, number, np.clip(rows_of(document, data, number), 0, 1).astype("<f4"))
            for bound in ("min", "max"):
                accessor.pop(bound, None)


def weigh_sheen(document: dict[str, Any], weights: dict[str, float]) -> None:
    """Scale sheen as the material does: the exporter writes its colour and leaves its weight out."""
    for material in document.get("materials", ()):
        sheen = material.get("extensions", {}).get("KHR_materials_sheen", {})
        if "sheenColorFactor" in sheen:
            weight = weights.get(material.get("name"), 1.0)
            sheen["sheenColorFactor"] = [weight * value for value in sheen["sheenColorFactor"]]


def _sheen_of(material: bpy.types.Material) -> float:
    """The weight of a material's sheen; 1 where a texture tells it or there is none."""
    nodes = material.node_tree.nodes if material.node_tree else ()
    inputs = [node.inputs["Sheen Weight"] for node in nodes if node.type == "BSDF_PRINCIPLED"]
    return next((1.0 if weight.is_linked else float(weight.default_value) for weight in inputs), 1.0)


def _put(document: dict[str, Any], data: bytearray, number: int, rows: np.ndarray) -> None:
    """Put other numbers in the place of an accessor's."""
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    place = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    data[place : place + rows.nbytes] = rows.tobytes()


def to_root(document: dict[str, Any]) -> None:
    """Put childless skinned meshes at the root: what is above a skinned mesh does not move it."""
    nodes = document.get("nodes", [])
    skinned = {number for number, node in enumerate(nodes) if "skin" in node and not node.get("children")}
    below = {child for node in nodes for child in node.get("children", ()) if child in skinned}
    for node in nodes:
        if below.intersection(node.get("children", ())):
            node["children"] = [child for child in node["children"] if child not in below]
            if not node["children"]:
                del node["children"]
    for number in sorted(below):
        document["scenes"][document.get("scene", 0)]["nodes"].append(number)
        for name in ("translation", "rotation", "scale", "matrix"):
            nodes[number].pop(name, None)

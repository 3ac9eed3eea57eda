"""A staged character as FBX: Blender's own exporter, and curves as animated properties of the root bone after it.

Unreal turns animated user properties of a bone into curves of the sequence ("Import Custom Attribute"), and reads shape
animation as morph curves by itself.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from ...core.errors import FormatError
from ...core.types import RigCurves
from .export_fbx_nodes import Node, node, read_fbx, small, write_fbx
from .export_motion import Span
from .export_stage import Stage

TICKS = 46_186_158_000
"""FBX counts so many in a second."""
_LAYER_LINK, _PROPERTY_LINK = "OO", "OP"
_USER_VALUE, _NODE_VALUE = "A+U", "A"


def export_fbx(path: Path, stage: Stage, curves: RigCurves | None, span: Span) -> None:
    """Write the character; curves with a row for each of the span's become properties of its root bone.

    Raises: FormatError when Blender's exporter is switched off.
    """
    if "fbx" not in dir(bpy.ops.export_scene):
        raise FormatError("Blender's FBX add-on is switched off; switch on FBX format in the preferences' add-ons.")
    bpy.ops.export_scene.fbx(
        filepath=str(path),
        check_existing=False,
        use_selection=False,
        object_types={"ARMATURE", "MESH", "EMPTY"},
        mesh_smooth_type="FACE",
        add_leaf_bones=False,
        use_custom_props=False,
        bake_anim=True,
        bake_anim_use_all_actions=False,
        bake_anim_use_nla_strips=False,
        # Nothing is thinned out: each frame keeps its key, exactly.
        bake_anim_simplify_factor=0.0,
        path_mode="COPY",
        embed_textures=True,
    )
    if curves is not None:
        version, root, foot = read_fbx(path.read_bytes())
        add_curves(root, curves, span.start)
        path.write_bytes(write_fbx(version, root, foot))


def add_curves(root: Node, curves: RigCurves, start: int) -> None:
    """Add a property a curve to the root bone, else to the topmost object, with a key a row.

    start: the frame of the first row. Raises: FormatError for a file without model or animation.
    """
    objects, links = root.first("Objects"), root.first("Connections")
    bone = _root_bone(objects, links)
    layer = objects.first("AnimationLayer").value(0)
    used = {child.value(0) for child in objects.children}
    fresh = iter(number for number in range(1_000_000, 2**31) if number not in used)
    times = np.round((start + np.arange(len(curves.values))) / curves.fps * TICKS).astype(np.int64)
    for name, column in zip(curves.names, curves.values.T, strict=True):
        curve, owner = next(fresh), next(fresh)
        bone.first("Properties70").children.append(_value(name, _USER_VALUE, float(column[0])))
        objects.children.append(_curve_node(owner, name, float(column[0])))
        objects.children.append(_curve(curve, times, column))
        links.children.append(node("C", _LAYER_LINK, owner, layer))
        links.children.append(node("C", _PROPERTY_LINK, owner, bone.value(0), name))
        links.children.append(node("C", _PROPERTY_LINK, curve, owner, f"d|{name}"))
    _count(root.first("Definitions"), len(curves.names))


def _root_bone(objects: Node, links: Node) -> Node:
    """The bone on which no other lies, else the first object. Raises: FormatError."""
    models = {model.value(0): model for model in objects.all("Model")}
    above = {link.value(1): link.value(2) for link in links.all("C") if link.value(1) in models}
    bones = [model for model in models.values() if model.value(2) == "LimbNode"]
    roots = [bone for bone in bones if models.get(above.get(bone.value(0))) not in bones]
    if not models:
        raise FormatError("The character has nothing that FBX can carry; give it a mesh or an armature.")
    return next(iter((*roots, *models.values())))


def _value(name: str, flags: str, value: float) -> Node:
    return node("P", name, "Number", "", flags, value)


def _curve_node(number: int, name: str, value: float) -> Node:
    values = node("Properties70", children=[_value(f"d|{name}", _NODE_VALUE, value)])
    return node("AnimationCurveNode", number, f"{name}\0\1AnimCurveNode", "", children=[values])


def _curve(number: int, times: np.ndarray, values: np.ndarray) -> Node:
    """Keys with straight lines between them."""
    version = Node("KeyVer", [small(4008)])
    parts = [
        node("Default", 0.0),
        version,
        node("KeyTime", times),
        node("KeyValueFloat", values.astype(np.float32)),
        # One set of flags and data for all keys: 4 is linear.
        node("KeyAttrFlags", np.array([4], np.int32)),
        node("KeyAttrDataFloat", np.zeros(4, np.float32)),
        node("KeyAttrRefCount", np.array([len(times)], np.int32)),
    ]
    return node("AnimationCurve", number, "\0\1AnimCurve", "", children=parts)


def _count(definitions: Node, more: int) -> None:
    """Tell readers of the counts that there are more curves."""
    counts = [
        kind.first("Count") for kind in definitions.all("ObjectType") if kind.value(0).startswith("AnimationCurve")
    ]
    for count in counts:
        count.set(0, count.value(0) + more)
    total = definitions.first("Count")
    total.set(0, total.value(0) + more * len(counts))

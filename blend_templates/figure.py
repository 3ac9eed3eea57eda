"""Turn a character's parts into Blender objects: meshes with shape keys on an armature, in one collection."""

from __future__ import annotations

import re

import bpy
import numpy as np
from mathutils import Matrix

from core.head.model import BONES, Character, Look
from core.head.part import Part
from core.rig.arkit import ARKIT_52

from .materials import make_materials

METRES = 0.1
"""Metres in a decimetre."""

SMOOTHED = ("Skin", "Top", "Teeth Upper", "Teeth Lower", "Tongue")
SOURCE_ATTRIBUTE = "base_vertex"
"""Vertex attribute of the skin: which vertex of MakeHuman's base mesh this is, so that core.head.lips applies."""

GUARDS: dict[str, tuple[str, str]] = {
    "lipGuard": ("mouthClose", "max(mouthClose - jawOpen, 0)"),
    "lidGuardLeft": ("eyeBlinkLeft", "max(eyeBlinkLeft + 0.3 * eyeLookDownLeft + 0.2 * eyeSquintLeft - 1, 0)"),
    "lidGuardRight": ("eyeBlinkRight", "max(eyeBlinkRight + 0.3 * eyeLookDownRight + 0.2 * eyeSquintRight - 1, 0)"),
}
"""Driven keys that take back what would push lips or lids through each other: the shape undone, and by how much."""


def to_blender(points: np.ndarray, floor: float = 0.0) -> np.ndarray:
    """Decimetres, y up, face towards +z, to metres, z up, face towards -y; floor: height that becomes z = 0."""
    x, y, z = points[..., 0], points[..., 1] - floor, points[..., 2]
    return np.ascontiguousarray(np.stack([x, -z, y], -1) * METRES, np.float32)


def make_figure(name: str, character: Character, look: Look) -> bpy.types.Collection:
    """A collection called name with the armature and all parts."""
    collection = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(collection)
    rig = _armature(name, character, collection)
    materials = make_materials(look, name)
    for part in character.parts:
        item = _mesh_object(f"{name} {part.name}", part, character.floor)
        collection.objects.link(item)
        for material in part.materials:
            item.data.materials.append(materials[material])
        _attach(item, part, rig)
        if part.name in SMOOTHED:
            _smooth(item, part)
        if part.shapes:
            _add_guards(item)
    return collection


def _armature(name: str, character: Character, collection: bpy.types.Collection) -> bpy.types.Object:
    rig = bpy.data.objects.new(f"{name} Rig", bpy.data.armatures.new(f"{name} Rig"))
    collection.objects.link(rig)
    rig.show_in_front = True
    rig.data.display_type = "STICK"
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    above = None
    for bone_name in BONES:
        bone = rig.data.edit_bones.new(bone_name)
        bone.head, bone.tail = to_blender(character.joints[bone_name], character.floor).tolist()
        bone.parent = above
        above = bone
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in rig.pose.bones:
        bone.rotation_mode = "XYZ"
    return rig


def _mesh_object(name: str, part: Part, floor: float) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(to_blender(part.points, floor).tolist(), [], part.faces)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(part.faces), bool))
    if part.face_materials:
        mesh.polygons.foreach_set("material_index", np.array(part.face_materials, np.int32))
    if part.corner_uvs is not None:
        mesh.uv_layers.new(name="UVMap").uv.foreach_set("vector", part.corner_uvs.ravel())
    for attribute, colors in part.colors.items():
        layer = mesh.color_attributes.new(attribute, "FLOAT_COLOR", "POINT")
        layer.data.foreach_set("color", colors.ravel())
    if part.sources is not None:
        mesh.attributes.new(SOURCE_ATTRIBUTE, "INT", "POINT").data.foreach_set("value", part.sources)
    item = bpy.data.objects.new(name, mesh)
    _add_shapes(item, part)
    return item


def _add_shapes(item: bpy.types.Object, part: Part) -> None:
    """Shape keys in ARKit's order; the skin carries all 52, even one that moves other parts only."""
    names = ARKIT_52 if part.name == "Skin" else [name for name in ARKIT_52 if name in part.shapes]
    if not names:
        return
    item.shape_key_add(name="Basis", from_mix=False)
    base = np.empty(len(part.points) * 3, np.float32)
    item.data.vertices.foreach_get("co", base)
    for name in names:
        key = item.shape_key_add(name=name, from_mix=False)
        if name in part.shapes:
            key.data.foreach_set("co", base + to_blender(part.shapes[name]).ravel())
    item.data.shape_keys.name = item.name
    item.show_only_shape_key = False
    item.active_shape_key_index = 0


def _attach(item: bpy.types.Object, part: Part, rig: bpy.types.Object) -> None:
    """Parent a part to the armature: weighted when it has weights, else rigidly to the head bone."""
    item.parent = rig
    if not part.weights:
        bone = rig.data.bones["head"]
        item.parent_type = "BONE"
        item.parent_bone = "head"
        item.matrix_parent_inverse = (bone.matrix_local @ Matrix.Translation((0, bone.length, 0))).inverted()
        return
    for bone_name in BONES:
        group = item.vertex_groups.new(name=bone_name)
        for vertex, weight in enumerate(part.weights[bone_name]):
            if weight > 1e-3:
                group.add([vertex], float(weight), "REPLACE")
    modifier = item.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig


def _smooth(item: bpy.types.Object, part: Part) -> None:
    if part.name == "Top":
        solid = item.modifiers.new("Thickness", "SOLIDIFY")
        solid.thickness, solid.offset = 0.003, -1
    modifier = item.modifiers.new("Smooth", "SUBSURF")
    modifier.levels = modifier.render_levels = 1
    modifier.show_only_control_edges = True


def _add_guards(item: bpy.types.Object) -> None:
    keys = item.data.shape_keys
    base, undone = (np.empty(len(item.data.vertices) * 3, np.float32) for _ in range(2))
    keys.key_blocks["Basis"].data.foreach_get("co", base)
    for name, (shape, expression) in GUARDS.items():
        if shape not in keys.key_blocks:
            continue
        keys.key_blocks[shape].data.foreach_get("co", undone)
        guard = item.shape_key_add(name=name, from_mix=False)
        guard.data.foreach_set("co", 2 * base - undone)
        driver = guard.driver_add("value").driver
        # Every name needs its variable: only then is the driver simple enough to run without being trusted.
        for word in sorted(set(re.findall(r"\w+", expression)).intersection(ARKIT_52)):
            variable = driver.variables.new()
            variable.name = word
            variable.targets[0].id_type = "KEY"
            variable.targets[0].id = keys
            variable.targets[0].data_path = f'key_blocks["{word}"].value'
        driver.expression = expression

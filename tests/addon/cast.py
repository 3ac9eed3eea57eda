"""A small character built by code, with everything that makes real ones hard."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.types import Performance, RigCurves


def build_mesh(name: str, keys: tuple[str, ...], basis: bool = True) -> bpy.types.Object:
    """A mesh of one cube-like cloud whose shape keys each move a vertex of their own."""
    mesh = bpy.data.meshes.new(name)
    count = max(len(keys), 1)
    angles = np.linspace(0, 2 * math.pi, count, endpoint=False)
    mesh.from_pydata([(math.cos(a) * 0.1, math.sin(a) * 0.1, 1.6) for a in angles], [], [])
    built = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(built)
    if basis:
        built.shape_key_add(name="Basis")
        for row, key in enumerate(keys):
            built.shape_key_add(name=key).data[row].co += Vector((0, 0, 0.01))
    return built


def build_armature(name: str = "Rig", bone: str = "head", roll: float = 0.7) -> bpy.types.Object:
    """An armature with an oddly oriented head bone under a neck."""
    armature = bpy.data.armatures.new(name)
    built = bpy.data.objects.new(name, armature)
    bpy.context.scene.collection.objects.link(built)
    bpy.context.view_layer.objects.active = built
    bpy.ops.object.mode_set(mode="EDIT")
    neck = armature.edit_bones.new("neck")
    neck.head, neck.tail = (0, 0, 1.4), (0, 0.02, 1.5)
    head = armature.edit_bones.new(bone)
    head.head, head.tail, head.roll = (0, 0, 1.5), (0.05, -0.1, 1.7), roll
    head.parent = neck
    bpy.ops.object.mode_set(mode="OBJECT")
    return built


def build_character(bone: str = "head") -> bpy.types.Object:
    """Body with all shapes, teeth and lashes with some, on one armature. Returns the armature."""
    rig = build_armature(bone=bone)
    for name, keys in (
        ("Body", ARKIT_52),
        ("Teeth", ("jawOpen", "jawLeft", "jawRight", "jawForward")),
        ("Lashes", ("eyeBlinkLeft", "eyeBlinkRight")),
    ):
        part = build_mesh(name, keys)
        part.parent = rig
        part.modifiers.new("Armature", "ARMATURE").object = rig
    return rig


def perform(rows: int = 12, fps: float = 24.0, seed: int = 0) -> Performance:
    """A performance in which every shape and the head move."""
    random = np.random.default_rng(seed)
    values = random.uniform(0, 1, (rows, len(ARKIT_52))).astype(np.float32)
    head = random.uniform(-0.3, 0.3, (rows, 3)).astype(np.float32)
    return Performance(RigCurves(ARKIT_52, values, fps), head)


def shape_value(mesh_object: bpy.types.Object, key: str, frame: int) -> float:
    """What the depsgraph shows of a shape at a frame."""
    bpy.context.scene.frame_set(frame)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    return mesh_object.data.shape_keys.evaluated_get(depsgraph).key_blocks[key].value


def bone_turn(rig: bpy.types.Object, bone: str, frame: int) -> Matrix:
    """The rotation of a bone against its rest, in the armature's space."""
    bpy.context.scene.frame_set(frame)
    posed = rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones[bone]
    return posed.matrix.to_3x3() @ rig.data.bones[bone].matrix_local.to_3x3().inverted()


def angles_matrix(yaw: float, pitch: float, roll: float) -> Matrix:
    """The head's turn by the contract, written out: left is +X, back is +Y, up is +Z."""
    return Matrix.Rotation(yaw, 3, "Z") @ Matrix.Rotation(-pitch, 3, "X") @ Matrix.Rotation(roll, 3, "Y")


def link_cast(folder: Path, rig: bpy.types.Object) -> bpy.types.Collection:
    """The collection "Cast" of a rig and all below it, linked into a new file from one saved in a folder."""
    collection = bpy.data.collections.new("Cast")
    bpy.context.scene.collection.children.link(collection)
    for member in (rig, *rig.children_recursive):
        collection.objects.link(member)
    blend = str(folder / "cast.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(blend, link=True) as (_, here):
        here.collections = ["Cast"]
    bpy.context.scene.collection.children.link(here.collections[0])
    return here.collections[0]

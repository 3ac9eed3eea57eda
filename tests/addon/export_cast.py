"""A character with faces, skin weights and materials, for exporters leave out what has none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bpy
import numpy as np
from cast import build_armature
from mathutils import Vector
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.keys import Take, write_take
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.types import Performance, RigCurves

RATES = (24000 / 1001, 24.0, 30.0, 60000 / 1001, 120.0)
CHARACTER_SHAPES = {
    "Body": ARKIT_52,
    "Teeth": ("jawOpen", "jawLeft", "jawRight", "jawForward"),
    "Lashes": ("eyeBlinkLeft", "eyeBlinkRight"),
}


def build_sheet(name: str, keys: tuple[str, ...], rig: bpy.types.Object) -> bpy.types.Object:
    """A grid with UVs, smooth faces and a material, bent by the rig's head; each shape moves a part of it."""
    mesh = bpy.data.meshes.new(name)
    side = 8
    row = side + 1
    grid = [(x, y) for y in range(row) for x in range(row)]
    points = [(x / side - 0.5, 0.02 * math.sin(x + y), 1.4 + y / side / 2) for x, y in grid]
    corners = [y * row + x for x, y in grid if x < side and y < side]
    faces = [(corner, corner + 1, corner + row + 1, corner + row) for corner in corners]
    mesh.from_pydata(points, [], faces)
    layer = mesh.uv_layers.new(name="UVMap")
    for loop in mesh.loops:
        x, _, z = mesh.vertices[loop.vertex_index].co
        layer.data[loop.index].uv = (x + 0.5, (z - 1.4) * 2)
    mesh.materials.append(_material(f"{name} Paint"))
    built = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(built)
    for bone, first, last in (("neck", 0, 20), ("head", 20, len(points))):
        built.vertex_groups.new(name=bone).add(list(range(first, last)), 1.0, "REPLACE")
    built.shape_key_add(name="Basis")
    for place, key in enumerate(keys):
        block = built.shape_key_add(name=key)
        for vertex in range(place % 40, len(points), 40):
            block.data[vertex].co += Vector((0, -0.03, 0.01))
    built.parent = rig
    built.modifiers.new("Armature", "ARMATURE").object = rig
    return built


def build_actor() -> bpy.types.Object:
    """Skin, teeth and lashes on a rig with neck and head. Returns the armature."""
    rig = build_armature()
    for name, keys in CHARACTER_SHAPES.items():
        build_sheet(name, keys, rig)
    return rig


def smooth(rows: int = 48, fps: float = 24.0) -> Performance:
    """Motion as speech makes it: a few hertz, all shapes and the head."""
    random = np.random.default_rng(4)
    times = np.arange(rows)[:, None] / fps
    waves = np.sin(2 * np.pi * (times * random.uniform(0.5, 4, 52) + random.random(52)))
    values = np.clip(0.5 + 0.5 * waves, 0, 1).astype(np.float32)
    head = (0.25 * np.sin(2 * np.pi * (times * (0.5, 0.7, 0.9) + (0, 0.2, 0.4)))).astype(np.float32)
    return Performance(RigCurves(ARKIT_52, values, fps), head)


def _material(name: str) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    if not material.node_tree:
        material.use_nodes = True
    return material


@dataclass(frozen=True, slots=True)
class Staged:
    """A scene with an actor that performs from a frame on, and what it performs."""

    rig: bpy.types.Object
    performance: Performance
    start: int = 10

    def wanted(self, mesh: str) -> np.ndarray:
        """What a mesh's shapes do, float32 [T, K], in the order of CHARACTER_SHAPES."""
        curves = self.performance.curves
        return np.stack([curves.column(name) for name in CHARACTER_SHAPES[mesh]], axis=1)


def stage_actor(fps: float = 24.0, rows: int = 48) -> Staged:
    """An actor with a take in a scene of a rate, chosen as the character."""
    scene = bpy.context.scene
    scene.render.fps = round(fps)
    scene.render.fps_base = round(fps) / fps
    staged = Staged(build_actor(), smooth(rows, fps))
    write_take(find_character(staged.rig), Take("line", "/nowhere/line.wav", staged.start, staged.performance))
    scene.mouthpiece.character = staged.rig
    return staged

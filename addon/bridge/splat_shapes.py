"""A character's meshes at rest and in each of their shapes, as modifiers show them, without touching the character."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix

from .family import match_of

STILL_M = 1e-5
"""A shape moves what it moves by more than this."""
_BENDING = ("ARMATURE", "LATTICE", "MESH_DEFORM", "SURFACE_DEFORM", "CLOTH", "SOFT_BODY")
"""Modifiers that follow other things than shapes; at rest they do nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Shaped:
    """One mesh. points: float64 [v, 3], in the frame asked for; shapes: by slider, float64 [v, 3] offsets;
    mesh: evaluated at rest, valid as long as the stage is."""

    source: bpy.types.Object
    mesh: bpy.types.Mesh
    points: np.ndarray
    shapes: dict[str, np.ndarray]


@contextmanager
def shaped(meshes: list[bpy.types.Object], frame: Matrix) -> Iterator[list[Shaped]]:
    """Meshes as copies on a stage of their own, each of their keys on in turn.

    frame: world to the axes wanted. What drives, keys or poses the originals does not count.
    """
    stage = bpy.data.scenes.new("Sampling")
    copies = []
    try:
        for source in meshes:
            copies.append((source, _copied(source, stage)))
        yield [_shaped(source, copy, stage, frame @ source.matrix_world) for source, copy in copies]
    finally:
        bpy.data.scenes.remove(stage)
        for _, copy in copies:
            mesh = copy.data
            bpy.data.objects.remove(copy)
            bpy.data.meshes.remove(mesh)


def _copied(source: bpy.types.Object, stage: bpy.types.Scene) -> bpy.types.Object:
    copy = source.copy()
    copy.data = source.data.copy()
    copy.animation_data_clear()
    copy.parent = None
    copy.matrix_world = Matrix()
    copy.hide_viewport = False
    copy.use_shape_key_edit_mode = copy.show_only_shape_key = False
    for modifier in list(copy.modifiers):
        if modifier.type in _BENDING:
            copy.modifiers.remove(modifier)
    key = copy.data.shape_keys
    if key:
        key.animation_data_clear()
        for block in key.key_blocks:
            block.value, block.mute, block.slider_max = 0.0, False, max(block.slider_max, 1.0)
            block.slider_min = min(block.slider_min, 0.0)
            block.value = 0.0
    stage.collection.objects.link(copy)
    return copy


def _shaped(source: bpy.types.Object, copy: bpy.types.Object, stage: bpy.types.Scene, place: Matrix) -> Shaped:
    to = np.array(place, np.float64)
    rest = _points(copy, stage)
    shapes: dict[str, np.ndarray] = {}
    for slider, names in _sliders(copy).items():
        for name in names:
            block = copy.data.shape_keys.key_blocks[name]
            block.value = 1.0
            moved = _points(copy, stage)
            block.value = 0.0
            # A modifier that makes other vertices for a shape leaves nothing to compare.
            if moved.shape == rest.shape and np.abs(moved - rest).max(initial=0) > STILL_M:
                shapes[slider] = shapes.get(slider, 0.0) + (moved - rest) @ to[:3, :3].T
    _points(copy, stage)
    mesh = copy.evaluated_get(stage.view_layers[0].depsgraph).data
    mesh.calc_loop_triangles()
    return Shaped(source, mesh, rest @ to[:3, :3].T + to[:3, 3], shapes)


def _sliders(copy: bpy.types.Object) -> dict[str, tuple[str, ...]]:
    """What each slider moves: keys that carry ARKit's names under those, others under their own."""
    key = copy.data.shape_keys
    if key is None or not key.use_relative:
        return {}
    match = match_of(copy)
    names = [block.name for block in key.key_blocks if block != key.reference_key]
    taken = {name for own in match.matched.values() for name in own}
    return {**match.matched, **{name: (name,) for name in names if name not in taken and name not in match.matched}}


def _points(copy: bpy.types.Object, stage: bpy.types.Scene) -> np.ndarray:
    layer = stage.view_layers[0]
    layer.update()
    mesh = copy.evaluated_get(layer.depsgraph).data
    out = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_get("co", out.ravel())
    return out.astype(np.float64)

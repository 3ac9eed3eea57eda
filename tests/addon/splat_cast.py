"""Splats and small heads of splats for tests in Blender."""

from __future__ import annotations

import bpy
import numpy as np
from mouthpiece.addon.bridge.splat_cloud import new_points, write_cloud
from mouthpiece.addon.bridge.splat_heads import add_head
from mouthpiece.addon.bridge.splat_scene import Seen, seen
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.splat.deltas import no_deltas
from mouthpiece.core.splat.head import Clip, SplatHead, Template
from mouthpiece.core.splat.sample_mesh import Surface, splat_head
from mouthpiece.core.splat.types import Splats

COUNT = 50


def some_splats(seed: int = 0, held: int = 4, count: int = COUNT) -> Splats:
    random = np.random.default_rng(seed)
    quats = random.normal(size=(count, 4)).astype(np.float32)
    quats /= np.linalg.norm(quats, axis=1, keepdims=True)
    return Splats(
        random.normal(size=(count, 3)).astype(np.float32),
        quats,
        random.normal(-4, 1, (count, 3)).astype(np.float32),
        random.normal(size=count).astype(np.float32),
        random.normal(size=(count, held, 3)).astype(np.float32),
    )


def add_cloud(name: str, seed: int = 0) -> bpy.types.Object:
    cloud = new_points(name, COUNT)
    write_cloud(cloud, some_splats(seed))
    made = bpy.data.objects.new(name, cloud)
    bpy.context.scene.collection.objects.link(made)
    return made


def small_head(name: str = "Small", count: int = 60, seed: int = 0) -> SplatHead:
    """A folded square a metre up whose shapes each lift a corner of their own a little; and a clip that shifts all."""
    random = np.random.default_rng(seed)
    points = np.array([[0, 1, 0], [0.1, 1, 0.02], [0.1, 1.1, 0], [0, 1.1, 0.02]], np.float32)
    shapes = {
        shape: (np.array([k % 4], np.int32), random.normal(0, 0.02, (1, 3)).astype(np.float32))
        for k, shape in enumerate((*ARKIT_52, "ownShape"))
    }
    surface = Surface(
        Template(points, np.array([[0, 1, 2], [0, 2, 3]], np.int32), shapes),
        random.uniform(0, 1, (4, 3)).astype(np.float32),
        np.ones(2, np.float32),
        np.full(2, 0.9, np.float32),
        np.zeros(2, np.bool_),
        (("neck", "head"), np.array([[0, 0.8, 0], [0, 0.9, 0]], np.float32), (0.4, 0.6)),
        np.tile(np.array([0.3, 0.7], np.float32), (4, 1)),
    )
    head = splat_head(surface, count, facts={"name": name, "license": "CC0-1.0"})
    head.clips["nod"] = Clip(np.zeros((5, 0), np.float32), 25.0, no_deltas())
    return head


def add_small_head(name: str = "Small", seed: int = 0) -> bpy.types.Object:
    return add_head(small_head(name, seed=seed), name, bpy.context.scene.collection)


def look() -> tuple[Seen, ...]:
    return seen(bpy.context.evaluated_depsgraph_get())


def dial(made: bpy.types.Object, **values: float) -> None:
    """Move sliders as a user does."""
    for name, value in values.items():
        made[name] = value
    made.update_tag()
    bpy.context.view_layer.update()

"""Small random heads of splats for tests: every layer in use, nothing about them tidy."""

from __future__ import annotations

import numpy as np

from core.quats import unit
from core.rig.arkit import ARKIT_52
from core.splat.deltas import COLUMNS, packed
from core.splat.head import Binding, Bones, Ceiling, Clip, SplatHead, Template

GROUPS = tuple(COLUMNS)
ALL = sum(COLUMNS.values())


def changes(random, count, names, groups=GROUPS, kind=np.int8):
    width = sum(COLUMNS[group] for group in groups)
    made = {}
    for name in names:
        change = random.normal(0, 0.05, (count, width)).astype(np.float32)
        change[random.random(count) < 0.6] = 0
        made[name] = change
    return packed(made, groups, 1e-4, kind)


def small_head(count=150, degree=1, seed=5):
    random = np.random.default_rng(seed)
    points = (random.normal(0, 0.1, (40, 3)) + np.array([0, 1.5, 0])).astype(np.float32)
    triangles = np.array([random.choice(40, 3, replace=False) for _ in range(50)], np.int32)
    shapes = {}
    for name in (*ARKIT_52[:9], "jawOpen", "mouthClose", "wink"):
        vertices = np.sort(random.choice(25, 8, replace=False)).astype(np.int32)
        shapes[name] = vertices, random.normal(0, 0.02, (8, 3)).astype(np.float32)
    binding = Binding(
        np.sort(random.integers(0, 50, count)).astype(np.int32),
        random.uniform(0, 0.5, (count, 2)).astype(np.float32),
        random.normal(0, 0.01, (count, 3)).astype(np.float32),
        unit(random.normal(size=(count, 4))).astype(np.float32),
        random.uniform(-6, -4, (count, 3)).astype(np.float32),
    )
    weights = random.dirichlet((1, 1, 1), count).astype(np.float32)
    pivots = np.array([[0, 1.2, 0], [0, 1.35, 0], [0, 1.45, 0.02]], np.float32)
    correctives = changes(random, count, ("jawOpen", "smile", "pout"))
    mix = random.uniform(-1, 1, (3, 52)).astype(np.float32)
    clip = Clip(
        random.normal(size=(6, 2)).astype(np.float32),
        25.0,
        changes(random, count, ("first", "second"), ("offset", "color"), np.float16),
    )
    return SplatHead(
        Template(points, triangles, shapes),
        binding,
        Bones(("chest", "neck", "head"), pivots, (0.0, 0.3, 0.7), weights),
        random.normal(1, 1, count).astype(np.float32),
        random.normal(0, 0.3, (count, (degree + 1) ** 2, 3)).astype(np.float32),
        correctives,
        mix,
        (Ceiling("mouthClose", 0.1, {"jawOpen": 1.0}),),
        {"take": clip},
        {"name": "Nobody"},
    )

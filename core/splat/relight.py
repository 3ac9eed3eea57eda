"""Light a sampled head: bake a studio into its colours, and how they change with each shape into its correctives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..head.surface import unit, vertex_normals
from ..rig.arkit import ARKIT_52
from .deltas import packed
from .head import SplatHead
from .light import PORTRAIT, Lit, Studio, baked
from .ordering import together
from .pose import pose
from .types import SH_DC

LEAST_CHANGE = 0.02
"""Change of a colour, display values, below which a splat has no part in a corrective."""


def lit_head(
    head: SplatHead, albedo: np.ndarray, gloss: np.ndarray, studio: Studio = PORTRAIT, rays: int = 40
) -> SplatHead:
    """A head with a studio's light in its colours, and one corrective for each of its ARKit shapes that changes it.

    albedo: linear [N, 3]; gloss: [N], 0..1; as in core.splat.light.Lit. Correctives the head had are replaced.
    Its splats are put in another order: what moves lies together.
    """
    plain = replace(head, correctives=packed({}, (), 0), mix=np.zeros((0, len(ARKIT_52)), np.float32))
    rest = _seen(plain, {}, (albedo, gloss), studio, rays)
    changes = {}
    for name in plain.template.shapes:
        if name in ARKIT_52:
            company = _company(head, name)
            before = _seen(plain, company, (albedo, gloss), studio, rays) if company else rest
            change = _seen(plain, {**company, name: 1.0}, (albedo, gloss), studio, rays) - before
            change[np.abs(change).max(1) < LEAST_CHANGE] = 0
            if change.any():
                changes[name] = (change / SH_DC).astype(np.float32)
    mix = np.array([[float(name == shape) for shape in ARKIT_52] for name in changes], np.float32)
    sh = head.sh.copy()
    sh[:, 0] = (rest - 0.5) / SH_DC
    deltas = packed(changes, ("color",), LEAST_CHANGE / SH_DC)
    return together(replace(plain, sh=sh, correctives=deltas, mix=mix.reshape(len(changes), len(ARKIT_52))))


def _company(head: SplatHead, name: str) -> dict[str, float]:
    """The shapes without which a shape is held at 0: lips closed over a shut jaw would lie in each other."""
    for ceiling in head.ceilings:
        if ceiling.shape == name and ceiling.base <= 0:
            return {other: 1.0 for other, slope in ceiling.slopes.items() if slope > 0}
    return {}


def _seen(
    head: SplatHead, weights: dict[str, float], looks: tuple[np.ndarray, np.ndarray], studio: Studio, rays: int
) -> np.ndarray:
    """Display colours [N, 3] of a head in a pose, under a studio that does not move."""
    free = replace(head, ceilings=())
    return baked(Lit(pose(free, weights).means, normals(free, weights), *looks), studio, rays)


def normals(head: SplatHead, weights: dict[str, float]) -> np.ndarray:
    """Smooth surface normals [N, 3] at the splats of a head whose template has some of its shapes on."""
    points = head.template.points.astype(np.float64)
    for name, value in weights.items():
        vertices, offsets = head.template.shapes[name]
        points[vertices] += value * offsets
    at_vertices = vertex_normals(points, head.template.triangles)
    u, v = head.binding.places.T[..., None].astype(np.float64)
    a, b, c = np.moveaxis(at_vertices[head.template.triangles[head.binding.triangles]], 1, 0)
    return unit((1 - u - v) * a + u * b + v * c)

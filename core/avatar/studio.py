"""Lamps that stay where they are while a filmed head turns: what a real speaker's colours do, and baked ones do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..rig.arkit import ARKIT_52
from ..splat.dials import turned_bones
from ..splat.head import SplatHead
from ..splat.light import PORTRAIT, Studio, displayed, linear_light
from ..splat.relight import normals
from ..splat.types import SH_DC, Splats

GLOW = 0.12
"""How far skin glows past the edge of light, as in core.splat.light."""


def lit_anew(
    head: SplatHead, posed: Splats, weights: np.ndarray, turn: np.ndarray, studio: Studio = PORTRAIT
) -> Splats:
    """Posed splats of degree 0 whose baked light is exchanged for that of a studio that did not turn along.

    weights: [52]; turn: [3], radians, as in Performance.head. Shadows stay as they were baked; each side gets the light
    of where it faces now instead of where it faced at rest.
    """
    before = normals(head, dict(zip(ARKIT_52, weights.tolist(), strict=True)))
    rotation = turned_bones(head.bones, turn).affines[:, :, :3]
    after = np.einsum("nb,bij,nj->ni", head.bones.weights, rotation, before)
    after /= np.maximum(np.linalg.norm(after, axis=1, keepdims=True), 1e-9)
    light = linear_light(np.clip(0.5 + SH_DC * posed.sh[:, 0], 0, 1))
    shown = displayed(light * _light_on(after, studio) / _light_on(before, studio))
    return replace(posed, sh=((shown - 0.5) / SH_DC).astype(np.float32)[:, None])


def _light_on(normals: np.ndarray, studio: Studio) -> np.ndarray:
    """Linear light [n, 3] on surfaces that face along unit normals [n, 3], nothing in its way."""
    high = 0.5 + 0.5 * normals[:, 1:2]
    total = high * np.array(studio.sky) + (1 - high) * np.array(studio.ground)
    for lamp in studio.lamps:
        toward = np.array(lamp.toward) / np.linalg.norm(lamp.toward)
        facing = np.clip((normals @ toward + GLOW) / (1 + GLOW), 0, None)
        total = total + facing[:, None] * np.array(lamp.color)
    return total

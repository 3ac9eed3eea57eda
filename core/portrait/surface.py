"""A person's bust as a surface to put splats on: how dense, how solid, and what colour where no picture tells."""

from __future__ import annotations

import numpy as np

from ..splat.head import Ceiling
from ..splat.sample_mesh import Surface
from ..template.types import BONES, REGIONS, HeadTemplate
from .stance import SHARES

SPLATS = 44_000
DENSITY: dict[str, float] = {
    "skin": 1.6, "lips": 5.0, "lids": 9.0, "ears": 0.8, "scalp": 0.8, "neck": 0.5, "torso": 0.6, "mouth bag": 0.35,
    "sockets": 0.8, "white": 3.0, "iris": 8.0, "upper teeth": 2.5, "lower teeth": 2.5, "gums": 0.8, "tongue": 1.0,
}  # fmt: skip
"""Splats that an area of each region gets over what it gets at 1: most where the eye looks."""
PRESETS: dict[str, tuple[float, float, float]] = {
    "skin": (0.72, 0.56, 0.48), "lips": (0.66, 0.42, 0.40), "lids": (0.66, 0.50, 0.43), "ears": (0.70, 0.53, 0.45),
    "scalp": (0.30, 0.24, 0.21), "neck": (0.66, 0.51, 0.44), "torso": (0.35, 0.36, 0.40),
    "mouth bag": (0.24, 0.09, 0.09), "sockets": (0.55, 0.36, 0.33), "white": (0.82, 0.80, 0.78),
    "iris": (0.26, 0.19, 0.14), "upper teeth": (0.64, 0.60, 0.54), "lower teeth": (0.57, 0.53, 0.47),
    "gums": (0.58, 0.30, 0.29), "tongue": (0.54, 0.34, 0.33),
}  # fmt: skip
"""Display colours of what a picture shows nothing of."""
FAMILIES: dict[str, str] = {
    "skin": "skin", "lids": "skin", "ears": "skin", "neck": "skin", "lips": "lips", "scalp": "scalp",
    "torso": "torso", "white": "white", "iris": "iris",
}  # fmt: skip
"""Regions among which colours spread to what is not seen; the others keep their presets, for a picture shows of them a
few pixels in the shadow of the lips at best."""
DARKEST = 0.4
"""How dark the back of the mouth is over its front."""
SOLID = 0.97
CEILINGS = (Ceiling("mouthClose", 0.0, {"jawOpen": 1.0}),)
"""Lips close no further than the jaw is open, as on the demo characters."""


def bust(template: HeadTemplate, points: np.ndarray, growth: np.ndarray) -> Surface:
    """The bust of a person in the colours of PRESETS. points: [V, 3], at rest; growth: [52], as HeadTemplate.mesh."""
    faces = region_of_faces(template)
    mesh = template.mesh(points, growth)
    density = np.array([DENSITY[name] for name in REGIONS], np.float32)
    return Surface(
        mesh,
        preset_colors(template, points),
        density[faces],
        np.full(len(faces), SOLID, np.float32),
        np.zeros(len(faces), bool),
        (BONES, template.pivots, SHARES),
        template.weights,
    )


def region_of_faces(template: HeadTemplate) -> np.ndarray:
    """The region of each triangle, uint8 [F]: what most of its corners belong to."""
    corners = np.sort(template.regions[template.triangles], axis=1)
    return corners[:, 1]


def families_of(regions: np.ndarray) -> np.ndarray:
    """Which splats share colours, int64 [N] from 0; -1 for regions that keep their presets. regions: uint8 [N]."""
    names = sorted(set(FAMILIES.values()))
    table = np.array([names.index(FAMILIES[name]) if name in FAMILIES else -1 for name in REGIONS])
    return table[regions]


def preset_colors(template: HeadTemplate, points: np.ndarray) -> np.ndarray:
    """Display colours [V, 3] from PRESETS, the mouth darker towards its back."""
    colors = np.array([PRESETS[name] for name in REGIONS], np.float32)[template.regions]
    inside = template.region("mouth bag", "upper teeth", "lower teeth", "gums", "tongue")
    depth = points[inside, 2]
    front, back = np.quantile(depth, 0.95), np.quantile(depth, 0.05)
    shade = np.clip((depth - back) / max(front - back, 1e-6), 0, 1)
    colors[inside] *= (DARKEST + (1 - DARKEST) * shade)[:, None]
    return colors

"""The demo characters as heads of splats. Made when templates are built, never at run time."""

from __future__ import annotations

import numpy as np

from ..head.model import BONES, Character, Look
from ..head.part import Part
from ..head.surface import triangles
from .head import Ceiling, SplatHead, Template
from .light import displayed, linear_light, sphere, unshadowed
from .relight import lit_head
from .sample_mesh import Surface, sampled, splat_head, surface_colors

SPLATS = 60_000
DECIMETRE = 0.1

BUDGET: dict[str, float] = {
    "Skin": 0.43,
    "Top": 0.06,
    "Eyes": 0.07,
    "Teeth Upper": 0.035,
    "Teeth Lower": 0.035,
    "Tongue": 0.01,
    "Lashes": 0.04,
    "Brows": 0.05,
    "Hair": 0.27,
}
"""Share of the splats that each part gets; the clear cornea gets none."""

COLORS: dict[str, tuple[float, float, float]] = {
    "Tooth": (0.88, 0.83, 0.73),
    "Gum": (0.36, 0.075, 0.07),
    "Tongue": (0.40, 0.09, 0.085),
    "Lashes": (0.006, 0.004, 0.003),
}
"""Linear colours of materials that are the same on every character, as in blend_templates."""

GLOSS: dict[str, float] = {"Eyes": 1.0, "Teeth Upper": 0.9, "Teeth Lower": 0.9, "Tongue": 0.6, "Hair": 0.12}
"""Strength of highlights by part; the skin's own comes with its colours."""

OPACITY: dict[str, float] = {"Lashes": 0.14, "Brows": 0.22}
"""Of single hairs, far thinner than the least that renderers of splats draw; the rest is nearly solid."""

STRANDS = ("Lashes", "Brows", "Hair")

CEILINGS: tuple[Ceiling, ...] = (
    Ceiling("mouthClose", 0.0, {"jawOpen": 1.0}),
    Ceiling("eyeBlinkLeft", 1.0, {"eyeLookDownLeft": -0.3, "eyeSquintLeft": -0.2}),
    Ceiling("eyeBlinkRight", 1.0, {"eyeLookDownRight": -0.3, "eyeSquintRight": -0.2}),
)
"""What the driven guard keys do on the demo characters' meshes."""


def demo_head(character: Character, look: Look, name: str, count: int = SPLATS, rays: int = 40) -> SplatHead:
    """A demo character as a lit head of splats.

    character: from core.head.model.build_character, best with its region masks, or its lips are as pale as its cheeks.
    """
    surface, gloss = demo_surface(character, look)
    head = splat_head(surface, count, CEILINGS, {"name": name, "license": "CC0-1.0"})
    samples = sampled(surface, count)
    corners = surface.template.triangles[samples.triangles]
    shine = np.einsum("nk,nk->n", samples.corners, gloss[corners])
    return lit_head(head, linear_light(surface_colors(surface, samples)), shine, rays=rays)


def demo_surface(character: Character, look: Look) -> tuple[Surface, np.ndarray]:
    """All parts of a character as one mesh in metres, soles at 0; and the gloss of each vertex [V]."""
    parts = [part for part in character.parts if part.name in BUDGET]
    starts = np.cumsum([0, *(len(part.points) for part in parts)])
    lift = np.array([0, character.floor, 0])
    points = np.concatenate([part.points - lift for part in parts]) * DECIMETRE
    faces = [outward(part.points, triangles(part.faces)) for part in parts]
    corners = np.concatenate([face + start for face, start in zip(faces, starts[:-1], strict=True)])
    template = Template(points.astype(np.float32), corners.astype(np.int32), _shapes(parts, starts))
    colors, gloss = zip(*(_painted(part, look) for part in parts), strict=True)
    centers = _features(parts)
    seen = _openness(parts, faces)
    rows = list(zip(parts, faces, seen, strict=True))
    detail = np.concatenate([_detail(part, face, centers, openness) for part, face, openness in rows])
    opacity = np.concatenate([np.full(len(face), OPACITY.get(part.name, 0.97)) for part, face, _ in rows])
    pivots = np.stack([character.joints[bone][0] - lift for bone in BONES]) * DECIMETRE
    surface = Surface(
        template,
        displayed(np.concatenate(colors)).astype(np.float32),
        detail.astype(np.float32),
        opacity.astype(np.float32),
        np.concatenate([np.full(len(face), part.name in STRANDS) for part, face, _ in rows]),
        (BONES, pivots.astype(np.float32), (0.0, 0.0, 1.0)),
        np.concatenate([_weights(part) for part in parts]),
    )
    return surface, np.concatenate(gloss)


def outward(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Triangles [F, 3] with each piece that hangs together turned inside out where it encloses less than nothing.

    Strands and the lower teeth are made looking inwards, which a renderer of meshes does not mind and light does.
    """
    piece, before = np.arange(len(points)), None
    while before is None or (piece != before).any():
        before = piece.copy()
        lowest = piece[corners].min(1)
        for k in range(3):
            np.minimum.at(piece, corners[:, k], lowest)
        piece = piece[piece]
    _, of = np.unique(piece[corners[:, 0]], return_inverse=True)
    count = np.bincount(of)[:, None]
    middle = np.stack([np.bincount(of, axis) for axis in points[corners].mean(1, dtype=np.float64).T], axis=1) / count
    a, b, c = np.moveaxis(points[corners] - middle[of][:, None], 1, 0)
    inside_out = np.bincount(of, (a * np.cross(b, c)).sum(1)) < 0
    return np.where(inside_out[of][:, None], corners[:, ::-1], corners)


def _shapes(parts: list[Part], starts: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    names = dict.fromkeys(name for part in parts for name in part.shapes)
    shapes = {}
    for name in names:
        rows, offsets = [], []
        for part, start in zip(parts, starts[:-1], strict=True):
            if name in part.shapes:
                moved = np.nonzero(np.abs(part.shapes[name]).max(1) > 1e-4)[0]
                rows.append(moved + start)
                offsets.append(part.shapes[name][moved] * DECIMETRE)
        shapes[name] = np.concatenate(rows).astype(np.int32), np.concatenate(offsets).astype(np.float32)
    return shapes


def _painted(part: Part, look: Look) -> tuple[np.ndarray, np.ndarray]:
    """Linear colour [n, 3] and gloss [n] of a part's vertices."""
    own = {
        **COLORS,
        "Brows": tuple(1.1 * c for c in look.palette.scalp),
        "Cloth": look.cloth,
        "Rib": look.rib,
        "Hair": look.palette.scalp,
    }
    gloss = np.full(len(part.points), GLOSS.get(part.name, 0.0))
    if part.name in ("Skin", "Eyes"):
        tint = part.colors["Tint"].astype(np.float64)
        return tint[:, :3], 0.25 + 0.6 * tint[:, 3] if part.name == "Skin" else gloss
    colors = np.tile(np.array(own[part.materials[0]], np.float64), (len(part.points), 1))
    for face, material in zip(part.faces, part.face_materials, strict=False):
        colors[list(face)] = own[part.materials[material]]
    if "Tint" in part.colors:
        colors *= part.colors["Tint"][:, :3]
    return colors, gloss


def _features(parts: list[Part]) -> list[tuple[np.ndarray, float]]:
    """Where a face is read: middles in decimetres and radii of both eyes and the mouth."""
    own = {part.name: part.points for part in parts}
    eyes = own["Eyes"]
    left, right = (eyes[eyes[:, 0] * side > 0].mean(0) + np.array([0, 0, 0.12]) for side in (1, -1))
    teeth = np.concatenate([own["Teeth Upper"], own["Teeth Lower"]])
    mouth = np.array([0, teeth[:, 1].mean(), teeth[:, 2].max()])
    return [(left, 0.26), (right, 0.26), (mouth, 0.36)]


def _openness(parts: list[Part], faces: list[np.ndarray]) -> list[np.ndarray]:
    """How much of the sky each triangle sees at rest, 0..1 [F] by part; the skin below hair and cloth sees none."""
    places = [part.points[face].mean(1) for part, face in zip(parts, faces, strict=True)]
    points = np.concatenate([*places, *(part.points for part in parts)]) * DECIMETRE
    seen = np.mean([unshadowed(points, ray) for ray in sphere(40)], axis=0)
    names = [part.name for part in parts]
    skin, top = names.index("Skin"), names.index("Top")
    start = sum(map(len, places[:skin]))
    seen[start : start + len(places[skin])][_covered(places[skin], parts[top], faces[top])] = 0
    return np.split(seen[: sum(map(len, places))], np.cumsum([len(place) for place in places])[:-1])


def _covered(places: np.ndarray, top: Part, faces: np.ndarray) -> np.ndarray:
    """Whether places [F, 3] lie close below cloth, bool [F]; light reaches there, and large flat splats come through.

    Below the collar's edge skin stays, where it may come into sight.
    """
    a, b, c = (top.points[faces[:, k]].astype(np.float64) for k in range(3))
    normal, middle = np.cross(b - a, c - a), (a + b + c) / 3
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    cloth = np.repeat(np.array(top.face_materials), [len(face) - 2 for face in top.faces]) == 0
    away = places[:, None] - middle
    nearest = (away**2).sum(2).argmin(1)
    own = away[np.arange(len(places)), nearest]
    below = (own * normal[nearest]).sum(1)
    return cloth[nearest] & (below < 0) & (below > -0.15) & (np.linalg.norm(own, axis=1) < 0.25)


def _detail(part: Part, faces: np.ndarray, centers: list[tuple[np.ndarray, float]], openness: np.ndarray) -> np.ndarray:
    """Splats per area [F]: the part's budget shared out by area, with more around eyes and mouth and less behind."""
    a, b, c = (part.points[faces[:, k]].astype(np.float64) for k in range(3))
    normal = np.cross(b - a, c - a)
    area = np.maximum(np.linalg.norm(normal, axis=1) / 2, 1e-12)
    middle = (a + b + c) / 3
    wish = np.ones(len(faces))
    if part.name == "Skin":
        for center, radius in centers:
            wish += 3.5 * np.exp(-((middle - center) ** 2).sum(1) / (2 * (0.8 * radius) ** 2))
        # Lips, lids and what is behind them come into sight when the face moves.
        near = [np.linalg.norm(middle - center, axis=1) < 1.6 * radius for center, radius in centers]
        wish *= np.where(np.any(near, axis=0), 1.0, np.interp(openness, [0.03, 0.12], [0.0, 1.0]))
    elif part.name == "Eyes":
        wish = np.where(middle[:, 2] > centers[0][0][2] - 0.1, 1.0, 0.1)
    elif part.name == "Top":
        wish = area**-0.5  # the collar is far finer than the cloth, and round
    return wish * BUDGET[part.name] / (wish * area).sum()


def _weights(part: Part) -> np.ndarray:
    """Weights [n, 3] of chest, neck and head; a part without weights goes with the head."""
    if not part.weights:
        return np.tile(np.array([0, 0, 1], np.float32), (len(part.points), 1))
    weights = np.stack([part.weights[bone] for bone in BONES], axis=1)
    return (weights / np.maximum(weights.sum(1, keepdims=True), 1e-6)).astype(np.float32)

"""Colours of the skin, the hair on it and the lids of a bust, completed where a picture shows nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..splat.sample_mesh import Samples
from ..template.types import REGIONS, HeadTemplate
from .completing import BLUR, Graph, filled, likeness
from .strands import strands

KINDS = (("skin", "lids", "ears"), ("scalp",), ("neck", "torso"))
"""Regions that are skin, hair, and neck or clothes."""
SOFTENED = 10
"""How often the borders of regions are smoothed along the mesh, which is coarse there."""
LOW, HIGH = 0.3, 0.7
"""Shares of a region about a splat between which one goes over into the next."""
ALIKE = 0.12
"""Hair whose colour differs less from the skin's is not told from it."""
FRONT_M, BROWS_M = (0.045, 0.07), (0.05, 0.07)
"""How far before the head's pivot a face is, from beside to before it; how far above it brows are, from below up."""
HAIRLINE = 0.25
"""Width of the hairline in parts that are hair."""
DOUBT = 0.03
"""How far the template is believed about what no picture shows, over a picture."""
LEAST_SEEN = 1.0
"""So many splats must be seen of a kind to complete it."""
LEAST_STREAKS, MOST_STREAKS = 0.04, 0.4
"""Standard deviation of their brightness, over it."""
EAR_SHADE = 0.3
"""How much darker ears are where they face away from a light beside them."""
LID_REACH_M = 0.011
"""Standard deviation over which lids take the colour of the skin around the eye."""
ANCHOR = 0.5
"""What is seen better than this tells how skin or hair is."""
AROUND = 20
"""So many splats of skin are needed around an eye."""
LID_LIGHT = (0.35, 0.9)
"""Between which quantiles of brightness: what is darker lies in the shade of brow or lashes."""
LID_SEEN = 0.85
"""How far what is seen of a lid stays when the eye closes."""
LID_SHADE, LID_CARE = 0.25, 0.6
"""What is seen of a lid and so much darker than skin is lash or shadow: so much of it does not stay."""
LID_BRIGHT, LASH = 0.06, 0.1
"""What is so much brighter than skin is no lid, and what is so much darker at its rim is lashes."""
Field = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Colours float32 [N, 3], how well each is seen [N], and places at rest float32 [N, 3]."""


@dataclass(frozen=True, slots=True, eq=False)
class Cloth:
    """Of what each splat is part, float32 [N], 0..1, together 1 for those of KINDS: soft where the mesh's regions meet,
    for their borders are as coarse as its triangles.
    """

    skin: np.ndarray
    hair: np.ndarray
    body: np.ndarray


def cloth_of(template: HeadTemplate, samples: Samples) -> Cloth:
    """Of what samples of the bust are part."""
    shares = [_softened(template, template.region(*names))[template.triangles[samples.triangles]] for names in KINDS]
    parts = np.stack([_smooth(((share * samples.corners).sum(1) - LOW) / (HIGH - LOW)) for share in shares])
    return Cloth(*(parts / np.maximum(parts.sum(0), 1e-6)).astype(np.float32))


def _softened(template: HeadTemplate, inside: np.ndarray) -> np.ndarray:
    """Shares of vertices in a region, [V], smoothed along the mesh."""
    share = inside.astype(np.float64)
    sides = np.concatenate([template.triangles[:, [0, 1]], template.triangles[:, [1, 2]]])
    edges = np.unique(np.sort(sides, axis=1), axis=0)
    degree = np.maximum(np.bincount(edges.ravel(), minlength=len(share)), 1)
    for _ in range(SOFTENED):
        around = np.bincount(edges[:, 0], share[edges[:, 1]], len(share))
        around += np.bincount(edges[:, 1], share[edges[:, 0]], len(share))
        share = 0.5 * share + 0.5 * around / degree
    return share


def covering(field: Field, cloth: Cloth, regions: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colours float32 [N, 3] of the splats of skin, scalp, neck and chest, completed; the others' as they are. Besides
    how well each is seen, float32 [N], less so next to what is not.

    Each kind is completed from its own, and they go over into each other. regions: uint8 [N]; shown: bool [N], of which
    splats the picture shows at least what they are.
    """
    colors, weight, points = field
    out, sure = colors.astype(np.float32).copy(), weight.astype(np.float32).copy()
    own = np.flatnonzero(np.isin(regions, [REGIONS.index(name) for kind in KINDS for name in kind]))
    colors, weight, points = colors[own], weight[own], points[own]
    skin, hair, body = (share[own] for share in (cloth.skin, cloth.hair, cloth.body))
    graph = Graph(points)
    seen = graph.feathered(weight)
    skin, hair = _told(graph, (colors, seen, points, shown[own]), (skin, hair))
    fills = [
        _skin(graph, (colors, np.where(skin > 0.5, seen, 0), points)),
        _streaked(graph, (colors, np.where(hair > 0.5, seen, 0), points)),
        _body(graph, colors, np.where(body > 0.5, seen, 0)),
    ]
    mixed = sum(fill * share[:, None] for fill, share in zip(fills, (skin, hair, body), strict=True))
    sure[own] = seen
    out[own] = np.clip(seen[:, None] * colors + (1 - seen[:, None]) * mixed, 0, 1)
    return out, sure


def _told(
    graph: Graph, field: tuple[np.ndarray, ...], shares: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """How far splats are skin and hair, [n] each, as the picture has it: hair falls over ears, and brows grow high.

    field: as Field, and which the picture shows at all; shares: of skin and of hair on the template.
    What the picture shows nothing of is what lies next, in doubt what it is on the template.
    """
    colors, weight, points, shown = field
    skin, hair = shares
    sure = [(weight > ANCHOR) & (share > 0.9) for share in shares]
    if min(one.sum() for one in sure) < AROUND:
        return shares
    middles = [np.median(colors[one], axis=0) for one in sure]
    apart = float(np.linalg.norm(middles[0] - middles[1]))
    if apart < ALIKE:
        return shares
    to_skin, to_hair = (np.linalg.norm(colors - middle, axis=1) for middle in middles)
    evidence = _smooth((to_skin - to_hair) / apart + 0.2) * _beside(points)
    both = skin + hair
    believed = np.where(shown & (both > 0.5), 1.0, DOUBT)
    prior = np.where(both > 1e-3, hair / np.maximum(both, 1e-3), 0)
    told = graph.spread(np.where(believed == 1.0, evidence, prior)[:, None], believed, 1.0)[:, 0]
    told = _smooth((told - 0.5) / HAIRLINE + 0.5)
    return both * (1 - told), both * told


def _beside(points: np.ndarray) -> np.ndarray:
    """Where hair may be at all, [n], 0..1, of points at rest: not before a face below its brows, where shade is."""
    front = _smooth((points[:, 2] - FRONT_M[0]) / (FRONT_M[1] - FRONT_M[0]))
    low = 1 - _smooth((points[:, 1] - BROWS_M[0]) / (BROWS_M[1] - BROWS_M[0]))
    return 1 - front * low


def _skin(graph: Graph, field: Field) -> np.ndarray:
    colors, weight, _ = field
    return np.add(*filled(graph, field)) if weight.sum() > LEAST_SEEN else colors


def _body(graph: Graph, colors: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Neck and clothes [n, 3]: whatever lies next, for where a collar is nobody knows beforehand."""
    return graph.spread(colors, weight) if weight.sum() > LEAST_SEEN else colors


def _smooth(part: np.ndarray) -> np.ndarray:
    part = np.clip(part, 0, 1)
    return part * part * (3 - 2 * part)


def _streaked(graph: Graph, field: Field) -> np.ndarray:
    """Hair [n, 3] as smooth as it was seen from the front, in strands that run down from the crown."""
    colors, weight, points = field
    if weight.sum() < LEAST_SEEN:
        return colors
    trusted = (weight * likeness(colors, weight)).astype(np.float32)
    smooth = graph.spread(colors, trusted, BLUR)
    seen = weight > ANCHOR
    if not seen.any():
        return smooth
    uneven = ((colors[seen] - smooth[seen]).mean(1) / np.maximum(smooth[seen].mean(1), 0.05)).std()
    return smooth * (1 + np.clip(uneven, LEAST_STREAKS, MOST_STREAKS) * strands(points)[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Lids:
    """own: int64 [n], which splats are lids. read: float32 [n, 3], what the picture has there; seen: float32 [n], 0..1,
    how well; clear: float32 [n], 0..1, how far from the seen eyeball, whose white may be meant next to it.
    """

    own: np.ndarray
    read: np.ndarray
    seen: np.ndarray
    clear: np.ndarray


def lid_skin(field: Field, regions: np.ndarray, lids: Lids) -> tuple[np.ndarray, np.ndarray]:
    """Colours float32 [n, 3] for lids such that they can close: skin as around the eye, where the shade of brow and
    lashes is not, and of what was seen of them as much as was seen; and how far that is, [n]. At their rims only what
    is dark is believed, lashes, for what is bright is the eye.
    """
    from scipy.spatial import cKDTree

    colors, weight, points = field
    out, kept = colors[lids.own].copy(), np.zeros(len(lids.own), np.float32)
    around = np.flatnonzero((regions == REGIONS.index("skin")) & (weight > ANCHOR))
    if not len(lids.own) or len(around) < AROUND:
        return out, kept
    for side in (points[lids.own, 0] > 0, points[lids.own, 0] <= 0):
        places = points[lids.own[side]]
        anchors = _lit(colors, around[cKDTree(places).query(points[around])[0] < 2.5 * LID_REACH_M])
        if len(anchors) < AROUND:
            continue
        away = np.square(places[:, None] - points[anchors][None]).sum(-1)
        pull = np.exp(-away / (2 * LID_REACH_M**2)) + 1e-9
        skin = (pull @ colors[anchors]) / pull.sum(1, keepdims=True)
        kept[side] = lids.seen[side] * _believed((skin - lids.read[side]).mean(1), lids.clear[side])
        out[side] = kept[side, None] * lids.read[side] + (1 - kept[side, None]) * skin
    return out, kept


def _believed(darker: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """How far what is seen of lids stays, [n], 0..1, that is darker than skin by so much."""
    shade = np.clip(darker / LID_SHADE, 0, 1) ** 2
    open_skin = LID_SEEN * (1 - LID_CARE * shade) * (1 - np.clip(-darker / LID_BRIGHT, 0, 1))
    return clear * open_skin + (1 - clear) * np.clip(darker / LASH, 0, 1)


def _lit(colors: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Those of chosen splats, int64 [n], that are neither in the shade nor shine."""
    if not len(chosen):
        return chosen
    light = colors[chosen].mean(1)
    low, high = np.quantile(light, LID_LIGHT)
    return chosen[(light >= low) & (light <= high)]


def hollowed(
    colors: np.ndarray, weight: np.ndarray, normals: np.ndarray, spots: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Colours float32 [N, 3] with the shade in the hollows of ears, as far as no picture shows it.

    weight: [N], how well each is seen; normals: [N, 3], at rest; spots: regions uint8 [N] and places [N, 3].
    """
    regions, points = spots
    ears = regions == REGIONS.index("ears")
    outward = np.stack([np.sign(points[:, 0]), np.zeros(len(points)), np.full(len(points), 0.5)], 1) / np.sqrt(1.25)
    facing = np.clip((normals * outward).sum(1), 0, 1)
    shade = 1 - EAR_SHADE * (1 - facing) * (1 - weight)
    return np.where(ears[:, None], colors * shade[:, None], colors).astype(np.float32)

"""A bust of splats painted with a picture: what it shows, then what must lie where it shows nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..rig.arkit import ARKIT_52
from ..splat.attach import Hung, attached, thinned
from ..splat.head import SplatHead
from ..splat.pose import pose
from ..splat.render import Camera
from ..splat.sample_mesh import Surface, sampled, splat_head
from ..splat.types import SH_DC, Splats
from ..template.types import REGIONS, HeadTemplate
from .completing import complete
from .eyes import completed_irises
from .hair import Outline, hair_splats
from .seeing import Seen, project, read_off, see
from .surface import CEILINGS, SPLATS, bust, families_of, region_of_faces

OUTSIDE = 0.15
"""Cover below which a pixel is not the person's."""
LEAST_SEEN = 0.2
"""Skin seen less well than this does not tell how bright the picture is."""
LEAST_LIGHT, MOST_LIGHT = 0.45, 1.1
BARE = ("torso", "scalp", "ears", "neck")
"""Regions that a person may have less of than the template: what of them lies outside the person's outline goes."""
IRIS = REGIONS.index("iris")
NEAR_EYE_M = 0.0015
"""What of a lid lies so near to the seen eyeball is not read off the picture; from twice that on all is."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """A person before a camera.

    outline: the picture, where the person is in it, and its camera, which sees the bust at rest in its own axes.
    points:  float32 [V, 3], the person's resting mesh. growth: float32 [52], what each of its shapes is scaled by.
    weights: the expression in the picture, by ARKit's names.
    """

    outline: Outline
    points: np.ndarray
    growth: np.ndarray
    weights: dict[str, float]


def painted_head(template: HeadTemplate, sitting: Sitting, count: int = SPLATS) -> tuple[SplatHead, np.ndarray]:
    """A neutral head of about count splats with the person's colours, hair and shoulders; degree 0.

    Besides, how far each of its splats may be changed by what the picture shows over it, float32 [N], 0..1: not at all
    the edges of the lids, the insides of the mouth, and what was completed behind them.
    """
    surface = bust(template, sitting.points, sitting.growth)
    head = splat_head(surface, count, CEILINGS)
    regions = region_of_faces(template)[sampled(surface, count).triangles]
    posed = pose(head, sitting.weights)
    head, free = _painted(head, regions, posed, sitting)
    kept = ~_outside(regions, posed, sitting)
    whole = _with_hair(thinned(head, kept), template, surface, posed, sitting)
    hair = len(whole) - int(kept.sum())
    return whole, np.concatenate([free[kept], np.ones(hair, np.float32)])


def _painted(head: SplatHead, regions: np.ndarray, posed: Splats, sitting: Sitting) -> tuple[SplatHead, np.ndarray]:
    outline, preset = sitting.outline, 0.5 + SH_DC * head.sh[:, 0]
    seen = see(posed, outline.camera, outline.mask)
    families = families_of(regions)
    weight = np.where(families >= 0, seen.weight, 0) * _clear_of_eyes(regions, seen, sitting)
    read = read_off(outline.bled, seen.places)
    preset = preset * _exposure(read, preset, np.where(regions == REGIONS.index("skin"), weight, 0))
    colors = np.where(weight[:, None] > 0, read, preset).astype(np.float32)
    rest = pose(head, {}).means
    iris = regions == IRIS
    weight = weight.astype(np.float32)
    done = complete(colors, np.where(iris, 0, weight), rest, np.where(iris, -1, families))
    if iris.any():
        done[iris] = completed_irises(colors[iris], weight[iris], rest[iris])
    return replace(head, sh=((done - 0.5) / SH_DC)[:, None].astype(np.float32)), weight


def _exposure(read: np.ndarray, preset: np.ndarray, weight: np.ndarray) -> float:
    """How bright the picture is over what PRESETS suppose, told by the skin that is seen, LEAST_LIGHT..MOST_LIGHT.

    Dark skin is no dark picture, so the brightest tenth of it counts, which shines in the light's own colour.
    """
    skin = weight > LEAST_SEEN
    if not skin.any():
        return 1.0
    return float(np.clip(np.quantile(read[skin].mean(1), 0.9) / preset[skin].mean(), LEAST_LIGHT, MOST_LIGHT))


def _clear_of_eyes(regions: np.ndarray, seen: Seen, sitting: Sitting) -> np.ndarray:
    """How far a lid's splat lies from what is seen of the eyeball, 0..1 [N]; 1 for all that is no lid.

    A landmark is off by a pixel or two, and an eye's white on a lid shows when it closes.
    """
    from scipy.spatial import cKDTree

    lid = regions == REGIONS.index("lids")
    ball = np.isin(regions, [REGIONS.index("white"), IRIS]) & (seen.weight > 0.1)
    clear = np.ones(len(regions))
    if lid.any() and ball.any():
        pixels = cKDTree(seen.places[ball]).query(seen.places[lid])[0]
        metres = pixels * seen.depth[lid] / sitting.outline.camera.focal[0]
        clear[lid] = np.clip((metres - NEAR_EYE_M) / NEAR_EYE_M, 0, 1)
    return clear


def _outside(regions: np.ndarray, posed: Splats, sitting: Sitting) -> np.ndarray:
    """Which splats stick out of the person's outline, and what of the shoulders no picture shows, bool [N]."""
    outline = sitting.outline
    places, _ = project(posed.means, outline.camera)
    width, height = outline.camera.size
    inside = (places >= 0).all(1) & (places[:, 0] < width) & (places[:, 1] < height)
    cover = read_off(outline.mask[..., None], places)[:, 0]
    bare = np.isin(regions, [REGIONS.index(name) for name in BARE])
    return bare & np.where(inside, cover < OUTSIDE, places[:, 1] >= height)


def _with_hair(head: SplatHead, template: HeadTemplate, surface: Surface, posed: Splats, sitting: Sitting) -> SplatHead:
    from scipy.spatial import cKDTree

    extra = hair_splats(sitting.outline, posed.means)
    if not len(extra):
        return head
    calm = _calm_triangles(template, surface)
    middles = surface.template.points[surface.template.triangles[calm]].mean(1)
    near = cKDTree(middles).query(extra.means)[1]
    triangles = calm[near].astype(np.int32)
    weights = template.weights[surface.template.triangles[triangles]].mean(1)
    return attached(head, Hung(extra, triangles, (weights / weights.sum(1, keepdims=True)).astype(np.float32)))


def _calm_triangles(template: HeadTemplate, surface: Surface) -> np.ndarray:
    """Triangles of scalp, ears, neck and torso that no shape moves, int64 [n]: what hair may hang on."""
    moved = np.abs(template.shapes).max(axis=(0, 2)) > 1e-4
    faces = surface.template.triangles
    hangs = np.isin(region_of_faces(template), [REGIONS.index(name) for name in BARE])
    return np.flatnonzero(hangs & ~moved[faces].any(1))


def camera_for(pose_matrix: np.ndarray, focal: float, size: tuple[int, int]) -> Camera:
    """A camera that sees the template's axes through a pose [4, 4], its axis in the picture's middle."""
    return Camera(pose_matrix.astype(np.float64), (focal, focal), (size[0] / 2, size[1] / 2), size)


def expression(weights: np.ndarray) -> dict[str, float]:
    """Values of ARKIT_52 [52] by name, those at rest left out."""
    return {name: float(value) for name, value in zip(ARKIT_52, weights, strict=True) if abs(value) > 1e-4}

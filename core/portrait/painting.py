"""A bust of splats painted with a picture: what it shows, then what must lie where it shows nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..quats import matrices
from ..rig.arkit import ARKIT_52
from ..splat.attach import Hung, attached, thinned
from ..splat.head import SplatHead
from ..splat.pose import pose
from ..splat.render import Camera
from ..splat.sample_mesh import Surface, sampled, splat_head
from ..splat.types import SH_DC, Splats
from ..template.files import head_template
from ..template.types import INTERIOR, REGIONS, HeadTemplate
from .completing import complete
from .eyes import completed_irises
from .hair import Bare, bare_splats
from .reading import IRIS, Reading, reading_of, together
from .seeing import project, read_off
from .sitting import Freedom, Sitting
from .surface import CEILINGS, SPLATS, bust, families_of, region_of_faces
from .tints import KINDS, Cloth, Lids, cloth_of, covering, hollowed, lid_skin

OUTSIDE, COVERED = 0.1, 0.6
"""Cover below which a pixel is not the person's, and from which it wholly is."""
LEAST_SHOWN = 0.05
BELOW_M = 0.05
"""Over which a chest ends softly below the picture."""
LEAST_SEEN = 0.2
"""Skin seen less well than this does not tell how bright the picture is."""
LEAST_LIGHT, MOST_LIGHT = 0.45, 1.1
BARE = ("torso", "scalp", "ears", "neck")
"""Regions that a person may have less of than the template: what of them lies outside the person's outline goes."""
BODY = ("neck", "torso")
EARS_BACK_M = 0.01
"""How far behind the middle of the ears the plane lies in which hair hangs."""


def painted_head(
    template: HeadTemplate, sittings: tuple[Sitting, ...], count: int = SPLATS
) -> tuple[SplatHead, Freedom]:
    """A neutral head of about count splats with the person's colours, hair and shoulders; degree 0.

    sittings: of one person, the first of which tells hair and shoulders too.

    Besides, how far its splats may be changed by what the picture shows over them: not at all the edges of the lids,
    the insides of the mouth, and what was completed behind them.
    """
    sitting = sittings[0]
    surface = bust(template, sitting.points, sitting.growth)
    head = splat_head(surface, count, CEILINGS)
    samples = sampled(surface, count)
    regions = region_of_faces(template)[samples.triangles]
    posed = sitting.posed(head)
    reading = together([reading_of(regions, one.posed(head), one) for one in sittings])
    head, free = _painted(head, (regions, cloth_of(template, samples)), reading)
    shown = _shown(regions, posed, sitting)
    kept = shown > LEAST_SHOWN
    bare = _bare(regions[kept], posed.means[kept], thinned(head, kept), sitting)
    whole = _with_hair(thinned(_faded(head, shown), kept), bare, sitting, (template, surface))
    hair = len(whole) - int(kept.sum())
    inside = np.isin(regions, [REGIONS.index(name) for name in INTERIOR])
    freedom = (np.concatenate([own[kept], np.ones(hair)]) for own in (free, np.where(inside, 1, free)))
    return whole, Freedom(*(own.astype(np.float32) for own in freedom))


def _painted(head: SplatHead, spots: tuple[np.ndarray, Cloth], reading: Reading) -> tuple[SplatHead, np.ndarray]:
    """The head in the person's colours, and how far each splat may be set right by the picture.

    spots: each one's region, and of what it is part.
    """
    regions, cloth = spots
    preset, read, families = 0.5 + SH_DC * head.sh[:, 0], reading.read, families_of(regions)
    weight = np.where(families >= 0, reading.weight, 0) * reading.clear
    preset = preset * _exposure(read, preset, np.where(regions == REGIONS.index("skin"), weight, 0))
    colors = np.where(weight[:, None] > 0, read, preset).astype(np.float32)
    rested = pose(head, {})
    rest = rested.means
    iris = regions == IRIS
    weight = weight.astype(np.float32)
    apart = iris | np.isin(regions, [REGIONS.index(name) for kind in KINDS for name in kind])
    done = complete(colors, weight, rest, np.where(apart, -1, families))
    done, weight = covering((np.where(reading.shown[:, None], read, done), weight, rest), cloth, regions, reading.shown)
    own = np.flatnonzero(regions == REGIONS.index("lids"))
    lids = Lids(own, read[own], reading.weight[own], reading.clear[own])
    done[own], weight[own] = lid_skin((done, weight, rest), regions, lids)
    done = hollowed(done, weight, matrices(rested.quats)[:, :, 2], (regions, rest))
    if iris.any():
        done[iris] = completed_irises(colors[iris], weight[iris], rest[iris])
    return replace(head, sh=((done - 0.5) / SH_DC)[:, None].astype(np.float32)), weight.astype(np.float32)


def _exposure(read: np.ndarray, preset: np.ndarray, weight: np.ndarray) -> float:
    """How bright the picture is over what PRESETS suppose, told by the skin that is seen, LEAST_LIGHT..MOST_LIGHT.

    Dark skin is no dark picture, so the brightest tenth of it counts, which shines in the light's own colour.
    """
    skin = weight > LEAST_SEEN
    if not skin.any():
        return 1.0
    return float(np.clip(np.quantile(read[skin].mean(1), 0.9) / preset[skin].mean(), LEAST_LIGHT, MOST_LIGHT))


def _shown(regions: np.ndarray, posed: Splats, sitting: Sitting) -> np.ndarray:
    """How much of each splat is there, [N], 0..1: less at the person's outline, and below the picture ever less."""
    outline = sitting.outline
    places, depth = project(posed.means, outline.camera)
    width, height = outline.camera.size
    inside = (places >= 0).all(1) & (places[:, 0] < width) & (places[:, 1] < height)
    cover = np.clip((read_off(outline.mask[..., None], places)[:, 0] - OUTSIDE) / (COVERED - OUTSIDE), 0, 1)
    below = (places[:, 1] - height) * depth / outline.camera.focal[0] / BELOW_M
    low = np.clip((posed.means[:, 1] - posed.means[:, 1].min()) / BELOW_M, 0, 1)
    fading = np.minimum(np.clip(1 - below, 0, 1), low) ** 2
    bare = np.isin(regions, [REGIONS.index(name) for name in BARE])
    body = np.isin(regions, [REGIONS.index(name) for name in BODY])
    return np.where(bare & inside, cover, 1.0) * np.where(body, fading, 1.0)


def _faded(head: SplatHead, shown: np.ndarray) -> SplatHead:
    """The head with opacities taken by how much of each splat is there."""
    opacity = np.clip(shown / (1 + np.exp(-head.logits)), 1e-4, 0.999)
    return replace(head, logits=np.log(opacity / (1 - opacity)).astype(np.float32))


def _with_hair(head: SplatHead, bare: Bare, sitting: Sitting, mesh: tuple[HeadTemplate, Surface]) -> SplatHead:
    """The head with what it leaves bare of the person: hair goes with the head, clothes with what they lie on."""
    from scipy.spatial import cKDTree

    template, surface = mesh
    extra, hairy = bare_splats(sitting.outline, bare)
    if not len(extra):
        return head
    faces = surface.template.triangles
    stood = sitting.stance.stood(template, surface.template.points)
    triangles = np.zeros(len(extra), np.int32)
    for chosen, names in ((hairy, ("scalp", "ears")), (~hairy, BODY)):
        calm = _calm_triangles(template, surface, names)
        triangles[chosen] = calm[cKDTree(stood[faces[calm]].mean(1)).query(extra.means[chosen])[1]]
    weights = template.weights[faces[triangles]].mean(1)
    weights = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    bones = sitting.stance.affines(template, weights)
    rest = np.linalg.solve(bones[:, :, :3], (extra.means - bones[:, :, 3])[..., None])[..., 0]
    return attached(head, Hung(replace(extra, means=rest.astype(np.float32)), triangles, weights))


def _bare(regions: np.ndarray, points: np.ndarray, head: SplatHead, sitting: Sitting) -> Bare:
    """The bust as it stands."""
    colors = 0.5 + SH_DC * head.sh[:, 0]
    of = {name: regions == REGIONS.index(name) for name in ("scalp", "skin", "torso")}
    body = np.isin(regions, [REGIONS.index(name) for name in BODY])
    forward = sitting.stance.forward
    stood = sitting.stance.stood(head_template(), sitting.points)
    ears = stood[head_template().region("ears")].mean(0) - EARS_BACK_M * forward
    hair, skin, cloth = (np.median(colors[of[name]], axis=0) for name in of)
    back = float(-((stood[head_template().region("scalp")] - ears) @ forward).min())
    return Bare(points, body, ears, forward, back, hair, skin, cloth)


def _calm_triangles(template: HeadTemplate, surface: Surface, names: tuple[str, ...]) -> np.ndarray:
    """Triangles of regions that no shape moves, int64 [n]: what hair and clothes may hang on."""
    moved = np.abs(template.shapes).max(axis=(0, 2)) > 1e-4
    faces = surface.template.triangles
    hangs = np.isin(region_of_faces(template), [REGIONS.index(name) for name in names])
    return np.flatnonzero(hangs & ~moved[faces].any(1))


def camera_for(pose_matrix: np.ndarray, focal: float, size: tuple[int, int]) -> Camera:
    """A camera that sees the template's axes through a pose [4, 4], its axis in the picture's middle."""
    return Camera(pose_matrix.astype(np.float64), (focal, focal), (size[0] / 2, size[1] / 2), size)


def expression(weights: np.ndarray) -> dict[str, float]:
    """Values of ARKIT_52 [52] by name, those at rest left out."""
    return {name: float(value) for name, value in zip(ARKIT_52, weights, strict=True) if abs(value) > 1e-4}

"""What a head begins as: splats on the template where something is to be seen, in the colours of the video."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ..arrays import check
from ..splat.sample_mesh import Surface, bound, sampled
from ..splat.types import SH_COEFFICIENTS, SH_DC
from .bound import Mesh, Posed, Rest, carry, place
from .cards import with_cards
from .prepared import REGIONS, Sitter
from .raster.protocol import Gaussians, Rasteriser
from .reel import Reel
from .settings import SplatSettings

CANDIDATES = 6
"""Places tried for each splat that is kept."""
LEAST_SEEN = 0.02
"""Pixels' worth of a picture that a place must give to be kept."""
OPACITY = 0.85
TURNED = np.radians(6.0)
"""How far a head must turn from its usual side, one frame in twenty, for harmonics to be learned."""
LOOKS = 8
"""Frames that are looked at to begin with."""
MOUTHS, EYES = ("lips", "mouth", "teeth", "tongue"), ("lids", "eyes")


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """N splats to begin with.

    sitter: the person, with cards. triangles: int32 [N]; places: float32 [N, 2]; quats: [N, 4]; log_scales: [N, 3];
    logits: [N]; colors: [N, 3], the zeroth harmonic; offsets: [N, 3]; harmonics: [N, H, 3], those above it, H = 0, 3, 8
    or 15, in the sitter's axes at rest.
    """

    sitter: Sitter
    triangles: np.ndarray
    places: np.ndarray
    offsets: np.ndarray
    quats: np.ndarray
    log_scales: np.ndarray
    logits: np.ndarray
    colors: np.ndarray
    harmonics: np.ndarray

    def __post_init__(self) -> None:
        check("Start.triangles", self.triangles, ("N",), np.int32)
        for name, width in (("places", 2), ("offsets", 3), ("quats", 4), ("log_scales", 3), ("colors", 3)):
            check(f"Start.{name}", getattr(self, name), (len(self.triangles), width))
        check("Start.logits", self.logits, (len(self.triangles),))
        check("Start.harmonics", self.harmonics, (len(self.triangles), "H", 3))

    def __len__(self) -> int:
        return len(self.triangles)

    def chosen(self, rows: np.ndarray) -> Start:
        """Some of the splats."""
        own = (name for name in self.__dataclass_fields__ if name != "sitter")
        return Start(self.sitter, *(getattr(self, name)[rows] for name in own))


def begin(reel: Reel, still: int, wish: SplatSettings, raster: Rasteriser) -> Start:
    """Splats for a video.

    still: the frame whose pose is the sitter's rest. What no camera ever sees gets none.
    """
    frames = telling_frames(reel, LOOKS)
    sitter = reel.prepared.sitter
    candidates = _spread(sitter, wish, CANDIDATES * wish.count)
    if wish.cards:
        shown = _seen(candidates, reel, still, [still], raster)
        carded = with_cards(reel, still, shown.alpha)
        if carded is not sitter:
            candidates = _spread(carded, wish, CANDIDATES * wish.count)
    seen = _seen(candidates, reel, still, frames, raster)
    rows = np.nonzero(seen.light > LEAST_SEEN)[0]
    kept = np.sort(np.random.default_rng(0).permutation(rows)[: wish.count])
    grown = np.log(max(1.0, min(CANDIDATES, len(rows) / max(len(kept), 1)))) / 2
    scales = candidates.log_scales + np.float32(grown)
    candidates = replace(candidates, log_scales=scales, colors=((seen.colors - 0.5) / SH_DC).astype(np.float32))
    more = SH_COEFFICIENTS[degree_told(reel, wish.degree)] - 1
    return replace(candidates.chosen(kept), harmonics=np.zeros((len(kept), more, 3), np.float32))


def degree_told(reel: Reel, wish: int) -> int:
    """The degree of harmonics that a video can tell, at most the wish: 0 where its head hardly turns before the camera.

    Without a turn a harmonic is only another zeroth one, and shows on sides nobody has seen.
    """
    turns = reel.prepared.track.pose[: reel.prepared.split, :3, :3].astype(np.float64)
    seen = np.einsum("tkj,k->tj", turns, np.array([0.0, 0.0, 1.0]))  # the camera's axis as the head sees it
    middle = np.median(seen, axis=0)
    away = np.arccos(np.clip(seen @ middle / np.linalg.norm(middle), -1, 1))
    return wish if np.percentile(away, 95) > TURNED else 0


def telling_frames(reel: Reel, count: int) -> list[int]:
    """Frames to learn from that differ most in what the face does: each the farthest from those before."""
    split, track = reel.prepared.split, reel.prepared.track
    usable = np.nonzero(track.confidence[:split] > 0.3)[0]
    usable = usable if len(usable) else np.arange(split)
    rows = np.concatenate([track.weights[usable], 20 * track.pose[usable, :3, 2]], axis=1)
    chosen = [int(np.abs(rows).sum(1).argmin())]
    distance = np.full(len(rows), np.inf)
    for _ in range(min(count, len(rows)) - 1):
        distance = np.minimum(distance, ((rows - rows[chosen[-1]]) ** 2).sum(1))
        chosen.append(int(distance.argmax()))
    return [int(usable[row]) for row in chosen]


def affine_of(reel: Reel, frame: int, still: int, center: np.ndarray) -> np.ndarray:
    """Where the head has gone since it stood as in the still frame, float32 [3, 4], in axes about a center [3]."""
    pose = reel.prepared.track.pose.astype(np.float64)
    moved = np.linalg.inv(pose[still]) @ pose[frame]
    moved[:3, 3] += moved[:3, :3] @ center - center
    return moved[:3].astype(np.float32)


def _spread(sitter: Sitter, wish: SplatSettings, count: int) -> Start:
    """Places on the whole mesh, more of them where a face is read."""
    detail = np.ones(len(REGIONS))
    for names, more in ((MOUTHS, wish.mouth), (EYES, wish.eyes)):
        detail[[REGIONS.index(name) for name in names]] = more
    detail[REGIONS.index("torso")] = 0.5
    template = sitter.template
    vertices = len(template.points)
    surface = Surface(
        template,
        np.zeros((vertices, 3), np.float32),
        detail[sitter.regions].astype(np.float32),
        np.full(len(template.triangles), OPACITY, np.float32),
        np.zeros(len(template.triangles), bool),
        (("head",), np.zeros((1, 3), np.float32), (1.0,)),
        np.ones((vertices, 1), np.float32),
    )
    samples = sampled(surface, count)
    made = bound(surface, samples)
    logits = np.full(count, np.log(OPACITY / (1 - OPACITY)), np.float32)
    return Start(
        sitter, made.triangles, made.places, made.offsets, made.quats, made.log_scales, logits, *_colorless(count)
    )


def _colorless(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Colours and harmonics not yet known."""
    return np.zeros((count, 3), np.float32), np.zeros((count, 0, 3), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """light: float [N], pixels' worth that each splat gives; colors: [N, 3], the mean colour there; alpha: [H, W]."""

    light: np.ndarray
    colors: np.ndarray
    alpha: np.ndarray


def _seen(start: Start, reel: Reel, still: int, frames: list[int], raster: Rasteriser) -> Seen:
    """What splats show in some frames.

    A picture is linear in colours, so its gradient with respect to them is how much light each splat gives.
    """
    mesh, rest = Mesh(start.sitter.template, start.triangles), rest_of(start)
    light, colors, camera = torch.zeros(len(start)), torch.zeros(len(start), 3), reel.camera(still)
    for frame in frames:
        weights = torch.from_numpy(reel.prepared.track.weights[frame])
        with torch.no_grad():
            affine = torch.from_numpy(affine_of(reel, frame, still, mesh.center))
            posed = carry(place(mesh, rest, weights, None), rest.carried, affine)
        tint = torch.ones(len(start), 3, requires_grad=True)
        drawn = raster.render(gaussians_of(posed, mesh.center, tint), camera)
        picture = reel.frame(frame).picture
        colors += torch.autograd.grad(drawn.color, tint, picture, retain_graph=True)[0]
        light += torch.autograd.grad(drawn.color, tint, torch.ones_like(picture))[0][:, 0]
    mean = colors / light.clamp_min(1e-6)[:, None]
    return Seen(light.numpy() / len(frames), mean.numpy(), drawn.alpha.detach().numpy())


def rest_of(start: Start) -> Rest:
    """Splats to begin with, as tensors."""
    own = (start.places, start.offsets, start.quats, start.log_scales, start.logits, start.colors)
    return Rest(*(torch.from_numpy(array) for array in own), torch.from_numpy(carried_of(start)))


def carried_of(start: Start) -> np.ndarray:
    """How much each splat goes with the head, float32 [N]."""
    corners = start.sitter.carried[start.sitter.template.triangles[start.triangles]]
    u, v = start.places.T
    return ((1 - u - v) * corners[:, 0] + u * corners[:, 1] + v * corners[:, 2]).clip(0, 1).astype(np.float32)


def gaussians_of(posed: Posed, center: np.ndarray, colors: torch.Tensor | None = None) -> Gaussians:
    """Posed splats as a rasteriser takes them; colors: [N, 3], display space, instead of their own."""
    middle = torch.as_tensor(center, dtype=posed.means.dtype, device=posed.means.device)
    own = 0.5 + SH_DC * posed.colors if colors is None else colors
    return Gaussians(posed.means + middle, posed.quats, posed.log_scales.exp(), posed.logits.sigmoid(), own)

"""The head that is learned: splats on a mesh, speaker-specific blendshapes and fields, each of which may be missing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from ..rig.arkit import ARKIT_52
from ..splat.demo import CEILINGS
from ..splat.render import Camera
from .blendshapes import SpeakerShapes
from .bound import PLACES, Mesh, Posed, Rest, carry, held_down, multiply, place
from .correction import Correction
from .fields.deformation import Canonical, Field, FieldShape, Torso
from .follow import Follow, Shares, followed
from .prepared import REGIONS, Sitter
from .raster.harmonics import seen_colors
from .raster.protocol import Gaussians
from .settings import Settings
from .start import Start, carried_of, gaussians_of

SPLATS = ("offsets", "quats", "log_scales", "logits", "colors", "harmonics")
"""What of each splat is learned."""
EYE_SHAPES = (
    ("eyeBlinkLeft", "eyeBlinkRight"),
    ("eyeSquintLeft", "eyeSquintRight"),
    ("eyeWideLeft", "eyeWideRight"),
    ("browInnerUp", "browInnerUp"),
    ("browDownLeft", "browDownRight"),
    ("browOuterUpLeft", "browOuterUpRight"),
)
EYE_ROWS = tuple(tuple(ARKIT_52.index(name) for name in pair) for pair in EYE_SHAPES)
"""Whose means tell a field how eyes and brows stand."""
DECIMETRES = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a frame asks of a head.

    weights: [52], ARKit's shapes. affine: [3, 4], where the head has gone, about the mesh's center. windows:
    [AROUND, WINDOW, D], what is heard around it, or None. latent: [K], the latent pose, or None to take the weights'.
    frame: the frame whose track may be put right, or None.
    """

    weights: torch.Tensor
    affine: torch.Tensor
    windows: torch.Tensor | None = None
    latent: torch.Tensor | None = None
    frame: int | None = None


class Avatar(nn.Module):
    """N splats and what moves them. Rigid where neither mesh, shapes nor field are switched on."""

    def __init__(self, settings: Settings, start: Start, mix: np.ndarray, features: int, frames: int) -> None:
        """mix: float32 [K, 52], what drives the speaker's shapes at first; features: numbers of a speech feature.

        frames: of the video.
        """
        super().__init__()
        self.settings, self.features = settings, features
        self.put(start)
        self.shapes = self.field = self.canonical = self.torso = None
        self.follow = Follow() if settings.field.follow else None
        self.correction = Correction(frames) if settings.rates.tracks else None
        if settings.shapes.count:
            self.shapes = SpeakerShapes(len(mix), len(start), mix, settings.shapes.latent)
        wish = settings.field
        if wish.grid != "none":
            options = tuple(wish.options.items())
            self.field = Field(FieldShape(wish.grid, wish.fusion, wish.smoothing, features, wish.width, options))
            self.canonical = Canonical(wish.width) if wish.canonical else None
        if wish.torso:
            self.torso = Torso()

    def put(self, start: Start) -> None:
        """Take these splats instead of those there are."""
        self.sitter, self.triangles = start.sitter, start.triangles
        for name in SPLATS:
            setattr(self, name, nn.Parameter(torch.from_numpy(getattr(start, name).copy())))
        self.settle(start)

    def settle(self, start: Start) -> None:
        """Lay out the mesh for splats that have come or gone; their parameters are the caller's to have changed."""
        self.triangles = start.triangles
        device = self.offsets.device
        self.mesh = Mesh(start.sitter.template, start.triangles).to(device)
        self.register_buffer("places", torch.from_numpy(start.places).to(device), False)
        self.register_buffer("carried", torch.from_numpy(carried_of(start)).to(device), False)
        regions = start.sitter.regions[start.triangles]
        is_torso = (regions == REGIONS.index("torso")) | (carried_of(start) < 0.5)
        self.register_buffer("is_torso", torch.from_numpy(is_torso).to(device), False)
        still = self.mesh.still
        a, first, second, axes = (rows.to(device)[self.mesh.owners] for rows in still[:4])
        middle = a + self.places[:, :1] * first + self.places[:, 1:] * second
        carried = start.sitter.carried
        self.register_buffer("spots", box(self.mesh.center, start.sitter, middle, carried > 0.5), False)
        self.register_buffer("low", box(self.mesh.center, start.sitter, middle, carried <= 0.5), False)
        self.register_buffer("neck", torch.from_numpy(start.sitter.pivot - self.mesh.center).to(device), False)
        self.register_buffer("axes", axes, False)

    def start(self) -> Start:
        """The splats as they are now."""
        own = (getattr(self, name).detach().cpu().numpy() for name in SPLATS)
        return Start(self.sitter, self.triangles, self.places.cpu().numpy(), *own)

    def rest(self) -> Rest:
        """Splats at rest."""
        own = (self.places, self.offsets, self.quats, self.log_scales, self.logits, self.colors)
        return Rest(*own, self.carried)

    def held(self, weights: torch.Tensor) -> torch.Tensor:
        """Weights [..., 52] as the mesh takes them."""
        return held_down(weights, CEILINGS) if self.settings.splats.ceilings else weights

    def change(self, moment: Moment, deform: bool = True) -> torch.Tensor | None:
        """What shapes and fields add to each splat, [N, ALL], in the frames of the triangles; None for nothing."""
        parts = [] if self.canonical is None else [self.at_rest()]
        if deform and self.shapes is not None:
            own = self.shapes.coefficients(self.held(moment.weights)) if moment.latent is None else moment.latent
            parts.append(self.shapes(own) * ~self.is_torso[:, None])
        if deform and self.field is not None:
            parts.append(self._in_frames(self._on_head(self._field(moment))))
        if deform and self.torso is not None and bool(self.is_torso.any()):
            told = self.torso(self.spots[self.is_torso], scaled(moment.affine))
            whole = torch.zeros(len(self.spots), told.shape[1], device=told.device)
            parts.append(self._in_frames(whole.index_put((self.is_torso,), told)))
        return sum(parts[1:], parts[0]) if parts else None

    def at_rest(self) -> torch.Tensor:
        """What the grid adds to splats at rest, [N, ALL]; only where the canonical looks come from it."""
        return self._in_frames(self._on_head(self.canonical(self.field.features(self._head_spots()))))

    def forward(self, moment: Moment, deform: bool = True) -> Posed:
        """Splats in the still frame's axes, about the mesh's center. deform: whether shapes and fields take part."""
        moment = self.corrected(moment)
        weights = self.held(moment.weights) if self.settings.splats.mesh else None
        posed = place(self.mesh, self.rest(), weights, self.change(moment, deform))
        return self.carry(posed, moment.affine)

    def carry(self, posed: Posed, affine: torch.Tensor) -> Posed:
        """Posed splats where the head has gone, the torso after it. affine: [3, 4], about the mesh's center."""
        if self.follow is None:
            return carry(posed, self.carried, affine)
        return followed(posed, self.shares(), affine, self.pivot())

    def pivot(self) -> torch.Tensor:
        """What the head turns about, [3], metres from the mesh's center."""
        return self.neck if self.follow is None else self.follow.pivot(self.neck)

    def shares(self) -> Shares:
        """How much each splat goes with the head."""
        if self.follow is None:
            return Shares(self.carried, self.carried)
        told = self.follow(self.low, self.carried)
        return Shares(*(torch.where(self.is_torso, own, self.carried) for own in (told.turn, told.shift)))

    def corrected(self, moment: Moment) -> Moment:
        """A moment with the track of its frame put right, where that is learned."""
        if self.correction is None or moment.frame is None:
            return moment
        affine = self.correction.affine(moment.frame, moment.affine)
        return replace(moment, affine=affine, weights=self.correction.weight(moment.frame, moment.weights), frame=None)

    def gaussians(self, posed: Posed, camera: Camera) -> Gaussians:
        """Splats as a rasteriser takes them, in the colours that a camera sees."""
        rows = gaussians_of(posed, self.mesh.center)
        if not self.harmonics.shape[1]:
            return rows
        with torch.no_grad():
            change = None if self.canonical is None else self.at_rest()
            before = place(self.mesh, self.rest(), None, change).quats
            turned = multiply(posed.quats, before * torch.tensor([1.0, -1.0, -1.0, -1.0], device=before.device))
        sh = torch.cat([posed.colors[:, None], self.harmonics], dim=1)
        return replace(rows, colors=seen_colors(sh, rows.means.detach(), camera, turned))

    def _head_spots(self) -> torch.Tensor:
        return self.spots[~self.is_torso]

    def _field(self, moment: Moment) -> torch.Tensor:
        eyes = moment.weights[torch.tensor(EYE_ROWS, device=moment.weights.device)].mean(1)
        tokens = self.field.tokens(moment.windows, eyes, scaled(moment.affine))
        return self.field(self.field.features(self._head_spots()), tokens)

    def _on_head(self, change: torch.Tensor) -> torch.Tensor:
        """Changes [n, ALL] of the head's splats, as changes of all of them."""
        whole = torch.zeros(len(self.spots), change.shape[1], device=change.device)
        return whole.index_put((~self.is_torso,), change)

    def _in_frames(self, change: torch.Tensor) -> torch.Tensor:
        """Changes whose offsets are in the sitter's axes, with offsets in the frames of the triangles at rest."""
        columns = PLACES["offset"]
        local = (self.axes.transpose(1, 2) @ change[:, columns, None])[:, :, 0]
        return torch.cat([local, change[:, columns.stop :]], dim=1)


def scaled(affine: torch.Tensor) -> torch.Tensor:
    """A motion [3, 4] as numbers of about 1: what turns less the unit, and decimetres."""
    turned = (affine[:, :3] - torch.eye(3, device=affine.device)) * 4
    return torch.cat([turned, affine[:, 3:] * DECIMETRES], dim=1)


def box(center: np.ndarray, sitter: Sitter, places: torch.Tensor, inside: np.ndarray) -> torch.Tensor:
    """Places [N, 3] about a center as coordinates in the box of some vertices, bool [V], -1..1."""
    points = sitter.template.points[inside] - center
    points = points if len(points) else sitter.template.points - center
    low, high = (torch.from_numpy(end.astype(np.float32)).to(places.device) for end in (points.min(0), points.max(0)))
    return ((places - low) / (high - low).clamp_min(1e-6) * 2 - 1).clamp(-1, 1)

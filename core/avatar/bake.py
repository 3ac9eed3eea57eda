"""From a learned head to a SplatHead, which needs no network: what is linear exactly, the rest as well as it can be.

Speaker-specific blendshapes driven by a matrix are a SplatHead's correctives as they are. What fields and latent poses
do is sampled over a performance, regressed on ARKit's weights (correctives), and what is left becomes a clip.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..quats import multiply, unit
from ..splat.clips import fitted_clip
from ..splat.deltas import COLUMNS, no_deltas, packed
from ..splat.demo import CEILINGS
from ..splat.head import Binding, Bones, SplatHead, Template
from .avatar import Avatar, Moment
from .bound import ALL, PLACES, place
from .objective import decibels
from .raster.protocol import Rasteriser
from .translator import numpy_of

GROUPS = tuple(COLUMNS)
LEAST = 1e-4
"""Rows of a corrective whose numbers all stay below it are left out."""
RIDGE = 1e-3
"""Of the regression of changes on weights, a frame."""
Say = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class BakeWish:
    """bases: correctives for what is not linear. components: of the clip, 0 for none. clip: its name."""

    bases: int = 20
    components: int = 12
    clip: str = "video"


def baked(avatar: Avatar, moments: list[Moment], fps: float, wish: BakeWish, facts: dict[str, str]) -> SplatHead:
    """A learned head as a SplatHead.

    moments: the performance that is not linear is sampled over, frame by frame; it becomes the clip.
    """
    head = _plain(avatar, facts)
    if is_linear(avatar):
        return head
    changes = sampled_changes(avatar, moments)
    weights = np.stack([numpy_of(avatar.held(moment.weights)) for moment in moments])
    mix, bases = regressed(changes, weights, wish.bases)
    named = {f"learned {k + 1}": base for k, base in enumerate(bases)}
    head = replace(head, correctives=packed(named, GROUPS, LEAST), mix=mix)
    return with_clip(head, avatar, moments, (wish.clip, fps, wish.components))


def with_clip(head: SplatHead, avatar: Avatar, moments: list[Moment], clip: tuple[str, float, int]) -> SplatHead:
    """A baked head with one clip more: what the field does over some moments beyond the head's correctives.

    clip: name, frames per second and components (0 leaves the head as it is).
    """
    name, fps, components = clip
    if not components:
        return head
    weights = np.stack([numpy_of(avatar.held(moment.weights)) for moment in moments])
    left = sampled_changes(avatar, moments) - corrected(head, weights)
    made = fitted_clip(left, GROUPS, fps, min(components, len(left)))
    return replace(head, clips=head.clips | {name: made})


def is_linear(avatar: Avatar) -> bool:
    """Whether a SplatHead holds this head exactly but for rounding."""
    has_field = avatar.field is not None or (avatar.torso is not None and bool(avatar.is_torso.any()))
    return not has_field and (avatar.shapes is None or avatar.shapes.latent is None)


def sampled_changes(avatar: Avatar, moments: list[Moment]) -> np.ndarray:
    """What shapes and fields add in some moments, float32 [T, N, ALL], beyond what the rest already holds."""
    with torch.no_grad():
        rest = _canonical(avatar)
        rows = []
        for moment in moments:
            change = avatar.change(moment)
            change = torch.zeros(len(avatar.offsets), ALL) if change is None else change.cpu()
            rows.append(numpy_of(change) - rest)
    return np.stack(rows)


def regressed(changes: np.ndarray, weights: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Changes [T, N, ALL] as count linear ones driven by weights [T, 52]: mix [K, 52] and bases [K, N, ALL].

    Ridge regression, then the strongest directions of what it explains. Source: RGBAvatar's reduced bases; here in
    closed form.
    """
    frames, splats, width = changes.shape
    spread = np.sqrt((changes.astype(np.float64) ** 2).mean((0, 1)))
    rows = (changes / np.where(spread > 0, spread, 1)).reshape(frames, -1)
    gram = weights.T.astype(np.float64) @ weights + RIDGE * frames * np.eye(weights.shape[1])
    solve = np.linalg.solve(gram, weights.T)  # [52, T]
    told = weights @ solve  # [T, T], takes rows to what weights explain of them
    values, courses = np.linalg.eigh(told @ (rows @ rows.T) @ told.T)
    order = np.argsort(values)[::-1][: min(count, int((values > values.max() * 1e-8).sum()))]
    kept = courses[:, order]  # [T, K]
    bases = (kept.T @ told @ rows).reshape(-1, splats, width) * spread / np.sqrt(frames)
    # told @ rows is kept @ kept.T @ told @ rows but for what is dropped, and kept lies in the span of weights.
    mix = np.linalg.lstsq(weights.astype(np.float64), kept * np.sqrt(frames), rcond=1e-6)[0].T
    return mix.astype(np.float32), bases.astype(np.float32)


def corrected(head: SplatHead, weights: np.ndarray) -> np.ndarray:
    """What a head's correctives add, float32 [T, N, ALL]. weights: [T, 52], already held down."""
    out = np.zeros((len(weights), len(head), ALL), np.float32)
    for row, course in enumerate(weights @ head.mix.T if len(head.mix) else ()):
        for change, value in enumerate(course):
            splats, numbers = head.correctives.rows(change)
            out[row, splats] += value * numbers
    return out


def clip_at(head: SplatHead, name: str, seconds: float) -> np.ndarray:
    """What a clip of a head adds at a time, float32 [N, ALL]."""
    clip, out = head.clips[name], np.zeros((len(head), ALL), np.float32)
    for change, value in enumerate(clip.at(seconds)):
        splats, numbers = clip.changes.rows(change)
        out[splats] += value * numbers
    return out


@dataclass(frozen=True, slots=True)
class Loss:
    """What baking costs, dB: baked against the learned head, each of them against the video (nan without one)."""

    to_learned: float
    learned_to_video: float
    baked_to_video: float

    def sentence(self) -> str:
        """For people."""
        told = f"{self.to_learned:.1f} dB between baked and learned"
        if np.isnan(self.baked_to_video):
            return told
        return f"{told}; against the video {self.learned_to_video:.2f} dB learned, {self.baked_to_video:.2f} dB baked"


def baking_loss(
    pair: tuple[Avatar, SplatHead],
    moments: list[Moment],
    scene: tuple[Rasteriser, object],
    goals: list[tuple[torch.Tensor, torch.Tensor]],
) -> Loss:
    """Draw a learned and a baked head. scene: rasteriser and camera; goals: picture and solid by moment, or none."""
    avatar, head = pair
    rows = []
    for number, moment in enumerate(moments):
        learned, made = drawn_both(avatar, head, moment, scene)
        row = [decibels(made, learned), np.nan, np.nan]
        if goals:
            row[1:] = [decibels(picture, goals[number][0], goals[number][1]) for picture in (learned, made)]
        rows.append(row)
    return Loss(*(float(value) for value in np.mean(rows, axis=0)))


def drawn_both(
    avatar: Avatar, head: SplatHead, moment: Moment, scene: tuple[Rasteriser, object], played: np.ndarray | float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """A moment drawn by the learned and by the baked head, [H, W, 3] before grey.

    played: what a clip adds, [N, ALL], see clip_at; else the baked head has its correctives only.
    """
    raster, camera = scene
    grey = torch.full((3,), 0.5)
    with torch.no_grad():
        weights = avatar.held(moment.weights)
        own = torch.from_numpy(corrected(head, numpy_of(weights)[None])[0] + played + _canonical(avatar))
        posed = place(avatar.mesh, avatar.rest(), weights if avatar.settings.splats.mesh else None, own)
        posed = avatar.carry(posed, moment.affine)
        pictures = [
            raster.render(avatar.gaussians(rows, camera), camera, grey).color.cpu() for rows in (avatar(moment), posed)
        ]
    return pictures[0], pictures[1]


def _plain(avatar: Avatar, facts: dict[str, str]) -> SplatHead:
    """Everything but fields and latent poses."""
    start, sitter = avatar.start(), avatar.sitter
    rest = _canonical(avatar)
    turn = rest[:, PLACES["turn"]] / 2
    turned = multiply(unit(start.quats), np.concatenate([np.ones_like(turn[:, :1]), turn], axis=1))
    template, triangles = compacted(sitter.template, start.triangles, avatar.settings.splats.mesh)
    log_scales = start.log_scales + rest[:, PLACES["log_scale"]]
    binding = Binding(triangles, start.places, start.offsets, unit(turned), log_scales)
    carried = numpy_of(avatar.shares().turn)
    pivots = np.stack([numpy_of(avatar.pivot()) + avatar.mesh.center] * 2)
    bones = Bones(("chest", "head"), pivots, (0.0, 1.0), np.stack([1 - carried, carried], axis=1))
    logits = start.logits + rest[:, PLACES["logit"]][:, 0]
    sh = np.concatenate([(start.colors + rest[:, PLACES["color"]])[:, None], start.harmonics], axis=1)
    correctives, mix = no_deltas(), np.zeros((0, 52), np.float32)
    if is_linear(avatar) and avatar.shapes is not None:
        moved = avatar.shapes.changes() * ~avatar.is_torso.cpu().numpy()[:, None]
        own = {f"speaker {k + 1}": change for k, change in enumerate(moved)}
        correctives, mix = packed(own, GROUPS, LEAST), numpy_of(avatar.shapes.mix)
    ceilings = CEILINGS if avatar.settings.splats.ceilings and template.shapes else ()
    return SplatHead(template, binding, bones, logits, sh, correctives, mix, ceilings, {}, facts)


def _canonical(avatar: Avatar) -> np.ndarray:
    """What the grid adds at rest, float32 [N, ALL]."""
    if avatar.canonical is None:
        return np.zeros((len(avatar.offsets), ALL), np.float32)
    with torch.no_grad():
        return numpy_of(avatar.at_rest())


def compacted(template: Template, triangles: np.ndarray, moving: bool) -> tuple[Template, np.ndarray]:
    """A template with the triangles that carry splats and no others, and where those are now.

    moving: whether its shapes come along.
    """
    used, owners = np.unique(triangles, return_inverse=True)
    vertices, corners = np.unique(template.triangles[used], return_inverse=True)
    place_of = np.full(len(template.points), -1, np.int32)
    place_of[vertices] = np.arange(len(vertices), dtype=np.int32)
    shapes = {}
    for name, (moved, offsets) in template.shapes.items() if moving else ():
        here = place_of[moved] >= 0
        order = np.argsort(place_of[moved[here]])
        shapes[name] = place_of[moved[here]][order], offsets[here][order]
    made = Template(template.points[vertices], corners.reshape(-1, 3).astype(np.int32), shapes)
    return made, owners.reshape(-1).astype(np.int32)

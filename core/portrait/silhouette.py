"""The bust's skull, ears and jaw brought to the person's outline, the face left where its landmarks put it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..splat.render import Camera
from ..template.types import HeadTemplate
from .seeing import project, read_off
from .stance import Stance

BINS = 96
SURE = 0.5
LEAST_GROWTH, MOST_GROWTH = 0.85, 1.7
INNER = 0.78
"""Nearer to the middle than this part of the way to the outline, the face keeps its place."""
BEHIND_M = 0.02
"""So far behind the ears the skull follows its outline wholly."""
LOWEST = -0.35
"""Sine of the angle below the eyes from which the outline may be a neck's or a collar's: no head grows to it, but none
sticks out of it either."""
BESIDE, MOST_BESIDE = 0.35, 1.2
"""Sine of the angle from the eyes within which hair hangs beside a face, and the most that a head grows there."""
STEP = 0.004
"""Length of the steps along a ray, over the picture's longer side."""
SMOOTH_BINS = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Outlined:
    """A person's outline, and what of the fitted person is in it.

    camera: sees the chest in its own axes; mask: float32 [H, W], 0..1, where the person is; stance: how the head sits;
    expressed: float32 [V, 3], metres, what the expression in the picture adds to the resting mesh.
    """

    camera: Camera
    mask: np.ndarray
    stance: Stance
    expressed: np.ndarray

    def posed(self, template: HeadTemplate, points: np.ndarray) -> np.ndarray:
        """Resting vertices [V, 3] as in the picture, in the chest's axes."""
        return self.stance.stood(template, points + self.expressed)

    def shifted(self, template: HeadTemplate, points: np.ndarray, pixels: np.ndarray) -> np.ndarray:
        """Resting vertices moved so that in the picture they go by pixels [V, 2], as deep as before; float32 [V, 3]."""
        _, depth = project(self.posed(template, points), self.camera)
        flat = pixels * (depth / self.camera.focal[0])[:, None]
        right, up, _ = self.camera.to_camera[:3, :3]
        shifts = flat[:, :1] * right[None] - flat[:, 1:] * up[None]
        return (points + self.stance.back(template, shifts)).astype(np.float32)


def to_outline(template: HeadTemplate, points: np.ndarray, seen: Outlined) -> np.ndarray:
    """Resting points float32 [V, 3] whose head fills its outline in the picture.

    points: float32 [V, 3], a person fitted to landmarks. Rays from the middle of the head measure how far the outline
    is and how far the mesh; the mesh is stretched by the quotient across the line of sight, the more the further out
    and the further back a vertex lies. Ears are carried along whole.
    """
    head = template.region("skin", "lids", "ears", "scalp") & (template.weights[:, -1] > 0.5)
    places, depth = project(seen.posed(template, points), seen.camera)
    middle = _middle(template, places)
    away = places - middle
    angle, radius = np.arctan2(-away[:, 1], away[:, 0]), np.linalg.norm(away, axis=1)
    reach = _mesh_reach(angle[head], radius[head])
    growth = _growth(reach, middle, seen.mask)
    factor, outline = _around(growth, angle), _around(reach, angle)
    share = _share(template, radius / np.maximum(outline, 1e-6), depth)
    pixels = away * ((factor - 1) * share * _follows(template))[:, None]
    return seen.shifted(template, points, _ears_whole(template, pixels))


def _ears_whole(template: HeadTemplate, pixels: np.ndarray) -> np.ndarray:
    """Shifts [V, 2] with each ear's own replaced by their mean: what grows is hair over it or skull behind it."""
    ears = template.region("ears")
    pixels = pixels.copy()
    for side in (template.points[:, 0] > 0, template.points[:, 0] <= 0):
        pixels[ears & side] = pixels[ears & side].mean(0)
    return pixels


def _middle(template: HeadTemplate, places: np.ndarray) -> np.ndarray:
    """Where in the picture the middle of the head is: between the eyes and the top of the skull."""
    eyes = places[template.region("white", "iris")].mean(0)
    top = places[template.region("scalp")]
    return (eyes * 2 + top.mean(0)) / 3


def _follows(template: HeadTemplate) -> np.ndarray:
    """What may move at all: neither eyes nor mouth nor shoulders, bool [V]."""
    return template.region("skin", "ears", "scalp") & (template.weights[:, -1] > 0.5)


def _turns(angle: np.ndarray) -> np.ndarray:
    """Angles as parts of a turn, 0..1."""
    return (angle / (2 * np.pi)) % 1.0


def _around(values: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Values of bins [BINS] between them, at angles [V]; two rounds, so that one may read across the seam."""
    return np.interp(_turns(angle), np.arange(2 * BINS) / BINS - 0.5, np.tile(values, 2))


def _mesh_reach(angle: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """How far the mesh reaches in each direction, pixels [BINS], bin k about the turn k / BINS - 0.5, modulo one."""
    reach = np.zeros(BINS)
    places = (_turns(angle) + 0.5) * BINS
    for shift in (0.0, 0.5):  # a bin and its half neighbours, so that none is empty
        np.maximum.at(reach, np.floor(places + shift).astype(int) % BINS, radius)
    return _round(np.where(reach > 0, reach, np.median(reach)))


def _growth(reach: np.ndarray, middle: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """By how much the mesh must grow in each direction, [BINS]; 1 where the outline is not the head's."""
    turns = (np.arange(BINS) / BINS - 0.5) * 2 * np.pi
    rays = np.stack([np.cos(turns), -np.sin(turns)], axis=1)
    step = max(mask.shape) * STEP
    lengths = np.arange(step, max(mask.shape), step)
    growth = np.ones(BINS)
    for number, ray in enumerate(rays):
        along = middle + lengths[:, None] * ray
        inside = ((along >= 0) & (along < [mask.shape[1], mask.shape[0]])).all(1)
        person = (read_off(mask[..., None], along)[:, 0] > SURE) & inside
        if person[0] and not person.all():
            end = int(np.argmin(person))
            if inside[end]:  # beyond the picture's edge nobody knows
                growth[number] = min(lengths[end] / reach[number], _most(float(np.sin(turns[number]))))
    return _round(np.clip(growth, LEAST_GROWTH, MOST_GROWTH))


def _most(sine: float) -> float:
    """By how much a head may grow in a direction."""
    if sine < LOWEST:
        return 1.0
    return MOST_BESIDE if sine < BESIDE else MOST_GROWTH


def _round(values: np.ndarray) -> np.ndarray:
    """Values about a circle without their finest ups and downs."""
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(values, SMOOTH_BINS, mode="wrap")


def _share(template: HeadTemplate, part: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """How far each vertex goes along, 0..1. part: [V], its way to the outline; depth: [V], metres."""
    outer = np.clip((part - INNER) / (1 - INNER), 0, 1)
    ears = float(np.median(depth[template.region("ears")]))
    behind = np.clip((depth - ears) / BEHIND_M, 0, 1)
    share = np.maximum(outer, behind)
    return share * share * (3 - 2 * share)

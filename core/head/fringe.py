"""Lashes and brows: tapered hairs that ride on the skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .eyes import Ball
from .lids import INNER_CORNER
from .part import Part, moving_shapes
from .strands import riding_shapes, tube_faces, tubes
from .surface import anchor, unit

BROW_LINE = np.array(
    [[0.085, 7.470], [0.14, 7.487], [0.22, 7.505], [0.30, 7.520], [0.38, 7.525], [0.46, 7.508], [0.545, 7.465]]
)
"""The middle of the left brow on the base mesh, x and y, from the nose outwards."""

BROW_HALF_HEIGHT = np.array([0.026, 0.034, 0.034, 0.030, 0.024, 0.016, 0.005])
BROW_LEAN = np.radians([78, 52, 36, 24, 8, -14, -34])
"""Which way hairs grow along the brow: angle above the outward direction."""


@dataclass(frozen=True, slots=True)
class Fringe:
    """How a person's lashes and brows look.

    lash: length of an upper lash, decimetres; brow_hairs: hairs a brow; brow_height: factor on its height.
    """

    lash: float
    brow_hairs: int
    brow_height: float
    brow_thickness: float = 0.0042
    brow_lift: float = 0.0


@dataclass(frozen=True, slots=True)
class Skin:
    """The surface hairs grow on. base, rest: [N, 3], plain mesh and person; corners: int64 [T, 3]; units by name."""

    base: np.ndarray
    rest: np.ndarray
    corners: np.ndarray
    units: dict[str, np.ndarray]


def brows_part(skin: Skin, fringe: Fringe, seed: int = 7) -> Part:
    """Both brows, mirror images with hairs placed at random (seeded)."""
    random = np.random.default_rng(seed)
    along = random.beta(1.25, 1.2, fringe.brow_hairs)
    across = random.uniform(-1, 1, fringe.brow_hairs) * random.uniform(0.75, 1, fringe.brow_hairs)
    steps = np.linspace(0, 1, len(BROW_LINE))
    height = np.interp(along, steps, BROW_HALF_HEIGHT) * fringe.brow_height
    middle = np.stack([np.interp(along, steps, BROW_LINE[:, k]) for k in (0, 1)], 1)
    places = np.c_[middle[:, 0], middle[:, 1] + across * height + fringe.brow_lift, np.full(len(along), 1.6)]
    lean = np.interp(along, steps, BROW_LEAN) - across * 0.28 + random.normal(0, 0.09, len(along))
    length = np.interp(along, [0, 0.25, 0.8, 1], [0.062, 0.085, 0.078, 0.055]) * random.uniform(0.75, 1.15, len(along))
    pieces = [_brow_side(skin, places * [side, 1, 1], (lean, length, side)) for side in (1, -1)]
    lines = np.concatenate([piece[0] for piece in pieces])
    out = np.concatenate([piece[1] for piece in pieces])
    width = np.array([0.8, 1.0, 0.75, 0.12])[None] * np.full((len(lines), 1), fringe.brow_thickness)
    return _strand_part("Brows", skin, tubes(lines, width, width * 0.7, out, 3), 4)


def _front(skin: Skin) -> np.ndarray:
    """Triangles that face forwards on the front of the head."""
    middle = skin.base[skin.corners].mean(1)
    return skin.corners[(middle[:, 2] > 0.9) & (middle[:, 1] > 7.0)]


def _brow_side(
    skin: Skin, places: np.ndarray, growth: tuple[np.ndarray, np.ndarray, int]
) -> tuple[np.ndarray, np.ndarray]:
    lean, length, side = growth
    corners = _front(skin)
    flat = skin.base.astype(np.float64) * [1, 1, 0.15]
    spots = anchor(places * [1, 1, 0.15], flat, corners)
    roots, frames = spots.places(skin.rest), spots.frames(skin.rest)
    out = frames[:, 2]
    wish = np.stack([np.cos(lean) * side, np.sin(lean), np.zeros(len(lean))], 1)
    grow = unit(wish - out * (wish * out).sum(1, keepdims=True))
    t = np.array([0.0, 0.33, 0.67, 1.0])
    lift = 0.012 + 0.055 * t * (1.1 - t)
    droop = np.outer(t**2 * 0.12, [0, -1, 0])
    lines = roots[:, None] + length[:, None, None] * (t[None, :, None] * grow[:, None] + droop[None])
    lines += out[:, None] * (lift[None] * (0.35 + 0.9 * length[:, None] / 0.08))[..., None] * 0.55
    return lines, np.repeat(out[:, None], 4, 1)


def lashes_part(skin: Skin, eyes: tuple[tuple[Ball, tuple[int, ...]], ...], fringe: Fringe, seed: int = 3) -> Part:
    """Upper and lower lashes of both eyes. eyes: each ball with its lid ring (as lids.LID_RING_LEFT runs)."""
    random = np.random.default_rng(seed)
    lines, thick = [], []
    for ball, ring in eyes:
        upper = skin.rest[list(ring[: INNER_CORNER - 1])].astype(np.float64)
        lower = skin.rest[list(ring[INNER_CORNER + 2 :])].astype(np.float64)[::-1]
        for row, up, count, length in ((upper, 1, 50, fringe.lash), (lower, -1, 24, fringe.lash * 0.45)):
            lines.append(_lash_row(row, ball, (up, count, length), random))
            thick.append(np.full(count, 0.0032 if up > 0 else 0.0017))
    line, width = np.concatenate(lines), np.concatenate(thick)
    out = unit(line - np.repeat(line[:, :1], 5, 1) + [0, 0, 1e-3])
    out = np.cross(out, [0.0, 1.0, 0.02])
    taper = np.array([1.0, 0.9, 0.7, 0.4, 0.08])[None] * width[:, None]
    return _strand_part("Lashes", skin, tubes(line, taper, taper, out, 3), 5)


def _lash_row(row: np.ndarray, ball: Ball, growth: tuple[int, int, float], random: np.random.Generator) -> np.ndarray:
    """Centre lines [count, 5, 3] of one row of lashes, outer corner first; growth: up or down, count, length."""
    up, count, length = growth
    at = np.sort(np.linspace(0.06, 0.97, count) + random.normal(0, 0.004, count)).clip(0, 1)
    reach = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(row, axis=0), axis=1))])
    roots = np.stack([np.interp(at * reach[-1], reach, row[:, k]) for k in range(3)], 1)
    roots = ball.center + (roots - ball.center) * 0.995
    sideways = (roots[:, 0] - ball.center[0] + 0.02 * ball.side)[:, None] * [1.0, 0, 0] / ball.radius
    start = unit(unit(roots - ball.center) * [0.6, 0.35, 1.0] + sideways * 0.45 + [0, -0.12 * up, 0])
    curl = unit(np.array([0, up * 1.0, 0.25]) + sideways * 0.55)
    size = length * np.interp(at, [0, 0.12, 0.4, 0.85, 1], [0.6, 1.05, 1.0, 0.7, 0.4])
    size *= random.uniform(0.85, 1.1, count)
    t = np.linspace(0, 1, 5)
    bend = 0.72 * t**2
    path = (t - 0.35 * bend)[None, :, None] * start[:, None] + bend[None, :, None] * curl[:, None]
    clump = np.sin(np.arange(count) * 2.1)[:, None, None] * (t**2)[None, :, None] * [0.1, 0, 0]
    return roots[:, None] + size[:, None, None] * (path + clump)


def _strand_part(name: str, skin: Skin, surface: np.ndarray, rings: int) -> Part:
    """A part of hairs whose points [n, rings * sides, 3] ride on the skin under their roots."""
    sides = surface.shape[1] // rings
    anchors = anchor(surface[:, :sides].mean(1), skin.rest, _front(skin))
    shapes = riding_shapes(surface, anchors, skin.rest, skin.units)
    points = surface.reshape(-1, 3).astype(np.float32)
    return Part(name, points, tube_faces(len(surface), rings, sides), moving_shapes(shapes), {}, (name,))

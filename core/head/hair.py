"""Hair as sculpted locks: each grows from the scalp and flows around the head, over a cap in the hair's colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .part import Part, joined
from .strands import tube_faces, tubes
from .surface import Faces, triangles, unit, vertex_normals

AXIS_Z = 0.45
"""Middle of the head on the base mesh, decimetres."""

HAIRLINE = np.array(
    [
        [0, 22, 38, 50, 60, 70, 78, 88, 96, 106, 118, 135, 160, 180],
        [7.98, 7.97, 7.90, 7.74, 7.60, 7.42, 7.22, 7.24, 7.42, 7.36, 7.06, 6.84, 6.72, 6.70],
    ]
)
"""Lowest hair by the angle around the head: degrees from the front, height on the base mesh."""


@dataclass(frozen=True, slots=True)
class Hairdo:
    """How a head of hair flows.

    kind: "bob" (parted, falls to the jaw) or "crop" (short, brushed up and forwards).
    locks: how many; length, width: decimetres; part_x: where the parting runs, to the left.
    """

    kind: str
    locks: int
    length: float
    width: float
    part_x: float = 0.0
    volume: float = 0.1
    seed: int = 11


def scalp_mask(base: np.ndarray, soft: float = 0.10) -> np.ndarray:
    """Where hair grows on the base mesh, 0..1 [N]; soft: decimetres over which it fades in."""
    angle = np.degrees(np.arctan2(np.abs(base[:, 0]), base[:, 2] - AXIS_Z))
    line = np.interp(angle, *HAIRLINE)
    wave = 0.012 * np.sin(angle * 0.9) + 0.01 * np.sin(angle * 2.3 + 1)
    ear = (np.abs(base[:, 0]) > 0.735) & (base[:, 1] < 7.42) & (base[:, 2] > 0.2) & (base[:, 2] < 0.85)
    return np.where(ear | (base[:, 1] < 6.4), 0, np.clip((base[:, 1] - line - wave) / soft, 0, 1)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Scalp:
    """Where locks grow. points, normals: [n, 3] of the head skin; base: [n, 3]; faces over them; grows: 0..1 [n]."""

    points: np.ndarray
    normals: np.ndarray
    base: np.ndarray
    faces: Faces
    grows: np.ndarray


def scalp_of(base: np.ndarray, person: np.ndarray, faces: Faces, grows: np.ndarray) -> Scalp:
    """The head's outer skin as a surface to comb over; arguments as in Scalp, over the whole base mesh."""
    used = np.unique(np.concatenate([np.asarray(f) for f in faces if base[list(f), 1].min() > 5.6]))
    used = used[(np.linalg.norm((base[used] - [0, 7.0, 0.6]) * [1, 0.8, 1], axis=1) > 0.62) | (base[used, 1] > 7.6)]
    place = {int(v): k for k, v in enumerate(used)}
    kept = tuple(tuple(place[v] for v in f) for f in faces if all(v in place for v in f))
    points = person[used].astype(np.float64)
    return Scalp(points, vertex_normals(points, triangles(kept)), base[used], kept, grows[used])


def hair_part(scalp: Scalp, hairdo: Hairdo) -> Part:
    """The hair of a person, shaped to the skin at rest; it goes with the head."""
    random = np.random.default_rng(hairdo.seed)
    roots, normals, base = _scatter(scalp, hairdo.locks, random)
    comb = _comb_bob if hairdo.kind == "bob" else _comb_crop
    lines, out, width = comb(scalp, hairdo, (roots, normals, base), random)
    sides = 5 if hairdo.kind == "bob" else 4
    locks = tubes(lines, width, width * 0.38, out, sides)
    rings = lines.shape[1]
    cap = _cap(scalp, *((0.004, 0.8) if hairdo.kind == "crop" else (0.008, 0.1)))
    points, faces = joined([cap, (locks.reshape(-1, 3), tube_faces(len(locks), rings, sides))])
    shade = random.uniform(0.65, 1.3, len(locks))
    along = np.linspace(0.75, 1.1, rings)
    lock_tint = shade[:, None, None] * along[:, None] * np.ones(sides)
    tint = np.concatenate([np.full(len(cap[0]), 0.75), lock_tint.ravel()])
    colors = {"Tint": np.repeat(tint[:, None], 4, 1).astype(np.float32)}
    return Part("Hair", points, faces, {}, colors, ("Hair",))


def _scatter(scalp: Scalp, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Roots spread evenly over the scalp, with normals and their place on the base mesh; each [count, 3]."""
    corners = triangles(scalp.faces)
    a, b, c = (scalp.points[corners[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) * scalp.grows[corners].min(1) ** 1.5
    chosen = random.choice(len(corners), count * 3, p=area / area.sum())
    mix = random.dirichlet((1, 1, 1), count * 3)
    places = np.einsum("nk,nkd->nd", mix, scalp.points[corners[chosen]])
    keep = _spread(places, count)
    pick = corners[chosen[keep]]
    normals = unit(np.einsum("nk,nkd->nd", mix[keep], scalp.normals[pick]))
    return places[keep], normals, np.einsum("nk,nkd->nd", mix[keep], scalp.base[pick])


def _spread(places: np.ndarray, count: int) -> np.ndarray:
    """Choose count places that lie far from each other (farthest-point order)."""
    chosen = np.zeros(count, np.int64)
    away = np.full(len(places), np.inf)
    for k in range(1, count):
        away = np.minimum(away, ((places - places[chosen[k - 1]]) ** 2).sum(1))
        chosen[k] = away.argmax()
    return chosen


def _cap(scalp: Scalp, lift: float, rim: float) -> tuple[np.ndarray, Faces]:
    """The scalp's skin lifted a little and dipping into the skin where growth falls to rim."""
    faces = tuple(f for f in scalp.faces if min(scalp.grows[v] for v in f) > rim)
    used = np.unique(np.concatenate([np.asarray(f) for f in faces]))
    place = {int(v): k for k, v in enumerate(used)}
    rise = np.clip((scalp.grows[used] - rim) * 8 - 0.4, -0.4, 1)
    points = scalp.points[used] + scalp.normals[used] * (lift * rise)[:, None]
    return points, tuple(tuple(place[v] for v in f) for f in faces)


def _nearest_skin(scalp: Scalp, places: np.ndarray) -> np.ndarray:
    return np.concatenate(
        [((block[:, None] - scalp.points[None]) ** 2).sum(-1).argmin(1) for block in np.array_split(places, 16)]
    )


Comb = tuple[np.ndarray, np.ndarray, np.ndarray]


def _comb_bob(scalp: Scalp, hairdo: Hairdo, grown: Comb, random: np.random.Generator) -> Comb:
    """Fall from the parting to both sides, off the forehead, and in under the jaw."""
    roots, normals, base = _parted(scalp, hairdo, grown, random)
    count, steps = len(roots), 14
    shift = np.median(scalp.points - scalp.base, axis=0)
    side = np.where(base[:, 0] > hairdo.part_x, 1.0, -1.0)
    tip = scalp.base[:, 1].max() - hairdo.length + random.normal(0, 0.03, count)
    layer = random.uniform(0.25, 1.0, count)
    wave = random.normal(0, 0.05, (count, 3))
    forward = 0.9 * np.clip((base[:, 2] - 0.6) / 0.7, 0, 1) * np.exp(-(((base[:, 0] - hairdo.part_x) / 0.25) ** 2))
    flow = unit(normals * 0.3 + np.stack([side, -0.5 * forward, forward - 0.25], 1))
    place, lines, outs = roots + normals * 0.01, [roots - normals * 0.008], [normals]
    for k in range(1, steps):
        share = k / (steps - 1)
        flow = unit(0.4 * flow + 0.6 * unit(_pull(place - shift, side, share) + wave))
        longest = np.interp(share, [0.07, 0.35], [0.06, 0.34])
        drop = np.clip(place[:, 1] - shift[1] - tip, 0, None) / (steps - k)
        place = place + flow * np.clip(drop / np.clip(-flow[:, 1], 0.35, 1), 0.02, longest)[:, None]
        height = hairdo.volume * layer * np.interp(share, [0, 0.25, 0.7, 1], [0.6, 1, 1.15, 0.8])
        place, out = _hugged(scalp, place, height, shift)
        lines.append(place)
        outs.append(out)
    line, out = _smoothed(np.stack(lines, 1)), unit(_smoothed(np.stack(outs, 1)))
    width = np.interp(np.linspace(0, 1, steps), [0, 0.12, 0.8, 1], [0.6, 1, 0.9, 0.08])[None]
    return line, out, hairdo.width * width * random.uniform(0.7, 1.2, (count, 1))


def _parted(scalp: Scalp, hairdo: Hairdo, grown: Comb, random: np.random.Generator) -> Comb:
    """More roots along the parting, where no lock from higher up covers the scalp."""
    top = (np.abs(scalp.base[:, 0] - hairdo.part_x) < 0.1) & (scalp.base[:, 1] > 7.7)
    near = np.nonzero(top & (scalp.grows > 0.12))[0]
    depth = np.sort(random.uniform(scalp.base[near, 2].min(), scalp.base[near, 2].max() + 0.03, hairdo.locks // 2))
    height = np.interp(depth, *scalp.base[near[scalp.base[near, 2].argsort()]][:, [2, 1]].T)
    x = hairdo.part_x + np.where(np.arange(len(depth)) % 2, 0.012, -0.012)
    places = np.c_[x, height, depth]
    spot = ((places[:, None] - scalp.base[None, near]) ** 2).sum(-1).argmin(1)
    shift = scalp.points[near[spot]] - scalp.base[near[spot]]
    extra = (places + shift, scalp.normals[near[spot]], places)
    return tuple(np.concatenate(pair) for pair in zip(grown, extra, strict=True))


def _pull(base: np.ndarray, side: np.ndarray, share: float) -> np.ndarray:
    """Where hair at a place of the base mesh [n, 3] wants to go: aside on top, back off the face, down, and in."""
    front = np.clip((base[:, 2] - 0.8) / 0.5, 0, 1)
    high = np.clip((base[:, 1] - 7.75 + 0.3 * front) / (0.5 + 0.1 * front), 0, 1)
    face_front = np.interp(base[:, 1], [6.2, 7.0, 7.35, 7.65, 8.0, 8.5], [0.75, 0.82, 0.95, 1.25, 1.5, 1.5])
    before = np.clip((base[:, 2] - face_front) / 0.25, 0, 1.5)
    tuck = np.clip((share - 0.75) / 0.25, 0, 1) * (base[:, 1] < 6.9)
    across = side * 0.8 * high - 0.45 * tuck * np.sign(base[:, 0])
    return np.stack([across, -0.35 - 0.9 * (1 - high), -0.75 * before + 0.1 * tuck], 1)


def _hugged(scalp: Scalp, places: np.ndarray, height: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring places [n, 3] to a height [n] over the head: out of the skin fully, towards it gently and only up high."""
    near = _nearest_skin(scalp, places)
    normals = scalp.normals[near]
    missing = height - ((places - scalp.points[near]) * normals).sum(1)
    hold = 0.5 * np.clip((places[:, 1] - shift[1] - 6.9) / 0.3, 0, 1)
    return places + normals * np.where(missing > 0, missing, hold * missing)[:, None], normals


def _smoothed(lines: np.ndarray) -> np.ndarray:
    lines = lines.copy()
    for _ in range(3):
        lines[:, 1:-1] = 0.5 * lines[:, 1:-1] + 0.25 * (lines[:, :-2] + lines[:, 2:])
    return lines


def _comb_crop(scalp: Scalp, hairdo: Hairdo, grown: Comb, random: np.random.Generator) -> Comb:
    """Short hair: longer and brushed up and aside on top, close at the sides."""
    roots, normals, base = grown
    count, steps = len(roots), 5
    high = np.clip((base[:, 1] - 7.82) / 0.4, 0, 1)
    front = np.clip((base[:, 2] - 0.7) / 0.6, 0, 1)
    length = hairdo.length * (0.3 + 0.7 * high * (0.65 + 0.45 * front)) * random.uniform(0.75, 1.15, count)
    sweep = np.stack([0.55 * high, -0.9 * (1 - high), 0.5 * (1 - high) * (front - 0.5) + 0.25 * front * high], 1)
    sweep += 0.2 * _clumps(base, 4.0) + 0.16 * _clumps(base, 13.0) + random.normal(0, 0.08, (count, 3))
    sweep -= normals * (sweep * normals).sum(1, keepdims=True)
    grow = unit(normals * (0.25 + 0.45 * high * (0.4 + 0.6 * front))[:, None] + sweep * 0.6)
    settle = unit(sweep + normals * 0.05 + np.c_[np.zeros(count), -0.2 * high, np.zeros(count)])
    t = np.linspace(0, 1, steps)
    lines = roots[:, None] + length[:, None, None] * (
        (t - 0.6 * t**2)[None, :, None] * grow[:, None] + (0.6 * t**2)[None, :, None] * settle[:, None]
    )
    width = hairdo.width * np.array([0.8, 1.0, 0.95, 0.7, 0.1])[None] * random.uniform(0.7, 1.2, (count, 1))
    return lines, np.repeat(normals[:, None], steps, 1), width


def _clumps(base: np.ndarray, grain: float) -> np.ndarray:
    """A smooth pseudo-random direction for each place [n, 3], so that neighbouring locks lie together."""
    turn = np.array([[1.0, 0.7, -0.4], [-0.5, 1.1, 0.8], [0.6, -0.9, 1.2]]) * grain
    return np.sin(base @ turn + 1.7 * np.sin(base @ turn.T * 0.6))

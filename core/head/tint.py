"""Skin colour by vertex: tone, lips, blush, shadows, stubble and the hair's colour on the scalp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Rgb = tuple[float, float, float]

SPOTS: dict[str, tuple[tuple[float, float, float], float, float]] = {
    "cheek": ((0.42, 6.98, 1.30), 0.23, 0.75),
    "cheek low": ((0.48, 6.72, 1.15), 0.2, 0.2),
    "nose tip": ((0.0, 6.93, 1.66), 0.12, 0.65),
    "nose side": ((0.13, 6.87, 1.54), 0.08, 0.6),
    "chin": ((0.0, 6.3, 1.49), 0.13, 0.35),
    "brow": ((0.15, 7.6, 1.5), 0.2, 0.15),
}
"""Where blood shows through: place on the base mesh (both sides), size in decimetres, strength."""

SHADES: dict[str, tuple[tuple[float, float, float], float, float]] = {
    "socket": ((0.29, 7.42, 1.38), 0.11, 0.55),
    "under eye": ((0.26, 7.13, 1.38), 0.09, 0.3),
    "inner corner": ((0.17, 7.28, 1.36), 0.06, 0.5),
}
"""Where the skin is darker and cooler."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a person, linear RGB.

    blush: skin where blood shows; shade: skin around the eyes; mouth: the inside; scalp: where hair grows.
    stubble: how much of the scalp colour shows on jaw and lip, 0..1; hairline: how much on the scalp.
    """

    skin: Rgb
    blush: Rgb
    shade: Rgb
    lips: Rgb
    scalp: Rgb
    mouth: Rgb = (0.12, 0.012, 0.012)
    stubble: float = 0.0
    hairline: float = 0.9
    lid: Rgb | None = None


def skin_colors(base: np.ndarray, masks: dict[str, np.ndarray], palette: Palette, scalp: np.ndarray) -> np.ndarray:
    """Colour of every vertex of the base mesh.

    base: [N, 3], the plain base mesh; scalp: 0..1 [N], where hair grows.
    masks: 0..1 [N] by name: lips, eyelids, ears, inside-mouth; a missing one counts as nowhere.
    Returns float32 [N, 4]: linear RGB and wetness 0..1.
    """
    nowhere = np.zeros(len(base))
    mask = {name: masks.get(name, nowhere)[:, None] for name in ("lips", "eyelids", "ears", "inside-mouth")}
    color = np.tile(np.array(palette.skin, np.float64), (len(base), 1))
    color *= 1 + 0.05 * _mottle(base)[:, None]
    color = _mix(color, palette.blush, _spots(base, SPOTS)[:, None] * 0.75)
    color = _mix(color, palette.blush, mask["ears"] * 0.45)
    color = _mix(color, palette.shade, np.clip(_spots(base, SHADES)[:, None] + 0.5 * mask["eyelids"], 0, 1) * 0.6)
    if palette.lid:
        color = _mix(color, palette.lid, mask["eyelids"] * 0.6)
    color = _mix(color, palette.scalp, (_beard(base) * palette.stubble)[:, None] * (1 - mask["lips"]))
    color = _mix(color, palette.scalp, (scalp * palette.hairline)[:, None])
    lips = np.clip(mask["lips"] * 1.15, 0, 1)
    color = _mix(color, palette.lips, lips * 0.92)
    color = _mix(color, palette.mouth, np.clip(mask["inside-mouth"] * 1.3, 0, 1))
    socket = _pocket(base)[:, None]
    color = _mix(color, (0.45, 0.16, 0.13), socket)
    wet = np.clip(0.55 * lips + 0.9 * mask["inside-mouth"] + 0.8 * socket + 0.18 * _t_zone(base)[:, None], 0, 1)
    return np.concatenate([color, wet], 1).astype(np.float32)


def _mix(color: np.ndarray, other: Rgb, share: np.ndarray) -> np.ndarray:
    return color * (1 - share) + np.array(other) * share


def _spots(base: np.ndarray, spots: dict[str, tuple[tuple[float, float, float], float, float]]) -> np.ndarray:
    both = np.c_[np.abs(base[:, 0]), base[:, 1:]]
    total = np.zeros(len(base))
    for place, size, strength in spots.values():
        total += strength * np.exp(-((both - place) ** 2).sum(1) / (2 * (size * 0.62) ** 2))
    return np.clip(total, 0, 1)


def _mottle(base: np.ndarray) -> np.ndarray:
    """A slow pattern, -1..1, that keeps skin from looking like paint."""
    x, y, z = (base * 9).T
    return (np.sin(x * 1.3 + 2 * np.sin(y * 0.9)) + np.sin(y * 1.7 + 1.5 * np.sin(z * 1.1)) + np.sin(z * 2.1 + x)) / 3


def _beard(base: np.ndarray) -> np.ndarray:
    """Where a beard grows, 0..1: upper lip, chin and jaw up to the ear, thinning towards the cheek and the throat."""
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    top = np.interp(x, [0, 0.12, 0.2, 0.32, 0.5, 0.62, 0.75], [6.76, 6.77, 6.72, 6.66, 6.78, 6.98, 7.2])
    down = np.clip((top + 0.04 - y) / 0.2, 0, 1)
    up = np.clip((y - np.interp(z, [0.4, 1.0, 1.4], [6.2, 5.95, 6.0])) / 0.12, 0, 1)
    return down * up * np.clip((z - 0.5) / 0.25, 0, 1)


def _pocket(base: np.ndarray) -> np.ndarray:
    """The wet skin behind the lids, 0..1."""
    x = np.abs(base[:, 0])
    inner = np.linalg.norm(np.c_[x - 0.308, base[:, 1] - 7.284, base[:, 2] - 1.245], axis=1) / 0.1495
    return np.clip((1.12 - inner) / 0.08, 0, 1)


def _t_zone(base: np.ndarray) -> np.ndarray:
    """Forehead and nose shine a little more."""
    x, y = np.abs(base[:, 0]), base[:, 1]
    return np.exp(-((x / 0.22) ** 2)) * np.clip((y - 6.8) / 0.15, 0, 1) * (base[:, 2] > 1.2)

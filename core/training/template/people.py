"""Random people: weights of MakeHuman's targets of age, sex, ancestry and detail, drawn with a seed."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np

from ...head.makehuman import TARGETS, read_target

FOLDERS: dict[str, float] = {
    "head": 0.22, "eyes": 0.3, "mouth": 0.3, "nose": 0.3, "cheek": 0.35, "chin": 0.35, "ears": 0.3,
    "eyebrows": 0.35, "forehead": 0.3, "neck": 0.15, "asym": 0.15,
}  # fmt: skip
"""Folders of detail targets and the standard deviation of their weights."""

OPPOSITES = (
    ("decr", "incr"), ("in", "out"), ("down", "up"), ("backward", "forward"), ("concave", "convex"),
    ("compress", "uncompress"), ("1-l", "1-r"), ("2-l", "2-r"), ("3-l", "3-r"), ("4-l", "4-r"), ("5-l", "5-r"),
    ("6-l", "6-r"), ("7-l", "7-r"), ("8-l", "8-r"),
)  # fmt: skip
"""Endings of targets that undo each other: one weight drives both, by its sign."""

LEFT_OUT = ("breast", "trunk", "measure", "shape-pointed", "head-trans", "neck-trans", "head-angle")
ANCESTRIES = ("african", "asian", "caucasian")
LONE_SPREAD = 0.3
"""Of targets without an opposite, which are whole kinds of head, over their folder's."""
SIDE_SPREAD = 0.25
"""How much a left and a right target of one person differ, over how much people differ."""


class Targets:
    """Target files read once, each as the vertices it moves, int64 [n], and their offsets float32 [n, 3]."""

    def __init__(self, data: Path, count: int) -> None:
        self._data, self._count = data, count
        self._read: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def details(self) -> dict[str, float]:
        """Every detail target and its folder's spread."""
        return {
            f"{folder}/{path.name.removesuffix('.target.gz')}": spread
            for folder, spread in FOLDERS.items()
            for path in sorted((self._data / TARGETS / folder).glob("*.target.gz"))
            if not any(word in path.name for word in LEFT_OUT)
        }

    def mixed(self, weights: dict[str, float]) -> np.ndarray:
        """The sum of weighted targets, float32 [count, 3], decimetres."""
        total = np.zeros((self._count, 3), np.float32)
        for name, weight in weights.items():
            rows, offsets = self._target(name)
            total[rows] += weight * offsets
        return total

    def _target(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        if name not in self._read:
            offsets = read_target(self._data / TARGETS / f"{name}.target.gz", self._count)
            rows = np.nonzero(np.abs(offsets).max(1))[0]
            self._read[name] = rows, offsets[rows]
        return self._read[name]


def mean_person() -> dict[str, float]:
    """Targets of the adult in the middle: half woman, half man, a third young, every ancestry alike."""
    return macro_weights(0.5, {"young": 0.7, "old": 0.3}, dict.fromkeys(ANCESTRIES, 1 / 3), (0.5, 0.5))


def random_person(targets: Targets, rng: np.random.Generator) -> dict[str, float]:
    """Targets of somebody: any sex between the two, mostly adults, any mix of ancestries, and details."""
    ages = ("child", "young") if rng.random() < 0.12 else ("young", "old")
    older = rng.beta(0.8, 1.0)
    ancestry = dict(zip(ANCESTRIES, rng.dirichlet((0.4, 0.4, 0.4)), strict=True))
    build = tuple(np.clip(rng.normal(0.5, 0.2, 2), 0, 1))
    macro = macro_weights(rng.beta(0.4, 0.4), dict(zip(ages, (1 - older, older), strict=True)), ancestry, build)
    return macro | random_details(targets.details(), rng)


def macro_weights(
    male: float, ages: dict[str, float], ancestry: dict[str, float], build: tuple[float, float]
) -> dict[str, float]:
    """Targets of sex, age and ancestry. male: 0..1; ages, ancestry: weights that sum to 1; build: muscle, weight."""
    weights = {}
    levels = [_levels(value, what) for value, what in zip(build, ("muscle", "weight"), strict=True)]
    for (sex, s), (age, a) in product((("female", 1 - male), ("male", male)), ages.items()):
        for origin, part in ancestry.items():
            weights[f"macrodetails/{origin}-{sex}-{age}"] = s * a * part
        for (muscle, m), (fat, f) in product(*levels):
            weights[f"macrodetails/universal-{sex}-{age}-{muscle}-{fat}"] = s * a * m * f
    return {name: float(weight) for name, weight in weights.items() if weight > 1e-4}


def random_details(details: dict[str, float], rng: np.random.Generator) -> dict[str, float]:
    """Weights of detail targets: opposites share one number, left and right nearly so."""
    weights: dict[str, float] = {}
    shared: dict[str, float] = {}
    for name, spread in details.items():
        opposite = _opposite(name)
        if opposite in details and opposite < name:
            continue
        folder, file = name.split("/")
        both = f"{folder}/{file[2:]}" if file[:2] in ("l-", "r-") else name
        value = shared.setdefault(both, rng.normal(0, spread))
        if both != name:
            value += rng.normal(0, spread * SIDE_SPREAD)
        if opposite not in details:
            weights[name] = float(np.clip(abs(value) * LONE_SPREAD, 0, 1))
        else:
            weights[name if value > 0 else opposite] = float(min(abs(value), 1))
    return weights


def _opposite(name: str) -> str:
    for pair in OPPOSITES:
        for here, there in (pair, pair[::-1]):
            if name.endswith(f"-{here}"):
                return name.removesuffix(here) + there
    return ""


def _levels(value: float, what: str) -> tuple[tuple[str, float], tuple[str, float]]:
    away = abs(value - 0.5) * 2
    return (f"average{what}", 1 - away), (f"{'max' if value > 0.5 else 'min'}{what}", away)

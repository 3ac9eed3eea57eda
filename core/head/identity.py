"""Who a head is: weights of MakeHuman's targets, as data, and the base mesh shaped by them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from .makehuman import TARGETS, BaseMesh, read_target


@dataclass(frozen=True, slots=True)
class Identity:
    """A person.

    sex: "female" or "male".
    ancestry: weights of "african", "asian", "caucasian"; they sum to 1.
    muscle, weight: 0..1, 0.5 is average.
    details: target file below the targets folder, without ending, to weight; "?" stands for both sides.
    """

    sex: str
    ancestry: dict[str, float]
    muscle: float
    weight: float
    details: dict[str, float]


WOMAN = Identity(
    sex="female",
    ancestry={"caucasian": 0.55, "asian": 0.2, "african": 0.25},
    muscle=0.45,
    weight=0.45,
    details={
        "head/head-oval": 0.55,
        "head/head-invertedtriangular": 0.2,
        "eyes/?-eye-scale-incr": 0.3,
        "eyes/?-eye-height2-incr": 0.12,
        "eyes/?-eye-corner2-up": 0.25,
        "eyes/?-eye-push1-in": 0.15,
        "mouth/mouth-upperlip-volume-incr": 0.12,
        "mouth/mouth-lowerlip-volume-incr": 0.15,
        "mouth/mouth-angles-up": 0.22,
        "mouth/mouth-cupidsbow-incr": 0.3,
        "nose/nose-scale-horiz-decr": 0.25,
        "nose/nose-point-up": 0.2,
        "nose/nose-width3-decr": 0.2,
        "cheek/?-cheek-bones-incr": 0.25,
        "cheek/?-cheek-inner-decr": 0.1,
        "chin/chin-width-decr": 0.3,
        "chin/chin-prominent-incr": 0.1,
        "eyebrows/eyebrows-trans-up": 0.25,
        "neck/neck-scale-horiz-decr": 0.35,
    },
)

MAN = Identity(
    sex="male",
    ancestry={"caucasian": 0.45, "african": 0.45, "asian": 0.1},
    muscle=0.6,
    weight=0.5,
    details={
        "head/head-rectangular": 0.2,
        "head/head-square": 0.15,
        "eyes/?-eye-scale-incr": 0.25,
        "eyes/?-eye-height2-incr": 0.1,
        "mouth/mouth-upperlip-volume-incr": 0.15,
        "mouth/mouth-lowerlip-volume-incr": 0.2,
        "mouth/mouth-angles-up": 0.22,
        "nose/nose-scale-horiz-decr": 0.2,
        "nose/nose-hump-incr": 0.15,
        "chin/chin-jaw-drop-incr": 0.15,
        "chin/chin-prominent-incr": 0.25,
        "cheek/?-cheek-bones-incr": 0.3,
        "neck/neck-scale-horiz-incr": 0.1,
        "forehead/forehead-scale-vert-decr": 0.15,
    },
)

IDENTITIES: dict[str, Identity] = {"Woman": WOMAN, "Man": MAN}


def identity_targets(identity: Identity) -> dict[str, float]:
    """The target files of a person and their weights, both sides written out."""
    weights = {f"macrodetails/{name}-{identity.sex}-young": part for name, part in identity.ancestry.items()}
    for (muscle, a), (fat, b) in product(_levels(identity.muscle, "muscle"), _levels(identity.weight, "weight")):
        weights[f"macrodetails/universal-{identity.sex}-young-{muscle}-{fat}"] = a * b
    for name, part in identity.details.items():
        for side in ("l", "r") if "?" in name else ("",):
            weights[name.replace("?", side)] = part
    return {name: part for name, part in weights.items() if part}


def _levels(value: float, what: str) -> tuple[tuple[str, float], tuple[str, float]]:
    away = abs(value - 0.5) * 2
    return (f"average{what}", 1 - away), (f"{'max' if value > 0.5 else 'min'}{what}", away)


def identity_points(data: Path, mesh: BaseMesh, identity: Identity) -> np.ndarray:
    """The base mesh in the shape of a person, float32 [N, 3], decimetres."""
    points = mesh.points.astype(np.float64)
    for name, part in identity_targets(identity).items():
        points += part * read_target(data / TARGETS / f"{name}.target.gz", len(points))
    return points.astype(np.float32)

"""Several sets of splats that a scene places, as one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..rotate_sh import turned_splats
from ..types import Splats
from .gather import gather
from .report import Fault, Source

ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Placed:
    """Splats of a file and the matrix float64 [4, 4] that places them: a turn, one factor for all axes, a move."""

    source: Source
    matrix: np.ndarray


def merged(parts: list[Placed]) -> tuple[Splats, int, dict[str, int]]:
    """All splats where they belong, how many there were in the file, and what was mended. Raises Fault."""
    counts: Counter[str] = Counter()
    found = []
    for part in parts:
        splats, mended = gather(part.source)
        counts.update(mended)
        found.append(placed(splats, part.matrix))
    return joined(found), sum(part.source.count for part in parts), dict(counts)


def placed(splats: Splats, matrix: np.ndarray) -> Splats:
    """Splats under a matrix float64 [4, 4]. Raises Fault for one that shears, mirrors or stretches unevenly."""
    if np.array_equal(matrix, np.eye(4)):
        return splats
    inner = matrix[:3, :3]
    volume = np.linalg.det(inner) if np.isfinite(matrix).all() else 0.0
    factor = np.cbrt(volume)
    turn = inner / factor if factor > 0 else inner
    if not factor > 1e-6 or factor > 1e6 or not np.allclose(turn @ turn.T, np.eye(3), atol=ROUNDING):
        raise Fault("places its splats with a mirror, a shear or uneven stretch, which splats cannot follow")
    turned = turned_splats(splats, _quaternion(turn), np.zeros(3))
    return Splats(
        (turned.means * factor + matrix[:3, 3]).astype(np.float32),
        turned.quats,
        turned.log_scales + np.float32(np.log(factor)),
        turned.logits,
        turned.sh,
    )


def _quaternion(turn: np.ndarray) -> np.ndarray:
    """w x y z float64 [4] of a rotation matrix: the eigenvector that Bar-Itzhack's symmetric matrix keeps."""
    (a, b, c), (d, e, f), (g, h, i) = turn
    kept = np.array(
        [
            [a + e + i, h - f, c - g, d - b],
            [h - f, a - e - i, b + d, c + g],
            [c - g, b + d, e - a - i, f + h],
            [d - b, c + g, f + h, i - a - e],
        ]
    )
    return np.linalg.eigh(kept)[1][:, -1]


def joined(found: list[Splats]) -> Splats:
    """Several sets as one, of the highest degree among them."""
    if len(found) == 1:
        return found[0]
    coefficients = max(splats.sh.shape[1] for splats in found)
    sh = [np.pad(splats.sh, ((0, 0), (0, coefficients - splats.sh.shape[1]), (0, 0))) for splats in found]
    four = ("means", "quats", "log_scales", "logits")
    return Splats(*(np.concatenate([getattr(splats, name) for splats in found]) for name in four), np.concatenate(sh))

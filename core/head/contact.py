"""Keep the lips from crossing: every shape, alone or with its twin, may close the mouth but not pass through it."""

from __future__ import annotations

import numpy as np

from .lips import LIP_INNER_LOWER, LIP_INNER_UPPER, MOUTH_CORNERS, lip_gaps

CLOSING_SETS: tuple[tuple[str, ...], ...] = (
    ("mouthPressLeft", "mouthPressRight"),
    ("mouthRollUpper",),
    ("mouthRollLower",),
    ("mouthRollUpper", "mouthRollLower"),
    ("mouthShrugLower",),
    ("mouthShrugUpper",),
    ("mouthShrugLower", "mouthShrugUpper"),
    ("mouthPucker",),
    ("mouthFunnel",),
    ("mouthSmileLeft", "mouthSmileRight"),
    ("mouthSmileLeft",),
    ("mouthSmileRight",),
    ("mouthDimpleLeft", "mouthDimpleRight"),
    ("mouthStretchLeft", "mouthStretchRight"),
    ("mouthFrownLeft", "mouthFrownRight"),
    ("mouthLeft",),
    ("mouthRight",),
    ("cheekPuff",),
    ("jawLeft",),
    ("jawRight",),
    ("jawForward",),
    ("jawOpen", "mouthClose"),
)
"""Shapes that are on together when the lips must not cross."""

UPPER_SHARE = {"mouthShrugLower": 0.85, "mouthRollLower": 0.3, "mouthRollUpper": 0.3}
"""How much of a push the upper lip takes; half where not named."""

REACH = 0.09
"""Decimetres over which a push fades out from the lip line."""

TONGUE_THICKNESS = 0.11

SEAL = 0.002
"""Decimetres left between closed lips."""


def seal_lips(points: np.ndarray, jaw_open: np.ndarray) -> np.ndarray:
    """Close a resting mouth: lips that stand apart or cross meet halfway.

    points: [N, 3], the base mesh in a person's shape, decimetres; jaw_open: offsets [N, 3] of that face unit.
    Returns offsets float32 [N, 3].
    """
    return _push(points, SEAL - lip_gaps(points), 0.5, _lower_share(points, jaw_open))


def uncross_lips(points: np.ndarray, units: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Face units whose lips meet at most.

    points: [N, 3], the resting person, lips sealed; units: offsets [N, 3] by ARKit name.
    Returns new units; those that need no change are the same arrays.
    """
    mended = dict(units)
    lower = _lower_share(points, units["jawOpen"])
    for names in CLOSING_SETS:
        posed = points + sum(mended[name] for name in names)
        missing = SEAL - lip_gaps(posed)
        if "mouthClose" in names:
            names = ("mouthClose",)
        else:
            missing = np.maximum(missing, 0)
        if np.abs(missing).max() > 1e-4:
            push = _push(points, missing, UPPER_SHARE.get(names[0], 0.5), lower) / len(names)
            mended |= {name: (mended[name] + push).astype(np.float32) for name in names}
    return mended


def part_lips_for_tongue(points: np.ndarray, units: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Let tongueOut open the lips around the tongue, which the face unit itself does not."""
    across = np.abs(points[list(LIP_INNER_UPPER), 0])
    apart = TONGUE_THICKNESS * np.clip(1 - (across / across.max()) ** 2, 0, 1)
    opened = _push(points, apart, 0.3, _lower_share(points, units["jawOpen"]))
    return units | {"tongueOut": units["tongueOut"] + opened}


def _push(points: np.ndarray, apart: np.ndarray, upper_share: float, lower: np.ndarray) -> np.ndarray:
    """Offsets that part the lip pairs by apart [13], smooth across the lips, nothing beyond the corners."""
    offsets = np.zeros((len(points), 3), np.float32)
    for line, sign, part, side in (
        (LIP_INNER_UPPER, 1, upper_share, 1 - lower),
        (LIP_INNER_LOWER, -1, 1 - upper_share, lower),
    ):
        across, path = _line(points, line)
        wanted = np.interp(points[:, 0], across, np.concatenate([[0], apart, [0]]), left=0, right=0)
        height, depth = (np.interp(points[:, 0], across, path[:, axis]) for axis in (1, 2))
        away = np.hypot(points[:, 1] - height, points[:, 2] - depth)
        offsets[:, 1] += sign * part * wanted * side * np.exp(-((away / REACH) ** 2)) * (away < 3 * REACH)
    return offsets


def _line(points: np.ndarray, line: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A lip line from corner to corner: its x in rising order [15] and its points [15, 3]."""
    path = points[[MOUTH_CORNERS[0], *line, MOUTH_CORNERS[1]]]
    return np.maximum.accumulate(path[:, 0]), path


def _lower_share(points: np.ndarray, jaw_open: np.ndarray) -> np.ndarray:
    """How much each vertex goes with the lower lip when the jaw drops, 0..1 [N]."""
    drops = []
    for line in (LIP_INNER_UPPER, LIP_INNER_LOWER):
        across, _ = _line(points, line)
        at_line = jaw_open[[MOUTH_CORNERS[0], *line, MOUTH_CORNERS[1]], 1]
        drops.append(np.interp(points[:, 0], across, at_line))
    span = np.minimum(drops[1] - drops[0], -1e-3)
    return np.clip((jaw_open[:, 1] - drops[0]) / span, 0, 1).astype(np.float32)

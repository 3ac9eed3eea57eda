"""Blinks at full depth: how shut each eye is, between the person's own open eye and own shut one."""

from __future__ import annotations

import numpy as np

SHUT_ELSE = 0.22
"""Gap of a shut eye over that of the open one as the mesh shows it, where the person never blinks in the film."""
BLINKS_BELOW = 0.6
"""A film holds a blink when its smallest gap is below this share of the open one."""
DEEP = 0.01
"""The share of a film's pictures that may be shut further than what counts as shut."""
GAZE_SHARE = 0.35
"""How much of the open gap goes when the eye looks down as far as it can, which is no blink."""


def shut(gaps: np.ndarray, looking_down: np.ndarray, good: np.ndarray) -> np.ndarray:
    """How shut each eye is, 0..1, [T, 2], right and left.

    gaps: [T, 2], from neutral.lid_gaps; looking_down: [T, 2], eyeLookDown's weights; good: bool [T], frames to learn
    the person's range from.
    """
    known = gaps[good] if good.any() else gaps
    wide = np.quantile(known, 0.6, axis=0)
    low = np.quantile(known, DEEP, axis=0)
    # Both eyes shut alike; the deeper one of the two tells where shut is.
    low = np.minimum(low, low.min() / np.maximum(wide[low.argmin()], 1e-6) * wide * 1.25)
    low = np.where(low < BLINKS_BELOW * wide, low, SHUT_ELSE * wide)
    lowered = wide - GAZE_SHARE * looking_down * (wide - low)
    share = (lowered - gaps) / np.maximum(lowered - low, 1e-6)
    return np.clip((share - 0.08) / 0.78, 0, 1)

"""Colours read off one picture of a person, or off several that were taken from different sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..splat.types import Splats
from ..template.types import REGIONS
from .seeing import Seen, read_off, see
from .sitting import Sitting

IRIS = REGIONS.index("iris")
EYES = [REGIONS.index("white"), IRIS]
NEAR_EYE_M = 0.0015
"""What of a lid lies so near to the seen eyeball is not read off the picture; from twice that on all is."""
SHARPNESS = 4
"""Power of how well each picture shows a splat, by which it has a say: blended evenly, faces blur."""
SURE = 0.5
"""Splats that two pictures show better than this tell how bright one is over the other."""
ENOUGH = 50
LEAST_GAIN, MOST_GAIN = 0.6, 1.7


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Of N splats: read float32 [N, 3], display colours; weight float32 [N], 0..1, how well they can be read; shown
    bool [N], which the picture shows at all; clear float32 [N], 0..1, how far lids lie from the seen eyeball.
    """

    read: np.ndarray
    weight: np.ndarray
    shown: np.ndarray
    clear: np.ndarray


def reading_of(regions: np.ndarray, posed: Splats, sitting: Sitting) -> Reading:
    """What one picture says. regions: uint8 [N]; posed: the bust as it sat for it."""
    outline = sitting.outline
    seen = see(posed, outline.camera, outline.mask, np.isin(regions, EYES))
    clear = _clear_of_eyes(regions, seen, sitting)
    read = read_off(outline.bled, seen.places).astype(np.float32)
    return Reading(read, seen.weight, seen.shown, clear.astype(np.float32))


def together(readings: list[Reading]) -> Reading:
    """What several pictures say: each splat as the one shows it that sees it best, all as bright as in the first."""
    first = readings[0]
    if len(readings) == 1:
        return first
    says = [one.weight**SHARPNESS for one in readings]
    all_say = np.sum(says, axis=0)
    colors = sum(say[:, None] * one.read * _gain(first, one) for say, one in zip(says, readings, strict=True))
    read = np.where(all_say[:, None] > 1e-6, colors / np.maximum(all_say, 1e-6)[:, None], first.read)
    best = np.argmax(says, axis=0)
    clear = np.stack([one.clear for one in readings])[best, np.arange(len(best))]
    weight = np.max([one.weight for one in readings], axis=0)
    shown = np.any([one.shown for one in readings], axis=0)
    return Reading(np.clip(read, 0, 1).astype(np.float32), weight, shown, clear)


def _gain(first: Reading, other: Reading) -> np.ndarray:
    """What the other's colours must be multiplied by, [3]."""
    both = (first.weight > SURE) & (other.weight > SURE)
    if first is other or both.sum() < ENOUGH:
        return np.ones(3)
    ratio = np.median(first.read[both], axis=0) / np.maximum(np.median(other.read[both], axis=0), 0.02)
    return np.clip(ratio, LEAST_GAIN, MOST_GAIN)


def _clear_of_eyes(regions: np.ndarray, seen: Seen, sitting: Sitting) -> np.ndarray:
    """How far a lid's splat lies from what is seen of the eyeball, 0..1 [N]; 1 for all that is no lid.

    A landmark is off by a pixel or two, and an eye's white on a lid shows when it closes.
    """
    from scipy.spatial import cKDTree

    lid = regions == REGIONS.index("lids")
    ball = np.isin(regions, [REGIONS.index("white"), IRIS]) & (seen.weight > 0.1)
    clear = np.ones(len(regions))
    if lid.any() and ball.any():
        pixels = cKDTree(seen.places[ball]).query(seen.places[lid])[0]
        metres = pixels * seen.depth[lid] / sitting.outline.camera.focal[0]
        clear[lid] = np.clip((metres - NEAR_EYE_M) / NEAR_EYE_M, 0, 1)
    return clear

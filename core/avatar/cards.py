"""Torso and hair that a template lacks, as flat cards behind the face that splats can be bound to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..splat.head import Template
from ..splat.render import Camera
from .prepared import REGIONS, Sitter
from .reel import Reel

LOOKS = 12
"""Frames whose masks are put together."""
MISSING = 0.15
"""Share of a mask that must be uncovered before a card is made."""
BEHIND = {"torso": 0.02, "scalp": 0.03}
"""Metres behind the head's pivot at which each card stands."""
CELLS = 40
"""Cells of a card across the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """points float32 [V, 3] in the sitter's axes, triangles int32 [F, 3], region: its name."""

    points: np.ndarray
    triangles: np.ndarray
    region: str


def with_cards(reel: Reel, still: int, alpha: np.ndarray) -> Sitter:
    """The sitter with a card for each part of the video that the mesh leaves bare; the sitter itself if none does.

    still: the frame whose pose is the sitter's rest; alpha: [H, W], what the mesh covers there.
    """
    sitter = reel.prepared.sitter
    for region, carried in (("torso", 0.0), ("scalp", 1.0)):
        own, ever = _masks(reel, still, region)
        if (own & (alpha < 0.5)).sum() > MISSING * max(own.sum(), 1) and own.any():
            sitter = _joined(sitter, _card(reel.camera(still), sitter, ever & (alpha < 0.9), region), carried)
    return sitter


def _masks(reel: Reel, still: int, region: str) -> tuple[np.ndarray, np.ndarray]:
    """Where a part is in the still frame, and where it is in any of some frames; bool [H, W]."""
    kind = "torso" if region == "torso" else "head"
    frames = np.linspace(0, reel.prepared.split - 1, LOOKS).astype(int)
    ever = np.any([getattr(reel.frame(frame), kind).numpy() > 0.5 for frame in frames], axis=0)
    return getattr(reel.frame(still), kind).numpy() > 0.5, ever


def _card(camera: Camera, sitter: Sitter, mask: np.ndarray, region: str) -> Card:
    """A grid over a mask [H, W], as far from the camera as the head's pivot and a little more."""
    step = max(camera.size) / CELLS
    columns, rows = (np.arange(-1, int(np.ceil(side / step)) + 2) * step for side in camera.size)
    x, y = np.meshgrid(columns, rows)
    back = np.linalg.inv(camera.to_camera)
    depth = -(camera.to_camera[:3, :3] @ sitter.pivot + camera.to_camera[:3, 3])[2] + BEHIND[region]
    right, up = (x - camera.center[0]) / camera.focal[0], (camera.center[1] - y) / camera.focal[1]
    across = np.stack([right, up, np.full_like(x, -1.0)], 2)
    points = (across * depth).reshape(-1, 3) @ back[:3, :3].T + back[:3, 3]
    wide = x.shape[1]
    corner = (np.arange(len(rows) - 1)[:, None] * wide + np.arange(wide - 1)).reshape(-1)
    quads = np.stack([corner, corner + wide, corner + wide + 1, corner + 1], 1)
    quads = quads[_touched(mask, step, (len(rows) - 1, wide - 1)).reshape(-1)]
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32)
    return Card(points.astype(np.float32), triangles, region)


def _touched(mask: np.ndarray, step: float, cells: tuple[int, int]) -> np.ndarray:
    """Which cells hold some of a mask, bool [rows, columns]; the first row and column lie outside the picture."""
    out = np.zeros(cells, bool)
    rows, columns = np.nonzero(mask)
    out[(rows / step).astype(int) + 1, (columns / step).astype(int) + 1] = True
    # Cells at the picture's edge go on outside it, so that a moving body does not end there.
    out[0], out[:, 0] = out[1], out[:, 1]
    last = (int((mask.shape[0] - 1) / step) + 1, int((mask.shape[1] - 1) / step) + 1)
    out[last[0] + 1 :], out[:, last[1] + 1 :] = out[last[0]], out[:, last[1] : last[1] + 1]
    return out


def _joined(sitter: Sitter, card: Card, carried: float) -> Sitter:
    template, count = sitter.template, len(sitter.template.points)
    triangles = np.concatenate([template.triangles, card.triangles + count]).astype(np.int32)
    regions = np.full(len(card.triangles), REGIONS.index(card.region), np.uint8)
    return Sitter(
        Template(np.concatenate([template.points, card.points]), triangles, template.shapes),
        np.concatenate([sitter.regions, regions]),
        sitter.pivot,
        np.concatenate([sitter.carried, np.full(len(card.points), carried, np.float32)]),
    )

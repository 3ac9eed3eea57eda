"""In which order splats of all objects are blended, kept on the card until the view or a pose changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from gpu.types import GPUTexture

from ...core.splat.sorting import nearest_first, view_depths
from .stock import Loaded
from .textures import WIDTH, padded, upload
from .views import View

if TYPE_CHECKING:
    from ..bridge.splat_scene import Seen


@dataclass(frozen=True, slots=True)
class Order:
    """texture: places of splats in the projected textures, nearest first; count: how many."""

    texture: GPUTexture
    count: int


class Orders:
    """The order of one view."""

    def __init__(self) -> None:
        self._signature: tuple | None = None
        self._places: tuple[tuple[int, ...], np.ndarray] = ((), np.empty(0, np.float32))
        self._order: Order | None = None

    def update(self, seen: Sequence[Seen], loaded: Sequence[Loaded], view: View, exact: bool) -> Order:
        """The order for a view; sorted and sent anew only if something moved."""
        rows = [depth_row(one, view) for one in seen]
        signature = (exact, *((one.key, one.version, row.tobytes()) for one, row in zip(seen, rows, strict=True)))
        if self._order is None or signature != self._signature:
            near = None if view.orthographic else view.near
            depths = depths_of([one.splats for one in loaded], rows)
            ranks = nearest_first(depths, near, exact)
            self._order = Order(upload(padded(self._place(loaded)[ranks, None], 1), "R32F"), len(ranks))
            self._signature = signature
        return self._order

    def _place(self, loaded: Sequence[Loaded]) -> np.ndarray:
        """Where each splat of all objects lies in the projected textures, float32 [N]."""
        counts = tuple(len(one.splats) for one in loaded)
        if self._places[0] != counts:
            self._places = (counts, places_of(loaded))
        return self._places[1]


def depth_row(seen: Seen, view: View) -> np.ndarray:
    """What makes the distance along the camera's axis of a place in an object, float64 [4]."""
    return -(view.to_camera @ seen.matrix)[2]


def depths_of(splats: Sequence, rows: Sequence[np.ndarray]) -> np.ndarray:
    """Distances of all splats of all objects, float32 [N]."""
    return np.concatenate([view_depths(one.means, row) for one, row in zip(splats, rows, strict=True)])


def places_of(loaded: Sequence[Loaded]) -> np.ndarray:
    """Every object begins in a new row of the projected textures; whole numbers below 2^24 are exact as floats."""
    starts = np.cumsum([0, *(one.rows * WIDTH for one in loaded)])
    parts = [start + np.arange(len(one.splats)) for start, one in zip(starts[:-1], loaded, strict=True)]
    return np.concatenate(parts).astype(np.float32)

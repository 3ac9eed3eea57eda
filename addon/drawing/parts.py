"""A picture larger than a card should draw at once, or a part of one, drawn in tiles that fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .views import View

TILE = 2048
"""Pixels along a side of what is drawn at once; ten textures of it fit on any card."""

Region = tuple[slice, slice]
"""Rows and columns of a picture; rows count from below."""


def part_of(view: View, region: Region) -> View:
    """The view of a region of a view's picture, in which every splat looks as it does in the whole."""
    ends = (region[1], region[0])
    size = tuple(end.stop - end.start for end in ends)
    crop = np.eye(4)
    for axis, (end, whole) in enumerate(zip(ends, view.size, strict=True)):
        crop[axis, axis] = whole / (end.stop - end.start)
        crop[axis, 3] = (whole - end.start - end.stop) / (end.stop - end.start)
    return replace(view, projection=crop @ view.projection, size=size, slopes=view.limits)


def tiles_of(region: Region, side: int = TILE) -> Iterator[Region]:
    """A region in tiles, row by row from below."""
    rows, columns = region
    for low in range(rows.start, rows.stop, side):
        for left in range(columns.start, columns.stop, side):
            yield slice(low, min(low + side, rows.stop)), slice(left, min(left + side, columns.stop))
